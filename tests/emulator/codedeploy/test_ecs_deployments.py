# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments to ECS services: the course of one that succeeds, its waits, and what the service is afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs_shop import EcsShop

from slipway_emulator.clock import clock
from slipway_emulator.world import world

WITHOUT_TEST = ["BeforeInstall", "Install", "AfterInstall", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]
WITH_TEST = [*WITHOUT_TEST[:3], "AllowTestTraffic", "AfterAllowTestTraffic", *WITHOUT_TEST[3:]]

OIDC = {
    **{f"{name}Endpoint": "https://login.example.com" for name in ("Authorization", "Token", "UserInfo")},
    "Issuer": "https://login.example.com",
    "ClientId": "shop",
    "ClientSecret": "open",
}


@pytest.fixture
def shop() -> Iterator[EcsShop]:
    with world():
        yield EcsShop()


def events(shop: EcsShop, deployment_id: str) -> list[str]:
    return [event["lifecycleEventName"] for event in shop.target(deployment_id)["lifecycleEvents"]]


def test_green_takes_over_and_blue_goes(shop: EcsShop) -> None:
    shop.ecs_group()
    [blue] = shop.task_sets()
    deployment_id = shop.swap()
    info = shop.ended(deployment_id)
    assert (info["status"], info["computePlatform"]) == ("Succeeded", "ECS")
    assert events(shop, deployment_id) == WITHOUT_TEST
    assert shop.event_statuses(deployment_id) == ["Succeeded"] * 6
    assert shop.weights(shop.production) == {"one": 0, "two": 100}  # the old group stays listed
    assert shop.sets(deployment_id) == [("Blue", "DRAINING", 0.0), ("Green", "PRIMARY", 100.0)]
    clock.advance(330)
    [green] = shop.task_sets()
    assert green["id"] != blue["id"]
    assert (green["status"], green["startedBy"], green["externalId"]) == ("PRIMARY", "CODE_DEPLOY", deployment_id)
    assert (shop.health(shop.one), shop.health(shop.two)) == ([], ["healthy", "healthy"])
    service = shop.described()
    assert service["taskDefinition"].endswith("/web:2")
    assert service["loadBalancers"] == shop.behind(shop.two)
    assert service["deployments"] == []


def test_the_groups_change_places_with_every_deployment(shop: EcsShop) -> None:
    shop.ecs_group()
    shop.swapped()
    shop.swapped(image="nginx:3")
    assert shop.weights(shop.production) == {"two": 0, "one": 100}
    assert shop.described()["taskDefinition"].endswith("/web:3")


def test_the_target_tells_of_both_task_sets(shop: EcsShop) -> None:
    shop.ecs_group("ECSCanary10Percent5Minutes")
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "AllowTraffic")
    target = shop.target(deployment_id)
    assert target["targetId"] == "shop:web"
    assert target["targetArn"] == shop.described()["serviceArn"]
    blue, green = target["taskSetsInfo"]
    assert (blue["status"], blue["trafficWeight"], blue["targetGroup"]) == ("PRIMARY", 90.0, {"name": "one"})
    assert (green["status"], green["trafficWeight"], green["targetGroup"]) == ("ACTIVE", 10.0, {"name": "two"})
    assert [green[f"{count}Count"] for count in ("desired", "pending", "running")] == [2, 0, 2]
    assert green["identifer"] in [task_set["id"] for task_set in shop.task_sets()]


def test_installing_lasts_until_the_new_tasks_are_healthy(shop: EcsShop) -> None:
    shop.ecs_group()
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "Install")
    clock.advance(45)  # the tasks run, but have not passed their health checks
    assert shop.target(deployment_id)["taskSetsInfo"][1]["runningCount"] == 2
    assert shop.health(shop.two) == ["initial", "initial"]
    shop.run_until_event(deployment_id, "AfterInstall")
    assert shop.health(shop.two) == ["healthy", "healthy"]
    assert shop.weights(shop.production) == {"one": 100, "two": 0}


def test_test_traffic_comes_before_production_traffic(shop: EcsShop) -> None:
    shop.ecs_group(test=True)
    deployment_id = shop.swap(hooks={"AfterAllowTestTraffic": "fn"})
    shop.run_until_event(deployment_id, "AfterAllowTestTraffic")
    assert shop.weights(shop.test) == {"two": 100}
    assert shop.weights(shop.production) == {"one": 100, "two": 0}
    assert shop.ended(deployment_id)["status"] == "Succeeded"
    assert events(shop, deployment_id) == WITH_TEST


def test_production_traffic_waits_to_be_continued(shop: EcsShop) -> None:
    shop.ecs_group(test=True, ready=30)
    deployment_id = shop.swap()
    clock.run_until(lambda: shop.record(deployment_id).status == "Ready")
    clock.advance(1700)
    assert shop.info(deployment_id)["status"] == "Ready"
    assert (shop.weights(shop.test), shop.weights(shop.production)) == ({"two": 100}, {"one": 100, "two": 0})
    with pytest.raises(ClientError, match="DeploymentIsNotInReadyState"):
        shop.codedeploy.continue_deployment(deploymentId=deployment_id, deploymentWaitType="TERMINATION_WAIT")
    shop.codedeploy.continue_deployment(deploymentId=deployment_id, deploymentWaitType="READY_WAIT")
    assert shop.ended(deployment_id)["status"] == "Succeeded"


def test_who_does_not_continue_in_time_stops_the_deployment(shop: EcsShop) -> None:
    shop.ecs_group(ready=30)
    info = shop.swapped()
    assert info["status"] == "Stopped"
    assert shop.weights(shop.production) == {"one": 100, "two": 0}
    assert shop.statuses_of_sets() == ["ACTIVE", "PRIMARY"]


@pytest.mark.parametrize("continued", [False, True])
def test_blue_stays_for_the_termination_wait(shop: EcsShop, continued: bool) -> None:
    shop.ecs_group(termination=60)
    deployment_id = shop.swap()
    clock.run_until(lambda: shop.info(deployment_id)["instanceTerminationWaitTimeStarted"])
    clock.advance(3500)
    assert shop.info(deployment_id)["status"] == "InProgress"
    assert shop.sets(deployment_id) == [("Blue", "ACTIVE", 0.0), ("Green", "PRIMARY", 100.0)]
    with pytest.raises(ClientError, match="DeploymentLimitExceeded"):
        shop.swap()
    if continued:
        shop.codedeploy.continue_deployment(deploymentId=deployment_id, deploymentWaitType="TERMINATION_WAIT")
    else:
        clock.advance(100)
    assert shop.info(deployment_id)["status"] == "Succeeded"
    clock.advance(400)
    assert shop.statuses_of_sets() == ["PRIMARY"]


def test_a_service_that_is_scaled_meanwhile_scales_both_sides(shop: EcsShop) -> None:
    shop.ecs_group("ECSCanary10Percent15Minutes")
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "AllowTraffic")
    shop.ecs.update_service(cluster="shop", service="web", desiredCount=3)
    clock.advance(60)
    assert [one["runningCount"] for one in shop.target(deployment_id)["taskSetsInfo"]] == [3, 3]
    assert shop.described()["runningCount"] == 6


def appspec_network(shop: EcsShop) -> dict[str, Any]:
    vpc = {"Subnets": shop.subnets[1:], "SecurityGroups": [], "AssignPublicIp": "ENABLED"}
    return {"AwsvpcConfiguration": vpc}


def test_what_the_appspec_says_of_the_tasks(shop: EcsShop) -> None:
    shop.ecs_group()
    shop.swapped(properties={"PlatformVersion": "1.4.0", "NetworkConfiguration": appspec_network(shop)})
    service = shop.described()
    assert service["platformVersion"] == "1.4.0"
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    assert (network["subnets"], network["assignPublicIp"]) == (shop.subnets[1:], "ENABLED")
    shop.swapped(image="nginx:3")  # and what it does not say stays
    assert shop.described()["platformVersion"] == "1.4.0"
    assert shop.described()["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == shop.subnets[1:]


def test_capacity_providers_are_taken_from_the_appspec_only(shop: EcsShop) -> None:
    shop.ecs_group()
    strategy = [{"CapacityProvider": "FARGATE_SPOT", "Base": 1, "Weight": 1}]
    shop.swapped(properties={"CapacityProviderStrategy": strategy})
    service = shop.described()
    assert service["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 1}]
    assert "launchType" not in service
    shop.swapped(image="nginx:3")
    assert shop.described()["launchType"] == "FARGATE"
    assert not shop.described().get("capacityProviderStrategy")


def test_other_rules_that_forward_to_the_groups_follow(shop: EcsShop) -> None:
    condition = {"Field": "path-pattern", "Values": ["/api/*"]}
    forward = [{"Type": "forward", "TargetGroupArn": shop.one}]
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    for priority, actions in ((1, forward), (2, fixed)):
        shop.elbv2.create_rule(ListenerArn=shop.production, Priority=priority, Conditions=[condition], Actions=actions)
    shop.ecs_group()
    shop.swapped()
    rules = shop.elbv2.describe_rules(ListenerArn=shop.production)["Rules"]
    by_priority = {rule["Priority"]: rule["Actions"][0] for rule in rules}
    shares = {g["TargetGroupArn"]: g["Weight"] for g in by_priority["1"]["ForwardConfig"]["TargetGroups"]}
    assert shares == {shop.one: 0, shop.two: 100}
    assert by_priority["2"]["Type"] == "fixed-response"


def test_what_else_a_listener_does_stays(shop: EcsShop) -> None:
    first = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": OIDC}
    sticky = {"Enabled": True, "DurationSeconds": 600}
    config = {"TargetGroups": [{"TargetGroupArn": shop.one}], "TargetGroupStickinessConfig": sticky}
    then = {"Type": "forward", "Order": 2, "ForwardConfig": config}
    shop.elbv2.modify_listener(ListenerArn=shop.production, DefaultActions=[first, then])
    shop.ecs_group()
    shop.swapped()
    kept, forward = shop.elbv2.describe_listeners(ListenerArns=[shop.production])["Listeners"][0]["DefaultActions"]
    assert (kept["Type"], kept["Order"], forward["Order"]) == ("authenticate-oidc", 1, 2)
    assert forward["ForwardConfig"]["TargetGroupStickinessConfig"] == sticky
    assert [group["Weight"] for group in forward["ForwardConfig"]["TargetGroups"]] == [0, 100]


def test_a_network_load_balancer_shifts_all_at_once() -> None:
    with world():
        shop = EcsShop(kind="network")
        shop.ecs_group()
        assert shop.swapped()["status"] == "Succeeded"
        assert shop.weights(shop.production) == {"one": 0, "two": 100}
        with pytest.raises(ClientError, match="InvalidTrafficRoutingConfiguration"):
            shop.swap(image="nginx:3", deploymentConfigName="CodeDeployDefault.ECSCanary10Percent5Minutes")
