# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nodes an association is for, which of them its run saw, and how it ended on them. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.calls import PAGE, SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._ssm.nodes import managed_nodes

TAIL = 1_000  # characters of an output that are kept
REASONS = {
    "TimedOut": "the command did not reach it, or did not finish, in time",
    "Skipped": "it was not started, because more nodes failed than max_errors allows",
    "Pending": "it has not begun",
    "InProgress": "it has not finished",
    "Undeliverable": "the command could not be delivered: the instance is not running or does not answer",
    "InvalidPlatform": "the document does not run on its platform",
}


class Census(t.NamedTuple):
    """Nodes of a run."""

    expected: int | None  # None where it cannot be known
    seen: int
    succeeded: int
    failed: list[Shape]  # nodes of the run that did not succeed
    missing: list[Shape]  # nodes that the association is for, and that the run did not have


def expected(aws: Connection, live: Shape) -> set[str] | None:
    """Ids of the managed nodes that the association is for now; None where a resource group or a runbook decides it."""
    targets = live.get("Targets") or []
    keys = [one["Key"] for one in targets]
    if not targets or live.get("AutomationTargetParameterName"):
        return None
    if keys == ["InstanceIds"] and targets[0]["Values"] != ["*"]:
        return set(targets[0]["Values"])
    filters = [] if keys == ["InstanceIds"] else [{"Key": one["Key"], "Values": one["Values"]} for one in targets]
    if any(not key.startswith("tag") for key in keys) and filters:
        return None
    asked: Shape = {"Filters": filters} if filters else {}
    found = if_readable(
        lambda: items(
            aws, SERVICE, "describe_instance_information", "InstanceInformationList", MaxResults=PAGE, **asked
        )
    )
    return None if found is None else {one["InstanceId"] for one in found}


def of(
    aws: Connection, association_id: str, execution: Shape, counts: dict[str, int], wanted: set[str] | None
) -> Census:
    """The census of a run. Nodes are read only where not all of them succeeded, or where some are not there."""
    seen, good = sum(counts.values()), counts.get("Success", 0)
    total = None if wanted is None else len(wanted)
    whole = total is not None and seen < total
    if not execution or (seen == good and not whole):
        return Census(total, seen, good, [], [])
    rows = _rows(aws, association_id, execution["ExecutionId"], None if whole else counts)
    bad = [row for row in rows if row["Status"] != "Success"]
    known = {row["ResourceId"] for row in rows}
    return Census(total, seen, good, _told(aws, bad), _missing(aws, sorted((wanted or set()) - known) if whole else []))


def _rows(aws: Connection, association_id: str, execution_id: str, counts: dict[str, int] | None) -> list[Shape]:
    """All nodes of a run, or those of every status but Success."""
    about: Shape = {"AssociationId": association_id, "ExecutionId": execution_id, "MaxResults": PAGE}
    operation, key = "describe_association_execution_targets", "AssociationExecutionTargets"
    if counts is None:
        return items(aws, SERVICE, operation, key, **about)
    wanted = [status for status in sorted(counts) if status != "Success"]
    filters = [[{"Key": "Status", "Value": status}] for status in wanted]
    return [row for one in filters for row in items(aws, SERVICE, operation, key, Filters=one, **about)]


def _told(aws: Connection, rows: list[Shape]) -> list[Shape]:
    commands = {(row.get("OutputSource") or {}).get("OutputSourceId") for row in rows if row["Status"] == "Failed"}
    wrote = {one["InstanceId"]: one for command_id in commands if command_id for one in _invocations(aws, command_id)}
    return [_node(row, wrote.get(row["ResourceId"], {})) for row in rows]


def _invocations(aws: Connection, command_id: str) -> list[Shape]:
    """What failing nodes wrote; one answer of them, since a message has no room for more."""
    asked: Shape = {
        "CommandId": command_id,
        "Details": True,
        "MaxResults": PAGE,
        "Filters": [{"key": "Status", "value": "Failed"}],
    }
    operation, key = "list_command_invocations", "CommandInvocations"
    return if_readable(lambda: items(aws, SERVICE, operation, key, most=PAGE, **asked)) or []


def _node(row: Shape, invocation: Shape) -> Shape:
    steps = invocation.get("CommandPlugins") or [{}]
    step = next((one for one in steps if one.get("ResponseCode") not in (None, 0, -1)), steps[-1])
    code = step.get("ResponseCode")
    status, details = row["Status"], row.get("DetailedStatus") or row["Status"]
    failed = f"it failed with exit code {code}" if code not in (None, -1) else f"it ended as {details}"
    return {
        "instanceId": row["ResourceId"],
        "status": status,
        "detailedStatus": details,
        "responseCode": None if code == -1 else code,
        "reason": REASONS.get(details) or REASONS.get(status) or failed,
        "outputTail": (step.get("Output") or "").strip()[-TAIL:],
    }


def _missing(aws: Connection, ids: list[str]) -> list[Shape]:
    found = (if_readable(lambda: managed_nodes(aws, ids)) or {}) if ids else {}
    return [{"instanceId": i, "reason": _why_missing(found.get(i))} for i in ids]


def _why_missing(node: Shape | None) -> str:
    if node is None:
        return "the run did not have it: it is not a managed node"
    return f"the run did not have it, its SSM agent is {node['PingStatus']}"
