# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What belongs to one group and goes with it: scaling policies, scheduled actions, notifications.

moto keeps policies and actions by their name alone, so two groups could not have one of the same name. Not built: a
scheduled action never runs, and nothing is sent to the topics of a notification configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeScalingPolicy
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult

from .._patching import put, wrap
from .shared import find_group, paged

PAGE = 50  # notification configurations in an answer, unless MaxRecords says otherwise


def extend() -> None:
    """Put the corrections onto moto's backend and responses."""
    FakeScalingPolicy.alarms = property(_alarms)  # type: ignore[attr-defined]
    wrap(AutoScalingBackend, "put_scaling_policy", _put_policy)
    wrap(AutoScalingBackend, "put_scheduled_update_group_action", _put_action)
    wrap(AutoScalingBackend, "delete_scheduled_action", _delete_action)
    wrap(AutoScalingBackend, "delete_auto_scaling_group", _delete_group)
    wrap(AutoScalingResponse, "put_scaling_policy", _put_scaling_policy)
    put(AutoScalingResponse, delete_policy, execute_policy)
    put(AutoScalingResponse, put_notification_configuration, describe_notification_configurations)
    put(AutoScalingResponse, delete_notification_configuration)


def _alarms(policy: Any) -> list[dict[str, str]]:
    """Those that call the policy."""
    backend = policy.autoscaling_backend
    known = cloudwatch_backends[backend.account_id][backend.region_name].alarms.values()
    return [{"AlarmName": a.name, "AlarmARN": a.alarm_arn} for a in known if policy.arn in (a.alarm_actions or [])]


def _put_policy(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    group = find_group(self, kwargs["as_name"])
    original(self, *args, **kwargs)
    policy = self.policies.pop(kwargs["name"])
    self.policies[f"{group.name}/{policy.name}"] = policy
    return policy


def _put_scaling_policy(original: Callable[..., Any], self: Any) -> ActionResult:
    """moto spells the member of the answer otherwise than the API, so that no client sees it."""
    return ActionResult({"PolicyARN": original(self).result["PolicyArn"]})


def _policy(response: Any) -> str:
    """The key of the policy that a request names by its ARN, or by its name and its group."""
    group, name = response._get_param("AutoScalingGroupName"), response._get_param("PolicyName")
    for key, policy in response.autoscaling_backend.policies.items():
        if name == policy.arn or (name == policy.name and group in (None, policy.auto_scaling_group_name)):
            return str(key)
    raise ValidationError(f"Group {group} does not have a policy named {name}")


def delete_policy(self: Any) -> ActionResult:
    """DeletePolicy."""
    self.autoscaling_backend.policies.pop(_policy(self))
    return EmptyResult()


def execute_policy(self: Any) -> ActionResult:
    """ExecutePolicy."""
    self.autoscaling_backend.execute_policy(_policy(self))
    return EmptyResult()


def _put_action(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    group = find_group(self, kwargs["name"])
    original(self, *args, **kwargs)
    action = self.scheduled_actions.pop(kwargs["scheduled_action_name"])
    self.scheduled_actions[f"{group.name}/{action.scheduled_action_name}"] = action
    return action


def _delete_action(
    original: Callable[..., None], self: Any, auto_scaling_group_name: str, scheduled_action_name: str
) -> None:
    if self.scheduled_actions.pop(f"{auto_scaling_group_name}/{scheduled_action_name}", None) is None:
        original(self, auto_scaling_group_name, scheduled_action_name)


def _delete_group(original: Callable[..., None], self: Any, group_name: str) -> None:
    original(self, group_name)
    for kept in (self.policies, self.scheduled_actions):
        for key in [key for key, one in kept.items() if one.auto_scaling_group_name == group_name]:
            kept.pop(key)


def _notifications(group: Any) -> dict[str, list[str]]:
    """The types that are told to each topic."""
    told: dict[str, list[str]] = group.__dict__.setdefault("notifications", {})
    return told


def put_notification_configuration(self: Any) -> ActionResult:
    """PutNotificationConfiguration: overwrites the types of the topic."""
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    _notifications(group)[self._get_param("TopicARN")] = self._get_param("NotificationTypes", [])
    return EmptyResult()


def describe_notification_configurations(self: Any) -> ActionResult:
    """DescribeNotificationConfigurations: an entry for each type of each topic."""
    groups = self.autoscaling_backend.autoscaling_groups
    asked = self._get_param("AutoScalingGroupNames", [])
    found = [
        {"AutoScalingGroupName": name, "TopicARN": topic, "NotificationType": kind}
        for name, group in groups.items()
        for topic, kinds in _notifications(group).items()
        for kind in kinds
        if not asked or name in asked
    ]
    page, token = paged(found, self._get_param("NextToken"), self._get_int_param("MaxRecords", PAGE))
    return ActionResult({"NotificationConfigurations": page, "NextToken": token})


def delete_notification_configuration(self: Any) -> ActionResult:
    """DeleteNotificationConfiguration."""
    group = find_group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    _notifications(group).pop(self._get_param("TopicARN"), None)
    return EmptyResult()
