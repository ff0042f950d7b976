# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Warm pools: instances that are launched ahead and wait, stopped or running, outside the group's capacity.

Not built: a scale-out launches new instances and takes none from the pool, and hooks are not run when one enters it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from ...clock import clock
from ...hosts import BOOT_SECONDS
from .._patching import put, wrap
from . import launches
from .shared import alive, find_group


def extend() -> None:
    """Put the pool's instances onto moto's groups."""
    FakeAutoScalingGroup.warm_pool_size = property(lambda self: len(pool_of(self)) or None)  # type: ignore[attr-defined]
    wrap(AutoScalingBackend, "put_warm_pool", _put)
    wrap(AutoScalingBackend, "delete_warm_pool", _delete)
    wrap(AutoScalingBackend, "delete_auto_scaling_group", _delete)
    wrap(AutoScalingBackend, "describe_auto_scaling_instances", _describe_instances)
    put(AutoScalingResponse, describe_warm_pool)


def pool_of(group: Any) -> list[Any]:
    """The states of the instances that wait."""
    pool: list[Any] = group.__dict__.setdefault("warm_states", [])
    return pool


def _put(original: Callable[..., None], self: Any, group_name: str, *args: Any, **kwargs: Any) -> None:
    """The pool makes up the difference between the desired and the most capacity, and holds MinSize at least."""
    original(self, group_name, *args, **kwargs)
    group = find_group(self, group_name)
    most = group.warm_pool.max_group_prepared_capacity
    prepared = group.max_size if most in (None, -1) else most
    size = max(group.warm_pool.min_size, prepared - (group.desired_capacity or 0))
    _fill(group, size - len(pool_of(group)))


def _fill(group: Any, missing: int) -> None:
    for _turn in range(missing):
        instance = launches.run(group, {})
        instance.autoscaling_group = group
        state = InstanceState(instance, lifecycle_state="Warmed:Pending")
        pool_of(group).append(state)
        clock.after(BOOT_SECONDS, partial(_warmed, group, state))


def renew(group: Any, outdated: list[Any]) -> None:
    """Replace instances of the pool by what the group launches now."""
    if outdated:
        group.ec2_backend.terminate_instances([state.instance_id for state in outdated])
        pool_of(group)[:] = [state for state in pool_of(group) if state not in outdated]
        _fill(group, len(outdated))


def _warmed(group: Any, state: Any) -> None:
    if not alive(group) or state not in pool_of(group):
        return
    state.lifecycle_state = f"Warmed:{group.warm_pool.pool_state}"
    if group.warm_pool.pool_state != "Running":
        group.ec2_backend.stop_instances([state.instance_id])


def _delete(original: Callable[..., None], self: Any, group_name: str) -> None:
    group = find_group(self, group_name)
    original(self, group_name)
    waiting = [state.instance_id for state in pool_of(group)]
    if waiting:
        self.ec2_backend.terminate_instances(waiting)
    pool_of(group).clear()


def _describe_instances(original: Callable[..., list[Any]], self: Any, instance_ids: list[str]) -> list[Any]:
    waiting = (state for group in self.autoscaling_groups.values() for state in pool_of(group))
    found = [state for state in waiting if not instance_ids or state.instance_id in instance_ids]
    return [*original(self, instance_ids), *found]


def describe_warm_pool(self: Any) -> ActionResult:
    """DescribeWarmPool."""
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    return ActionResult({"WarmPoolConfiguration": group.warm_pool, "Instances": list(pool_of(group))})
