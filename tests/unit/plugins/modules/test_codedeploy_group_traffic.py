# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment groups of ECS services: what CodeDeploy changes in them is read, and no difference to what a play says."""

from __future__ import annotations

import typing as t

import pytest
from support.ecs_shop import EcsShop
from support.lambda_shop import LambdaShop
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock

MODULE = "codedeploy_deployment_group"


@pytest.fixture
def shop(world: None) -> EcsShop:
    made = EcsShop()
    made.ecs_group("ECSCanary10Percent5Minutes", test=True, termination=60)
    return made


def read(**options: t.Any) -> Outcome:
    return run_module(f"{MODULE}_info", {"application_name": "app", **options})


def traffic() -> dict[str, t.Any]:
    (group,) = read(traffic=True)["deployment_groups"]
    return dict(group["traffic"])


def test_what_is_live_before_during_and_after_a_deployment(shop: EcsShop) -> None:
    before = traffic()
    assert (before["live_target_group"], before["production"], before["test"]) == (
        "one", [{"target_group": "one", "weight": 100.0}], [{"target_group": "one", "weight": 100.0}],
    )  # fmt: skip
    (blue,) = before["task_sets"]
    assert (blue["status"], blue["target_group"], blue["running_count"]) == ("PRIMARY", "one", 2)
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "AllowTraffic")
    during = traffic()
    assert during["live_target_group"] == "one"
    assert {one["target_group"]: one["weight"] for one in during["production"]} == {"one": 90.0, "two": 10.0}
    assert sorted(one["target_group"] for one in during["task_sets"]) == ["one", "two"]
    shop.ended(deployment_id)
    after = traffic()
    assert after["live_target_group"] == "two"
    assert {one["target_group"]: one["weight"] for one in after["production"] if one["weight"]} == {"two": 100.0}
    assert [one["target_group"] for one in after["task_sets"] if one["status"] == "PRIMARY"] == ["two"]


def test_it_costs_nothing_unless_it_is_asked_for(shop: EcsShop) -> None:
    outcome = read()
    assert [call.service for call in outcome.calls] == ["codedeploy"] * 2
    assert "traffic" not in outcome["deployment_groups"][0]
    assert len(read(traffic=True).calls) == 5


def test_a_service_and_a_listener_that_are_gone(shop: EcsShop) -> None:
    shop.ecs.delete_service(cluster="shop", service="web", force=True)
    for listener in (shop.production, shop.test):
        shop.elbv2.delete_listener(ListenerArn=listener)
    clock.advance(3600)
    gone = traffic()
    assert (gone["live_target_group"], gone["production"], gone["test"]) == (None, [], [])


def test_groups_of_functions_have_no_traffic_of_their_own(world: None) -> None:
    LambdaShop().lambda_group()
    (group,) = read(traffic=True)["deployment_groups"]
    assert group["compute_platform"] == "Lambda"
    assert "traffic" not in group


def test_the_live_colour_is_no_difference(shop: EcsShop) -> None:
    """The pair is a set of two: a play that names it is as true after a deployment as before."""
    pair = {
        "target_groups": [{"name": "two"}, {"name": "one"}],
        "prod_traffic_route": {"listener_arns": [shop.production]},
        "test_traffic_route": {"listener_arns": [shop.test]},
    }
    asked = {
        "application_name": "app", "name": "prod", "service_role_arn": shop.group_info()["serviceRoleArn"],
        "ecs_services": [{"cluster_name": "shop", "service_name": "web"}], "auto_scaling_groups": [],
        "load_balancer_info": {"target_group_pair_info_list": [pair]},
    }  # fmt: skip
    assert not run_module(MODULE, asked).changed
    shop.swapped()
    again = run_module(MODULE, asked)
    assert (again.changed, again.writes) == (False, [])


def test_a_change_sends_nothing_that_ecs_refuses(shop: EcsShop) -> None:
    ready = {"action_on_timeout": "STOP_DEPLOYMENT", "wait_time_in_minutes": 30}
    asked = {
        "application_name": "app", "name": "prod", "service_role_arn": shop.group_info()["serviceRoleArn"],
        "blue_green_deployment_configuration": {"deployment_ready_option": ready}, "auto_scaling_groups": [],
    }  # fmt: skip
    changed = run_module(MODULE, asked)
    (sent,) = (call.parameters for call in changed.writes)
    assert set(sent) == {"applicationName", "currentDeploymentGroupName", "blueGreenDeploymentConfiguration"}
    kept = changed["deployment_group"]["blue_green_deployment_configuration"]
    assert kept["deployment_ready_option"] == ready
    assert kept["terminate_blue_instances_on_deployment_success"]["termination_wait_time_in_minutes"] == 60
    assert not run_module(MODULE, asked).changed
