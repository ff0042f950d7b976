# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether CodeDeploy can deploy to a service of ECS, asked before anything is changed."""

from __future__ import annotations

import typing as t

import pytest
from support.ecs_shop import EcsShop
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock

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
