# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Scaling activities: what a group launched, ended, or failed to launch, and why."""

from __future__ import annotations

import json
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random

from ...clock import clock
from .._patching import put
from .shared import find_group, paged

KEPT = 500  # activities of a backend; AWS keeps six weeks


def extend() -> None:
    """Put the operation onto moto's responses."""
    put(AutoScalingResponse, describe_scaling_activities)


def record(group: Any, description: str, cause: str, status: str = "Successful", message: str = "") -> dict[str, Any]:
    """Note an activity; the returned mapping may be finished later with `finish`."""
    now = clock.datetime()
    activity: dict[str, Any] = {
        "ActivityId": str(mock_random.uuid4()),
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "Description": description,
        "Cause": f"At {now:%Y-%m-%dT%H:%M:%SZ} {cause}",
        "StartTime": now,
        "StatusCode": status,
        "Progress": 100 if status in ("Successful", "Failed", "Cancelled") else 50,
        "Details": json.dumps({"Availability Zone": ",".join(group.availability_zones)}),
    }
    _kept(group.autoscaling_backend).append(activity)
    if activity["Progress"] == 100:
        finish(activity, status, message)
    return activity


def finish(activity: dict[str, Any], status: str, message: str = "") -> None:
    """End an activity as Successful, Failed or Cancelled."""
    activity.update(StatusCode=status, Progress=100, EndTime=clock.datetime())
    if message:
        activity["StatusMessage"] = message


def refused_launch(group: Any, since: float) -> str:
    """What EC2 said when the group's last launch since then was refused; empty when it was not."""
    mine = [a for a in _kept(group.autoscaling_backend) if a["AutoScalingGroupARN"] == group.arn]
    launched = [a for a in mine if a["Description"].startswith("Launching") and a["StartTime"].timestamp() >= since]
    return str(launched[-1]["StatusMessage"]) if launched and launched[-1]["StatusCode"] == "Failed" else ""


def describe_scaling_activities(self: Any) -> ActionResult:
    """DescribeScalingActivities: newest first, pages of at most 100."""
    backend = self.autoscaling_backend
    name = self._get_param("AutoScalingGroupName")
    if name and not self._get_param("IncludeDeletedGroups"):
        find_group(backend, name)
    ids = self._get_param("ActivityIds", [])
    found = [
        a
        for a in reversed(_kept(backend))
        if (not name or a["AutoScalingGroupName"] == name) and (not ids or a["ActivityId"] in ids)
    ]
    page, token = paged(found, self._get_param("NextToken"), self._get_int_param("MaxRecords") or 100)
    return ActionResult({"Activities": page, "NextToken": token})


def _kept(backend: Any) -> list[dict[str, Any]]:
    kept = backend.__dict__.setdefault("scaling_activities", [])
    del kept[:-KEPT]
    return kept
