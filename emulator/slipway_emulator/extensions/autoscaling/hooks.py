# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Lifecycle hooks: an instance waits in Pending:Wait or Terminating:Wait until every hook is completed or runs out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.moto_api._internal import mock_random

from ...clock import clock
from ...signals import launch_hook, termination_hook
from .._patching import put, wrap
from . import activities
from .shared import find_group, reconcile

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
TERMINATE_SECONDS = 15.0  # from giving an instance up until it is gone and another is launched
LONGEST_SECONDS = 172_800  # two days, or a hundred heartbeats if that is less


@dataclass
class Action:
    """One hook one instance waits for."""

    group: Any
    hook: Any
    state: Any  # moto's InstanceState
    token: str
    deadline: float
    latest: float


def extend() -> None:
    """Put the operations onto moto's backend and responses."""
    put(AutoScalingBackend, complete_lifecycle_action=complete, record_lifecycle_action_heartbeat=keep_waiting)
    wrap(AutoScalingBackend, "create_lifecycle_hook", _create_lifecycle_hook)
    wrap(AutoScalingBackend, "delete_lifecycle_hook", _delete_lifecycle_hook)
    wrap(AutoScalingResponse, "put_lifecycle_hook", _put_lifecycle_hook)
    wrap(AutoScalingResponse, "describe_lifecycle_hooks", _describe_lifecycle_hooks)
    put(AutoScalingResponse, complete_lifecycle_action, record_lifecycle_action_heartbeat)


def launched(group: Any, state: Any) -> None:
    """An instance was launched: into service, or to wait for the group's hooks."""
    waiting = _hooks(group, LAUNCHING)
    if not waiting:
        _in_service(state)
        return
    state.lifecycle_state = "Pending:Wait"
    state.activity["StatusCode"] = "MidLifecycleAction"
    for hook in waiting:
        _begin(group, hook, state)


def leaving(group: Any, states: list[Any]) -> bool:
    """Instances are taken out of service: whether they wait for the group's hooks instead of going at once."""
    waiting = _hooks(group, TERMINATING)
    for state in states if waiting else []:
        state.lifecycle_state = "Terminating:Wait"
        for hook in waiting:
            _begin(group, hook, state)
    return bool(waiting)


def _hooks(group: Any, transition: str) -> list[Any]:
    kept = group.autoscaling_backend.describe_lifecycle_hooks(group.name)
    return [hook for hook in kept if hook.lifecycle_transition == transition]


def _begin(group: Any, hook: Any, state: Any) -> None:
    now = clock.now()
    token = str(mock_random.uuid4())
    longest = min(LONGEST_SECONDS, 100 * hook.heartbeat_timeout)
    action = Action(group, hook, state, token, now + hook.heartbeat_timeout, now + longest)
    _actions(group.autoscaling_backend)[token] = action
    _waited_for(state)[token] = action
    clock.at(action.deadline, partial(_expire, action))
    # Told from the clock: whoever listens may complete the action, and the group may not be registered yet.
    clock.after(0, partial(_tell, action))


def _tell(action: Action) -> None:
    backend = action.group.autoscaling_backend
    if action.token in _actions(backend):
        signal = launch_hook if action.hook.lifecycle_transition == LAUNCHING else termination_hook
        signal.send(
            None,
            account_id=backend.account_id,
            region=backend.region_name,
            group_name=action.group.name,
            hook_name=action.hook.name,
            token=action.token,
            instance_id=action.state.instance_id,
        )


def _expire(action: Action) -> None:
    open_actions = _actions(action.group.autoscaling_backend)
    if action.token in open_actions and clock.now() >= action.deadline:
        _complete(action, action.hook.default_result, "Heartbeat Timeout")


def _complete(action: Action, result: str, why: str) -> None:
    _close(action)
    if action.state not in action.group.instance_states:
        return
    if action.hook.lifecycle_transition == TERMINATING:
        _let_go(action, result)
    elif result == "ABANDON":
        _abandon(action, why)
    elif not _waited_for(action.state):
        _in_service(action.state)
        action.group.autoscaling_backend.update_attached_target_groups(action.group.name)


def _let_go(action: Action, result: str) -> None:
    """It is ended however the hook was completed; ABANDON skips the hooks that are left."""
    if result == "ABANDON":
        forget(action.group, action.state)
    if not _waited_for(action.state):
        action.group.instance_states.remove(action.state)
        action.group.ec2_backend.terminate_instances([action.state.instance_id])


def _in_service(state: Any) -> None:
    state.lifecycle_state = "InService"
    state.in_service_since = clock.now()
    activities.finish(state.activity, "Successful")


def _abandon(action: Action, why: str) -> None:
    group, state = action.group, action.state
    forget(group, state)
    state.lifecycle_state = "Terminating"
    message = (
        "Instance failed to complete user's Lifecycle Action: "
        f"Lifecycle Action with token {action.token} was abandoned: {why}"
    )
    activities.finish(state.activity, "Cancelled", message)
    group.__dict__.setdefault("abandoned", []).append((clock.now(), state.instance_id, action.hook.name))
    group.ec2_backend.terminate_instances([state.instance_id])
    clock.after(TERMINATE_SECONDS, partial(_gone, group, state))


def _gone(group: Any, state: Any) -> None:
    if state in group.instance_states:
        group.instance_states.remove(state)
        reconcile(group)


def forget(group: Any, state: Any = None) -> None:
    """Drop the actions of one instance, or of the whole group."""
    known = _actions(group.autoscaling_backend) if state is None else _waited_for(state)
    for action in list(known.values()):
        if action.group is group:
            _close(action)


def _close(action: Action) -> None:
    del _actions(action.group.autoscaling_backend)[action.token]
    del _waited_for(action.state)[action.token]


def _waited_for(state: Any) -> dict[str, Action]:
    """The open actions of one instance."""
    found: dict[str, Action] = state.__dict__.setdefault("open_actions", {})
    return found


def _actions(backend: Any) -> dict[str, Action]:
    return backend.__dict__.setdefault("lifecycle_actions", {})


def complete(
    self: Any, group_name: str, hook_name: str, token: str | None, result: str, instance_id: str | None = None
) -> None:
    """End one hook of one instance, named by token or by instance: CONTINUE or ABANDON."""
    if result not in ("CONTINUE", "ABANDON"):
        raise ValidationError(f"Invalid lifecycle action result: {result}. Valid results are CONTINUE and ABANDON.")
    action = _find(self, group_name, hook_name, token, instance_id)
    _complete(action, result, f"Lifecycle Action Completed with {result} Result")


def keep_waiting(self: Any, group_name: str, hook_name: str, token: str | None, instance_id: str | None = None) -> None:
    """Let the wait begin anew, within the longest wait there is."""
    action = _find(self, group_name, hook_name, token, instance_id)
    action.deadline = min(clock.now() + action.hook.heartbeat_timeout, action.latest)
    clock.at(action.deadline, partial(_expire, action))


def _find(backend: Any, group_name: str, hook_name: str, token: str | None, instance_id: str | None) -> Action:
    find_group(backend, group_name)
    known = _actions(backend)
    for action in [known[token]] if token in known else list(known.values()):
        right = action.token == token if token else action.state.instance_id == instance_id
        if right and (action.group.name, action.hook.name) == (group_name, hook_name):
            return action
    what = f"token {token}" if token else f"instance ID {instance_id}"
    raise ValidationError(f"No active Lifecycle Action found with {what}")


def complete_lifecycle_action(self: Any) -> ActionResult:
    """CompleteLifecycleAction."""
    self.autoscaling_backend.complete_lifecycle_action(
        self._get_param("AutoScalingGroupName"),
        self._get_param("LifecycleHookName"),
        self._get_param("LifecycleActionToken"),
        self._get_param("LifecycleActionResult"),
        self._get_param("InstanceId"),
    )
    return EmptyResult()


def record_lifecycle_action_heartbeat(self: Any) -> ActionResult:
    """RecordLifecycleActionHeartbeat."""
    self.autoscaling_backend.record_lifecycle_action_heartbeat(
        self._get_param("AutoScalingGroupName"),
        self._get_param("LifecycleHookName"),
        self._get_param("LifecycleActionToken"),
        self._get_param("InstanceId"),
    )
    return EmptyResult()


def _put_lifecycle_hook(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    name = self._get_param("LifecycleHookName")
    known = self.autoscaling_backend.lifecycle_hooks.get(f"{group.name}_{name}")
    transition = self._get_param("LifecycleTransition") or (known and known.lifecycle_transition)
    if transition not in (LAUNCHING, TERMINATING):
        raise ValidationError(f"Lifecycle transition {transition} is not valid: use {LAUNCHING} or {TERMINATING}")
    timeout = self._get_int_param("HeartbeatTimeout")
    if timeout is not None and not 30 <= timeout <= 7200:
        raise ValidationError("Heartbeat timeout must be between 30 and 7200 seconds")
    if self._get_param("DefaultResult") not in (None, "CONTINUE", "ABANDON"):
        raise ValidationError("Default result must be CONTINUE or ABANDON")
    answer = original(self)
    _keep(self, group.name, name, known)
    return answer


def _describe_lifecycle_hooks(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    return original(self)


def _keep(response: Any, group_name: str, name: str, known: Any) -> None:
    """What is not given stays as it was; moto takes its defaults again and invents a role and a queue."""
    hook = response.autoscaling_backend.lifecycle_hooks[f"{group_name}_{name}"]
    members = {
        "LifecycleTransition": "lifecycle_transition",
        "HeartbeatTimeout": "heartbeat_timeout",
        "DefaultResult": "default_result",
        "RoleARN": "role_arn",
        "NotificationTargetARN": "notification_target_arn",
        "NotificationMetadata": "notification_metadata",
    }
    for member, attribute in members.items():
        given = response._get_param(member)
        if given is not None:
            setattr(hook, attribute, int(given) if member == "HeartbeatTimeout" else given)
        elif known is not None:
            setattr(hook, attribute, getattr(known, attribute, None))


def _create_lifecycle_hook(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    hook = original(self, *args, **kwargs)
    hook.role_arn = hook.notification_target_arn = hook.notification_metadata = None
    hook.heartbeat_timeout = int(hook.heartbeat_timeout)
    hook.global_timeout = min(LONGEST_SECONDS, 100 * hook.heartbeat_timeout)
    return hook


def _delete_lifecycle_hook(original: Callable[..., None], self: Any, as_name: str, name: str) -> None:
    """Instances that wait for the hook are given up, as when the hook is completed with ABANDON."""
    find_group(self, as_name)
    if f"{as_name}_{name}" not in self.lifecycle_hooks:
        raise ValidationError(f"No Lifecycle Hook found with name {name}")
    original(self, as_name, name)
    for action in list(_actions(self).values()):
        if action.group.name == as_name and action.hook.name == name:
            _complete(action, "ABANDON", "Lifecycle Hook Deleted")
