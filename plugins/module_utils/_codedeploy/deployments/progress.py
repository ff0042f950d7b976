# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a deployment is, and the rollback it may start. Private to this collection.

A poll is one GetDeployment for a fleet of any size: its counters tell whether anything moved. Only then, and only of
what moved, are targets read. What was shown last comes back as text between two slices of a task, so the counters are
read from that text again.
"""

from __future__ import annotations

import datetime
import re

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, failures, hints
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look

WORDS = (("Succeeded", "succeeded"), ("Failed", "failed"), ("InProgress", "in progress"), ("Pending", "pending"))
MORE_WORDS = (("Skipped", "skipped"), ("Ready", "ready"))
FEW = 25  # targets of which each one's progress is told; one batch read
MOST_LINES = 10  # lines about failed targets in one poll
ROLLBACK_SECONDS = 30.0  # AWS names the rollback a moment after the failure
STARTS_ROLLBACK = {
    "Failed": {"DEPLOYMENT_FAILURE"},
    "Stopped": {"DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"},
}
JOINT = "; rolled back by "
FINISHED = "finished"


class Follower:
    """Looks at one deployment and its rollback. `seen` is what was shown of it last."""

    def __init__(self, aws: Connection, deployment_id: str, seen: str = "") -> None:
        mine, _joint, rollback = seen.partition(JOINT)
        self.aws, self.deployment_id = aws, deployment_id
        self.seen = counts_in(mine) if mine.startswith(deployment_id) else {}
        self.rollback_seen = rollback
        self.deployment: Shape = {}
        self.rollback: Follower | None = None
        self._expecting = False  # a rollback that AWS has not named yet

    def look(self) -> Look:
        """One poll. Done when the deployment and, if it starts one, its rollback are over."""
        if not is_over(self.deployment) or self._names_no_rollback():
            self._read()
        mine = self._mine()
        if not is_over(self.deployment):
            return mine
        rollback_id = (self.deployment.get("rollbackInfo") or {}).get("rollbackDeploymentId")
        if not rollback_id:
            return mine._replace(done=not self._expecting)
        return self._with_rollback(mine, rollback_id)

    def _read(self) -> None:
        """The deployment as it is now. One call."""
        self.deployment, now = calls.read_deployment(self.aws, self.deployment_id)
        self._expecting = self._names_no_rollback() and expects_rollback(self.deployment, now)

    def _mine(self) -> Look:
        """What the deployment itself tells, without its rollback."""
        succeeded, failed = self._news()
        return Look(in_one_line(self.deployment), False, (*succeeded, *failed), tuple(failed))

    def _of(self, rollback_id: str) -> Follower:
        """What follows the rollback."""
        return Follower(self.aws, rollback_id, self.rollback_seen)

    def stuck(self, seconds: float) -> str | None:
        """Which hosts hold things up, and why that may be. Three calls."""
        of = self.rollback or self
        ids = calls.target_ids(self.aws, of.deployment_id, "InProgress")[:FEW]
        if not ids:
            return f"{of.deployment_id} has made no progress for {seconds:.0f} s, and no host has started yet"
        hosts = failures.hosts_now(self.aws, ids)
        targets = failures.read(self.aws, of.deployment_id, ids)
        told = [_what_holds(one, hosts.get(one["targetId"])) for one in targets]
        return f"{of.deployment_id} has made no progress for {seconds:.0f} s: " + "; ".join(told[:MOST_LINES])

    def _names_no_rollback(self) -> bool:
        return is_over(self.deployment) and not (self.deployment.get("rollbackInfo") or {}).get("rollbackDeploymentId")

    def _with_rollback(self, mine: Look, rollback_id: str) -> Look:
        if self.rollback is None:
            self.rollback = self._of(rollback_id)
        theirs = self.rollback.look()
        text, events = f"{mine.text}{JOINT}{theirs.text}", (*mine.events, *theirs.events)
        return Look(text, theirs.done, events, (*mine.alerts, *theirs.alerts))

    def _news(self) -> tuple[list[str], list[str]]:
        """Lines about targets that succeeded and failed since the poll before; none, and no call, when no counter moved."""
        now, before = calls.counts(self.deployment), self.seen
        self.seen = now
        risen = {status: now.get(status, 0) - before.get(status, 0) for status in ("Succeeded", "Failed")}
        few = sum(now.values()) <= FEW
        succeeded = self._lines_about("Succeeded", risen["Succeeded"]) if few and risen["Succeeded"] > 0 else []
        return succeeded, self._lines_about("Failed", risen["Failed"]) if risen["Failed"] > 0 else []

    def _lines_about(self, status: str, count: int) -> list[str]:
        """The `count` targets of a status that were heard of last. Which ones were shown before is not known here."""
        ids = calls.target_ids(self.aws, self.deployment_id, status)
        if len(ids) > failures.MOST_DETAILED:
            return [f"{count} more {status}"]
        newest = failures.read(self.aws, self.deployment_id, ids)[-count:]
        lines = [self._line(target, status) for target in newest[:MOST_LINES]]
        return lines + ([f"and {count - MOST_LINES} more {status}"] if count > MOST_LINES else [])

    def _line(self, target: Shape, status: str) -> str:
        """Why a host failed is told once, at the end."""
        if status != "Failed":
            return f"{target['targetId']} succeeded"
        failed = failures.failed_event(target, with_log=False)
        script = f" ({failed['scriptName']})" if failed["scriptName"] else ""
        return f"{target['targetId']} failed in {failed['lifecycleEventName'] or 'an unknown event'}{script}"


def is_over(deployment: Shape) -> bool:
    return deployment.get("status") in calls.ENDED


def expects_rollback(deployment: Shape, now: datetime.datetime) -> bool:
    """Whether AWS will start a rollback and has not named it, or told why there is none, yet."""
    asked = deployment.get("autoRollbackConfiguration") or {}
    starts = STARTS_ROLLBACK.get(deployment["status"], set()) & set(asked.get("events") or [])
    if not starts or not asked.get("enabled") or deployment.get("creator") == "codeDeployRollback":
        return False
    told, ended = (deployment.get("rollbackInfo") or {}).get("rollbackMessage"), deployment.get("completeTime")
    return not told and ended is not None and (now - ended).total_seconds() < ROLLBACK_SECONDS


def in_one_line(deployment: Shape) -> str:
    """`d-ABC123XYZ InProgress: 2 of 6 succeeded, 3 in progress, 1 pending`."""
    start = f"{deployment['deploymentId']} {deployment['status']}"
    now = calls.counts(deployment)
    if not now:
        return start
    parts = [f"{now.get('Succeeded', 0)} of {sum(now.values())} succeeded"]
    parts += [f"{now[status]} {word}" for status, word in (*WORDS[1:], *MORE_WORDS) if now.get(status)]
    return f"{start}: {', '.join(parts)}"


def counts_in(text: str) -> dict[str, int]:
    """The counters that `in_one_line` wrote."""
    found = {"Succeeded": re.search(r"(\d+) of \d+ succeeded", text)}
    found.update({status: re.search(rf"(\d+) {word}\b", text) for status, word in (*WORDS[1:], *MORE_WORDS)})
    return {status: int(match.group(1)) for status, match in found.items() if match}


def _what_holds(target: Shape, host: Shape | None) -> str:
    known = hints.of_host(host) if host else None
    if known:
        return f"{target['targetId']}: {known.hint}"
    events = target.get("lifecycleEvents") or []
    at: Shape = next((one for one in events if one.get("status") in ("InProgress", "Pending")), {})
    name = at.get("lifecycleEventName") or "its next event"
    if at.get("status") == "InProgress":
        return f"{target['targetId']} is still in {name}; if its agent has died, AWS waits up to 60 minutes"
    return (
        f"{target['targetId']} has not started {name}: its CodeDeploy agent is probably absent, stopped or cut off from the "
        "network, and the host fails about 5 minutes after the event was due"
    )
