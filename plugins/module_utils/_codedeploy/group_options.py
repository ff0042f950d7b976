# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a deployment group, and the shape they ask for. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import NO_ALARMS, NO_ROLLBACK, tag_filters
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import (
    Choice,
    Shape,
    Unordered,
    chosen,
    given,
    to_api,
)

NAMED = {"type": "list", "elements": "dict", "options": {"name": {"type": "str"}}}
ROUTE = {"type": "dict", "options": {"listener_arns": {"type": "list", "elements": "str"}}}
TAG_FILTERS: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "key": {"type": "str", "no_log": False},
        "value": {"type": "str"},
        "type": {"type": "str", "choices": ["KEY_ONLY", "VALUE_ONLY", "KEY_AND_VALUE"]},
    },
}
# The hosts that a blue/green deployment replaces those of the group by; of one deployment alone.
TARGETS_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "tag_filters": TAG_FILTERS,
        "ec2_tag_set": {"type": "dict", "options": {"ec2_tag_set_list": {"type": "list", "elements": "list"}}},
        "auto_scaling_groups": {"type": "list", "elements": "str"},
    },
    "mutually_exclusive": [("tag_filters", "ec2_tag_set")],
}
EVENTS = [f"Deployment{event}" for event in ("Start", "Success", "Failure", "Stop", "Rollback", "Ready")]
EVENTS += [f"Instance{event}" for event in ("Start", "Success", "Failure", "Ready")]
ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]

BLUE_GREEN_OPTIONS: dict[str, t.Any] = {
    "terminate_blue_instances_on_deployment_success": {
        "type": "dict",
        "options": {
            "action": {"type": "str", "choices": ["TERMINATE", "KEEP_ALIVE"]},
            "termination_wait_time_in_minutes": {"type": "int"},
        },
    },
    "deployment_ready_option": {
        "type": "dict",
        "options": {
            "action_on_timeout": {"type": "str", "choices": ["CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT"]},
            "wait_time_in_minutes": {"type": "int"},
        },
    },
    "green_fleet_provisioning_option": {
        "type": "dict",
        "options": {"action": {"type": "str", "choices": ["DISCOVER_EXISTING", "COPY_AUTO_SCALING_GROUP"]}},
    },
}
# Also what a deployment may say for itself alone.
ALARM_OPTIONS: dict[str, t.Any] = {
    "enabled": {"type": "bool"},
    "ignore_poll_alarm_failure": {"type": "bool"},
    "alarms": NAMED,
}
ROLLBACK_OPTIONS: dict[str, t.Any] = {
    "enabled": {"type": "bool"},
    "events": {"type": "list", "elements": "str", "choices": ROLLBACK_EVENTS},
}
EC2_OPTIONS: dict[str, t.Any] = {
    "auto_scaling_group_processes_to_suspend": {
        "type": "list",
        "elements": "str",
        "choices": ["Terminate", "AZRebalance", "InstanceRefresh", "ScheduledActions"],
    },
}
GROUP_OPTIONS: dict[str, t.Any] = {
    "service_role_arn": {"type": "str"},
    "deployment_config_name": {"type": "str"},
    "ec2_tag_filters": TAG_FILTERS,
    "ec2_tag_set": {"type": "dict", "options": {"ec2_tag_set_list": {"type": "list", "elements": "list"}}},
    "on_premises_instance_tag_filters": TAG_FILTERS,
    "on_premises_tag_set": {
        "type": "dict",
        "options": {"on_premises_tag_set_list": {"type": "list", "elements": "list"}},
    },
    "auto_scaling_groups": {"type": "list", "elements": "str"},
    "repair_launch_hooks": {"type": "bool", "default": False},
    "keep_copied_group": {"type": "bool", "default": True},
    "termination_hook_enabled": {"type": "bool"},
    "outdated_instances_strategy": {"type": "str", "choices": ["UPDATE", "IGNORE"]},
    "deployment_style": {
        "type": "dict",
        "options": {
            "deployment_type": {"type": "str", "choices": ["IN_PLACE", "BLUE_GREEN"]},
            "deployment_option": {"type": "str", "choices": ["WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL"]},
        },
    },
    "load_balancer_info": {
        "type": "dict",
        "options": {
            "elb_info_list": NAMED,
            "target_group_info_list": NAMED,
            "target_group_pair_info_list": {
                "type": "list",
                "elements": "dict",
                "options": {"target_groups": NAMED, "prod_traffic_route": ROUTE, "test_traffic_route": ROUTE},
            },
        },
    },
    "blue_green_deployment_configuration": {"type": "dict", "options": BLUE_GREEN_OPTIONS},
    "ecs_services": {
        "type": "list",
        "elements": "dict",
        "options": {"service_name": {"type": "str"}, "cluster_name": {"type": "str"}},
    },
    "alarm_configuration": {"type": "dict", "options": ALARM_OPTIONS},
    "auto_rollback_configuration": {"type": "dict", "options": ROLLBACK_OPTIONS},
    "trigger_configurations": {
        "type": "list",
        "elements": "dict",
        "options": {
            "trigger_name": {"type": "str"},
            "trigger_target_arn": {"type": "str"},
            "trigger_events": {"type": "list", "elements": "str", "choices": EVENTS},
        },
    },
    "ec2_deployment_options": {"type": "dict", "options": EC2_OPTIONS},
}
# Blocks that are one value each, with what AWS takes for a member that is left out.
LISTENERS: Shape = {"listenerArns": None}
PAIR: Shape = {"targetGroups": None, "prodTrafficRoute": LISTENERS, "testTrafficRoute": LISTENERS}
LOAD_BALANCERS: Shape = {"elbInfoList": None, "targetGroupInfoList": None, "targetGroupPairInfoList": None}
BLUE_GREEN: Shape = {
    "terminateBlueInstancesOnDeploymentSuccess": {"action": None, "terminationWaitTimeInMinutes": 0},
    "deploymentReadyOption": {"actionOnTimeout": None, "waitTimeInMinutes": 0},
    "greenFleetProvisioningOption": {"action": None},
}


def want(params: Shape) -> Shape:
    """The group the options ask for, in the shape of `groups.group_shape`."""
    return {
        "applicationName": params["application_name"],
        "deploymentGroupName": params["name"],
        "serviceRoleArn": params["service_role_arn"],
        "deploymentConfigName": params["deployment_config_name"],
        **_selection(params, "ec2TagFilters", "ec2_tag_filters", "ec2TagSet", "ec2_tag_set"),
        **_selection(
            params,
            "onPremisesInstanceTagFilters",
            "on_premises_instance_tag_filters",
            "onPremisesTagSet",
            "on_premises_tag_set",
        ),
        "autoScalingGroups": _unordered(params["auto_scaling_groups"]),
        **({"lostLaunchHooks": Unordered()} if params["repair_launch_hooks"] else {}),  # no member of the API
        "terminationHookEnabled": params["termination_hook_enabled"],
        "outdatedInstancesStrategy": params["outdated_instances_strategy"],
        "deploymentStyle": to_api(params["deployment_style"]) or None,  # there is no group without one
        "loadBalancerInfo": _load_balancer(params["load_balancer_info"]),
        "blueGreenDeploymentConfiguration": _blue_green(params["blue_green_deployment_configuration"]),
        "ecsServices": _unordered(to_api(params["ecs_services"])),
        "alarmConfiguration": switched(params["alarm_configuration"], "alarms", NO_ALARMS),
        "autoRollbackConfiguration": _rollback(params["auto_rollback_configuration"]),
        "triggerConfigurations": _triggers(params["trigger_configurations"]),
        "ec2DeploymentOptions": _processes(params["ec2_deployment_options"]),
        "tags": params["tags"],
    }


def switched(options: Shape | None, listed: str, off: Shape) -> Shape | None:
    """A block that is on when it lists something; an empty one is the block switched off, which is how AWS clears it."""
    if options is None:
        return None
    block = to_api(options)
    if not block:
        return {**off, listed: Unordered()}
    items = block.get(listed)
    on = block.get("enabled", bool(items) if items is not None else None)
    return given({**block, "enabled": on, listed: _unordered(items)})


def _rollback(options: Shape | None) -> Shape | None:
    """AWS forgets the events of a rollback that is switched off."""
    block = switched(options, "events", NO_ROLLBACK)
    return {**block, "events": Unordered()} if block and block.get("enabled") is False else block


def _selection(params: Shape, filters: str, filters_option: str, tag_set: str, set_option: str) -> Shape:
    """Filters and tag set exclude each other, so giving one clears the other."""
    flat, grouped = params[filters_option], params[set_option]
    lists: t.Optional[t.List[t.Any]] = None if grouped is None else next(iter(given(grouped).values()), [])
    asked_set = None if lists is None else _tag_set(f"{tag_set}List", lists, set_option)
    return {
        filters: [] if flat is None and lists else tag_filters(flat),
        tag_set: {} if asked_set is None and flat else asked_set,
    }


def _tag_set(member: str, lists: list[list[t.Any]], option: str) -> Shape:
    return (
        {member: Unordered(tag_filters([_filter(each, option) for each in one]) or [] for one in lists)}
        if lists
        else {}
    )


def target_instances(options: Shape) -> Shape:
    """The member of CreateDeployment."""
    sets = (options.get("ec2_tag_set") or {}).get("ec2_tag_set_list") or []
    found = {
        "tagFilters": list(tag_filters(options.get("tag_filters")) or []),
        "ec2TagSet": _tag_set("ec2TagSetList", sets, "target_instances.ec2_tag_set"),
        "autoScalingGroups": options.get("auto_scaling_groups"),
    }
    return {name: value for name, value in found.items() if value}


def _filter(given_filter: t.Any, option: str) -> Shape:
    """One filter of a list of lists, which an argument spec cannot describe."""
    known = TAG_FILTERS["options"]
    if not isinstance(given_filter, dict) or set(given_filter) - set(known):
        raise Refused(f"{option} has the invalid filter {given_filter!r}. Use a dictionary with key, value and type")
    if given_filter.get("type") not in (None, *known["type"]["choices"]):
        raise Refused(
            f"{option} has a filter of type {given_filter['type']!r}. Use {', '.join(known['type']['choices'])}"
        )
    return {name: None if value is None else str(value) for name, value in given_filter.items()}


def _load_balancer(options: Shape | None) -> Shape | None:
    if options is None:
        return None
    block = to_api(options)
    if "targetGroupPairInfoList" in block:
        block["targetGroupPairInfoList"] = [_pair(pair) for pair in block["targetGroupPairInfoList"]]
    return chosen({k: _unordered(v) for k, v in block.items()}, LOAD_BALANCERS)


def _pair(pair: Shape) -> Choice:
    """A route without listeners is what templates write where there is no test listener."""
    routes = {route: value for route, value in pair.items() if value != {"listenerArns": []}}
    return Choice({**routes, "targetGroups": _unordered(pair.get("targetGroups"))}, PAIR)


def _blue_green(options: Shape | None) -> Shape | None:
    """Each block in it is one value; those that are not given stay."""
    return None if options is None else {k: Choice(v, BLUE_GREEN[k]) for k, v in to_api(options).items()}


def _triggers(options: list[Shape] | None) -> Unordered | None:
    if options is None:
        return None
    return Unordered(
        {**trigger, "triggerEvents": _unordered(trigger.get("triggerEvents"))} for trigger in to_api(options)
    )


def _processes(options: Shape | None) -> Shape | None:
    if options is None:
        return None
    return {k: _unordered(v) for k, v in (to_api(options) or {"autoScalingGroupProcessesToSuspend": []}).items()}


def _unordered(items: list[t.Any] | None) -> Unordered | None:
    return None if items is None else Unordered(items)
