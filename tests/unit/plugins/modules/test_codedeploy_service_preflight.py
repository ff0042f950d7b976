# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether CodeDeploy can deploy to a service of ECS, asked before anything is changed."""

from __future__ import annotations

import json
import typing as t

import boto3
import pytest
from support.ecs_shop import EcsShop
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web"


@pytest.fixture
def shop(world: None) -> EcsShop:
    return EcsShop(CONNECTION["region"])


def look(shop: EcsShop, **options: t.Any) -> Outcome:
    asked = {"cluster": "shop", "service": "web", "target_groups": ["one", "two"], "listener_arn": shop.production}
    found = run_module("codedeploy_service_preflight", {**asked, **options})
    assert not found.writes and not found.changed
    return found


def causes(found: Outcome) -> list[str]:
    return [one["cause"] for one in found["problems"]]


def test_a_service_is_ready(shop: EcsShop) -> None:
    found = look(shop, test_listener_arn=shop.test)
    assert not found.failed and found["verdict"] == "ready" and causes(found) == []
    assert (found["service"]["container_name"], found["service"]["container_port"]) == ("web", 80)


@pytest.mark.parametrize(
    ("options", "cause", "said"),
    [
        ({"service": "wab"}, "service_missing", "no service wab in the cluster shop"),
        ({"cluster": "shap"}, "service_missing", "no service web in the cluster shap"),
        ({"target_groups": ["one", "three"]}, "target_group_missing", "no target group three"),
        ({"target_groups": ["two", "three"]}, "target_group_of_others", "are in the target group one"),
        ({"service_role_arn": "arn:aws:iam::123456789012:role/none"}, "service_role_missing", "no role none"),
        ({"images": [f"{ECR}:9"]}, "image_missing", f"no image {ECR}:9"),
    ],
)
def test_what_prevents_a_deployment_is_told_with_a_remedy(
    shop: EcsShop, options: dict[str, t.Any], cause: str, said: str
) -> None:
    found = look(shop, **options)
    assert found.failed and cause in causes(found) and said in found.msg and found["verdict"] == "not_ready"
    assert all(one["remedy"] for one in found["problems"])
    ignored = look(shop, **options, ignore_problems=causes(found))
    assert not ignored.failed and causes(ignored) == causes(found)


def test_a_service_that_may_not_be_read_is_told_and_stands_against_nothing(shop: EcsShop) -> None:
    faults.add({"kind": "denied", "service": "ecs", "operation": "DescribeServices"})
    found = look(shop)
    assert (found.failed, causes(found), found["verdict"]) == (False, ["service_unreadable"], "ready")
    assert "cannot be read, so it is not checked. Allow the caller ecs:DescribeServices." in str(found["warnings"])


def test_a_role_that_does_not_trust_codedeploy(shop: EcsShop) -> None:
    found = look(shop, service_role_arn=shop.role)
    assert causes(found) == ["service_role_untrusting"]


def test_a_service_that_ecs_deploys_itself_is_told_how(shop: EcsShop) -> None:
    shop.ecs.delete_service(cluster="shop", service="web", force=True)
    clock.advance(600)
    shop.service(controller="ECS")
    found = look(shop)
    assert causes(found) == ["controller_wrong"] and "BLUE_GREEN" in found.msg


def test_tasks_that_are_not_behind_the_listener(shop: EcsShop) -> None:
    actions = [{"Type": "forward", "TargetGroupArn": shop.two}]
    shop.elbv2.modify_listener(ListenerArn=shop.production, DefaultActions=actions)
    assert causes(look(shop)) == ["primary_not_behind_listener"]


def test_what_is_not_named_is_read_from_the_group(shop: EcsShop) -> None:
    shop.ecs_group(test=True)
    found = run_module("codedeploy_service_preflight", {"application_name": "app", "deployment_group_name": "prod"})
    assert found["service"]["service_name"] == "web" and found["service"]["task_definition"].endswith("web:1")


def test_target_groups_of_a_type_that_tasks_cannot_use(shop: EcsShop) -> None:
    shop.target_group("three", TargetType="instance")
    found = look(shop, target_groups=["one", "three"])
    assert causes(found) == ["target_type_wrong"] and "three has the target type instance" in found.msg


@pytest.mark.parametrize(
    ("config", "unfit"),
    [("CodeDeployDefault.ECSCanary10Percent5Minutes", True), ("CodeDeployDefault.ECSAllAtOnce", False), ("slow", True)],
)
def test_a_network_load_balancer_moves_all_traffic_at_once(world: None, config: str, unfit: bool) -> None:
    shop = EcsShop(CONNECTION["region"], kind="network")
    linear = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 20, "linearInterval": 1}}
    shop.codedeploy.create_deployment_config(
        deploymentConfigName="slow", computePlatform="ECS", trafficRoutingConfig=linear
    )
    assert causes(look(shop, deployment_config_name=config)) == ["config_unfit"] * unfit


@pytest.mark.parametrize("denied", [True, False])
def test_a_service_role_that_may_not_pass_the_roles_of_the_tasks(shop: EcsShop, denied: bool) -> None:
    iam = boto3.client("iam")
    trust = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
    role = iam.create_role(
        RoleName="deployer", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust})
    )["Role"]["Arn"]
    service = "ec2.amazonaws.com" if denied else "ecs-tasks.amazonaws.com"
    condition = {"StringLike": {"iam:PassedToService": [service]}}
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName="deployer", PolicyName="pass", PolicyDocument=json.dumps(policy))
    arn = shop.revision("nginx:2", executionRoleArn="arn:aws:iam::123456789012:role/pull-images")
    shop.service("other", taskDefinition=arn, loadBalancers=shop.behind(shop.one))
    clock.advance(60)
    found = look(shop, service="other", service_role_arn=role)
    assert causes(found) == ["pass_role_denied"] * denied
    if denied:
        assert "role deployer may not pass pull-images to the tasks" in found.msg
