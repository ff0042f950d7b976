# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operations of instance refresh, and what Auto Scaling refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random

from ...clock import clock
from .._patching import put, wrap
from .launches import check_template
from .refresh import Refresh, begin, finish, roll_back
from .shared import find_group, paged

PERCENTAGES = {
    "MinHealthyPercentage": (0, 100),
    "MaxHealthyPercentage": (100, 200),
    "CheckpointDelay": (0, 172_800),
    "BakeTime": (0, 172_800),
}

CHOICES = {
    "ScaleInProtectedInstances": ("Refresh", "Ignore", "Wait"),
    "StandbyInstances": ("Terminate", "Ignore", "Wait"),
}


def extend() -> None:
    """Put the operations onto moto's responses."""
    put(
        AutoScalingResponse,
        start_instance_refresh,
        describe_instance_refreshes,
        cancel_instance_refresh,
        rollback_instance_refresh,
    )
    wrap(FakeAutoScalingGroup, "delete", _delete)


def _delete(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    for refresh in _refreshes(self):
        if refresh.active:
            finish(refresh, "Failed", "The Auto Scaling group was deleted.")


def start_instance_refresh(self: Any) -> ActionResult:
    """StartInstanceRefresh: one at a time in a group."""
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    if any(refresh.active for refresh in _refreshes(group)):
        raise AutoscalingClientError(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        )
    strategy = self._get_param("Strategy") or "Rolling"
    preferences = self._get_param("Preferences", {})
    desired = self._get_param("DesiredConfiguration")
    _check(strategy, preferences, desired)
    refresh = Refresh(
        refresh_id=str(mock_random.uuid4()),
        group=group,
        strategy=strategy,
        preferences=preferences,
        desired=desired,
        template=_wanted(group, desired),
        original=(group.ec2_launch_template, group.launch_template_version) if group.ec2_launch_template else None,
        started=clock.now(),
    )
    _refreshes(group).append(refresh)
    begin(refresh)
    return ActionResult({"InstanceRefreshId": refresh.refresh_id})


def _check(strategy: str, preferences: dict[str, Any], desired: dict[str, Any] | None) -> None:
    if strategy != "Rolling":
        raise ValidationError(f"The instance refresh strategy {strategy} is not built in this emulator; use Rolling")
    for name, (low, high) in PERCENTAGES.items():
        value = preferences.get(name)
        if value is not None and not low <= int(value) <= high:
            raise ValidationError(f"{name} must be between {low} and {high}, not {value}")
    if int(preferences.get("InstanceWarmup") or 0) < 0:
        raise ValidationError("InstanceWarmup must not be negative")
    least, most = preferences.get("MinHealthyPercentage"), preferences.get("MaxHealthyPercentage")
    if most is not None and (least is None or int(most) - int(least) > 100):
        raise ValidationError(
            "MaxHealthyPercentage needs MinHealthyPercentage, and their difference cannot be greater than 100"
        )
    for name, values in CHOICES.items():
        if preferences.get(name) not in (None, *values):
            raise ValidationError(f"{name} must be one of {', '.join(values)}, not {preferences[name]}")
    steps = [int(step) for step in preferences.get("CheckpointPercentages", [])]
    if steps != sorted(set(steps)) or any(not 1 <= step <= 100 for step in steps):
        raise ValidationError("CheckpointPercentages must be ascending percentages from 1 to 100")
    if preferences.get("AutoRollback") and not desired:
        raise ValidationError("AutoRollback requires a desired configuration")


def _wanted(group: Any, desired: dict[str, Any] | None) -> tuple[Any, str] | None:
    """The template and version a DesiredConfiguration names, checked as a launch would find them."""
    if not desired:
        return None
    mixed = desired.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    named = desired.get("LaunchTemplate") or mixed
    if not named:
        raise ValidationError("The desired configuration must contain a launch template or a mixed instances policy")
    backend = group.ec2_backend
    if named.get("LaunchTemplateId"):
        template = backend.get_launch_template(named["LaunchTemplateId"])
    else:
        template = backend.get_launch_template_by_name(named.get("LaunchTemplateName"))
    version = named.get("Version") or "$Default"
    check_template(group, template.get_version(version))
    return template, version


def describe_instance_refreshes(self: Any) -> ActionResult:
    """DescribeInstanceRefreshes: newest first, pages of 50 unless told, 100 at most."""
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    ids = self._get_param("InstanceRefreshIds", [])
    found = [_described(r) for r in reversed(_refreshes(group)) if not ids or r.refresh_id in ids]
    size = self._get_int_param("MaxRecords") or 50
    if not 1 <= size <= 100:
        raise ValidationError("MaxRecords must be between 1 and 100")
    page, token = paged(found, self._get_param("NextToken"), size)
    return ActionResult({"InstanceRefreshes": page, "NextToken": token})


def _described(refresh: Refresh) -> dict[str, Any]:
    left = 0 if refresh.status in ("Successful", "RollbackSuccessful") else refresh.total - refresh.done()
    described = {
        "InstanceRefreshId": refresh.refresh_id,
        "AutoScalingGroupName": refresh.group.name,
        "Status": refresh.status,
        "StatusReason": refresh.reason or None,
        "StartTime": datetime.fromtimestamp(refresh.started, UTC),
        "EndTime": None if refresh.ended is None else datetime.fromtimestamp(refresh.ended, UTC),
        "PercentageComplete": 100 if left == 0 and refresh.ended else refresh.percentage(),
        "InstancesToUpdate": left,
        "Preferences": refresh.preferences or {"MinHealthyPercentage": 90},
        "DesiredConfiguration": refresh.desired,
        "Strategy": refresh.strategy,
    }
    if refresh.rolled_back:
        described["RollbackDetails"] = {
            "RollbackReason": refresh.rollback_reason,
            "RollbackStartTime": datetime.fromtimestamp(refresh.started, UTC),
            "PercentageCompleteOnRollback": refresh.percentage(),
            "InstancesToUpdateOnRollback": left,
        }
    return {name: value for name, value in described.items() if value is not None}


def cancel_instance_refresh(self: Any) -> ActionResult:
    """CancelInstanceRefresh: nothing more is replaced; what was replaced stays."""
    refresh = _active(self)
    refresh.status, refresh.reason = "Cancelling", "Cancelled due to user request."
    return ActionResult({"InstanceRefreshId": refresh.refresh_id})


def rollback_instance_refresh(self: Any) -> ActionResult:
    """RollbackInstanceRefresh: back to what the group launched before, if that still is what it was."""
    refresh = _active(self)
    moving = refresh.original is None or str(refresh.original[1]).startswith("$")
    if not refresh.desired or moving:
        raise AutoscalingClientError(
            "IrreversibleInstanceRefresh",
            "The instance refresh cannot be rolled back: it has no desired configuration, or the Auto Scaling group "
            "has a launch template that uses $Latest or $Default.",
        )
    roll_back(refresh, "Rollback due to user request.")
    return ActionResult({"InstanceRefreshId": refresh.refresh_id})


def _active(response: Any) -> Refresh:
    group = find_group(response.autoscaling_backend, response._get_param("AutoScalingGroupName"))
    active = next((r for r in _refreshes(group) if r.active), None)
    if active is None:
        raise AutoscalingClientError(
            "ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found for the group."
        )
    return active


def _refreshes(group: Any) -> list[Refresh]:
    return group.__dict__.setdefault("instance_refreshes", [])
