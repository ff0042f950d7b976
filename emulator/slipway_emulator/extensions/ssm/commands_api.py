# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operations of Run Command, and what SSM refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dateutil.parser import isoparse
from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.exceptions import InvalidFilterKey, SSMException
from moto.ssm.responses import SimpleSystemManagerResponse

from ...clock import clock
from ...faults import faults
from ...hosts import registry
from ...ledger import ledger
from .. import _patching
from .command_shapes import described, detailed, listed
from .commands import Command, Invocation
from .sending import known, send
from .shared import not_in_a_valid_state, paged, request

faults.declare(
    "command-unseen", "SSM does not show a command yet that was just sent", ("document", "operation"), seconds=10
)


def extend() -> None:
    """Put the operations onto moto's responses."""
    _patching.put(
        SimpleSystemManagerResponse,
        send_command,
        list_commands,
        list_command_invocations,
        get_command_invocation,
        cancel_command,
    )


def send_command(self: Any) -> ActionResult:
    """SendCommand: one bad instance id fails the whole call; tags that match nothing only show later."""
    asked = request(self)
    command = send(self.ssm_backend, asked)
    if all(step.only_looks for step in command.steps):
        ledger.probes()
    ids = asked.get("InstanceIds", [])
    return ActionResult({"Command": {**described(command), "TargetCount": len(ids), "InstanceIds": ids}})


def list_commands(self: Any) -> ActionResult:
    """ListCommands: newest first, pages of 50 at most."""
    asked = request(self)
    wanted, instance = asked.get("CommandId"), asked.get("InstanceId")
    if wanted and wanted not in known(self.ssm_backend):
        raise SSMException("InvalidCommandId", "The specified command ID is not valid.")
    page = paged(
        _newest_first(self, wanted),
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda command: (
            (not instance or instance in command.invocations)
            and _passes(asked.get("Filters", []), command, command.state(), stages=True)
        ),
    )
    return ActionResult({"Commands": [described(c) for c in page.pop("items")], **page})


def list_command_invocations(self: Any) -> ActionResult:
    """ListCommandInvocations: the output of every plugin with Details."""
    asked = request(self)
    wanted, instance = asked.get("CommandId"), asked.get("InstanceId")
    if wanted and wanted not in known(self.ssm_backend):
        raise SSMException("InvalidCommandId", "The specified command ID is not valid.")
    page = paged(
        [one for command in _newest_first(self, wanted) for one in _on(command, instance)],
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda one: _passes(asked.get("Filters", []), one.command, (one.status, one.details), stages=False),
    )
    found = [listed(i, bool(asked.get("Details"))) for i in page.pop("items")]
    return ActionResult({"CommandInvocations": found, **page})


def _newest_first(response: Any, wanted: str | None) -> list[Command]:
    """The command that is asked for, or all."""
    sent = known(response.ssm_backend)
    found = [sent[wanted]] if wanted else list(reversed(sent.values()))
    return [command for command in found if _seen(command, response._get_action())]


def _seen(command: Command, operation: str) -> bool:
    """Whether the operation shows a command that was just sent."""
    rule = faults.find("command-unseen", document=command.document.name, operation=operation)
    return rule is None or clock.now() >= command.sent + rule["seconds"]


def _on(command: Command, instance_id: str | None) -> Iterable[Invocation]:
    """The invocations of a command, or the one on an instance."""
    if not instance_id:
        return command.invocations.values()
    return [command.invocations[instance_id]] if instance_id in command.invocations else []


def _passes(filters: list[dict[str, str]], command: Command, state: tuple[str, str], stages: bool) -> bool:
    return all(_passes_one(f["key"], f["value"], command, state, stages) for f in filters)


def _passes_one(key: str, value: str, command: Command, state: tuple[str, str], stages: bool) -> bool:
    if key == "Status":
        return value in state
    if key == "DocumentName":
        return value in (command.document.name, command.asked["DocumentName"])
    if key == "InvokedAfter":
        return command.sent >= isoparse(value).timestamp()
    if key == "InvokedBefore":
        return command.sent < isoparse(value).timestamp()
    if not stages:
        raise InvalidFilterKey(f"The filter key {key} is not valid for this operation.")
    executing = state[0] in ("Pending", "InProgress", "Cancelling")
    return executing == (value == "Executing")


def get_command_invocation(self: Any) -> ActionResult:
    """GetCommandInvocation: of one plugin; which one must be said when the document has several."""
    asked = request(self)
    command = known(self.ssm_backend).get(asked["CommandId"])
    seen = command and _seen(command, "GetCommandInvocation")
    invocation = command.invocations.get(asked["InstanceId"]) if command and seen else None
    if command is None or invocation is None:
        raise SSMException("InvocationDoesNotExist", "")
    steps = {step.name: step for step in command.steps}
    plugin = asked.get("PluginName") or (command.steps[0].name if len(steps) == 1 else None)
    if plugin not in steps:
        raise SSMException("InvalidPluginName", "The plugin name is not valid.")
    return ActionResult(detailed(invocation, steps[plugin]))


def cancel_command(self: Any) -> ActionResult:
    """CancelCommand: the whole command or some of its nodes."""
    asked = request(self)
    command = known(self.ssm_backend).get(asked["CommandId"])
    if command is None:
        raise SSMException("InvalidCommandId", "The specified command ID is not valid.")
    ids = asked.get("InstanceIds", [])
    unknown = [i for i in ids if registry.get(i) is None]
    if unknown:
        raise not_in_a_valid_state(self.current_account, unknown)
    command.cancel(ids)
    return EmptyResult()
