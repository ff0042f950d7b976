# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Health: an instance that stopped or was terminated behind the group's back is found, ended and replaced."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.ec2.models.instances import Instance

from ...clock import clock
from .._patching import put, wrap
from . import activities, hooks
from .shared import COUNTED, alive, reconcile, suspended

CHECK_SECONDS = 60.0  # at most so long until EC2's health check of an instance is noticed


def extend() -> None:
    """Put the corrections onto moto's backends."""
    wrap(Instance, "stop", _then_check)
    wrap(Instance, "terminate", _then_check)
    wrap(AutoScalingBackend, "set_instance_health", _set_instance_health)
    wrap(AutoScalingBackend, "terminate_instance", _terminate_instance)
    put(AutoScalingBackend, notify_terminate_instances)


def notify_terminate_instances(self: Any, instance_ids: list[str]) -> None:
    """Auto Scaling is not told by EC2; its next health check finds out."""


def check(group: Any) -> None:
    """Look at every instance; what does not run is Unhealthy, and what is Unhealthy is replaced."""
    if not alive(group):
        return
    if not suspended(group, "HealthCheck"):
        for state in group.instance_states:
            if state.lifecycle_state in COUNTED and state.instance.state != "running":
                state.health_status = "Unhealthy"
    _replace_unhealthy(group)


def retire(group: Any, state: Any, cause: str) -> None:
    """End an instance and take it out of the group."""
    description = f"Terminating EC2 instance: {state.instance_id}"
    activities.record(group, description, cause)
    hooks.forget(group, state)
    group.instance_states.remove(state)
    if state.instance.state != "terminated":
        group.ec2_backend.terminate_instances([state.instance_id])


def _replace_unhealthy(group: Any) -> None:
    if suspended(group, "ReplaceUnhealthy") or suspended(group, "Terminate"):
        return
    sick = [s for s in group.instance_states if s.health_status == "Unhealthy" and s.lifecycle_state in COUNTED]
    for state in sick:
        found = getattr(state, "found_by", "user") if state.instance.state == "running" else "EC2"
        retire(group, state, f"an instance was taken out of service in response to {_a(found)} health check.")
    if sick:
        reconcile(group)


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "AEIO" else f"a {word}"


def _then_check(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    previous = original(self, *args, **kwargs)
    group = getattr(self, "autoscaling_group", None)
    if group is not None:
        clock.after(CHECK_SECONDS, partial(check, group))
    return previous


def _set_instance_health(original: Callable[..., None], self: Any, instance_id: str, health_status: str) -> None:
    state = _managed(self, instance_id)
    original(self, instance_id, health_status)
    clock.after(CHECK_SECONDS, partial(check, state.auto_scaling_group))


def _terminate_instance(original: Callable[..., Any], self: Any, instance_id: str, should_decrement: bool) -> Any:
    state = _managed(self, instance_id)
    hooks.forget(state.auto_scaling_group, state)
    activity = original(self, instance_id, should_decrement)
    activities.record(state.auto_scaling_group, activity.description, activity.cause.partition(", ")[2])
    return activity


def _managed(backend: Any, instance_id: str) -> Any:
    for group in backend.autoscaling_groups.values():
        for state in group.instance_states:
            if state.instance_id == instance_id:
                return state
    raise ValidationError(f"Instance Id not found - No managed instance found for instance ID: {instance_id}")
