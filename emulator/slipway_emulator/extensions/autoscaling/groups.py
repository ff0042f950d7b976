# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Groups: what Auto Scaling refuses, which instances leave first, suspended processes, what a deleted group takes along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from slipway_emulator.numerals import is_number

from ...clock import clock
from .._patching import put, wrap
from . import activities, balancing, elb_health, health, hooks, maintenance
from .shared import ALL_METRICS, alive, find_group, reconcile, suspended

NEED_A_GROUP = (
    "attach_instances",
    "detach_instances",
    "suspend_processes",
    "enter_standby_instances",
    "exit_standby_instances",
    "set_instance_protection",
    "describe_load_balancer_target_groups",
    "put_warm_pool",
    "describe_warm_pool",
    "delete_warm_pool",
)


def extend() -> None:
    """Put the corrections onto moto's groups."""
    for name in NEED_A_GROUP:
        wrap(AutoScalingBackend, name, _of_a_group)
    wrap(FakeAutoScalingGroup, "set_desired_capacity", _scale)
    wrap(FakeAutoScalingGroup, "update", _update)
    wrap(AutoScalingBackend, "delete_auto_scaling_group", _delete)
    wrap(AutoScalingBackend, "resume_processes", _resume)
    wrap(AutoScalingBackend, "enable_metrics_collection", _enable_metrics)
    wrap(AutoScalingResponse, "create_auto_scaling_group", _create_group)
    wrap(AutoScalingResponse, "update_auto_scaling_group", _update_group)
    wrap(AutoScalingResponse, "delete_auto_scaling_group", _delete_group)
    wrap(AutoScalingResponse, "set_desired_capacity", _set_desired_capacity)
    put(AutoScalingResponse, disable_metrics_collection)


def _of_a_group(original: Callable[..., Any], self: Any, group_name: str, *args: Any, **kwargs: Any) -> Any:
    find_group(self, group_name)
    return original(self, group_name, *args, **kwargs)


def _scale(original: Callable[..., None], self: Any, new_capacity: int | None) -> None:
    """moto takes away from the front of its list and mixes up the order of the rest."""
    wanted = self.min_size if new_capacity is None else new_capacity
    if suspended(self, "Terminate") and (wanted or 0) < len(self.active_instances()):
        self.desired_capacity = wanted
        return
    before = list(self.instance_states)
    surplus = len(self.active_instances()) - (wanted or 0)
    free = [s for s in sorted(before, key=_leaves_first) if not s.protected_from_scale_in]
    if surplus > 0 and alive(self) and hooks.leaving(self, free[:surplus]):
        _note_leaving(self, free[:surplus], wanted)
    self.instance_states = sorted(before, key=_leaves_first)
    original(self, new_capacity)
    left = set(map(id, self.instance_states))
    for state in before:
        if id(state) not in left:
            hooks.forget(self, state)
            _note_leaving(self, [state], wanted)
    known = [state for state in before if id(state) in left]
    old = set(map(id, known))
    self.instance_states = [*known, *(state for state in self.instance_states if id(state) not in old)]


def _note_leaving(group: Any, states: list[Any], wanted: Any) -> None:
    cause = f"an instance was taken out of service in response to a desired capacity of {wanted}."
    for state in states:
        activities.record(group, f"Terminating EC2 instance: {state.instance_id}", cause)


def _leaves_first(state: Any) -> tuple[bool, bool, int]:
    """Unhealthy ones, then those from the oldest version of the template; what does not count last of all."""
    template = state.launch_template or {}
    version = str(template.get("Version", "0"))
    counted = state.lifecycle_state != "Standby" and not state.lifecycle_state.startswith("Terminating")
    return not counted, state.health_status != "Unhealthy", int(version) if is_number(version) else 0


def _update(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    """A group keeps its mixed instances policy when an update does not speak of what it launches."""
    if not any(kwargs.get(name) for name in ("mixed_instances_policy", "launch_template", "launch_config_name")):
        kwargs["mixed_instances_policy"] = self.mixed_instances_policy
    if kwargs.get("launch_template") or kwargs.get("mixed_instances_policy"):
        self.launch_config, self.launch_configuration_name = None, None
    elif kwargs.get("launch_config_name"):
        self.ec2_launch_template = None
    original(self, *args, **kwargs)


def _delete(original: Callable[..., None], self: Any, group_name: str) -> None:
    group = find_group(self, group_name)
    group._suspended_processes = []
    for hook in self.describe_lifecycle_hooks(group_name):  # none holds up the end of the group
        self.lifecycle_hooks.pop(f"{group_name}_{hook.name}")
    for state in group.instance_states:
        state.protected_from_scale_in = False
    original(self, group_name)
    hooks.forget(group)
    running = [s.instance_id for s in group.instance_states if s.instance.state != "terminated"]
    if running:
        self.ec2_backend.terminate_instances(running)


def _resume(original: Callable[..., None], self: Any, group_name: str, scaling_processes: list[str]) -> None:
    group = find_group(self, group_name)
    original(self, group_name, scaling_processes)
    health.check(group)
    reconcile(group)


def _enable_metrics(original: Callable[..., None], self: Any, group_name: str, metrics: list[str] | None) -> None:
    """No metrics named: all of them."""
    group = find_group(self, group_name)
    original(self, group_name, [*group.metrics, *(m for m in metrics or ALL_METRICS if m not in group.metrics)])


def disable_metrics_collection(self: Any) -> ActionResult:
    """DisableMetricsCollection: the named metrics, or all."""
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    gone = self._get_param("Metrics") or group.metrics
    group.metrics = [metric for metric in group.metrics if metric not in gone]
    return EmptyResult()


def _create_group(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    name = self._get_param("AutoScalingGroupName")
    backend = self.autoscaling_backend
    if name in backend.autoscaling_groups:
        text = f"AutoScalingGroup by this name already exists - A group with the name {name} already exists"
        raise AutoscalingClientError("AlreadyExists", text)
    least, most = self._get_int_param("MinSize"), self._get_int_param("MaxSize")
    _check_sizes(least, most, self._get_int_param("DesiredCapacity"))
    policy = maintenance.checked(self._get_param("InstanceMaintenancePolicy"))
    balancing.check(backend, self._get_param("LoadBalancerNames", []), self._get_param("TargetGroupARNs", []))
    for hook in self._get_param("LifecycleHookSpecificationList", []):
        backend.create_lifecycle_hook(
            hook["LifecycleHookName"],
            name,
            hook["LifecycleTransition"],
            hook.get("HeartbeatTimeout"),
            hook.get("DefaultResult"),
        )
    answer = original(self)
    backend.autoscaling_groups[name].created_time = clock.datetime()
    maintenance.keep(backend.autoscaling_groups[name], policy)
    return answer


def _update_group(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    group = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
    if group is None:
        return original(self)  # has AWS's words for it, which are not those of other operations
    least, most = self._get_int_param("MinSize"), self._get_int_param("MaxSize")
    _check_sizes(
        group.min_size if least is None else least,
        group.max_size if most is None else most,
        self._get_int_param("DesiredCapacity"),
    )
    policy = maintenance.checked(self._get_param("InstanceMaintenancePolicy"))
    answer = original(self)
    maintenance.keep(group, policy)
    elb_health.watch(group)
    return answer


def _check_sizes(least: int | None, most: int | None, desired: int | None) -> None:
    if least is not None and most is not None and least > most:
        raise ValidationError(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if desired is not None and not (least or 0) <= desired <= (desired if most is None else most):
        text = f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
        raise ValidationError(text)


def _set_desired_capacity(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    wanted = self._get_int_param("DesiredCapacity")
    told = f"New SetDesiredCapacity value {wanted} is"
    if wanted > group.max_size:
        raise ValidationError(f"{told} above max value {group.max_size} for the AutoScalingGroup.")
    if wanted < group.min_size:
        raise ValidationError(f"{told} below min value {group.min_size} for the AutoScalingGroup.")
    return original(self)


def _delete_group(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    if group.instance_states and not self._get_bool_param("ForceDelete", False):
        raise AutoscalingClientError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
            "still in the group.",
        )
    return original(self)
