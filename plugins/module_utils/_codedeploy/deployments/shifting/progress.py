# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a deployment is that moves traffic. Private to this collection.

The counters of such a deployment tell nothing of traffic: it has one target. So a poll reads the target, and the deployment
itself only when the target changed, has no answer yet, or was quiet for some polls.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, progress
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import FINISHED, Follower
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

READY, MOVED = "ready", "traffic_moved"
UNTIL = (READY, MOVED, FINISHED)
QUIET = 4  # polls of the target after which the deployment is read too: what ends it need not touch the target
DONE = ("Succeeded", "Skipped")
TRAFFIC = "AllowTraffic"


class ShiftFollower(Follower):
    """Looks at one deployment that moves traffic, and at its rollback."""

    def __init__(self, aws: Connection, deployment_id: str, seen: str = "", until: str = FINISHED) -> None:
        super().__init__(aws, deployment_id, seen)
        self.until = until
        self.target: Shape = {}
        self._text = seen.partition(progress.JOINT)[0] if seen.startswith(deployment_id) else ""
        self._status = self._text.removeprefix(f"{deployment_id} ").partition(":")[0]
        self._quiet = 0
        self._ids: list[str] = []

    def look(self) -> Look:
        """One poll. Done also when what the task waits for was reached, while the deployment goes on."""
        look = super().look()
        reached = not progress.is_over(self.deployment) and is_reached(self.until, self._status, self.target)
        return look._replace(done=True) if reached else look

    def stuck(self, seconds: float) -> str | None:
        """What it waits for. No call: the last poll told it."""
        of = self.rollback or self
        if not isinstance(of, ShiftFollower) or of._status not in ("Created", "Queued", "InProgress"):
            return None
        event = event_now(of.target)
        if event is None or event == TRAFFIC:
            return None  # a wait that is configured
        return f"{of.deployment_id} has made no progress for {seconds:.0f} s: it is still in {event}. {WAITS.get(event, HOOK)}"

    def _read(self) -> None:
        known = self._read_target() if self._status else False
        quiet = known and self._now() == self._text and self._status not in calls.ENDED
        self._quiet = self._quiet + 1 if quiet else QUIET
        if self._quiet >= QUIET:
            self._quiet = 0
            super()._read()
            self._status = self.deployment["status"]
            if not known and self.deployment.get("startTime"):
                self._read_target()
        elif not self.deployment:
            self.deployment = {"deploymentId": self.deployment_id, "status": self._status}

    def _read_target(self) -> bool:
        """The target; whether there is one yet."""
        self._ids = self._ids or calls.target_ids(self.aws, self.deployment_id)
        found = calls.read_targets(self.aws, self.deployment_id, self._ids) if self._ids else []
        self.target = found[0] if found else {}
        return bool(found)

    def _now(self) -> str:
        return in_one_line(self.deployment_id, self._status, self.target)

    def _mine(self) -> Look:
        failed = [shown_line(text) for text in self._failures()] if self._now() != self._text else []
        self._text = self._now()
        return Look(self._text, False, tuple(failed), tuple(failed))

    def _failures(self) -> list[str]:
        events = self.target.get("lifecycleEvents") or []
        return [f"{one['lifecycleEventName']} failed" for one in events if one.get("status") == "Failed"]

    def _of(self, rollback_id: str) -> Follower:
        return ShiftFollower(self.aws, rollback_id, self.rollback_seen)


HOOK = "Its function must call PutLifecycleEventHookExecutionStatus; AWS waits for that up to 60 minutes."
WAITS = {"Install": "New tasks must start and become healthy; AWS waits for that up to 60 minutes."}


def is_reached(until: str, status: str, target: Shape) -> bool:
    """Whether a deployment that is not over is as far as the task waits for."""
    if until == READY:
        return status == "Ready" or _status(target, TRAFFIC) not in (None, "Pending")
    return until == MOVED and status != "Ready" and has_moved(target)


def has_moved(target: Shape) -> bool:
    """Whether all traffic moved, and the hooks after that ran."""
    events = target.get("lifecycleEvents") or []
    return _status(target, TRAFFIC) == "Succeeded" and all(one.get("status") in DONE for one in events)


def event_now(target: Shape) -> str | None:
    """The event that runs."""
    events = target.get("lifecycleEvents") or []
    return next((str(one["lifecycleEventName"]) for one in events if one.get("status") == "InProgress"), None)


def in_one_line(deployment_id: str, status: str, target: Shape) -> str:
    """`d-ABC123XYZ InProgress: AllowTraffic, 10 % of the traffic on version 2, 90 % on version 1`."""
    start = f"{deployment_id} {status}"
    parts = [event_now(target) or _between(status, target), *_function(target), *_service(target)]
    told = ", ".join(filter(None, parts))
    return shown_line(f"{start}: {told}" if told else start)


def _between(status: str, target: Shape) -> str:
    if status == "Ready":
        return "waits to be continued before traffic moves"
    return "waits to end the old tasks" if status == "InProgress" and has_moved(target) else ""


def _function(target: Shape) -> list[str]:
    info = target.get("lambdaFunctionInfo")
    if not info:
        return []
    moved = float(info.get("targetVersionWeight") or 0)
    new, old = f"version {info.get('targetVersion')}", f"version {info.get('currentVersion')}"
    return [f"{moved:g} % of the traffic on {new}", f"{100 - moved:g} % on {old}"]


def _service(target: Shape) -> list[str]:
    """The task sets, the new one first."""
    sets = sorted(target.get("taskSetsInfo") or [], key=lambda one: one.get("taskSetLabel") != "Green")
    return [_task_set(one) for one in sets]


def _task_set(one: Shape) -> str:
    label = {"Green": "new", "Blue": "old"}.get(str(one.get("taskSetLabel")), str(one.get("identifer") or ""))
    counts = f"{one.get('runningCount') or 0} of {one.get('desiredCount') or 0} running"
    return f"{label} tasks: {counts}, {float(one.get('trafficWeight') or 0):g} % of the traffic"


def _status(target: Shape, event: str) -> str | None:
    events = target.get("lifecycleEvents") or []
    return next((one.get("status") for one in events if one["lifecycleEventName"] == event), None)
