# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment groups of many shapes, as people write them for Terraform, CloudFormation and the AWS CLI, in the options of the module."""

from __future__ import annotations

import typing as t

from support.deployment_groups import LISTENER, TOPIC

Definition = dict[str, t.Any]

DEFAULT = "CodeDeployDefault."
BOTH = {"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"}
IN_PLACE = {"deployment_type": "IN_PLACE", "deployment_option": "WITH_TRAFFIC_CONTROL"}
BLUE = {"deployment_type": "BLUE_GREEN", "deployment_option": "WITHOUT_TRAFFIC_CONTROL"}
WEB: Definition = {"elb_info_list": [{"name": "web"}]}
TARGETS: Definition = {"target_group_info_list": [{"name": "web"}]}
ONE = [{"key": "Environment", "value": "production", "type": "KEY_AND_VALUE"}]
TWO = [*ONE, {"key": "Name", "value": "web-*", "type": "KEY_AND_VALUE"}]
FAILURE = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
EVERY = {"events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]}
ALARMS = {"alarms": [{"name": "errors"}, {"name": "latency"}]}


def terminates(minutes: int | None = None) -> Definition:
    wait = {} if minutes is None else {"termination_wait_time_in_minutes": minutes}
    return {"terminate_blue_instances_on_deployment_success": {"action": "TERMINATE", **wait}}


def ready(minutes: int | None = None) -> Definition:
    """Waits so long to be continued; at once without minutes."""
    stop = {"action_on_timeout": "STOP_DEPLOYMENT", "wait_time_in_minutes": minutes}
    return {"deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"} if minutes is None else stop}


def fleet(action: str) -> Definition:
    return {"green_fleet_provisioning_option": {"action": action}}


def trigger(name: str, *events: str, topic: str = TOPIC) -> Definition:
    return {"trigger_name": name, "trigger_target_arn": topic, "trigger_events": list(events)}


KEEP: Definition = {"terminate_blue_instances_on_deployment_success": {"action": "KEEP_ALIVE"}}
COPY, DISCOVER = fleet("COPY_AUTO_SCALING_GROUP"), fleet("DISCOVER_EXISTING")
PAIR = {
    "target_groups": [{"name": "blue"}, {"name": "green"}],
    "prod_traffic_route": {"listener_arns": [LISTENER]},
}
TESTED = {**PAIR, "test_traffic_route": {"listener_arns": [f"{LISTENER}0"]}}

SERVERS: dict[str, Definition] = {
    "bare": {},
    "tagged": {"ec2_tag_filters": ONE},
    "tagged-by-key": {"ec2_tag_filters": [{"key": "CodeDeploy", "type": "KEY_ONLY"}]},
    "tagged-by-value": {"ec2_tag_filters": [{"value": "production", "type": "VALUE_ONLY"}]},
    "tagged-in-three-ways": {"ec2_tag_filters": [{"key": "A"}, {"value": "b"}, {"key": "C", "value": "d"}]},
    "typed-by-what-is-given": {"ec2_tag_filters": [{"key": "A", "value": "b"}, {"key": "A", "value": "c"}]},
    "one-tag-set": {"ec2_tag_set": {"ec2_tag_set_list": [TWO]}},
    "three-tag-sets": {"ec2_tag_set": {"ec2_tag_set_list": [ONE, [{"key": "A"}], [{"value": "b"}, {"key": "C"}]]}},
    "on-premises": {"on_premises_instance_tag_filters": TWO},
    "on-premises-sets": {"on_premises_tag_set": {"on_premises_tag_set_list": [ONE, [{"key": "Rack"}]]}},
    "cloud-and-cellar": {"ec2_tag_filters": ONE, "on_premises_tag_set": {"on_premises_tag_set_list": [TWO]}},
    "sets-of-both": {
        "ec2_tag_set": {"ec2_tag_set_list": [ONE, [{"key": "A"}]]},
        "on_premises_instance_tag_filters": [{"key": "Rack", "value": "7"}],
    },
    "scaled": {"auto_scaling_groups": ["one"], "deployment_config_name": f"{DEFAULT}HalfAtATime"},
    "scaled-twice-and-tagged": {"auto_scaling_groups": ["two", "one"], "ec2_tag_filters": ONE},
    "scaled-with-hooks": {
        "auto_scaling_groups": ["one"],
        "termination_hook_enabled": True,
        "outdated_instances_strategy": "IGNORE",
    },
    "scaled-and-held-still": {
        "auto_scaling_groups": ["one"],
        "ec2_deployment_options": {"auto_scaling_group_processes_to_suspend": ["InstanceRefresh", "AZRebalance"]},
    },
    "terraform-basic": {
        "ec2_tag_set": {"ec2_tag_set_list": [[*ONE, {"key": "filterkey2", "value": "filtervalue"}]]},
        "trigger_configurations": [trigger("example-trigger", "DeploymentFailure")],
        "auto_rollback_configuration": FAILURE,
        "alarm_configuration": {"alarms": [{"name": "my-alarm-name"}], "enabled": True},
        "outdated_instances_strategy": "UPDATE",
    },
    "terraform-blue-green": {
        "deployment_style": BOTH,
        "load_balancer_info": WEB,
        "blue_green_deployment_configuration": {**ready(60), **DISCOVER, **KEEP},
    },
    "behind-a-classic-load-balancer": {"ec2_tag_filters": ONE, "deployment_style": IN_PLACE, "load_balancer_info": WEB},
    "behind-a-target-group": {
        "auto_scaling_groups": ["one"],
        "deployment_style": IN_PLACE,
        "load_balancer_info": TARGETS,
    },
    "behind-many": {
        "ec2_tag_filters": ONE,
        "deployment_style": IN_PLACE,
        "load_balancer_info": {
            "elb_info_list": [{"name": "old"}, {"name": "older"}],
            "target_group_info_list": [{"name": "web"}, {"name": "api"}, {"name": "admin"}],
        },
    },
    "a-load-balancer-that-is-not-used": {"ec2_tag_filters": ONE, "load_balancer_info": TARGETS},
    "copied": {
        "auto_scaling_groups": ["one"],
        "deployment_style": BOTH,
        "load_balancer_info": TARGETS,
        "blue_green_deployment_configuration": {**ready(), **COPY, **terminates(60)},
        "auto_rollback_configuration": EVERY,
    },
    "copied-and-kept": {
        "auto_scaling_groups": ["two"],
        "deployment_style": BOTH,
        "load_balancer_info": WEB,
        "blue_green_deployment_configuration": {**ready(10), **COPY, **KEEP},
    },
    "copied-without-traffic": {
        "auto_scaling_groups": ["one"],
        "deployment_style": BLUE,
        "blue_green_deployment_configuration": {**COPY, **terminates()},
    },
    "discovered-by-tags": {
        "ec2_tag_filters": ONE,
        "deployment_style": BOTH,
        "load_balancer_info": TARGETS,
        "blue_green_deployment_configuration": {**DISCOVER, **terminates(5), **ready(2880)},
    },
    "discovered-and-waits-for-the-longest": {
        "ec2_tag_set": {"ec2_tag_set_list": [TWO, ONE]},
        "deployment_style": BOTH,
        "load_balancer_info": {"elb_info_list": [{"name": "web"}], "target_group_info_list": [{"name": "web"}]},
        "blue_green_deployment_configuration": {**DISCOVER, **terminates(2880), **ready()},
    },
    "blue-green-with-nothing-said": {"ec2_tag_filters": ONE, "deployment_style": BOTH, "load_balancer_info": WEB},
    "only-what-becomes-of-blue": {"ec2_tag_filters": ONE, "blue_green_deployment_configuration": KEEP},
    "many-triggers": {
        "ec2_tag_filters": ONE,
        "trigger_configurations": [
            trigger("starts", "DeploymentStart", "DeploymentReady", "InstanceReady"),
            trigger("ends", "DeploymentSuccess", "DeploymentFailure", "DeploymentStop", "DeploymentRollback"),
            trigger("hosts", "InstanceStart", "InstanceSuccess", "InstanceFailure", topic=f"{TOPIC}.fifo"),
        ],
    },
    "alarms-alone": {"ec2_tag_filters": ONE, "alarm_configuration": {**ALARMS, "ignore_poll_alarm_failure": True}},
    "alarms-that-are-off": {"ec2_tag_filters": ONE, "alarm_configuration": {**ALARMS, "enabled": False}},
    "a-rollback-that-is-off": {"ec2_tag_filters": ONE, "auto_rollback_configuration": {"enabled": False}},
    "everything": {
        "deployment_config_name": f"{DEFAULT}AllAtOnce",
        "ec2_tag_set": {"ec2_tag_set_list": [ONE, TWO]},
        "on_premises_instance_tag_filters": TWO,
        "auto_scaling_groups": ["one"],
        "termination_hook_enabled": True,
        "outdated_instances_strategy": "IGNORE",
        "deployment_style": BOTH,
        "load_balancer_info": {"elb_info_list": [{"name": "web"}], "target_group_info_list": [{"name": "web"}]},
        "blue_green_deployment_configuration": {**ready(30), **COPY, **terminates(90)},
        "alarm_configuration": {**ALARMS, "ignore_poll_alarm_failure": True},
        "auto_rollback_configuration": EVERY,
        "trigger_configurations": [trigger("all", "DeploymentStart")],
        "ec2_deployment_options": {"auto_scaling_group_processes_to_suspend": ["Terminate"]},
        "tags": {"Team": "shop", "cost_center": "7"},
    },
}
SERVICE: Definition = {
    "ecs_services": [{"cluster_name": "c", "service_name": "s"}],
    "load_balancer_info": {"target_group_pair_info_list": [PAIR]},
    "blue_green_deployment_configuration": {**ready(), **terminates(5)},
}
ECS: dict[str, Definition] = {
    "terraform-service": {**SERVICE, "deployment_style": BOTH, "auto_rollback_configuration": FAILURE},
    "service-that-is-tested": {
        **SERVICE,
        "load_balancer_info": {"target_group_pair_info_list": [TESTED]},
        "blue_green_deployment_configuration": {**ready(120), **terminates(2880)},
        "deployment_config_name": f"{DEFAULT}ECSCanary10Percent5Minutes",
    },
    "service-with-alarms": {**SERVICE, "alarm_configuration": ALARMS, "auto_rollback_configuration": EVERY},
    "service-with-triggers": {
        **SERVICE,
        "trigger_configurations": [trigger("ready", "DeploymentReady")],
        "tags": {"A": "b"},
    },
}
LAMBDA: dict[str, Definition] = {
    "function": {},
    "cloudformation-function": {
        "deployment_config_name": f"{DEFAULT}LambdaCanary10Percent5Minutes",
        "deployment_style": BOTH,
        "auto_rollback_configuration": EVERY,
    },
    "function-with-alarms": {
        "deployment_config_name": f"{DEFAULT}LambdaLinear10PercentEvery1Minute",
        "alarm_configuration": {**ALARMS, "enabled": True},
        "trigger_configurations": [trigger("all", "DeploymentStart", "DeploymentStop")],
    },
}
DEFINITIONS = [
    (platform, name, definition)
    for platform, table in (("Server", SERVERS), ("ECS", ECS), ("Lambda", LAMBDA))
    for name, definition in table.items()
]
