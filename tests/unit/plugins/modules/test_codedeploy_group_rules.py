# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""codedeploy_deployment_group: what AWS would refuse is refused before any call, and nothing else is."""

from __future__ import annotations

import importlib
import typing as t

import boto3
import botocore.exceptions
import pytest
from support.codedeploy_shop import ROLE
from support.deployment_groups import LISTENER, TOPIC, ecs_services, scaling_group
from support.imagebuilder import done
from support.modules import CONNECTION, run_module

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import GROUP_OPTIONS, want
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import create_deployment_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import given

MODULE = "codedeploy_deployment_group"
GROUP: dict[str, t.Any] = {"application_name": "web", "name": "production", "service_role_arn": ROLE}
TRIGGER = {"trigger_name": "all", "trigger_target_arn": TOPIC, "trigger_events": ["DeploymentStart"]}
PAIR = {"target_groups": [{"name": "a"}, {"name": "b"}], "prod_traffic_route": {"listener_arns": [LISTENER]}}
ECS: dict[str, t.Any] = {
    "ecs_services": [{"cluster_name": "c", "service_name": "s"}],
    "load_balancer_info": {"target_group_pair_info_list": [PAIR]},
    "deployment_style": {"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
    "blue_green_deployment_configuration": {"deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"}},
}
BALANCED = {"load_balancer_info": {"target_group_info_list": [{"name": "web"}]}}


def pairs(*given_pairs: dict) -> dict:
    return {"load_balancer_info": {"target_group_pair_info_list": list(given_pairs)}}


def green(action: str) -> dict:
    return {"blue_green_deployment_configuration": {"green_fleet_provisioning_option": {"action": action}}}


def ready(**option: t.Any) -> dict:
    return {"blue_green_deployment_configuration": {"deployment_ready_option": option}}


def end(**option: t.Any) -> dict:
    return {"blue_green_deployment_configuration": {"terminate_blue_instances_on_deployment_success": option}}


# platform, options, what the message says: all of it can be seen in the options
REFUSED = [
    ("Server", {"name": "no name"}, "name 'no name'"),
    ("Server", {"service_role_arn": "deployer"}, "service_role_arn 'deployer'"),
    (
        "Server",
        {"ec2_tag_filters": [{"key": "a"}], "ec2_tag_set": {"ec2_tag_set_list": [[{"key": "a"}]]}},
        "ec2_tag_filters and ec2_tag_set exclude each other",
    ),
    ("Server", {"ec2_tag_filters": [{"key": "a"}] * 11}, "ec2_tag_filters has a list of 11 tags"),
    ("Server", {"ec2_tag_filters": [{"type": "KEY_ONLY"}]}, "ec2_tag_filters has a filter of type KEY_ONLY"),
    ("Server", {"ec2_tag_filters": [{"key": "k" * 129}]}, "more than 128"),
    ("Server", {"ec2_tag_set": {"ec2_tag_set_list": [[{"key": "a"}]] * 4}}, "ec2_tag_set has 4 lists"),
    (
        "Server",
        {"on_premises_instance_tag_filters": [{"type": "VALUE_ONLY", "key": "a"}]},
        "on_premises_instance_tag_filters has a filter of type VALUE_ONLY",
    ),
    ("Server", {"auto_scaling_groups": [str(n) for n in range(11)]}, "auto_scaling_groups has 11"),
    ("Server", {"auto_scaling_groups": ["a", "a"]}, "auto_scaling_groups contains a more than once"),
    (
        "Server",
        {"ec2_deployment_options": {"auto_scaling_group_processes_to_suspend": ["Terminate", "Terminate"]}},
        "auto_scaling_group_processes_to_suspend contains Terminate",
    ),
    ("Server", {"trigger_configurations": [{**TRIGGER, "trigger_target_arn": "mail"}]}, "trigger_target_arn 'mail'"),
    ("Server", {"trigger_configurations": [{**TRIGGER, "trigger_events": []}]}, "all has no trigger_events"),
    ("Server", {"trigger_configurations": [TRIGGER, TRIGGER]}, "trigger_configurations contains all more than once"),
    (
        "Server",
        {"trigger_configurations": [{**TRIGGER, "trigger_name": str(n)} for n in range(11)]},
        "trigger_configurations has 11",
    ),
    ("Server", {"alarm_configuration": {"enabled": True, "alarms": []}}, "alarm_configuration is enabled"),
    ("Server", {"alarm_configuration": {"alarms": [{"name": "a"}] * 2}}, "alarm_configuration.alarms contains a"),
    ("Server", {"alarm_configuration": {"alarms": [{"name": "a" * 256}]}}, "1 to 255"),
    ("Server", {"auto_rollback_configuration": {"enabled": True, "events": []}}, "auto_rollback_configuration is"),
    (
        "Server",
        {
            "deployment_style": {"deployment_option": "WITH_TRAFFIC_CONTROL"},
            "load_balancer_info": {},
            "ec2_tag_filters": [{"key": "a"}],
        },
        "deployment_style.deployment_option WITH_TRAFFIC_CONTROL needs load_balancer_info",
    ),
    (
        "Server",
        {"load_balancer_info": {"elb_info_list": [{"name": str(n)} for n in range(11)]}},
        "load_balancer_info.elb_info_list has 11",
    ),
    ("Server", {"load_balancer_info": {"target_group_info_list": [{}]}}, "has an entry without name"),
    ("Server", ready(wait_time_in_minutes=5, action_on_timeout="CONTINUE_DEPLOYMENT"), "needs action_on_timeout STOP"),
    ("Server", end(action="TERMINATE", termination_wait_time_in_minutes=2881), "is not between 0 and 2880"),
    ("Server", end(action="KEEP_ALIVE", termination_wait_time_in_minutes=5), "needs the action TERMINATE"),
    ("Server", {**green("COPY_AUTO_SCALING_GROUP"), "auto_scaling_groups": []}, "exactly one of auto_scaling_groups"),
    (
        "Server",
        {**green("COPY_AUTO_SCALING_GROUP"), "auto_scaling_groups": ["a", "b"]},
        "exactly one of auto_scaling_groups, but there are 2",
    ),
    ("ECS", {**ECS, "ecs_services": ECS["ecs_services"] * 2}, "ecs_services needs exactly one"),
    ("ECS", {**ECS, "ecs_services": [{"service_name": "s"}]}, "ecs_services needs service_name and cluster_name"),
    ("ECS", {**ECS, "ecs_services": []}, "there are 0"),
    ("ECS", {**ECS, **pairs(PAIR, PAIR)}, "allows only one pair"),
    ("ECS", {**ECS, **pairs({**PAIR, "target_groups": [{"name": "a"}]})}, "names of two target_groups"),
    ("ECS", {**ECS, **pairs({**PAIR, "prod_traffic_route": {}})}, "prod_traffic_route needs exactly one"),
    (
        "ECS",
        {**ECS, **pairs({**PAIR, "test_traffic_route": {"listener_arns": [LISTENER] * 2}})},
        "test_traffic_route needs exactly one",
    ),
    (
        "ECS",
        {**ECS, "auto_scaling_groups": ["a"]},
        "auto_scaling_groups cannot be used with ecs_services, which is for the compute platform ECS",
    ),
    ("ECS", {**ECS, "ec2_tag_filters": [{"key": "a"}]}, "ec2_tag_filters cannot be used with"),
    ("ECS", {**ECS, **pairs({**PAIR, "target_groups": [{"name": "a"}] * 2})}, "has the target group a twice"),
    ("ECS", {**ECS, **pairs({**PAIR, "test_traffic_route": {"listener_arns": [LISTENER]}})}, "have the same listener"),
    (
        "ECS",
        {**ECS, **pairs({**PAIR, "test_traffic_route": {"listener_arns": [LISTENER.replace("/web/", "/shop/")]}})},
        "listeners of two load balancers",
    ),
    ("ECS", {**ECS, **BALANCED}, "target_group_info_list cannot be used with ecs_services"),
    ("ECS", {**ECS, **end(action="KEEP_ALIVE")}, "the action KEEP_ALIVE cannot be used with ECS. Use TERMINATE"),
    (
        "ECS",
        {**ECS, "deployment_config_name": "CodeDeployDefault.LambdaAllAtOnce"},
        "CodeDeployDefault.LambdaAllAtOnce is for the compute platform Lambda, not for ECS",
    ),
    ("ECS", {**ECS, **green("DISCOVER_EXISTING")}, "green_fleet_provisioning_option cannot be used with"),
    (
        "ECS",
        {**ECS, "deployment_style": {"deployment_type": "IN_PLACE"}},
        "supports only the deployment_style BLUE_GREEN",
    ),
    (
        "ECS",
        {
            **ECS,
            **pairs({**PAIR, "prod_traffic_route": {"listener_arns": [LISTENER.replace("/app/", "/net/")]}}),
            "deployment_config_name": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        },
        "supports only CodeDeployDefault.ECSAllAtOnce",
    ),
]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("_platform", "options", "said"), REFUSED)
def test_what_the_options_show_is_refused_before_any_call(
    world: None, _platform: str, options: dict, said: str, check_mode: bool
) -> None:
    refused = run_module(MODULE, {**GROUP, **options}, check_mode=check_mode)
    assert refused.failed and said in refused.msg
    assert refused.calls == []


@pytest.mark.parametrize(("platform", "options", "_said"), REFUSED)
def test_aws_refuses_just_that(world: None, platform: str, options: dict, _said: str) -> None:
    """So no rule forbids what the service takes."""
    done("codedeploy_application", {"name": "web", "compute_platform": platform})
    session = boto3.Session(CONNECTION["access_key"], CONNECTION["secret_key"], region_name=CONNECTION["region"])
    params = {**dict.fromkeys(GROUP_OPTIONS), "tags": None, **GROUP, **options}
    with pytest.raises(botocore.exceptions.ClientError):
        create_deployment_group(Connection(session, CONNECTION["region"]), given(want(params)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ec2_tag_set": {"ec2_tag_set_list": [["web"]]}}, "ec2_tag_set has the invalid filter 'web'"),
        ({"ec2_tag_set": {"ec2_tag_set_list": [[{"Key": "a"}]]}}, "Use a dictionary with key, value and type"),
        (
            {"on_premises_tag_set": {"on_premises_tag_set_list": [[{"key": "a", "type": "ANY"}]]}},
            "filter of type 'ANY'",
        ),
    ],
)
def test_lists_of_lists_hold_filters(world: None, options: dict, said: str) -> None:
    refused = run_module(MODULE, {**GROUP, **options})
    assert refused.failed and said in refused.msg and refused.calls == []


def test_a_number_in_a_list_of_lists_is_text(world: None) -> None:
    done("codedeploy_application", {"name": "web"})
    asked = {**GROUP, "ec2_tag_set": {"ec2_tag_set_list": [[{"key": "port", "value": 80}]]}}
    assert done(MODULE, asked).changed
    assert not done(MODULE, asked).changed


@pytest.mark.parametrize(
    ("before", "then", "said"),
    [
        ({}, green("COPY_AUTO_SCALING_GROUP"), "but there are 0"),
        ({"auto_scaling_groups": ["a", "b"]}, green("COPY_AUTO_SCALING_GROUP"), "but there are 2"),
        (
            {"auto_scaling_groups": ["a"], **green("COPY_AUTO_SCALING_GROUP")},
            {"auto_scaling_groups": ["a", "b"]},
            "but there are 2",
        ),
        ({}, {"alarm_configuration": {"enabled": True}}, "has no alarms"),
        ({}, {"auto_rollback_configuration": {"enabled": True}}, "has no events"),
        ({}, {"deployment_style": {"deployment_option": "WITH_TRAFFIC_CONTROL"}}, "needs load_balancer_info"),
        (
            {**BALANCED, "deployment_style": {"deployment_option": "WITH_TRAFFIC_CONTROL"}},
            {"load_balancer_info": {}},
            "needs load_balancer_info",
        ),
        ({}, ECS, "ecs_services cannot be used with the compute platform Server"),
    ],
)
def test_what_the_group_has_already_counts(world: None, before: dict, then: dict, said: str) -> None:
    for name in ("a", "b"):
        scaling_group(name)
    done("codedeploy_application", {"name": "web"})
    done(MODULE, {**GROUP, **before})
    for check_mode in (True, False):
        refused = run_module(MODULE, {**GROUP, **then}, check_mode=check_mode)
        assert refused.failed and said in refused.msg, refused.msg
        assert [call.operation for call in refused.calls] == ["GetDeploymentGroup"]


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ({"alarm_configuration": {"alarms": [{"name": "a"}]}}, {"alarm_configuration": {"enabled": True}}),
        ({"auto_scaling_groups": ["a"]}, green("COPY_AUTO_SCALING_GROUP")),
        (BALANCED, {"deployment_style": {"deployment_option": "WITH_TRAFFIC_CONTROL"}}),
    ],
)
def test_what_the_group_has_already_makes_it_possible(world: None, before: dict, then: dict) -> None:
    scaling_group("a")
    done("codedeploy_application", {"name": "web"})
    done(MODULE, {**GROUP, **before})
    done(MODULE, {**GROUP, **then})
    assert not done(MODULE, {**GROUP, **then}).changed


def test_a_group_that_breaks_a_rule_already_can_be_changed(world: None) -> None:
    """What AWS once took from somebody else does not stand in the way of another change."""
    done("codedeploy_application", {"name": "web"})
    done(MODULE, GROUP)
    backends = importlib.import_module("moto.codedeploy.models").codedeploy_backends
    group = backends["123456789012"]["eu-west-1"].applications["web"].groups["production"]
    group.settings["triggerConfigurations"] = [{"triggerName": "old", "triggerTargetArn": "x", "triggerEvents": []}]
    told = run_module(MODULE, {**GROUP, "outdated_instances_strategy": "IGNORE"}, check_mode=True)
    assert told.changed
    refused = run_module(MODULE, {**GROUP, **green("COPY_AUTO_SCALING_GROUP")}, check_mode=True)
    assert refused.failed and "old" not in refused.msg


def test_a_group_of_lambda_takes_no_hosts(world: None) -> None:
    done("codedeploy_application", {"name": "web", "compute_platform": "Lambda"})
    done(MODULE, GROUP)
    refused = run_module(MODULE, {**GROUP, "ec2_tag_filters": [{"key": "a"}], **BALANCED}, check_mode=True)
    assert refused.failed and "ec2_tag_filters cannot be used with the compute platform Lambda" in refused.msg
    assert "load_balancer_info cannot be used with the compute platform Lambda" in refused.msg


@pytest.mark.parametrize(
    ("platform", "options", "said"),
    [
        ("ECS", {"ecs_services": ECS["ecs_services"]}, "target_group_pair_info_list is missing, which ECS needs"),
        ("ECS", {"ecs_services": ECS["ecs_services"], **pairs(PAIR)}, "blue_green_deployment_configuration is missing"),
        ("ECS", {}, "ecs_services needs exactly one service, but there are 0"),
        ("Lambda", ECS, "ecs_services cannot be used with the compute platform Lambda"),
        ("Lambda", {"deployment_config_name": "CodeDeployDefault.OneAtATime"}, "is for the compute platform Server"),
        ("Server", ECS, "ecs_services cannot be used with the compute platform Server"),
    ],
)
def test_the_platform_of_the_application_counts_for_a_new_group(
    world: None, platform: str, options: dict, said: str
) -> None:
    done("codedeploy_application", {"name": "web", "compute_platform": platform})
    for check_mode in (True, False):
        refused = run_module(MODULE, {**GROUP, **options}, check_mode=check_mode)
        assert refused.failed and said in refused.msg, refused.msg
        assert [call.operation for call in refused.calls] == ["GetDeploymentGroup", "GetApplication"]


def test_names_of_target_groups_are_no_arns(world: None) -> None:
    arns = [{"name": f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/1"} for name in "ab"]
    refused = run_module(MODULE, {**GROUP, **ECS, **pairs({**PAIR, "target_groups": arns})})
    assert refused.failed and "has an ARN in target_groups. Use the name" in refused.msg and refused.calls == []


@pytest.mark.parametrize(("platform", "options"), [("Lambda", {}), ("ECS", {**ECS, "deployment_style": None})])
def test_a_new_group_has_the_only_style_of_its_platform(world: None, platform: str, options: dict) -> None:
    ecs_services()
    done("codedeploy_application", {"name": "web", "compute_platform": platform})
    made = done(MODULE, {**GROUP, **options})
    (sent,) = (call.parameters for call in made.writes)
    assert sent["deploymentStyle"] == {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    assert not done(MODULE, {**GROUP, **options, "auto_scaling_groups": []}).changed


def test_a_group_is_removed_whatever_else_the_task_says(world: None) -> None:
    done("codedeploy_application", {"name": "web"})
    done(MODULE, GROUP)
    assert done(
        MODULE, {**GROUP, **green("COPY_AUTO_SCALING_GROUP"), "auto_scaling_groups": [], "state": "absent"}
    ).changed
