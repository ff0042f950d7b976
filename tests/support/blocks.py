# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variants of every block of options of the nouns of CodeDeploy, and the form of all such tables."""

from __future__ import annotations

import typing as t

from support.codedeploy_shop import ROLE
from support.deployment_groups import LISTENER, TOPIC

Block = t.Any  # the value of an option


class Row(t.NamedTuple):
    """One block and its variants."""

    module: str
    option: str
    variants: list[Block]
    base: dict[str, t.Any]  # other options of the noun
    kept: int = 0  # how many levels of maps keep what a task leaves out


GROUP: dict[str, t.Any] = {"application_name": "web", "service_role_arn": ROLE}
IN_GROUP = {**GROUP, "auto_scaling_groups": ["one"]}
TERMINATION = "terminate_blue_instances_on_deployment_success"
ECS: dict[str, t.Any] = {
    "application_name": "ecs",
    "service_role_arn": ROLE,
    "blue_green_deployment_configuration": {TERMINATION: {"action": "TERMINATE"}},
}
CLUSTER = {"ecs_services": [{"cluster_name": "c", "service_name": "s"}]}
ROUTE = {"listener_arns": [LISTENER]}
TEST_ROUTE = {"listener_arns": [f"{LISTENER}0"]}
PAIR = {"target_groups": [{"name": "a"}, {"name": "b"}], "prod_traffic_route": ROUTE}
OTHER_PAIR = {**PAIR, "target_groups": [{"name": "c"}, {"name": "b"}]}
TRIGGER = {"trigger_name": "all", "trigger_target_arn": TOPIC, "trigger_events": ["DeploymentStart"]}
FILTERS = [
    [{"key": "App", "value": "web"}],
    [{"key": "App"}],
    [{"value": "web", "type": "VALUE_ONLY"}, {"key": "Other", "value": "x"}],
    [],
]

ROWS = [
    Row("codedeploy_deployment_group", "ec2_tag_filters", FILTERS, GROUP),
    Row("codedeploy_deployment_group", "on_premises_instance_tag_filters", FILTERS, GROUP),
    Row(
        "codedeploy_deployment_group",
        "ec2_tag_set",
        [{"ec2_tag_set_list": [FILTERS[0], FILTERS[1]]}, {"ec2_tag_set_list": [FILTERS[2]]}, {}],
        GROUP,
    ),
    Row(
        "codedeploy_deployment_group",
        "on_premises_tag_set",
        [{"on_premises_tag_set_list": [FILTERS[0], FILTERS[1]]}, {"on_premises_tag_set_list": [FILTERS[2]]}, {}],
        GROUP,
    ),
    Row(
        "codedeploy_deployment_group",
        "deployment_style",
        [
            {"deployment_type": "BLUE_GREEN"},
            {"deployment_option": "WITH_TRAFFIC_CONTROL"},
            {"deployment_type": "IN_PLACE", "deployment_option": "WITHOUT_TRAFFIC_CONTROL"},
        ],
        {**GROUP, "load_balancer_info": {"elb_info_list": [{"name": "web"}]}},
        kept=1,
    ),
    Row(
        "codedeploy_deployment_group",
        "load_balancer_info",
        [
            {"elb_info_list": [{"name": "web"}]},
            {"target_group_info_list": [{"name": "web"}, {"name": "api"}]},
            {"elb_info_list": [{"name": "old"}], "target_group_info_list": [{"name": "web"}]},
            {},
        ],
        GROUP,
    ),
    Row(
        "codedeploy_deployment_group",
        "load_balancer_info",
        [
            {"target_group_pair_info_list": [PAIR]},
            {"target_group_pair_info_list": [{**PAIR, "test_traffic_route": TEST_ROUTE}]},
            {"target_group_pair_info_list": [OTHER_PAIR]},
        ],
        {**ECS, **CLUSTER},
    ),
    *(
        Row("codedeploy_deployment_group", "blue_green_deployment_configuration", variants, IN_GROUP, kept=1)
        for variants in (
            [
                {"deployment_ready_option": {"action_on_timeout": "STOP_DEPLOYMENT", "wait_time_in_minutes": 60}},
                {"deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"}},
                {"deployment_ready_option": {"action_on_timeout": "STOP_DEPLOYMENT"}},
            ],
            [
                {TERMINATION: {"action": "TERMINATE", "termination_wait_time_in_minutes": 5}},
                {TERMINATION: {"action": "KEEP_ALIVE"}},
                {TERMINATION: {"action": "TERMINATE"}},
            ],
            [
                {"green_fleet_provisioning_option": {"action": "COPY_AUTO_SCALING_GROUP"}},
                {"green_fleet_provisioning_option": {"action": "DISCOVER_EXISTING"}},
                {TERMINATION: {"action": "KEEP_ALIVE"}},
            ],
        )
    ),
    Row(
        "codedeploy_deployment_group",
        "ecs_services",
        [CLUSTER["ecs_services"], [{"cluster_name": "c", "service_name": "t"}]],
        {**ECS, "load_balancer_info": {"target_group_pair_info_list": [PAIR]}},
    ),
    Row(
        "codedeploy_deployment_group",
        "alarm_configuration",
        [
            {"enabled": True, "alarms": [{"name": "a"}, {"name": "b"}], "ignore_poll_alarm_failure": True},
            {"enabled": False, "alarms": [{"name": "a"}]},
            {"enabled": False, "alarms": [], "ignore_poll_alarm_failure": False},
            {},
        ],
        GROUP,
        kept=1,
    ),
    Row(
        "codedeploy_deployment_group",
        "auto_rollback_configuration",
        [
            {"events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
            {"events": ["DEPLOYMENT_FAILURE"], "enabled": True},
            {"events": ["DEPLOYMENT_FAILURE"], "enabled": False},
            {"enabled": False},
            {},
        ],
        GROUP,
    ),
    Row(
        "codedeploy_deployment_group",
        "trigger_configurations",
        [
            [TRIGGER],
            [{**TRIGGER, "trigger_events": ["InstanceReady"]}],
            [TRIGGER, {**TRIGGER, "trigger_name": "x"}],
            [],
        ],
        GROUP,
    ),
    Row(
        "codedeploy_deployment_group",
        "ec2_deployment_options",
        [
            {"auto_scaling_group_processes_to_suspend": ["Terminate", "AZRebalance"]},
            {"auto_scaling_group_processes_to_suspend": ["Terminate"]},
            {},
        ],
        IN_GROUP,
    ),
]
# Nouns without update: whatever differs is refused.
FIXED = [
    Row(
        "codedeploy_deployment_config",
        "minimum_healthy_hosts",
        [{"type": "HOST_COUNT", "value": 1}, {"type": "FLEET_PERCENT", "value": 1}, {"type": "HOST_COUNT", "value": 0}],
        {},
    ),
    Row(
        "codedeploy_deployment_config",
        "traffic_routing_config",
        [
            {"type": "AllAtOnce"},
            {"type": "TimeBasedCanary", "time_based_canary": {"canary_percentage": 10, "canary_interval": 5}},
            {"type": "TimeBasedLinear", "time_based_linear": {"linear_percentage": 10, "linear_interval": 5}},
        ],
        {"compute_platform": "Lambda"},
    ),
    Row(
        "codedeploy_deployment_config",
        "zonal_config",
        [
            {
                "first_zone_monitor_duration_in_seconds": 60,
                "minimum_healthy_hosts_per_zone": {"type": "HOST_COUNT", "value": 1},
            },
            {"monitor_duration_in_seconds": 30},
        ],
        {"minimum_healthy_hosts": {"type": "HOST_COUNT", "value": 1}},
    ),
]
