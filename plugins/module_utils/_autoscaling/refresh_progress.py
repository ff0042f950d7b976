# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow an instance refresh to its end, with an eye on the launch deployments of its hosts. Private to this collection.

A quiet look is two calls: the refresh, and the ids of deployments that failed since it began. With hosts whose launch
deployment fails a refresh never ends.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import read_hosts
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

REMEDY = "Hosts that were replaced keep the new AMI; fix the cause and run the task again for the others."
REMEDIES = {
    "RollbackSuccessful": "All hosts are as they were before; fix the cause and run the task again.",
    "RollbackFailed": "Some hosts are new and some are as they were before; fix the cause and run the task again.",
}
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

    def __init__(self, aws: Connection, name: str, refresh_id: str, launches: Launches | None) -> None:
        self.aws, self.name, self.refresh_id, self.launches = aws, name, refresh_id, launches
        self.refresh: Shape = {}
        self.looping = False

    def look(self) -> Look:
        """One poll. Done when the refresh is over, or when its hosts fail to launch in a loop."""
        self.refresh = scaling.read_refresh(self.aws, self.name, self.refresh_id) or self._unlisted()
        over = self.refresh["Status"] not in scaling.RUNNING
        if not over and self.launches and self.refresh.get("StartTime"):
            self.looping = self.launches.are_looping(self.refresh["StartTime"])
        return Look(in_one_line(self.refresh), over or self.looping)

    def end_loop(self, launches: Launches) -> str:
        """Cancel the refresh, and name the revision that cannot start."""
        canceled, why = self._cancel(), launches.why()
        image = if_readable(lambda: read_hosts(self.aws, self.name).image(self.aws)) or "the new image"
        text = f"{launches.in_a_row()} cannot start on {image}, and every new host would be replaced by the next one forever"
        return " ".join(filter(None, (f"{text}, so {canceled}.", why, LOOP_REMEDY)))

    def why_failed(self) -> str:
        """Why a refresh that is over did not succeed, in sentences."""
        status, started = self.refresh["Status"], self.refresh.get("StartTime")
        undone = (self.refresh.get("RollbackDetails") or {}).get("RollbackReason")
        reason = shown_line(str(self.refresh.get("StatusReason") or undone or "AWS gave no reason")).rstrip(". ")
        done = self.refresh.get("PercentageComplete") or 0
        parts = [f"the instance refresh {self.refresh_id} ended as {status} at {done} %: {reason}."]
        if started:
            said = if_readable(lambda: scaling.last_failed_activity(self.aws, self.name, started))
            parts.append(
                f"The last activity of the group that failed says: {shown_line(said).rstrip('. ')}." if said else ""
            )
            parts.append(self.launches.failed_since(started) if self.launches else "")
        return " ".join(filter(None, [*parts, REMEDIES.get(status, REMEDY)]))

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
    """`shop InProgress: 50 % replaced, 2 hosts to go; Waiting for instances to warm up`."""
    start = f"{refresh['AutoScalingGroupName']} {refresh['Status']}"
    if refresh.get("PercentageComplete") is None:
        return start
    left = refresh.get("InstancesToUpdate") or 0
    text = f"{start}: {refresh['PercentageComplete']} % replaced, {left} hosts to go"
    return f"{text}; {refresh['StatusReason'].rstrip('. ')}" if refresh.get("StatusReason") else text
