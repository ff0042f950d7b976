# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow an instance refresh to its end, with an eye on the launch deployments of its hosts. Private to this collection.

A quiet look is one call, one more where launch deployments are watched, and one more where health checks are. With hosts
that fail one of them a refresh never ends.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import launch_versions as versions
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import read_hosts
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

REMEDY = "Hosts that were replaced keep the new AMI; fix the cause and run the task again for the others."
REMEDIES = {
    "RollbackSuccessful": "All hosts are as they were before{back}; fix the cause and run the task again.",
    "RollbackFailed": "Some hosts are new and some are as they were before; fix the cause and run the task again.",
}
FORWARD = ("Pending", "InProgress", "Baking")  # statuses in which hosts get what is new
LOOP_REMEDY = (
    "Deploy a revision that starts on the new image first (with the playbook slipway.aws.bake_and_deploy: "
    "slipway_order=deploy_then_refresh), or fix the image."
)


class Launches(t.Protocol):
    """What a refresh has to know of the deployments that its hosts get as they are launched."""

    warnings: list[str]
    failures: Shape | None
    failed: list[Shape] | None

    def refuse_active(self) -> list[str]: ...

    def are_looping(self, since: datetime.datetime) -> bool: ...

    def in_a_row(self) -> str: ...

    def why(self) -> str: ...

    def failed_since(self, since: datetime.datetime) -> str: ...


class Follower:
    """Looks at one refresh."""

    def __init__(self, aws: Connection, params: Shape, refresh_id: str, launches: Launches | None) -> None:
        self.aws, self.params, self.refresh_id, self.launches = aws, params, refresh_id, launches
        self.name = params["name"]
        self.refresh: Shape = {}
        self.looping = False  # launch deployments fail, one after the other
        self.unhealthy = False  # too many hosts failed their health checks
        self.rolled_back_to: Shape = {}

    def look(self) -> Look:
        """One poll. Done when the refresh is over, or when it would never end."""
        self.refresh = scaling.read_refresh(self.aws, self.name, self.refresh_id) or self._unlisted()
        over, started = self.refresh["Status"] not in scaling.RUNNING, self.refresh.get("StartTime")
        if started and self.refresh["Status"] in FORWARD:
            self.looping = bool(self.launches and self.launches.are_looping(started))
            self.unhealthy = self._failed_checks() >= (self.params["max_unhealthy_hosts"] or 0) > 0
            if (self.looping or self.unhealthy) and self._is_rolled_back():
                self.looping, self.unhealthy = False, False
        return Look(in_one_line(self.refresh), over or self.looping or self.unhealthy or self.rests)

    @property
    def rests(self) -> bool:
        """Whether the first checkpoint is reached, and the task is to end there."""
        steps = self.refresh.get("Preferences", {}).get("CheckpointPercentages") or [100]
        reached = (self.refresh.get("PercentageComplete") or 0) >= steps[0] < 100
        return self.params["wait_until"] == "checkpoint" and self.refresh["Status"] == "InProgress" and reached

    def _failed_checks(self) -> int:
        """How many hosts were ended for their health since the refresh started. Asked only where somebody wants to know."""
        started = self.refresh.get("StartTime")
        if not self.params["max_unhealthy_hosts"] or not started:
            return 0
        return len(scaling.failed_health_checks(self.aws, self.name, started))

    def _is_rolled_back(self) -> bool:
        """Roll the refresh back if the task asks for it, and AWS can."""
        if not self.params["auto_rollback"] or not self.refresh.get("DesiredConfiguration"):
            return False
        try:
            scaling.roll_back_refresh(self.aws, self.name)
        except FAILURES:
            return False
        self.refresh = scaling.read_refresh(self.aws, self.name, self.refresh_id) or self.refresh
        return True

    def end(self) -> str:
        """Cancel a refresh that would never end; why."""
        if self.looping and self.launches:
            return self.end_loop(self.launches)
        return f"{self._unhealthy_hosts()}, and every new host may fail like them, so {self._cancel()}. {REMEDY}"

    def _unhealthy_hosts(self) -> str:
        count = if_readable(self._failed_checks)
        return f"{count} hosts were ended because of failed health checks since the refresh started" if count else ""

    def end_loop(self, launches: Launches) -> str:
        """Cancel the refresh, and name the revision that cannot start."""
        canceled, why = self._cancel(), launches.why()
        image = if_readable(lambda: read_hosts(self.aws, self.name).image(self.aws)) or "the new image"
        text = f"{launches.in_a_row()} cannot start on {image}, and every new host would be replaced by the next one forever"
        return " ".join(filter(None, (f"{text}, so {canceled}.", why, LOOP_REMEDY)))

    def why_failed(self) -> str:
        """Why a refresh that is over did not succeed, in sentences."""
        status, started = self.refresh["Status"], self.refresh.get("StartTime")
        undone = self.refresh.get("RollbackDetails") or {}
        said = undone.get("RollbackReason") or self.refresh.get("StatusReason") or "AWS gave no reason"
        done = undone.get("PercentageCompleteOnRollback", self.refresh.get("PercentageComplete")) or 0
        reason, tried = shown_line(str(said)).rstrip(". "), self._tried()
        parts = [f"the instance refresh {self.refresh_id}{tried} ended as {status} at {done} %: {reason}."]
        if unhealthy := self._unhealthy_hosts():
            parts.append(f"{unhealthy}.")
        if started:
            said = if_readable(lambda: scaling.last_failed_activity(self.aws, self.name, started))
            parts.append(
                f"The last activity of the group that failed says: {shown_line(said).rstrip('. ')}." if said else ""
            )
            parts.append(self.launches.failed_since(started) if self.launches else "")
        return " ".join(filter(None, [*parts, REMEDIES.get(status, REMEDY).format(back=self._back(status))]))

    def _tried(self) -> str:
        """What hosts were to be launched from, where the refresh itself says so."""
        asked = versions.asked_of(self.refresh)
        found = if_readable(lambda: scaling.read_template(self.aws, asked)) if asked else None
        return f" to {versions.named(found)}" if found else ""

    def _back(self, status: str) -> str:
        """What hosts are on after a rollback, which the group launches all along."""
        hosts = if_readable(lambda: read_hosts(self.aws, self.name)) if status == "RollbackSuccessful" else None
        if not hosts or not hosts.templates:
            return ""
        own = hosts.templates[0]
        self.rolled_back_to = {"launch_template": versions.described(own), "image_id": versions.image_of(own)}
        return f", on {versions.named(own)}"

    def _unlisted(self) -> Shape:
        """AWS may take a moment to list what it has just started."""
        return {"InstanceRefreshId": self.refresh_id, "AutoScalingGroupName": self.name, "Status": "Pending"}

    def _cancel(self) -> str:
        """Cancel; what became of it, in words."""
        try:
            canceled = scaling.cancel_refresh(self.aws, self.name)
        except FAILURES as problem:
            return f"it has to be canceled, which failed ({problem}): cancel it, or it continues forever"
        self.refresh = scaling.read_refresh(self.aws, self.name, self.refresh_id) or self.refresh
        return (
            "the refresh was canceled"
            if canceled
            else "the refresh, which had already finished, will not be started again"
        )


def in_one_line(refresh: Shape) -> str:
    """`shop InProgress: 50 % replaced, 2 hosts to go, checkpoint of 50 % reached; Waiting for instances to warm up`."""
    start = f"{refresh['AutoScalingGroupName']} {refresh['Status']}"
    done = refresh.get("PercentageComplete")
    if done is None:
        return start
    left = refresh.get("InstancesToUpdate") or 0
    text = f"{start}: {done} % replaced, {left} hosts to go"
    steps = (refresh.get("Preferences") or {}).get("CheckpointPercentages") or []
    reached = [step for step in steps if step <= done and step < 100]
    if reached and refresh["Status"] == "InProgress":
        text += f", checkpoint of {reached[-1]} % reached"
    return f"{text}; {refresh['StatusReason'].rstrip('. ')}" if refresh.get("StatusReason") else text
