# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no deployment group can be: combinations that AWS refuses, told before any call. Private to this collection.

The rules read a group in the shape of `groups.group_shape`. A member that is not there is not known, and
no rule speaks of it: so they judge the options of a task alone, and later the group that would come of them.
Quotas that AWS raises on request (alarms) are left to AWS.
"""

from __future__ import annotations

import collections.abc as c
import re

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.applications import find_application
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import want
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_platforms import (
    platform,
    platform_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import PLATFORM, find_deployment_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable, refuse
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, option_name, overlay

Problems = c.Iterator[str]
NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,100}")
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?")
MOST = 10  # Auto Scaling groups, triggers, tags in a list, load balancers of a kind
MOST_SETS = 3
TAG_KEY, TAG_VALUE, ALARM_NAME = 128, 256, 255  # characters
LONGEST_WAIT = 2880  # minutes
# What a group has that nobody gave anything: then nothing is left that is not known.
BARE: Shape = {
    "autoScalingGroups": [],
    "loadBalancerInfo": {},
    "ecsServices": [],
    "blueGreenDeploymentConfiguration": {},
    "alarmConfiguration": {"alarms": []},
    "autoRollbackConfiguration": {"events": []},
}


def find_possible_group(aws: Connection, params: Shape) -> Shape | None:
    """The live group. Raises Refused for options that AWS refuses, alone or with what the group has already.

    What is wrong with the live group itself is not for this task to say: AWS took it, or it was there before a rule.
    """
    wanted = given(want(params)) if params["state"] == "present" else {}
    refuse(problems(wanted))
    live = find_deployment_group(aws, params)
    if wanted:
        wanted = given(want(params))  # the live group may tell which fleet the task means
        before = set(problems(overlay(BARE, live))) if live else set()
        after = overlay(overlay(BARE, live or _of_application(aws, params)), wanted)
        aws.noted[PLATFORM] = platform(after)
        refuse(problem for problem in problems(after) if problem not in before)
    return live


def _of_application(aws: Connection, params: Shape) -> Shape:
    """What a new group has of its application, if that is there and can be read."""
    application = if_readable(lambda: find_application(aws, {"name": params["application_name"], "tags": None})) or {}
    return {PLATFORM: application[PLATFORM]} if application.get(PLATFORM) else {}


def problems(group: Shape) -> Problems:
    """Why AWS would refuse a group."""
    for rule in (_identity, _selection, _scaling, _triggers, _alarms, _style, _load_balancers, _blue_green):
        yield from rule(group)
    yield from platform_problems(group)


def _identity(group: Shape) -> Problems:
    name, role = group.get("deploymentGroupName"), group.get("serviceRoleArn")
    if name is not None and not NAME.fullmatch(name):
        yield f"name {name!r} is not 1 to 100 letters, digits or any of +=,.@_-"
    if role is not None and not ROLE.fullmatch(role):
        yield f"service_role_arn {role!r} is not the ARN of an IAM role"


def _selection(group: Shape) -> Problems:
    for flat, grouped in (("ec2TagFilters", "ec2TagSet"), ("onPremisesInstanceTagFilters", "onPremisesTagSet")):
        sets = (group.get(grouped) or {}).get(f"{grouped}List") or []
        if sets and group.get(flat):
            yield f"{option_name(flat)} and {option_name(grouped)} exclude each other; use one of them"
        if len(sets) > MOST_SETS:
            yield f"{option_name(grouped)} has {len(sets)} lists of tags; AWS allows at most {MOST_SETS}"
        for one, option in (
            (group.get(flat) or [], option_name(flat)),
            *((each, option_name(grouped)) for each in sets),
        ):
            if len(one) > MOST:
                yield f"{option} has a list of {len(one)} tags; AWS allows at most {MOST}"
            for tag in one:
                yield from _tag(tag, option)


def _tag(tag: Shape, option: str) -> Problems:
    key, value, kind = tag.get("Key", ""), tag.get("Value", ""), tag.get("Type")
    if not key and kind != "VALUE_ONLY":
        yield f"{option} has a filter of type {kind} without key"
    if not value and kind == "VALUE_ONLY":
        yield f"{option} has a filter of type {kind} without value"
    if len(key) > TAG_KEY or len(value) > TAG_VALUE:
        yield f"{option} has a key of more than {TAG_KEY} or a value of more than {TAG_VALUE} characters"


def _scaling(group: Shape) -> Problems:
    yield from _listed(group.get("autoScalingGroups") or [], "auto_scaling_groups")
    processes = (group.get("ec2DeploymentOptions") or {}).get("autoScalingGroupProcessesToSuspend") or []
    yield from _listed(processes, "ec2_deployment_options.auto_scaling_group_processes_to_suspend")


def _listed(names: list[str], option: str) -> Problems:
    if len(names) > MOST:
        yield f"{option} has {len(names)} entries; AWS allows at most {MOST}"
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        yield f"{option} contains {', '.join(twice)} more than once"


def _triggers(group: Shape) -> Problems:
    triggers = group.get("triggerConfigurations") or []
    yield from _listed([trigger.get("triggerName", "") for trigger in triggers], "trigger_configurations")
    for trigger in triggers:
        name, topic = trigger.get("triggerName"), trigger.get("triggerTargetArn", "")
        if not name:
            yield "a trigger of trigger_configurations has no trigger_name"
        if not TOPIC.fullmatch(topic):
            yield f"trigger_target_arn {topic!r} of the trigger {name} is not the ARN of an SNS topic"
        if not trigger.get("triggerEvents"):
            yield f"the trigger {name} has no trigger_events"


def _alarms(group: Shape) -> Problems:
    alarms, rollback = group.get("alarmConfiguration") or {}, group.get("autoRollbackConfiguration") or {}
    names = [alarm.get("name") or "" for alarm in alarms.get("alarms") or []]
    if alarms.get("enabled") and alarms.get("alarms") == []:
        yield "alarm_configuration is enabled but has no alarms"
    if any(not 0 < len(name) <= ALARM_NAME for name in names):
        yield f"alarm_configuration has an alarm whose name is not 1 to {ALARM_NAME} characters long"
    yield from (text for text in _listed(names, "alarm_configuration.alarms") if "more than once" in text)
    if rollback.get("enabled") and rollback.get("events") == []:
        yield "auto_rollback_configuration is enabled but has no events"


def _style(group: Shape) -> Problems:
    """Lambda has traffic control without a load balancer of its own."""
    style, balancers = group.get("deploymentStyle") or {}, group.get("loadBalancerInfo")
    controlled = style.get("deploymentOption") == "WITH_TRAFFIC_CONTROL"
    if controlled and platform(group) in ("Server", "ECS") and balancers is not None and not any(balancers.values()):
        yield "deployment_style.deployment_option WITH_TRAFFIC_CONTROL needs load_balancer_info"


def _load_balancers(group: Shape) -> Problems:
    balancers = group.get("loadBalancerInfo") or {}
    for kind in ("elbInfoList", "targetGroupInfoList"):
        entries, option = balancers.get(kind) or [], f"load_balancer_info.{option_name(kind)}"
        yield from (text for text in _listed([each.get("name") for each in entries], option) if "at most" in text)
        if not all(each.get("name") for each in entries):
            yield f"{option} has an entry without name"


def _blue_green(group: Shape) -> Problems:
    block = group.get("blueGreenDeploymentConfiguration") or {}
    end = block.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    ready = block.get("deploymentReadyOption") or {}
    wait = end.get("terminationWaitTimeInMinutes") or 0
    if not 0 <= wait <= LONGEST_WAIT:
        yield f"termination_wait_time_in_minutes is not between 0 and {LONGEST_WAIT}"
    if wait and end.get("action") != "TERMINATE":
        yield "termination_wait_time_in_minutes needs the action TERMINATE"
    if (ready.get("waitTimeInMinutes") or 0) < 0:
        yield "wait_time_in_minutes is negative"
    if ready.get("waitTimeInMinutes") and ready.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        yield "wait_time_in_minutes needs action_on_timeout STOP_DEPLOYMENT"
    copied, groups = block.get("greenFleetProvisioningOption") or {}, group.get("autoScalingGroups")
    if copied.get("action") == "COPY_AUTO_SCALING_GROUP" and groups is not None and len(groups) != 1:
        yield f"COPY_AUTO_SCALING_GROUP needs exactly one of auto_scaling_groups, but there are {len(groups)}"
