# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nodes an association is for, which of them its run saw, and how it ended on them. Private to this collection."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands, endings
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.calls import PAGE, SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._ssm.nodes import managed_nodes, targeted
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import causes, outcome

UNFINISHED = ("Pending", "InProgress", "Associated")
ADVICE = {
    **causes.ADVICE,
    "wrong_platform": "Select the nodes of one platform, or use a document that runs on all of them.",
    "script_failed": "Its output tells why. To keep all of it, set output_location.",
}
SAID_AS = {"Skipped": "Terminated", "TimedOut": "DeliveryTimedOut"}  # what a command calls it


class Census(t.NamedTuple):
    """Nodes of a run."""

    expected: int | None  # None where it cannot be known
    seen: int
    succeeded: int
    failed: list[Shape]  # nodes of the run that did not succeed
    missing: list[Shape]  # nodes that the association is for, and that the run did not have


def expected(aws: Connection, live: Shape) -> set[str] | None:
    """Ids of the nodes that the association is for now; None where a runbook decides it, or where it cannot be read."""
    targets = live.get("Targets") or []
    if not targets or live.get("AutomationTargetParameterName"):
        return None
    if [one["Key"] for one in targets] == ["InstanceIds"] and targets[0]["Values"] != ["*"]:
        return set(targets[0]["Values"])
    found = if_readable(lambda: targeted(aws, targets))
    return None if found is None else set(found)


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
    ids = {(row.get("OutputSource") or {}).get("OutputSourceId") for row in rows if row["Status"] == "Failed"}
    wrote = {one["InstanceId"]: one for command_id in ids if command_id for one in _invocations(aws, command_id)}
    return [_node(row, wrote.get(row["ResourceId"])) for row in rows]


def _invocations(aws: Connection, command_id: str) -> list[Shape]:
    """What failing nodes wrote, as far as it is kept."""
    found = commands.invocations(aws, command_id, "Failed")
    return if_readable(lambda: list(itertools.islice(found, outcome.MOST_TOLD))) or []


def _node(row: Shape, invocation: Shape | None) -> Shape:
    """A node as ssm_run_command tells it, with its status in the association beside."""
    status = row["Status"]
    ended = endings.details({"StatusDetails": row.get("DetailedStatus") or status})
    source = (row.get("OutputSource") or {}).get("OutputSourceId")
    nothing = {"InstanceId": row["ResourceId"], "CommandId": source, "StatusDetails": SAID_AS.get(ended, ended)}
    told = outcome.told_of(outcome.row_of(invocation or nothing), True)
    cause = "node_unreachable" if status in UNFINISHED else told["cause"]
    return {**told, "status": status, "cause": cause, "hint": ADVICE[cause]}


def _missing(aws: Connection, ids: list[str]) -> list[Shape]:
    found = (if_readable(lambda: managed_nodes(aws, ids)) or {}) if ids else {}
    return [{"instanceId": i, "name": None, "reason": _why_missing(found.get(i)), "outputTail": ""} for i in ids]


def _why_missing(node: Shape | None) -> str:
    if node is None:
        return "the run did not have it: it is not a managed node"
    return f"the run did not have it, its SSM agent is {node['PingStatus']}"
