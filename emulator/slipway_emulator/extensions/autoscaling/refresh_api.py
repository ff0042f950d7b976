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
from . import refresh_configuration, refresh_rules, warm_pool
from .maintenance import LEAST, share
from .refresh import Refresh, begin, finish, roll_back
from .shared import find_group, paged


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
    original = refresh_configuration.of_group(group)
    refresh_rules.check(group, strategy, preferences, desired, original)
    refresh = Refresh(
        refresh_id=str(mock_random.uuid4()),
        group=group,
        strategy=strategy,
        preferences=preferences,
        desired=desired,
        wanted=refresh_configuration.wanted(group, desired),
        original=original,
        started=clock.now(),
    )
    _refreshes(group).append(refresh)
    begin(refresh)
    return ActionResult({"InstanceRefreshId": refresh.refresh_id})


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
    described = {
        "InstanceRefreshId": refresh.refresh_id,
        "AutoScalingGroupName": refresh.group.name,
        "Status": refresh.status,
        "StatusReason": refresh.reason or None,
        "StartTime": datetime.fromtimestamp(refresh.started, UTC),
        "EndTime": None if refresh.ended is None else datetime.fromtimestamp(refresh.ended, UTC),
        "PercentageComplete": refresh.percentage(),
        "InstancesToUpdate": refresh.left(),
        "ProgressDetails": _details(refresh, refresh.percentage(), refresh.left()),
        "Preferences": {LEAST: share(refresh.group, refresh.preferences, LEAST), **refresh.preferences},
        "DesiredConfiguration": refresh.desired,
        "RollbackDetails": _rollback(refresh),
        "Strategy": refresh.strategy,
    }
    return {name: value for name, value in described.items() if value is not None}


def _details(refresh: Refresh, percentage: int, left: int) -> dict[str, Any] | None:
    """The pools by themselves; a warm pool is replaced at once."""
    if not warm_pool.pool_of(refresh.group):
        return None
    return {
        "LivePoolProgress": {"PercentageComplete": percentage, "InstancesToUpdate": left},
        "WarmPoolProgress": {"PercentageComplete": 0 if refresh.status == "Pending" else 100, "InstancesToUpdate": 0},
    }


def _rollback(refresh: Refresh) -> dict[str, Any] | None:
    if refresh.undone is None:
        return None
    return {
        "RollbackReason": refresh.undone.reason,
        "RollbackStartTime": datetime.fromtimestamp(refresh.undone.since, UTC),
        "PercentageCompleteOnRollback": refresh.undone.percentage,
        "InstancesToUpdateOnRollback": refresh.undone.left,
    }


def cancel_instance_refresh(self: Any) -> ActionResult:
    """CancelInstanceRefresh: nothing more is replaced; what was replaced stays."""
    refresh = _active(self)
    refresh.status, refresh.reason = "Cancelling", "Cancelled due to user request."
    return ActionResult({"InstanceRefreshId": refresh.refresh_id})


def rollback_instance_refresh(self: Any) -> ActionResult:
    """RollbackInstanceRefresh: back to what the group launched before, if that still is what it was."""
    refresh = _active(self)
    if refresh.undone is not None:
        raise _none_active()
    if not refresh.reversible:
        raise AutoscalingClientError(
            "IrreversibleInstanceRefresh",
            "The instance refresh cannot be rolled back: it has no desired configuration, or the Auto Scaling group "
            "has a launch template that uses $Latest or $Default, or an AWS Systems Manager parameter for its AMI.",
        )
    roll_back(refresh, "Rollback due to user request.")
    return ActionResult({"InstanceRefreshId": refresh.refresh_id})


def _active(response: Any) -> Refresh:
    group = find_group(response.autoscaling_backend, response._get_param("AutoScalingGroupName"))
    active = next((r for r in _refreshes(group) if r.active), None)
    if active is None:
        raise _none_active()
    return active


def _none_active() -> AutoscalingClientError:
    return AutoscalingClientError(
        "ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found for the group."
    )


def _refreshes(group: Any) -> list[Refresh]:
    return group.__dict__.setdefault("instance_refreshes", [])
