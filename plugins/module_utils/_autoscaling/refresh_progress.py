# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow an instance refresh to its end, with an eye on the launch deployments of its hosts. Private to this collection.

A quiet look is two calls: the refresh, and the ids of deployments that failed since it began. Every host that is launched
first gets the live revision by a deployment of its own; one whose deployment fails is ended and replaced by a host that
fails the same way, and the refresh never ends.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import read_hosts
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    calls,
    failures,
    history,
    revisions,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.listing import MISSING
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import DENIED, FAILURES, code
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

T = t.TypeVar("T")
REMEDY = "Hosts that were replaced keep the new AMI; mend the cause and run the task again for the others."
REMEDIES = {
    "RollbackSuccessful": "All hosts are on what they were before; mend the cause and run the task again.",
    "RollbackFailed": "Some hosts are new and some as before; mend the cause and run the task again.",
}
LOOP_REMEDY = (
    "Deploy a revision that starts on the new image first (with the playbook slipway.aws.bake_and_deploy: "
    "slipway_order=deploy_then_refresh), or mend the image."
)


class Follower:
    """Looks at one refresh. `launches` are the failures of launch deployments, `failed` where the newest failed, if read."""

    def __init__(self, aws: Connection, params: Shape, refresh_id: str) -> None:
        self.aws, self.name, self.refresh_id = aws, params["name"], refresh_id
        self.application, self.group = params["application_name"], params["deployment_group_name"]
        self.with_log = params["log_tail"]
        self.refresh: Shape = {}
        self.launches: Shape | None = None
        self.failed: list[Shape] | None = None
        self.looping = False
        self.warnings: list[str] = []
        self._watches = bool(self.group)

    def look(self) -> Look:
        """One poll. Done when the refresh is over, or when its hosts fail to launch in a loop."""
        self.refresh = scaling.read_refresh(self.aws, self.name, self.refresh_id) or self._unlisted()
        over = self.refresh["Status"] not in scaling.RUNNING
        if not over and self._watches and self.refresh.get("StartTime"):
            self.looping = self._loops()
        return Look(in_one_line(self.refresh), over or self.looping)

    def end_loop(self) -> str:
        """Cancel the refresh, and name the revision that cannot start."""
        canceled, launches = self._cancel(), self.launches or {}
        revision = launches.get("revision") or {}
        key = (revision.get("s3Location") or {}).get("key") or revisions.in_words(revision)
        why = self._why_launches_fail()
        image = _if_readable(lambda: read_hosts(self.aws, self.name).image(self.aws)) or "the new image"
        return " ".join(filter(None, (
            f"{launches['count']} launch deployments of {self.application}/{self.group} failed in a row: the live revision {key} "
            f"cannot start on {image}, and every new host would be replaced by the next one for ever, so {canceled}.",
            why,
            LOOP_REMEDY,
        )))  # fmt: skip

    def why_failed(self) -> str:
        """Why a refresh that is over did not succeed, in sentences."""
        status, started = self.refresh["Status"], self.refresh.get("StartTime")
        undone = (self.refresh.get("RollbackDetails") or {}).get("RollbackReason")
        reason = shown_line(str(self.refresh.get("StatusReason") or undone or "AWS gave no reason")).rstrip(". ")
        done = self.refresh.get("PercentageComplete") or 0
        parts = [f"the instance refresh {self.refresh_id} ended as {status} at {done} %: {reason}."]
        if started:
            said = _if_readable(lambda: scaling.last_failed_activity(self.aws, self.name, started))
            parts.append(
                f"The last activity of the group that failed says: {shown_line(said).rstrip('. ')}." if said else ""
            )
            parts.append(self._failed_launches() if self._watches else "")
        return " ".join(filter(None, [*parts, REMEDIES.get(status, REMEDY)]))

    def _unlisted(self) -> Shape:
        """AWS may take a moment to list what it has just started."""
        return {"InstanceRefreshId": self.refresh_id, "AutoScalingGroupName": self.name, "Status": "Pending"}

    def _loops(self) -> bool:
        """Whether hosts fail to launch in a loop; not known where the caller may not ask, and hosts are rolled all the same."""
        try:
            return self._fail_in_a_row()
        except FAILURES as problem:
            if code(problem) not in (*DENIED, *MISSING):
                raise
            self._watches = False
            place = f"{self.application}/{self.group}"
            self.warnings.append(
                f"The launch deployments of {place} are not watched, as they could not be read: {problem}"
            )
            return False

    def _fail_in_a_row(self) -> bool:
        """Whether hosts fail to launch one after the other. Reads more than ids only from the third failure on."""
        ids = self._since(["Failed"], self.refresh["StartTime"])
        if len(ids) < history.LOOP:
            return False
        failed = [one for one in calls.read_deployments(self.aws, ids) if one.get("creator") == calls.LAUNCH]
        if len(failed) < history.LOOP:
            return False
        since = failed[history.LOOP - 1]["createTime"]
        succeeded = calls.read_deployments(self.aws, self._since(["Succeeded"], since)[: calls.BATCH])
        if any(one.get("creator") == calls.LAUNCH for one in succeeded):
            return False
        self.launches = self._read_launches()
        in_a_row = [one for one in failed if one["deploymentId"] in self.launches["deploymentIds"]]
        return bool(self.launches["looping"]) and _one_replaced_another(in_a_row)

    def _read_launches(self) -> Shape:
        found = calls.read_deployments(self.aws, self._since(["Failed", "Succeeded"], self.refresh["StartTime"]))
        return history.launch_failures(found)

    def _failed_launches(self) -> str:
        self.launches = _if_readable(self._read_launches)
        ids = (self.launches or {}).get("deploymentIds") or []
        if not ids:
            return ""
        text = (
            f"Of {self.application}/{self.group} {len(ids)} launch deployments failed in a row, the last one {ids[0]}."
        )
        return f"{text} {self._why_launches_fail()}"

    def _why_launches_fail(self) -> str:
        newest = (self.launches or {})["deploymentIds"][0]
        self.failed = _if_readable(lambda: failures.failed_targets(self.aws, newest, self.with_log)) or []
        return failures.in_words(self.failed, len(self.failed)) if self.failed else ""

    def _since(self, statuses: list[str], start: datetime.datetime) -> list[str]:
        """Deployments of the group created since then, by the clock of AWS: older failures are no matter of this refresh."""
        narrowed: Shape = {"includeOnlyStatuses": statuses, "createTimeRange": {"start": start}}
        return calls.list_deployments(self.aws, self.application, self.group, **narrowed)

    def _cancel(self) -> str:
        """Cancel; what became of it, in words."""
        try:
            canceled = scaling.cancel_refresh(self.aws, self.name)
        except FAILURES as problem:
            return f"it has to be canceled, which failed ({problem}): cancel it, or it goes on for ever"
        self.refresh = scaling.read_refresh(self.aws, self.name, self.refresh_id) or self.refresh
        return (
            "the refresh was canceled" if canceled else "the refresh, which was over already, will not be started again"
        )


def in_one_line(refresh: Shape) -> str:
    """`shop InProgress: 50 % replaced, 2 hosts to go; Waiting for instances to warm up`."""
    start = f"{refresh['AutoScalingGroupName']} {refresh['Status']}"
    if refresh.get("PercentageComplete") is None:
        return start
    left = refresh.get("InstancesToUpdate") or 0
    text = f"{start}: {refresh['PercentageComplete']} % replaced, {left} hosts to go"
    return f"{text}; {refresh['StatusReason'].rstrip('. ')}" if refresh.get("StatusReason") else text


def _one_replaced_another(failed: list[Shape]) -> bool:
    """Whether a host failed that was launched after another had failed. Those of one wave may fail while others succeed."""
    ended = min(one.get("completeTime") or one["createTime"] for one in failed)
    return bool(max(one["createTime"] for one in failed) > ended)


def _if_readable(read: t.Callable[[], T]) -> T | None:
    """What is told beside the cause is not worth losing the cause."""
    try:
        return read()
    except FAILURES:
        return None
