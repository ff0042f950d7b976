# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an Auto Scaling group has beside its own members, and a copy of it has not. Private to this collection.

Settings are lists of API-shaped items by kind. One member names an item; an item of this name is never changed.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import SERVICE, find_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, Shape, given, option_name

Settings = dict[str, list[Shape]]

OURS = "CodeDeploy-managed-"  # hooks of CodeDeploy itself, which puts its own on a copy
WARM_POOL = "warm pool"  # a group has one, and it has no name
# The member that names an item. In the order in which they are added: what can launch hosts comes last.
NAMED = {
    "lifecycleHooks": "LifecycleHookName",
    "notificationConfigurations": "TopicARN",
    "metrics": "Metric",
    "groupTags": "Key",
    "suspendedProcesses": "ProcessName",
    "warmPool": WARM_POOL,
    "scheduledActions": "ScheduledActionName",
    "scalingPolicies": "PolicyName",
}
COPIED = ("groupTags", "suspendedProcesses")  # a copy has them, or gets them otherwise
BY_ALARM = ("SimpleScaling", "StepScaling")  # of the other types AWS makes the alarms itself


def read(aws: Connection, group: Shape) -> Settings:
    """The settings of a group that is known. Four calls."""
    name = group["AutoScalingGroupName"]
    return {**_of_group(group), **{kind: call(aws, name) for kind, call in CALLS.items()}}


def read_named(aws: Connection, name: str) -> Settings:
    """The settings of a group that has to exist."""
    group = find_group(aws, name)
    if group is None:
        raise Refused("there is no Auto Scaling group of this name in this Region. Correct name or region.")
    return read(aws, group)


def _of_group(group: Shape) -> Settings:
    pool = group.get("WarmPoolConfiguration") or {}
    tags = [one for one in group.get("Tags") or [] if not one["Key"].startswith("aws:")]
    return {
        "metrics": group.get("EnabledMetrics") or [],
        "groupTags": [{key: one.get(key) for key in ("Key", "Value", "PropagateAtLaunch")} for one in tags],
        "suspendedProcesses": group.get("SuspendedProcesses") or [],
        "warmPool": [pool] if pool and pool.get("Status") != "PendingDelete" else [],
    }


def _hooks(aws: Connection, name: str) -> list[Shape]:
    found = aws.client(SERVICE).describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"]
    return [one for one in found if not one["LifecycleHookName"].startswith(OURS)]


def _policies(aws: Connection, name: str) -> list[Shape]:
    return items(aws, SERVICE, "describe_policies", "ScalingPolicies", AutoScalingGroupName=name)


def _actions(aws: Connection, name: str) -> list[Shape]:
    listed = "ScheduledUpdateGroupActions"
    return items(aws, SERVICE, "describe_scheduled_actions", listed, AutoScalingGroupName=name)


def _notifications(aws: Connection, name: str) -> list[Shape]:
    """AWS lists every type of a topic by itself."""
    listed = "NotificationConfigurations"
    types: dict[str, list[str]] = {}
    for one in items(aws, SERVICE, "describe_notification_configurations", listed, AutoScalingGroupNames=[name]):
        types.setdefault(one["TopicARN"], []).append(one["NotificationType"])
    return [{"TopicARN": topic, "NotificationTypes": kinds} for topic, kinds in types.items()]


CALLS: dict[str, t.Callable[[Connection, str], list[Shape]]] = {
    "lifecycleHooks": _hooks,
    "notificationConfigurations": _notifications,
    "scheduledActions": _actions,
    "scalingPolicies": _policies,
}


def left_behind(aws: Connection, name: str) -> Shape:
    """Names of what the group has and a copy has not, by kind; kinds of which it has none are left out, and what may not be read is None.

    A plan is not worth failing over one of them.
    """
    group = if_readable(lambda: find_group(aws, name)) or {}
    read_by = {kind: if_readable(lambda call=call: call(aws, name)) for kind, call in CALLS.items()}  # type: ignore[misc]
    of_group = {kind: found for kind, found in _of_group(group).items() if kind not in COPIED}
    told = {kind: found if found is None else names(kind, found) for kind, found in {**read_by, **of_group}.items()}
    return {kind: found for kind, found in told.items() if found or found is None}


def names(kind: str, found: list[Shape]) -> list[str]:
    return sorted(str(one.get(NAMED[kind], WARM_POOL)) for one in found)


def from_options(options: Shape) -> Settings:
    """Settings as a result tells them, to the API's spelling."""
    wanted = given(options)
    return {kind: [_to_api(one) for one in wanted.get(option_name(kind)) or []] for kind in NAMED}


def _to_api(item: Shape) -> Shape:
    found: Shape = snake_dict_to_camel_dict(item, capitalize_first=True)
    return {key[:-3] + "ARN" if key.endswith("Arn") else key: value for key, value in found.items()}


def missing(wanted: Settings, live: Settings) -> Settings:
    """What a group has to get: items of names that it has not. Kinds of which it lacks nothing are left out."""
    wanted = {**wanted, "scheduledActions": list(_to_come(wanted["scheduledActions"]))}
    lacking = {
        kind: [one for one in wanted[kind] if not set(names(kind, [one])) & set(names(kind, live[kind]))]
        for kind in NAMED
    }
    return {kind: found for kind, found in lacking.items() if found}


def _to_come(actions: list[Shape]) -> t.Iterator[Shape]:
    """AWS takes no time that has passed, and an action that was for such a time is done."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for action in actions:
        begun, over = (_moment(action.get(member), now) <= now for member in ("StartTime", "EndTime"))
        if not over and (action.get("Recurrence") or not begun):
            yield {key: value for key, value in action.items() if key != "Time" and not (begun and key == "StartTime")}


def _moment(value: t.Any, now: datetime.datetime) -> datetime.datetime:
    if not value:
        return now + datetime.timedelta(days=1)
    found = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)


def add(aws: Connection, name: str, kind: str, wanted: list[Shape]) -> list[str]:
    """Give the group items of one kind that it lacks. What is left to the user is returned in words."""
    client, listed = aws.client(SERVICE), names(kind, wanted)
    if kind == "metrics":
        client.enable_metrics_collection(AutoScalingGroupName=name, Metrics=listed, Granularity="1Minute")
    elif kind == "suspendedProcesses":
        client.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=listed)
    elif kind == "groupTags":
        owner = {"ResourceId": name, "ResourceType": "auto-scaling-group"}
        client.create_or_update_tags(Tags=[{**owner, **one} for one in wanted])
    else:
        return [said for one in wanted for said in _put(client, name, kind, one)]
    return []


PUTS = {
    "lifecycleHooks": "put_lifecycle_hook",
    "notificationConfigurations": "put_notification_configuration",
    "warmPool": "put_warm_pool",
    "scheduledActions": "put_scheduled_update_group_action",
    "scalingPolicies": "put_scaling_policy",
}


def _put(client: t.Any, name: str, kind: str, item: Shape) -> t.Iterator[str]:
    """With the members that AWS takes; what it reads back has more."""
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[PUTS[kind]])
    taken = {key: value for key, value in item.items() if key in operation.input_shape.members and value not in EMPTY}
    answer = getattr(client, PUTS[kind])(**{**taken, "AutoScalingGroupName": name})
    alarms = [one.get("AlarmName") for one in item.get("Alarms") or []]
    if kind == "scalingPolicies" and alarms and item.get("PolicyType") in BY_ALARM:
        text = f"The scaling policy {item['PolicyName']} was called by the alarms {', '.join(map(str, alarms))}, which name it by its ARN"
        yield f"{text}. Set {answer['PolicyARN']} in their actions, and the group {name} in their dimensions."
