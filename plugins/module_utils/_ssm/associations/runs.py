# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait for the run of an association that a change started, and judge it by every node. Private to this collection.

AWS runs an association when it is created, changed or told to. That run is found by the version of the association, or
by not having been there before. A poll is one call whatever the number of nodes; nodes are listed at the end only, and
only when one of them did not succeed or was not there.
"""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations import census
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.calls import describe, executions
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import outcome
from ansible_collections.slipway.aws.plugins.module_utils._text import some

TIMEOUT = 7_200  # seconds: the time-outs of AWS to deliver a command and to run it
BEFORE_END = ("Pending", "InProgress", "Associated", "Creating")
COUNT = re.compile(r"(\w+)\s*=\s*(\d+)")
KEPT = ("ExecutionId", "AssociationVersion", "Status", "DetailedStatus", "CreatedTime", "LastExecutionDate")
MOST_NAMED = 3


class Run:
    """Looks at one run of an association."""

    def __init__(self, aws: Connection, live: Shape) -> None:
        self.aws, self.association_id = aws, live["AssociationId"]
        self.version, self.known = live["AssociationVersion"], aws.noted.get("known") or set()
        self.execution: Shape = {}

    def look(self) -> Look:
        """One poll, of one call. Done when AWS calls the run neither pending nor in progress."""
        self.execution = self._read() or self.execution
        if not self.execution:
            return Look("the run has not begun")
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self.counts().items()))
        text = f"{self.execution['Status']}{': ' if counts else ''}{counts}"
        return Look(text, self.execution["Status"] not in BEFORE_END)

    def counts(self) -> dict[str, int]:
        """Nodes by status. AWS tells it as a text, `{Success=2, Failed=1}`."""
        return {name: int(count) for name, count in COUNT.findall(self.execution.get("ResourceCountByStatus") or "")}

    def _read(self) -> Shape | None:
        found = self.execution.get("ExecutionId")
        if found:
            only = [{"Key": "ExecutionId", "Value": found, "Type": "EQUAL"}]
            return next(iter(executions(self.aws, self.association_id, Filters=only)), None)
        listed = executions(self.aws, self.association_id)
        ours = [
            one for one in listed if one["ExecutionId"] not in self.known and one["AssociationVersion"] == self.version
        ]
        return ours[-1] if ours else None


def wait_for_run(aws: Connection, params: Shape, _seconds: int) -> None:
    """Wait for the run that this task started, if it started one. Raises Refused when a node did not succeed."""
    live = describe(aws, aws.noted["association_id"]) if params["state"] == "present" else None
    if live is None or not _started(aws, live):
        return
    expected = census.expected(aws, live)
    if expected is not None and not expected:
        aws.noted["execution"] = {"Nodes": {"Expected": 0, "Seen": 0, "Succeeded": 0}}
        warn("No managed node matches the targets of the association now, so nothing runs until one does.")
        return
    run, within = Run(aws, live), limits(params, TIMEOUT)
    watched = watch(run.look, within)
    found = census.of(aws, run.association_id, run.execution, run.counts(), expected)
    aws.noted["execution"] = _told(run, found)
    if not watched.done:
        raise Refused(_late(run, watched.text, found), **_details(aws, found))
    if found.failed or found.missing or run.execution["Status"] != "Success":
        raise Refused(_failed(run, found), **_details(aws, found))
    if not found.seen:
        warn("The association ran on no node: no managed node matches its targets now.")


def _started(aws: Connection, live: Shape) -> bool:
    """An update of the tags alone starts nothing, nor does one that waits for its cron expression."""
    changed = live["AssociationVersion"] != aws.noted.get("version")
    return bool(aws.noted.get("ran")) or (changed and not live["ApplyOnlyAtCronInterval"])


def _told(run: Run, found: census.Census) -> Shape:
    nodes = {"Expected": found.expected, "Seen": found.seen, "Succeeded": found.succeeded}
    return {**{name: run.execution[name] for name in KEPT if name in run.execution}, "Nodes": nodes}


def _details(aws: Connection, found: census.Census) -> Shape:
    return {
        "changed": True,
        "association_id": aws.noted["association_id"],
        "execution": to_result(aws.noted["execution"]),
        "failed_nodes": to_result(found.failed),
        "missing_nodes": [{"instance_id": one["instanceId"], "reason": one["reason"]} for one in found.missing],
    }


def _late(run: Run, text: str, found: census.Census) -> str:
    waiting = [f"{one['instanceId']} ({one['reason']})" for one in (*found.failed, *found.missing)]
    named = f": {some(waiting, MOST_NAMED)}" if waiting else ""
    which = " ".join(filter(None, ("its run", run.execution.get("ExecutionId"))))
    return (
        f"the association is as asked for, and {which} had not ended when wait_timeout expired ({text}){named}. "
        "The run continues in AWS. Raise wait_timeout, or set wait to false."
    )


def _failed(run: Run, found: census.Census) -> str:
    """Which nodes did not succeed, and why."""
    bad = [*found.failed, *found.missing]
    lines = [outcome.line(one) for one in bad[:MOST_NAMED]]
    more = [f"And {len(bad) - MOST_NAMED} more, see failed_nodes and missing_nodes."] if len(bad) > MOST_NAMED else []
    hints = dict.fromkeys(one["hint"] for one in bad[:MOST_NAMED] if one.get("hint"))
    number = found.seen if found.expected is None else found.expected
    how = (
        f"{len(bad)} of {number} nodes did not succeed" if bad else f"it ended as {run.execution.get('DetailedStatus')}"
    )
    text = f"the association is as asked for, but in its run {run.execution['ExecutionId']} {how}"
    return " ".join([f"{text}:" if lines else f"{text}.", *lines, *more, *hints])
