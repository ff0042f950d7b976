# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane of CodeDeploy: each noun through its whole life, in check mode and for real."""

from __future__ import annotations

import json

import boto3
import pytest
from support.modules import CONNECTION, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
APPLICATION = {"name": "web", "compute_platform": "Server", "tags": {"Team": "shop", "Cost": 7}}
CONFIG = {"name": "most", "minimum_healthy_hosts": {"type": "FLEET_PERCENT", "value": 75}}


def client(service: str) -> object:
    keys = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
    return boto3.client(service, region_name=CONNECTION["region"], **keys)


@pytest.fixture
def role(world: None) -> str:
    made = client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    return made["Role"]["Arn"]


@pytest.fixture
def group(role: str) -> dict:
    run_module("codedeploy_application", {"name": "web"})
    return {
        "application_name": "web",
        "name": "production",
        "service_role_arn": role,
        "deployment_config_name": "CodeDeployDefault.HalfAtATime",
        "ec2_tag_filters": [{"key": "App", "value": "web"}, {"key": "Extra"}],
        "auto_rollback_configuration": {"events": ["DEPLOYMENT_FAILURE"]},
    }


def life(name: str, steps: list[tuple[dict, bool]]) -> None:
    """Each step in check mode, then for real: the answer expected, no write in check mode, the same diff both times."""
    for params, changed in steps:
        foretold = run_module(name, params, check_mode=True)
        done = run_module(name, params)
        assert (foretold.msg, done.msg) == ("", "")
        assert (foretold.changed, done.changed) == (changed, changed), params
        assert foretold.writes == []
        assert foretold["diff"] == done["diff"]
        assert bool(done.writes) == changed


def test_an_application_through_its_life(world: None) -> None:
    changed = {**APPLICATION, "tags": {"Team": "web"}}
    absent = {"name": "web", "state": "absent"}
    life(
        "codedeploy_application",
        [
            (APPLICATION, True),
            (APPLICATION, False),
            (changed, True),
            (changed, False),
            (APPLICATION, True),
            (absent, True),
            (absent, False),
        ],
    )


def test_an_unchanged_application_costs_one_read_and_three_with_tags(world: None) -> None:
    run_module("codedeploy_application", APPLICATION)
    assert len(run_module("codedeploy_application", APPLICATION).calls) == 3
    assert len(run_module("codedeploy_application", {"name": "web"}).calls) == 1


def test_a_platform_cannot_be_changed(world: None) -> None:
    run_module("codedeploy_application", APPLICATION)
    refused = run_module("codedeploy_application", {**APPLICATION, "compute_platform": "ECS"})
    assert refused.failed
    assert "compute_platform (is 'Server', asked for 'ECS')" in refused.msg
    assert refused.writes == []


def test_a_deployment_config_through_its_life(world: None) -> None:
    absent = {"name": "most", "state": "absent"}
    life("codedeploy_deployment_config", [(CONFIG, True), (CONFIG, False), (absent, True), (absent, False)])


def test_a_deployment_config_cannot_be_changed(world: None) -> None:
    run_module("codedeploy_deployment_config", CONFIG)
    other = {**CONFIG, "minimum_healthy_hosts": {"type": "FLEET_PERCENT", "value": 50}}
    refused = run_module("codedeploy_deployment_config", other, check_mode=True)
    assert refused.failed
    assert "minimum_healthy_hosts.value (is 75, asked for 50)" in refused.msg


def test_a_deployment_group_through_its_life(group: dict) -> None:
    changed = {
        **group,
        "deployment_config_name": "CodeDeployDefault.AllAtOnce",
        "alarm_configuration": {"alarms": [{"name": "latency"}]},
        "ec2_tag_filters": [{"key": "App", "value": "shop"}],
        "tags": {"Team": "shop"},
    }
    undone = {**group, "alarm_configuration": {}, "tags": {}}
    absent = {"application_name": "web", "name": "production", "state": "absent"}
    life(
        "codedeploy_deployment_group",
        [
            (group, True),
            (group, False),
            (changed, True),
            (changed, False),
            (undone, True),
            (undone, False),
            (absent, True),
            (absent, False),
        ],
    )


@pytest.mark.parametrize(
    ("asked", "cleared"),
    [
        ({"alarm_configuration": {"alarms": [{"name": "a"}, {"name": "b"}]}}, {"alarm_configuration": {}}),
        (
            {"auto_rollback_configuration": {"events": ["DEPLOYMENT_STOP_ON_REQUEST"]}},
            {"auto_rollback_configuration": {}},
        ),
        ({"ec2_tag_filters": [{"key": "A", "value": "b"}]}, {"ec2_tag_filters": []}),
        ({"ec2_tag_set": {"ec2_tag_set_list": [[{"key": "A"}], [{"value": "b"}]]}}, {"ec2_tag_set": {}}),
        ({"on_premises_instance_tag_filters": [{"key": "A"}]}, {"on_premises_instance_tag_filters": []}),
        ({"load_balancer_info": {"target_group_info_list": [{"name": "tg"}]}}, {"load_balancer_info": {}}),
        (
            {"ec2_deployment_options": {"auto_scaling_group_processes_to_suspend": ["AZRebalance"]}},
            {"ec2_deployment_options": {}},
        ),
        ({"tags": {"A": "b"}}, {"tags": {}}),
        ({"outdated_instances_strategy": "IGNORE"}, {"outdated_instances_strategy": "UPDATE"}),
        ({"termination_hook_enabled": True}, {"termination_hook_enabled": False}),
    ],
)
def test_what_a_group_was_given_can_be_taken_away_again(group: dict, asked: dict, cleared: dict) -> None:
    base = {key: group[key] for key in ("application_name", "name", "service_role_arn")}
    run_module("codedeploy_deployment_group", base)
    life(
        "codedeploy_deployment_group",
        [
            ({**base, **asked}, True),
            ({**base, **asked}, False),
            ({**base, **cleared}, True),
            ({**base, **cleared}, False),
        ],
    )


def test_triggers_can_be_emptied_and_are_not_sent_again(group: dict) -> None:
    topic = client("sns").create_topic(Name="deployments")["TopicArn"]
    asked = {
        **group,
        "trigger_configurations": [
            {
                "trigger_name": "all",
                "trigger_target_arn": topic,
                "trigger_events": ["DeploymentFailure", "DeploymentStart"],
            }
        ],
    }
    reordered = json.loads(json.dumps(asked))
    reordered["trigger_configurations"][0]["trigger_events"].reverse()
    life(
        "codedeploy_deployment_group",
        [(asked, True), (reordered, False), ({**group, "trigger_configurations": []}, True)],
    )


def test_going_from_filters_to_a_tag_set_clears_the_filters(group: dict) -> None:
    run_module("codedeploy_deployment_group", group)
    asked = {k: v for k, v in group.items() if k != "ec2_tag_filters"}
    asked["ec2_tag_set"] = {"ec2_tag_set_list": [[{"key": "App", "value": "web"}]]}
    life("codedeploy_deployment_group", [(asked, True), (asked, False), (group, True), (group, False)])


def test_an_unchanged_group_costs_one_read_and_three_with_tags(group: dict) -> None:
    tagged = {**group, "tags": {"A": "b"}}
    run_module("codedeploy_deployment_group", tagged)
    assert [call.operation for call in run_module("codedeploy_deployment_group", group).calls] == ["GetDeploymentGroup"]
    again = run_module("codedeploy_deployment_group", tagged)
    assert len(again.calls) <= 3
    assert again.writes == []


def test_a_role_made_a_moment_ago_is_waited_for(group: dict) -> None:
    faults.add(
        {
            "kind": "denied",
            "operation": "CreateDeploymentGroup",
            "code": "InvalidRoleException",
            "status": 400,
            "times": 2,
        }
    )
    made = run_module("codedeploy_deployment_group", group)
    assert made.changed


def test_a_group_of_an_unknown_application_says_so(role: str) -> None:
    refused = run_module(
        "codedeploy_deployment_group", {"application_name": "nobody", "name": "g", "service_role_arn": role}
    )
    assert refused.failed
    assert refused.msg.startswith("Failed to create the deployment group g: ")
    assert refused["error"]["code"] == "ApplicationDoesNotExistException"
    assert "codedeploy_application" in refused.msg


def test_a_denied_call_says_what_is_missing(world: None) -> None:
    faults.add({"kind": "denied", "operation": "CreateApplication"})
    refused = run_module("codedeploy_application", APPLICATION)
    assert refused.failed
    assert "codedeploy:CreateApplication" in refused.msg
    assert "IAM policy" in refused.msg


def test_an_error_of_aws_names_the_option(group: dict) -> None:
    faults.add(
        {
            "kind": "denied",
            "operation": "CreateDeploymentGroup",
            "code": "InvalidBlueGreenDeploymentConfigurationException",
            "message": "waitTimeInMinutes needs actionOnTimeout, deploymentGroupName",
            "status": 400,
        }
    )
    refused = run_module("codedeploy_deployment_group", group)
    assert "wait_time_in_minutes needs action_on_timeout, deployment_group_name" in refused.msg
    assert "waitTimeInMinutes" in refused["error"]["message"]


def test_an_outage_says_that_running_again_is_safe(world: None) -> None:
    faults.add({"kind": "server-error", "operation": "CreateApplication"})
    refused = run_module("codedeploy_application", APPLICATION)
    assert refused.failed and "an outage of AWS" in refused.msg and "Run the task again" in refused.msg


def test_throttling_is_retried(world: None) -> None:
    faults.add({"kind": "throttle", "service": "codedeploy", "times": 3})
    before = clock.now()
    assert run_module("codedeploy_application", APPLICATION).changed
    assert clock.now() > before


def test_the_infos_find_what_was_made(group: dict) -> None:
    run_module("codedeploy_deployment_group", {**group, "tags": {"A": "b"}})
    run_module("codedeploy_deployment_config", CONFIG)
    applications = run_module("codedeploy_application_info", {"names": ["web", "nobody"]})
    assert [each["application_name"] for each in applications["applications"]] == ["web"]
    groups = run_module("codedeploy_deployment_group_info", {"application_name": "web", "include_tags": True})
    assert [(each["deployment_group_name"], each["tags"]) for each in groups["deployment_groups"]] == [
        ("production", {"A": "b"})
    ]
    ours = run_module("codedeploy_deployment_config_info", {"predefined": False})
    assert [each["deployment_config_name"] for each in ours["deployment_configs"]] == ["most"]
    everything = run_module("codedeploy_deployment_config_info", {})
    assert "CodeDeployDefault.HalfAtATime" in [
        each["deployment_config_name"] for each in everything["deployment_configs"]
    ]
    assert applications.writes + groups.writes + everything.writes == []
