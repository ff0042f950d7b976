# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches the deployments that hosts get as they are launched. Private to this collection.

Every host that an Auto Scaling group launches first gets the live revision by a deployment of its own; one whose deployment
fails is ended and replaced by a host that fails the same way, and nothing ends that.
"""

from __future__ import annotations

import datetime

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    calls,
    failures,
    history,
    revisions,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.listing import MISSING
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    DENIED,
    FAILURES,
    Refused,
    code,
    if_readable,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

UNREADABLE = (*DENIED, *MISSING)


class Launches:
    """Those of one deployment group. `failures` are those in a row, `failed` where the newest failed, as far as read."""

    def __init__(self, aws: Connection, application: str, group: str, with_log: bool) -> None:
        self.aws, self.application, self.group, self.with_log = aws, application, group, with_log
        self.failures: Shape | None = None
        self.failed: list[Shape] | None = None
        self.warnings: list[str] = []
        self._is_readable = True

    def refuse_active(self) -> list[str]:
        """Refuse while a deployment of the group is in flight, to one host that comes up or to many. Returns warnings."""
        place = f"{self.application}/{self.group}"
        try:
            ids = calls.list_deployments(self.aws, self.application, self.group, includeOnlyStatuses=calls.ACTIVE)
        except FAILURES as problem:
            if code(problem) in UNREADABLE:
                return [f"It could not be determined whether a deployment of {place} is in progress: {problem}"]
            raise
        if ids:
            text = f"the deployment {', '.join(ids)} of {place} is in progress, and it would fail on hosts that are replaced"
            remedy = "Wait for it, or stop it with slipway.aws.codedeploy_deployment, and run the task again."
            raise Refused(f"{text}. {remedy}", active_deployment_ids=ids)
        return []

    def are_looping(self, since: datetime.datetime) -> bool:
        """Whether hosts fail one after the other; not known where the caller may not ask, which is warned of once."""
        if not self._is_readable:
            return False
        try:
            return self._fail_in_a_row(since)
        except FAILURES as problem:
            if code(problem) not in UNREADABLE:
                raise
            self._is_readable = False
            place = f"{self.application}/{self.group}"
            self.warnings.append(
                f"The launch deployments of {place} are not watched, because they could not be read: {problem}"
            )
            return False

    def in_a_row(self) -> str:
        """How many failed, and which revision, as the beginning of a sentence."""
        found = self.failures or {}
        revision = found.get("revision") or {}
        key = (revision.get("s3Location") or {}).get("key") or revisions.in_words(revision)
        return f"{found['count']} launch deployments of {self.application}/{self.group} failed in a row: the live revision {key}"

    def why(self) -> str:
        """Why the newest failed, if that can be read."""
        newest = (self.failures or {})["deploymentIds"][0]
        self.failed = if_readable(lambda: failures.failed_targets(self.aws, newest, self.with_log)) or []
        return failures.in_words(self.failed, len(self.failed)) if self.failed else ""

    def failed_since(self, since: datetime.datetime) -> str:
        """What failed since then, in sentences; empty when nothing did or when the caller may not ask."""
        if not self._is_readable:
            return ""
        self.failures = if_readable(lambda: self._read(since))
        ids = (self.failures or {}).get("deploymentIds") or []
        if not ids:
            return ""
        text = f"{len(ids)} launch deployments of {self.application}/{self.group} failed in a row, the last one is {ids[0]}."
        return f"{text} {self.why()}"

    def _fail_in_a_row(self, since: datetime.datetime) -> bool:
        """Reads more than ids only from the third failure on."""
        ids = self._listed(["Failed"], since)
        if len(ids) < history.LOOP:
            return False
        failed = [one for one in calls.read_deployments(self.aws, ids) if one.get("creator") == calls.LAUNCH]
        if len(failed) < history.LOOP:
            return False
        first = failed[history.LOOP - 1]["createTime"]
        succeeded = calls.read_deployments(self.aws, self._listed(["Succeeded"], first)[: calls.BATCH])
        if any(one.get("creator") == calls.LAUNCH for one in succeeded):
            return False
        self.failures = self._read(since)
        in_a_row = [one for one in failed if one["deploymentId"] in self.failures["deploymentIds"]]
        return bool(self.failures["looping"]) and _one_replaced_another(in_a_row)

    def _read(self, since: datetime.datetime) -> Shape:
        return history.launch_failures(calls.read_deployments(self.aws, self._listed(["Failed", "Succeeded"], since)))

    def _listed(self, statuses: list[str], start: datetime.datetime) -> list[str]:
        """Deployments of the group created since then, by the clock of AWS."""
        narrowed: Shape = {"includeOnlyStatuses": statuses, "createTimeRange": {"start": start}}
        return calls.list_deployments(self.aws, self.application, self.group, **narrowed)


def _one_replaced_another(failed: list[Shape]) -> bool:
    """Whether a host failed that was launched after another had failed. Those of one wave may fail while others succeed."""
    ended = min(one.get("completeTime") or one["createTime"] for one in failed)
    return bool(max(one["createTime"] for one in failed) > ended)
