# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Termination deployments: what runs on a host before its Auto Scaling group ends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.balanced import BLOCK, FLEET, WITH_TRAFFIC, Balanced

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import registry
from slipway_emulator.world import world


@pytest.fixture
def shop() -> Iterator[Balanced]:
    with world():
        yield Balanced()


def fleet(shop: Balanced, **settings: Any) -> list[str]:
    hosts = shop.scaled(FLEET, 2)
    clock.advance(60)
    shop.group(ec2TagFilters=[], autoScalingGroups=[FLEET], terminationHookEnabled=True, **settings)
    return hosts


def shrink(shop: Balanced, size: int = 1) -> None:
    shop.autoscaling.set_desired_capacity(AutoScalingGroupName=FLEET, DesiredCapacity=size)


def states(shop: Balanced) -> dict[str, str]:
    [group] = shop.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[FLEET])["AutoScalingGroups"]
    return {instance["InstanceId"]: instance["LifecycleState"] for instance in group["Instances"]}


def terminations(shop: Balanced) -> list[dict[str, Any]]:
    ids = shop.codedeploy.list_deployments(applicationName="app", deploymentGroupName="prod")["deployments"]
    return [info for info in map(shop.info, ids) if info["creator"] == "autoscalingTermination"]


def test_a_host_is_stopped_before_it_is_ended(shop: Balanced) -> None:
    fleet(shop)
    shop.deployed(shop.bundle())
    shrink(shop)
    [leaving] = [host for host, state in states(shop).items() if state == "Terminating:Wait"]
    clock.advance(60)
    [info] = terminations(shop)
    assert (info["status"], list(shop.events(info["deploymentId"], leaving))) == ("Succeeded", ["ApplicationStop"])
    assert leaving not in states(shop)
    host = registry.get(leaving)
    assert host is not None
    assert host.state == "terminated"
    assert shop.group_info()["lastAttemptedDeployment"]["deploymentId"] != info["deploymentId"]


def test_it_leaves_its_load_balancer_first(shop: Balanced) -> None:
    info = shop.balancer("application")
    fleet(shop, deploymentStyle=WITH_TRAFFIC, loadBalancerInfo=info, deploymentConfigName="CodeDeployDefault.AllAtOnce")
    shop.attach(FLEET)
    shop.deployed(shop.bundle())
    shrink(shop)
    clock.advance(120)
    [info] = terminations(shop)
    [target] = shop.targets(info["deploymentId"]).values()
    assert [event["lifecycleEventName"] for event in target["lifecycleEvents"]] == [*BLOCK, "ApplicationStop"]
    assert {event["status"] for event in target["lifecycleEvents"]} == {"Succeeded"}
    assert shop.serving() == set(states(shop))


@pytest.mark.parametrize("deployed", [True, False])
def test_nothing_keeps_a_host_for_ever(shop: Balanced, deployed: bool) -> None:
    """Neither a dead agent nor a group that was never deployed to."""
    fleet(shop)
    if deployed:
        shop.deployed(shop.bundle())
        faults.add({"kind": "agent-stopped"})
    shrink(shop, 0)
    clock.advance(600)
    assert states(shop) == {}
    assert [info["status"] for info in terminations(shop)] == (["Failed"] * 2 if deployed else [])


def test_the_end_of_the_group_waits_for_nothing(shop: Balanced) -> None:
    hosts = fleet(shop)
    shop.deployed(shop.bundle())
    shop.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=FLEET, ForceDelete=True)
    found = [registry.get(host) for host in hosts]
    assert [host.state for host in found if host] == ["terminated"] * 2
    assert terminations(shop) == []


def test_a_replaced_fleet_takes_its_hooks_along(shop: Balanced) -> None:
    shop.copying(terminationHookEnabled=True)
    shop.deployed(shop.bundle())
    [group] = shop.group_info()["autoScalingGroups"]
    hooks = shop.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=group["name"])["LifecycleHooks"]
    assert {hook["LifecycleHookName"] for hook in hooks} == {group["hook"], group["terminationHook"]}
