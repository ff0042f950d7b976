# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments to ECS services that do not succeed: what they are refused for, faults, stops and rollbacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.ecs_shop import EcsShop
from support.lambda_shop import content

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world

EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
BACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}
CANARY = "ECSCanary10Percent5Minutes"


@pytest.fixture
def shop() -> Iterator[EcsShop]:
    with world():
        yield EcsShop()


def error(info: dict[str, Any]) -> tuple[str, str]:
    assert info["status"] == "Failed"
    return info["errorInformation"]["code"], info["errorInformation"]["message"]


def check_as_before(shop: EcsShop) -> None:
    """All traffic is on the first release, and nothing else is left."""
    clock.advance(400)
    assert shop.weights(shop.production)["one"] in (1, 100)
    assert shop.weights(shop.production).get("two", 0) == 0
    assert shop.weights(shop.test) == {"one": 1}
    [task_set] = shop.task_sets()
    assert task_set["status"] == "PRIMARY" and task_set["taskDefinition"].endswith("/web:1")
    assert shop.described()["taskDefinition"].endswith("/web:1")
    assert shop.described()["loadBalancers"] == shop.behind(shop.one)


# --- refused when it starts


def test_the_production_listener_was_pointed_elsewhere(shop: EcsShop) -> None:
    shop.ecs_group()
    shop.elbv2.modify_listener(
        ListenerArn=shop.production, DefaultActions=[{"Type": "forward", "TargetGroupArn": shop.two}]
    )
    code, message = error(shop.swapped())
    assert code == "ELASTIC_LOAD_BALANCING_INVALID"
    assert message == (
        "The ELB could not be updated due to the following error: Primary taskset target group must be behind listener "
        + shop.production
    )


def test_a_service_that_is_gone(shop: EcsShop) -> None:
    shop.ecs_group()
    shop.ecs.delete_service(cluster="shop", service="web", force=True)
    assert error(shop.swapped())[0] == "INVALID_ECS_SERVICE"


def test_a_target_group_that_is_gone(shop: EcsShop) -> None:
    shop.ecs_group()
    shop.elbv2.delete_target_group(TargetGroupArn=shop.two)
    assert error(shop.swapped())[0] == "ELASTIC_LOAD_BALANCING_INVALID"


def test_a_listener_that_is_gone(shop: EcsShop) -> None:
    shop.ecs_group()
    shop.elbv2.delete_listener(ListenerArn=shop.production)
    assert error(shop.swapped())[0] == "ELASTIC_LOAD_BALANCING_INVALID"


@pytest.mark.parametrize(
    "more",
    [{"Type": "AWS::Lambda::Function"}, {"TaskDefinition": ""}, {"LoadBalancerInfo": {"ContainerName": "web"}}],
)
def test_an_appspec_that_is_none(shop: EcsShop, more: dict[str, Any]) -> None:
    shop.ecs_group()
    text = shop.ecs_appspec("web:1", **{name: value for name, value in more.items() if name != "Type"})
    text = text.replace("AWS::ECS::Service", more.get("Type", "AWS::ECS::Service"))
    assert error(shop.deployed(content(text)))[0] == "INVALID_REVISION"


@pytest.mark.parametrize(
    ("definition", "properties", "said"),
    [
        ("web:9", {}, "Unable to describe task definition."),
        (
            "web:1",
            {"LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 80}},
            "The container app does not exist",
        ),
        ("web:1", {"LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 81}}, "a container port 81"),
    ],
)
def test_a_task_set_that_ecs_refuses(shop: EcsShop, definition: str, properties: dict[str, Any], said: str) -> None:
    shop.ecs_group()
    deployment_id = shop.swap(definition, properties=properties)
    code, message = error(shop.ended(deployment_id))
    assert code == "ECS_UPDATE_ERROR" and said in message
    assert shop.event_statuses(deployment_id)[:3] == ["Succeeded", "Failed", "Skipped"]


# --- faults


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "task-fails-to-start", "image": "nginx:2"},
        {"kind": "task-exits", "task_definition": "web:2"},
        {"kind": "target-unhealthy", "family": "web", "image": "nginx:2"},
    ],
)
def test_tasks_that_never_get_steady_fail_install_after_an_hour(shop: EcsShop, fault: dict[str, Any]) -> None:
    shop.ecs_group(test=True, autoRollbackConfiguration=BACK)
    faults.add(fault)
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "Install")
    clock.advance(3599)
    assert shop.info(deployment_id)["status"] == "InProgress"
    code, message = error(shop.ended(deployment_id))
    assert code == "TIMEOUT" and "60 minutes" in message
    check_as_before(shop)


def test_a_hook_that_fails_leaves_things_without_a_rollback(shop: EcsShop) -> None:
    shop.ecs_group(test=True)
    faults.add({"kind": "hook-fails", "event": "AfterAllowTestTraffic"})
    deployment_id = shop.swap(hooks={"AfterAllowTestTraffic": "fn"})
    assert error(shop.ended(deployment_id))[0] == "HOOK_EXECUTION_FAILURE"
    assert shop.weights(shop.test) == {"two": 100}
    assert shop.weights(shop.production) == {"one": 100, "two": 0}
    assert shop.sets(deployment_id) == [("Blue", "PRIMARY", 100.0), ("Green", "ACTIVE", 0.0)]
    clock.advance(400)
    assert shop.statuses_of_sets() == ["ACTIVE", "PRIMARY"]


@pytest.mark.parametrize("kind", ["hook-fails", "hook-silent"])
@pytest.mark.parametrize("event", [name for name in EVENTS if name.startswith(("Before", "After"))])
def test_a_hook_that_fails_takes_everything_back(shop: EcsShop, event: str, kind: str) -> None:
    shop.ecs_group(test=True, autoRollbackConfiguration=BACK)
    faults.add({"kind": kind, "event": event, "function_name": "fn"})
    assert error(shop.swapped(hooks={event: "fn"}))[0] == "HOOK_EXECUTION_FAILURE"
    check_as_before(shop)


def test_an_alarm_takes_the_traffic_back(shop: EcsShop) -> None:
    alarms = {"enabled": True, "alarms": [{"name": "errors"}]}
    shop.alarm("OK")
    shop.ecs_group(CANARY, test=True, alarmConfiguration=alarms, autoRollbackConfiguration=BACK)
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "AllowTraffic")
    shop.alarm("ALARM")
    assert shop.ended(deployment_id)["errorInformation"]["code"] == "ALARM_ACTIVE"
    check_as_before(shop)


def test_a_listener_that_goes_while_traffic_is_shifted(shop: EcsShop) -> None:
    shop.ecs_group(CANARY)
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "AllowTraffic")
    shop.elbv2.delete_listener(ListenerArn=shop.production)
    assert error(shop.ended(deployment_id))[0] == "ELASTIC_LOAD_BALANCING_INVALID"


@pytest.mark.parametrize("event", ["Install", "AllowTraffic"])
@pytest.mark.parametrize("gone", ["service", "task set"])
def test_what_is_deleted_meanwhile_fails_the_deployment(shop: EcsShop, event: str, gone: str) -> None:
    shop.ecs_group(CANARY)
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, event)
    if gone == "service":
        shop.ecs.delete_service(cluster="shop", service="web", force=True)
    else:
        [green] = [one["id"] for one in shop.task_sets() if one["status"] == "ACTIVE"]
        shop.ecs.delete_task_set(cluster="shop", service="web", taskSet=green, force=True)
    assert error(shop.ended(deployment_id))[0] == "ECS_UPDATE_ERROR"


# --- stops


def stopped_at(shop: EcsShop, event: str, roll_back: bool) -> str:
    deployment_id = shop.swap(hooks={name: "fn" for name in EVENTS if name.startswith(("Before", "After"))})
    shop.run_until_event(deployment_id, event)
    shop.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=roll_back)
    assert shop.ended(deployment_id)["status"] == "Stopped"
    return deployment_id


@pytest.mark.parametrize("event", EVENTS)
def test_a_stop_with_rollback_is_as_before(shop: EcsShop, event: str) -> None:
    shop.ecs_group(CANARY, test=True)
    stopped_at(shop, event, roll_back=True)
    check_as_before(shop)
    assert shop.swapped()["status"] == "Succeeded"


@pytest.mark.parametrize("event", EVENTS)
def test_a_stop_without_rollback_leaves_what_is(shop: EcsShop, event: str) -> None:
    shop.ecs_group(CANARY, test=True)
    deployment_id = stopped_at(shop, event, roll_back=False)
    weights, sets = shop.weights(shop.production), shop.statuses_of_sets()
    clock.advance(7200)
    assert (shop.weights(shop.production), shop.statuses_of_sets()) == (weights, sets)
    assert len(sets) == (1 if event == "BeforeInstall" else 2)
    if event == "AllowTraffic":
        assert weights == {"one": 90, "two": 10}
    assert shop.info(deployment_id)["errorInformation"]["code"] == "MANUAL_STOP"


@pytest.mark.parametrize("event", ["Install", "AllowTraffic", "AfterAllowTraffic"])
def test_the_next_deployment_clears_away_what_a_stop_left(shop: EcsShop, event: str) -> None:
    shop.ecs_group(CANARY, test=True)
    stopped_at(shop, event, roll_back=False)
    assert shop.swapped(image="nginx:3")["status"] == "Succeeded"
    clock.advance(400)
    [task_set] = shop.task_sets()
    assert task_set["taskDefinition"].endswith("/web:3")
    assert set(shop.weights(shop.production).values()) == {0, 100}


def test_a_rollback_is_a_deployment_of_its_own(shop: EcsShop) -> None:
    shop.ecs_group(CANARY)
    good = shop.swapped(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    clock.advance(400)
    [blue] = shop.task_sets()
    deployment_id = stopped_at(shop, "AllowTraffic", roll_back=True)
    rollback_id = shop.info(deployment_id)["rollbackInfo"]["rollbackDeploymentId"]
    info = shop.ended(rollback_id)
    assert (info["status"], info["creator"]) == ("Succeeded", "codeDeployRollback")
    assert info["revision"] == good["revision"]
    assert shop.sets(rollback_id) == [("Blue", "PRIMARY", 100.0), ("Green", "DRAINING", 0.0)]
    clock.advance(400)
    assert [task_set["id"] for task_set in shop.task_sets()] == [blue["id"]]
    assert shop.weights(shop.production) == {"two": 100, "one": 0}
