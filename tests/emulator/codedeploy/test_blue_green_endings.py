# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Blue/green deployments to servers that fail, are stopped or are rolled back: what becomes of both fleets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from support.balanced import ALLOW, BLOCK, FLEET, Balanced

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import registry
from slipway_emulator.world import world

BACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"]}


@pytest.fixture
def shop() -> Iterator[Balanced]:
    with world():
        yield Balanced()


def fleets(shop: Balanced) -> set[str]:
    found = shop.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return {group["AutoScalingGroupName"] for group in found}


def selected(shop: Balanced) -> list[str]:
    return [group["name"] for group in shop.group_info()["autoScalingGroups"]]


def copy_of(info: dict[str, Any]) -> str:
    return f"CodeDeploy_prod_{info['deploymentId']}"


def assert_blue_never_noticed(shop: Balanced, blue: list[str], info: dict[str, Any], copied: bool = True) -> None:
    assert shop.serving() == set(blue)
    assert selected(shop) == [FLEET]
    assert fleets(shop) == ({FLEET, copy_of(info)} if copied else {FLEET})
    hosts = [registry.get(host) for host in blue]
    assert {host.state for host in hosts if host} == {"running"}
    blue_events = [shop.statuses(info["deploymentId"], host) for host in blue]
    assert {status for statuses in blue_events for status in statuses} == {"Skipped"}


def test_a_green_hook_fails(shop: Balanced) -> None:
    blue = shop.copying(deploymentConfigName="CodeDeployDefault.OneAtATime")
    shop.fails(event="ValidateService", revision_key="app-2.zip")
    files = {
        "appspec.yml": "version: 0.0\nos: linux\nhooks:\n  ValidateService:\n    - location: a.sh\n",
        "a.sh": "#!/bin/sh\n",
    }
    info = shop.deployed(shop.bundle("app-2.zip", files), autoRollbackConfiguration=BACK)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "HEALTH_CONSTRAINTS")
    assert (info["deploymentOverview"]["Failed"], info["deploymentOverview"]["Skipped"]) == (1, 3)
    assert "rollbackDeploymentId" not in info["rollbackInfo"]
    assert_blue_never_noticed(shop, blue, info)


@pytest.mark.parametrize("stop", ["before the launch", "while it installs", "while it is ready"])
def test_a_stop_before_traffic_moves(shop: Balanced, stop: str) -> None:
    blue = shop.copying(ready=60)
    deployment_id = shop.deploy(shop.bundle())
    if stop == "while it installs":
        clock.run_until(lambda: (shop.record(deployment_id).overview() or {}).get("InProgress", 0) > 0)
    elif stop == "while it is ready":
        shop.until(deployment_id, "Ready")
    else:
        clock.advance(3)
    shop.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
    info = shop.ended(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert "nothing to roll back" in info["rollbackInfo"]["rollbackMessage"]
    assert_blue_never_noticed(shop, blue, info)


def test_no_instance_can_be_launched(shop: Balanced) -> None:
    blue = shop.copying()
    faults.add({"kind": "launch-fails", "auto_scaling_group": "CodeDeploy_*", "message": "You have no more capacity."})
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "AUTO_SCALING_CONFIGURATION")
    assert "You have no more capacity." in info["errorInformation"]["message"]
    assert_blue_never_noticed(shop, blue, info)


def test_the_fleet_is_gone(shop: Balanced) -> None:
    shop.copying()
    shop.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=FLEET, ForceDelete=True)
    info = shop.deployed(shop.bundle())
    assert (info["errorInformation"]["code"], fleets(shop)) == ("AUTO_SCALING_CONFIGURATION", set())


def test_the_load_balancer_is_gone(shop: Balanced) -> None:
    shop.copying("classic")
    shop.remove()
    info = shop.deployed(shop.bundle())
    assert (info["errorInformation"]["code"], fleets(shop)) == ("ELASTIC_LOAD_BALANCING_INVALID", {FLEET})


def never_healthy(shop: Balanced, deployment_id: str) -> None:
    shop.until(deployment_id, "Ready")
    for host in shop.labelled(deployment_id, "Green"):
        faults.add({"kind": "target-unhealthy", "target_id": host})
    shop.go_on(deployment_id)


def test_green_never_gets_healthy(shop: Balanced) -> None:
    """Without a rollback what was registered stays, and blue keeps the traffic."""
    blue = shop.copying(ready=60)
    deployment_id = shop.deploy(shop.bundle())
    never_healthy(shop, deployment_id)
    info = shop.ended(deployment_id)
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    assert (info["completeTime"] - info["startTime"]).total_seconds() > 3600
    assert_blue_never_noticed(shop, blue, info)
    assert set(shop.health()) == {*blue, *shop.labelled(deployment_id, "Green")}


def test_a_rollback_takes_green_out(shop: Balanced) -> None:
    shop.copying(ready=60)
    first = shop.deploy(shop.bundle("app-1.zip"))
    shop.until(first, "Ready")
    shop.go_on(first)
    shop.ended(first)
    blue = set(shop.serving())
    second = shop.deploy(shop.bundle("app-2.zip"), autoRollbackConfiguration=BACK)
    never_healthy(shop, second)
    info = shop.ended(second)
    back = shop.ended(info["rollbackInfo"]["rollbackDeploymentId"])
    assert (back["status"], back["creator"]) == ("Succeeded", "codeDeployRollback")
    assert back["revision"]["s3Location"]["key"] == "app-1.zip"
    assert (shop.serving(), set(shop.health())) == (blue, blue)
    assert selected(shop) == [f"CodeDeploy_prod_{first}"]


@pytest.mark.parametrize("earlier", [True, False])
def test_a_stop_after_traffic_moved_takes_it_back(shop: Balanced, earlier: bool) -> None:
    blue = set(shop.copying(termination=60))
    if earlier:
        first = shop.deploy(shop.bundle("app-1.zip"))
        clock.run_until(lambda: shop.record(first).termination_wait)
        shop.go_on(first, "TERMINATION_WAIT")
        shop.ended(first)
        blue = set(shop.serving())
    names = selected(shop)
    second = shop.deploy(shop.bundle("app-2.zip"))
    clock.run_until(lambda: shop.record(second).termination_wait)
    green = set(shop.labelled(second, "Green"))
    assert shop.serving() == green
    answer = shop.codedeploy.stop_deployment(deploymentId=second, autoRollbackEnabled=True)
    assert (answer["status"], shop.info(second)["status"]) == ("Succeeded", "Stopped")
    rollback = shop.info(second)["rollbackInfo"].get("rollbackDeploymentId")
    assert bool(rollback) is earlier
    if rollback:
        shop.ended(rollback)
        targets = shop.targets(rollback)
        events = {i: [e["lifecycleEventName"] for e in t["lifecycleEvents"]] for i, t in targets.items()}
        assert events == {**dict.fromkeys(blue, ALLOW), **dict.fromkeys(green, BLOCK)}
    clock.advance(60)
    assert (shop.serving(), selected(shop)) == (blue, names)
    assert f"CodeDeploy_prod_{second}" in fleets(shop)  # the copy stays until somebody deletes it
    assert len(fleets(shop)) == 2


def test_a_stop_after_traffic_moved_leaves_both_fleets(shop: Balanced) -> None:
    shop.copying(termination=60)
    deployment_id = shop.deploy(shop.bundle())
    clock.run_until(lambda: shop.record(deployment_id).termination_wait)
    shop.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=False)
    info = shop.ended(deployment_id)
    clock.advance(7200)
    assert shop.serving() == set(shop.labelled(deployment_id, "Green"))
    assert (selected(shop), fleets(shop)) == ([FLEET], {FLEET, copy_of(info)})


def test_one_blue_host_that_cannot_leave_fails_it(shop: Balanced) -> None:
    blue = shop.copying()
    faults.add({"kind": "agent-stopped", "instance_id": blue[0]})
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "HEALTH_CONSTRAINTS")
    assert shop.serving() == {blue[0], *shop.labelled(info["deploymentId"], "Green")}
    assert selected(shop) == [FLEET]


def grow(shop: Balanced) -> None:
    shop.autoscaling.set_desired_capacity(AutoScalingGroupName=FLEET, DesiredCapacity=3)
    clock.advance(60)


def shrink(shop: Balanced) -> None:
    shop.autoscaling.set_desired_capacity(AutoScalingGroupName=FLEET, DesiredCapacity=1)
    clock.advance(60)


@pytest.mark.parametrize("change", [grow, shrink])
def test_the_blue_fleet_changes_its_size_meanwhile(shop: Balanced, change: Callable[[Balanced], None]) -> None:
    shop.copying(ready=60)
    deployment_id = shop.deploy(shop.bundle())
    shop.until(deployment_id, "Ready")
    change(shop)
    shop.go_on(deployment_id)
    assert shop.ended(deployment_id)["status"] == "Succeeded"
    assert shop.serving() == set(shop.labelled(deployment_id, "Green"))
    assert len(fleets(shop)) == 1


def test_green_hosts_that_are_gone_get_no_traffic(shop: Balanced) -> None:
    blue = shop.copying(ready=60)
    deployment_id = shop.deploy(shop.bundle())
    shop.until(deployment_id, "Ready")
    shop.autoscaling.delete_auto_scaling_group(
        AutoScalingGroupName=f"CodeDeploy_prod_{deployment_id}", ForceDelete=True
    )
    shop.go_on(deployment_id)
    info = shop.ended(deployment_id)
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    assert_blue_never_noticed(shop, blue, info, copied=False)


def test_an_alarm_stops_it_while_it_waits(shop: Balanced) -> None:
    cloudwatch = boto3.client("cloudwatch", shop.region)
    cloudwatch.put_metric_alarm(
        AlarmName="errors", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip
    blue = shop.copying(ready=60, alarmConfiguration={"enabled": True, "alarms": [{"name": "errors"}]})
    deployment_id = shop.deploy(shop.bundle())
    shop.until(deployment_id, "Ready")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    info = shop.ended(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert_blue_never_noticed(shop, blue, info)
