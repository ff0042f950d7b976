# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""State Manager: associations run when they are made or changed, by their schedule, and on nodes that come later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.models.tags import TagBackend
from moto.moto_api._internal import mock_random
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from ...clock import clock
from ...hosts import Host, registry
from ...signals import booted
from .._patching import wrap
from . import associations_rules as rules
from . import command_targets, documents, sending
from .commands import Command, Invocation
from .shared import request

Members = dict[str, Any]
ALL = "100%"  # rate limits of an association that sets none
ENDED = ("Success", "Failed", "TimedOut", "Skipped")
STATUSES = {"DeliveryTimedOut": "TimedOut", "ExecutionTimedOut": "TimedOut", "Terminated": "Skipped"} | dict.fromkeys(
    ("Cancelled", "Cancelling"), "Skipped"
)


@dataclass
class Execution:
    """One run of an association: a command to its nodes, or the reason why there is none."""

    execution_id: str
    version: int
    created: float
    command: Command | None
    whole: bool  # to all nodes, and not only to some that came later
    problem: str = ""

    def results(self) -> dict[str, tuple[str, str]]:
        """Status and details by node."""
        found = self.command.invocations.values() if self.command else []
        return {one.host.instance_id: status_of(one) for one in found}

    def counts(self) -> Counter[str]:
        return Counter(status for status, _details in self.results().values())

    def state(self) -> tuple[str, str]:
        """Status and details. What is tolerated by MaxErrors is a failure of the node all the same."""
        if self.command is None or self.command.refused:
            return "Failed", self.problem or str(self.command and self.command.refused)
        if not self.command.looked_up:
            return "Pending", "Pending"
        counts = self.counts()
        if any(status not in ENDED for status in counts):
            return "InProgress", "InProgress"
        return ("Success", "Success") if set(counts) <= {"Success"} else ("Failed", "Failed")

    def ended(self) -> float | None:
        """When the last node came to its end."""
        if self.command is None or self.state()[0] not in ("Success", "Failed"):
            return None
        return max((one.ended or self.created for one in self.command.invocations.values()), default=self.created)


@dataclass
class Association:
    """An association with all its versions; the last one is in force."""

    association_id: str
    backend: Any
    account_id: str
    region: str
    created: float
    versions: list[tuple[float, Members]] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    latecomers: set[str] = field(default_factory=set)  # nodes that this version was run on when they came
    deleted: bool = False

    @property
    def version(self) -> int:
        return len(self.versions)

    @property
    def members(self) -> Members:
        return self.versions[-1][1]

    def put(self, members: Members) -> None:
        """A new version: runs at once unless only by its cron expression, and then by the schedule."""
        self.versions.append((clock.now(), {"DocumentVersion": "$DEFAULT", **members}))
        self.latecomers.clear()
        if not members.get("ApplyOnlyAtCronInterval"):
            self.run()
        self._schedule()

    def run(self, hosts: list[Host] | None = None) -> None:
        """Run on all nodes, or on these."""
        execution = Execution(str(mock_random.uuid4()), self.version, clock.now(), None, hosts is None)
        self.executions.append(execution)
        try:
            kind = documents.find(
                self.backend, self.members["Name"], self.members["DocumentVersion"], rules.KINDS
            ).document_type
            if kind != "Command":
                execution.problem = f"{kind}NotBuiltInThisEmulator"
                return
            execution.command = sending.send(self.backend, self._asked(hosts))
        except ServiceException as refused:
            execution.problem = str(refused.code)

    def is_for(self, host: Host) -> bool:
        """Whether a managed node fits its targets."""
        return host.managed() and command_targets.fits(host, self._targets())

    def arrived(self, host: Host) -> None:
        """A node came, or got tags: it is run on at once if it fits and was not run on yet."""
        if self.deleted or self.members.get("ApplyOnlyAtCronInterval") or not self.is_for(host):
            return
        whole = next((one for one in self._current() if one.whole), None)
        known = whole.command.invocations if whole and whole.command else {}
        if host.instance_id not in self.latecomers and host.instance_id not in known:
            self.latecomers.add(host.instance_id)
            self.run([host])

    def latest(self) -> dict[str, tuple[str, str, Execution]]:
        """The last status, its details and its run by node."""
        found: dict[str, tuple[str, str, Execution]] = {}
        for execution in reversed(self.executions):
            for instance_id, (status, details) in execution.results().items():
                found.setdefault(instance_id, (status, details, execution))
            if execution.whole:
                break
        return found

    def overview(self) -> Members:
        """Overview as Describe and List answer it."""
        counts = Counter(status for status, _details, _execution in self.latest().values())
        status = details = "Pending"
        if not self.executions:
            details = "Associated"
        else:
            state, details = self.executions[-1].state()
            status = state if state in ("Success", "Failed") else "Pending"
            details = "Creating" if state == "Pending" else details
        return {"Status": status, "DetailedStatus": details, "AssociationStatusAggregatedCount": dict(counts)}

    def _targets(self) -> list[Members]:
        """Targets of SendCommand that reach no more than its own; maps and parameters are for runbooks."""
        instance = self.members.get("InstanceId")
        return self.members.get("Targets") or [{"Key": "InstanceIds", "Values": [instance] if instance else []}]

    def _asked(self, hosts: list[Host] | None) -> Members:
        """What SendCommand would be asked."""
        ids = [host.instance_id for host in hosts or ()]
        location = (self.members.get("OutputLocation") or {}).get("S3Location") or {}
        return {
            "DocumentName": self.members["Name"],
            "DocumentVersion": self.members["DocumentVersion"],
            "Parameters": self.members.get("Parameters") or {},
            "Targets": [{"Key": "InstanceIds", "Values": ids}] if ids else self._targets(),
            "MaxConcurrency": self.members.get("MaxConcurrency") or ALL,
            "MaxErrors": self.members.get("MaxErrors") or ALL,
            **{name: value for name, value in location.items() if name != "OutputS3Region"},
        }

    def _current(self) -> Iterator[Execution]:
        return (execution for execution in reversed(self.executions) if execution.version == self.version)

    def _schedule(self) -> None:
        due = rules.next_run(self.members)
        if due is not None:
            clock.at(due, partial(self._due, self.version))

    def _due(self, version: int) -> None:
        """A schedule that was replaced since does nothing."""
        if not self.deleted and version == self.version:
            self.run()
            self._schedule()


def status_of(invocation: Invocation) -> tuple[str, str]:
    """Status and details of a node in a run."""
    return STATUSES.get(invocation.details, invocation.status), invocation.details


def known(backend: Any) -> dict[str, Association]:
    """The associations of a region by id, in the order in which they were made."""
    return backend.__dict__.setdefault("associations", {})


def extend() -> None:
    """Let associations notice nodes that come, tags they get, and versions of documents."""
    booted.connect(_booted)
    wrap(TagBackend, "create_tags", _tagged)
    wrap(SimpleSystemManagerResponse, "update_document_default_version", partial(_new_version, "$DEFAULT"))
    wrap(SimpleSystemManagerResponse, "update_document", partial(_new_version, "$LATEST"))


def _booted(_sender: object, host: Host) -> None:
    for association in list(known(ssm_backends[host.account_id][host.region]).values()):
        association.arrived(host)


def _tagged(original: Callable[..., Any], self: Any, resource_ids: list[str], *args: Any, **more: Any) -> Any:
    answer = original(self, resource_ids, *args, **more)
    for host in filter(None, map(registry.get, resource_ids)):
        if host.managed():
            _booted(self, host)
    return answer


def _new_version(follows: str, original: Callable[..., Any], self: Any) -> Any:
    """Associations that follow this version of the document run again, unless only by their cron expression."""
    answer, name = original(self), request(self)["Name"]
    for association in list(known(self.ssm_backend).values()):
        members = association.members
        followed = members["Name"].rpartition("document/")[2] == name and members["DocumentVersion"] == follows
        if followed and not members.get("ApplyOnlyAtCronInterval"):
            association.run()
    return answer
