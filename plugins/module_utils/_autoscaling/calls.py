# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of Auto Scaling about groups and their instance refreshes. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import (
    is_boto3_error_code,
    is_boto3_error_message,
)

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import DENIED, Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "autoscaling"
LEAVING = ("Terminating", "Terminated", "Detaching", "Detached")  # lifecycle states begin with one of these
RUNNING = (
    "Pending",
    "InProgress",
    "Cancelling",
    "RollbackInProgress",
    "Baking",
)  # statuses of a refresh that is not over
PAGE = 50  # instances, and names of groups, in one question
NEWEST = 10  # refreshes looked at; the one that runs is the newest
IN_PROGRESS = "InstanceRefreshInProgress"
IRREVERSIBLE = "IrreversibleInstanceRefresh"
NONE_ACTIVE = "ActiveInstanceRefreshNotFound"
UNCHECKED = "slipway:unchecked"  # tag of a group: the version of its launch template that a check has still to pass
NO_TEMPLATE = (
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.VersionNotFound",
    "InvalidLaunchTemplateName.NotFoundException",
)


def find_group(aws: Connection, name: str) -> Shape | None:
    """The group with its instances; None when there is none."""
    found = aws.client(SERVICE).describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def read_groups(aws: Connection, names: list[str]) -> dict[str, Shape]:
    """The groups of these names that exist, by name."""
    found: dict[str, Shape] = {}
    for start in range(0, len(names), PAGE):
        asked: Shape = {"AutoScalingGroupNames": names[start : start + PAGE]}
        groups = items(aws, SERVICE, "describe_auto_scaling_groups", "AutoScalingGroups", **asked)
        found.update({one["AutoScalingGroupName"]: one for one in groups})
    return found


def hooks_of(aws: Connection, name: str) -> list[str] | None:
    """Names of the lifecycle hooks of a group; None when there is no such group."""
    try:
        answer = aws.client(SERVICE).describe_lifecycle_hooks(AutoScalingGroupName=name)
    except is_boto3_error_message("not found"):
        return None
    return [one["LifecycleHookName"] for one in answer["LifecycleHooks"]]


def warm_pool(aws: Connection, name: str) -> list[Shape]:
    """The instances in the warm pool of a group."""
    return items(aws, SERVICE, "describe_warm_pool", "Instances", AutoScalingGroupName=name)


def lifecycle_states(aws: Connection, ids: list[str]) -> dict[str, str]:
    """The states of instances in their groups, those in warm pools too. One call per 50."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), PAGE):
        asked = {"InstanceIds": ids[start : start + PAGE]}
        answer = aws.client(SERVICE).describe_auto_scaling_instances(**asked)
        found.update({one["InstanceId"]: one["LifecycleState"] for one in answer["AutoScalingInstances"]})
    return found


def members(group: Shape) -> list[Shape]:
    """The instances of a group that are not about to leave."""
    return [one for one in group["Instances"] if not one["LifecycleState"].startswith(LEAVING)]


def read_template(aws: Connection, specification: Shape) -> Shape:
    """The version of a launch template that a group's specification stands for at present, `$Latest` and `$Default` resolved."""
    name = "LaunchTemplateId" if specification.get("LaunchTemplateId") else "LaunchTemplateName"
    version = specification.get("Version") or "$Default"
    asked = {name: specification[name], "Versions": [version]}
    try:
        found: Shape = aws.client("ec2").describe_launch_template_versions(**asked)["LaunchTemplateVersions"][0]
    except is_boto3_error_code(NO_TEMPLATE) as problem:
        text = f"its launch template {specification[name]} has no version {version}, or no longer exists, so nothing can be launched"
        raise Refused(f"{text}. Set a launch template that exists for the group.") from problem
    return found


def image_of_configuration(aws: Connection, name: str) -> str | None:
    """The AMI of a launch configuration."""
    asked = {"LaunchConfigurationNames": [name]}
    found = aws.client(SERVICE).describe_launch_configurations(**asked)["LaunchConfigurations"]
    return found[0]["ImageId"] if found else None


def latest_refreshes(aws: Connection, name: str) -> list[Shape]:
    """The newest refreshes of a group, newest first; none of a group that is gone."""
    asked = {"AutoScalingGroupName": name, "MaxRecords": NEWEST}
    try:
        return list(aws.client(SERVICE).describe_instance_refreshes(**asked)["InstanceRefreshes"])
    except is_boto3_error_message("not found"):
        return []


def running_refresh(aws: Connection, name: str) -> Shape | None:
    """The refresh of a group that is not over; there is one at most."""
    return next((one for one in latest_refreshes(aws, name) if one["Status"] in RUNNING), None)


def refreshes(aws: Connection, groups: t.Iterable[str]) -> list[Shape]:
    """Instance refreshes that run on Auto Scaling groups: name, id, status, percentage."""
    running = [one for one in (running_refresh(aws, name) for name in groups) if one]
    kept = ("AutoScalingGroupName", "InstanceRefreshId", "Status", "PercentageComplete", "StartTime")
    return [{key[0].lower() + key[1:]: one.get(key) for key in kept} for one in running]


def read_refresh(aws: Connection, name: str, refresh_id: str) -> Shape | None:
    """One refresh; None while AWS does not list it yet."""
    asked = {"AutoScalingGroupName": name, "InstanceRefreshIds": [refresh_id]}
    found = aws.client(SERVICE).describe_instance_refreshes(**asked)["InstanceRefreshes"]
    return found[0] if found else None


def start_refresh(aws: Connection, name: str, preferences: Shape, desired: Shape | None = None) -> str:
    """Start a refresh and return its id. Sent once: it has no token, and a second one would roll every host again."""
    asked: Shape = {"AutoScalingGroupName": name, "Preferences": preferences}
    if desired:
        asked["DesiredConfiguration"] = desired
    return str(aws.client(SERVICE, once=True).start_instance_refresh(**asked)["InstanceRefreshId"])


def cancel_refresh(aws: Connection, name: str) -> bool:
    """Ask AWS to replace no more hosts; False when nothing was in flight any more. Harmless to repeat."""
    try:
        aws.client(SERVICE).cancel_instance_refresh(AutoScalingGroupName=name)
    except is_boto3_error_code(NONE_ACTIVE):
        return False
    return True


def roll_back_refresh(aws: Connection, name: str) -> bool:
    """Ask AWS to return every host to what it was; False when nothing can be rolled back any more. Harmless to repeat."""
    try:
        aws.client(SERVICE).rollback_instance_refresh(AutoScalingGroupName=name)
    except is_boto3_error_code(NONE_ACTIVE):
        return False
    return True


def unchecked(group: Shape) -> str:
    """What the tag says; empty where there is none."""
    return next((str(one.get("Value")) for one in group.get("Tags") or [] if one["Key"] == UNCHECKED), "")


def mark_unchecked(aws: Connection, name: str, version: str) -> None:
    tag = {"Key": UNCHECKED, "Value": version, "PropagateAtLaunch": False}
    aws.client(SERVICE).create_or_update_tags(Tags=[{**_tagged(name), **tag}])


def mark_checked(aws: Connection, name: str) -> None:
    aws.client(SERVICE).delete_tags(Tags=[{**_tagged(name), "Key": UNCHECKED}])


def _tagged(name: str) -> Shape:
    return {"ResourceId": name, "ResourceType": "auto-scaling-group"}


def failed_health_checks(aws: Connection, name: str, since: datetime.datetime) -> list[str]:
    """The causes of the group's activities since then that ended hosts for their health, newest first."""
    answer = aws.client(SERVICE).describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=100)
    causes = (one.get("Cause") or "" for one in answer["Activities"] if one["StartTime"] >= since)
    return [one for one in causes if "health check" in one]


def last_failed_activity(aws: Connection, name: str, since: datetime.datetime) -> str | None:
    """What the newest scaling activity that failed since then says; None too where the caller may not ask."""
    try:
        answer = aws.client(SERVICE).describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=50)
    except is_boto3_error_code(DENIED):
        return None
    failed = (
        one
        for one in answer["Activities"]
        if one["StartTime"] >= since and one["StatusCode"] in ("Failed", "Cancelled")
    )
    return next((one["StatusMessage"] for one in failed if one.get("StatusMessage")), None)
