# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""In-place deployments behind load balancers: when hosts leave and join, and what keeps them from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from support.balanced import ALLOW, BLOCK, HEALTHY_SECONDS, WITH_TRAFFIC, Balanced
from support.balancers import DRAIN_SECONDS, KINDS
from support.codedeploy_shop import EVENTS

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world

ALL = [*BLOCK, *EVENTS, *ALLOW]
AT_ONCE = "CodeDeployDefault.AllAtOnce"


@pytest.fixture
def shop() -> Iterator[Balanced]:
    with world():
        yield Balanced()


def behind(shop: Balanced, count: int, *kinds: str, **settings: Any) -> list[str]:
    """Hosts behind load balancers of these kinds, named like them, and the group that deploys to them."""
    info: dict[str, Any] = {}
    for kind in kinds:
        for member, names in shop.balancer(kind, kind).items():
            info.setdefault(member, []).extend(names)
    hosts = shop.hosts(count)
    for kind in kinds:
        shop.join(hosts, kind)
    shop.group(deploymentStyle=WITH_TRAFFIC, loadBalancerInfo=info, **settings)
    return hosts


@pytest.mark.parametrize("kind", KINDS)
def test_one_host_after_the_other_leaves_drains_and_joins(shop: Balanced, kind: str) -> None:
    first, second = behind(shop, 2, kind)
    seen = [("healthy", "healthy")]
    deployment_id = shop.deploy(shop.bundle())
    record = shop.record(deployment_id)
    while not record.ended:
        clock.advance(3)
        now = shop.health(kind)
        seen.append((now.get(first, "gone"), now.get(second, "gone")))
        started = [e.name for t in record.targets.values() for e in t.events if e.status == "InProgress"]
        if set(started) & set(EVENTS):
            assert "gone" in seen[-1]
    turns = [seen[0], *(now for before, now in itertools.pairwise(seen) if now != before)]
    way = ["healthy", "draining", "gone", "initial", "healthy"]
    assert turns == [(state, "healthy") for state in way] + [("healthy", state) for state in way[1:]]
    assert shop.info(deployment_id)["status"] == "Succeeded"


def test_events_come_in_order_and_wait_for_draining_and_health(shop: Balanced) -> None:
    [host] = behind(shop, 1, "application", "classic")
    info = shop.deployed(shop.bundle())
    assert info["loadBalancerInfo"]["elbInfoList"] == [{"name": "classic"}]
    events = shop.events(info["deploymentId"], host)
    assert list(events) == ALL
    times = [moment for event in events.values() for moment in (event["startTime"], event["endTime"])]
    assert times == sorted(times)
    took = {name: (e["endTime"] - e["startTime"]).total_seconds() for name, e in events.items()}
    assert DRAIN_SECONDS <= took["BlockTraffic"] <= DRAIN_SECONDS + 6
    assert HEALTHY_SECONDS <= took["AllowTraffic"] <= HEALTHY_SECONDS + 6


def test_a_host_that_was_in_no_load_balancer_joins(shop: Balanced) -> None:
    shop.group(deploymentStyle=WITH_TRAFFIC, loadBalancerInfo=shop.balancer("application"))
    hosts = shop.hosts(2)
    assert shop.deployed(shop.bundle())["status"] == "Succeeded"
    assert shop.serving() == set(hosts)


def test_without_traffic_control_the_load_balancer_is_left_alone(shop: Balanced) -> None:
    hosts = shop.hosts(1)
    shop.group(loadBalancerInfo=shop.balancer("application"))
    deployed = shop.deployed(shop.bundle())
    assert list(shop.events(deployed["deploymentId"], hosts[0])) == EVENTS
    assert shop.health() == {}


@pytest.mark.parametrize("kind", ["classic", "application"])
def test_a_host_that_never_gets_healthy_fails_after_an_hour(shop: Balanced, kind: str) -> None:
    hosts = behind(shop, 2, kind, deploymentConfigName=AT_ONCE)
    narrowed = {"load_balancer": kind} if kind == "classic" else {"target_group": kind}
    faults.add({"kind": "target-unhealthy", "target_id": hosts[0], **narrowed})
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["deploymentOverview"]["Failed"]) == ("Succeeded", 1)
    events = shop.events(info["deploymentId"], hosts[0])
    failed = events["AllowTraffic"]
    assert failed["diagnostics"]["errorCode"] == "UnknownError"
    assert "did not become healthy" in failed["diagnostics"]["message"]
    assert failed["diagnostics"]["logTail"] == ""
    assert (failed["endTime"] - failed["startTime"]).total_seconds() == pytest.approx(3600)
    assert events["AfterAllowTraffic"]["status"] == "Skipped"
    assert shop.serving(kind) == {hosts[1]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_load_balancer_that_is_gone_fails_the_deployment_before_a_host_is_touched(shop: Balanced, kind: str) -> None:
    hosts = behind(shop, 2, kind)
    shop.remove(kind)
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "ELASTIC_LOAD_BALANCING_INVALID")
    assert kind in info["errorInformation"]["message"]
    assert set(shop.statuses(info["deploymentId"], hosts[0])) == {"Skipped"}


def test_a_load_balancer_that_goes_meanwhile_fails_the_host(shop: Balanced) -> None:
    hosts = behind(shop, 2, "classic")
    deployment_id = shop.deploy(shop.bundle())
    clock.run_until(lambda: "gone" in shop.health("classic") or len(shop.health("classic")) == 1)
    shop.remove("classic")
    info = shop.ended(deployment_id)
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    assert "classic" in shop.events(deployment_id, hosts[0])["AllowTraffic"]["diagnostics"]["message"]


def test_a_failed_host_stays_out_of_its_load_balancer(shop: Balanced) -> None:
    hosts = behind(shop, 2, "application")
    shop.fails(event="ApplicationStart", instance_id=hosts[0])
    info = shop.deployed(shop.bundle())
    assert info["status"] == "Failed"
    assert shop.statuses(info["deploymentId"], hosts[0])[-3:] == ["Skipped"] * 3
    assert shop.serving("application") == {hosts[1]}


def test_a_rollback_brings_the_host_back(shop: Balanced) -> None:
    hosts = behind(shop, 2, "application")
    shop.deployed(shop.bundle("app-1.zip"))
    shop.fails(event="ApplicationStart", revision_key="app-2.zip")
    back = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    failed = shop.deployed(shop.bundle("app-2.zip"), autoRollbackConfiguration=back)
    assert shop.ended(failed["rollbackInfo"]["rollbackDeploymentId"])["status"] == "Succeeded"
    assert shop.serving("application") == set(hosts)


def test_a_stop_lets_the_event_end_and_leaves_the_host_where_it_is(shop: Balanced) -> None:
    hosts = behind(shop, 2, "application")
    deployment_id = shop.deploy(shop.bundle())
    clock.run_until(lambda: shop.health("application")[hosts[0]] == "draining")
    assert shop.codedeploy.stop_deployment(deploymentId=deployment_id)["status"] == "Pending"
    info = shop.ended(deployment_id)
    assert info["status"] == "Stopped"
    assert shop.statuses(deployment_id, hosts[0])[:3] == ["Succeeded", "Succeeded", "Skipped"]
    assert shop.serving("application") == {hosts[1]}


def test_a_host_without_an_agent_fails_before_it_leaves(shop: Balanced) -> None:
    hosts = behind(shop, 1, "application")
    faults.add({"kind": "agent-stopped", "instance_id": hosts[0]})
    info = shop.deployed(shop.bundle())
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    event = shop.events(info["deploymentId"], hosts[0])["BeforeBlockTraffic"]
    assert "was not able to receive the lifecycle event" in event["diagnostics"]["message"]
    assert shop.serving("application") == set(hosts)


def test_a_target_group_of_addresses_takes_no_host(shop: Balanced) -> None:
    shop.balancer("application")
    vpc = shop.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    shop.elbv2.create_target_group(Name="addresses", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    hosts = shop.hosts(1)
    shop.group(deploymentStyle=WITH_TRAFFIC, loadBalancerInfo={"targetGroupInfoList": [{"name": "addresses"}]})
    info = shop.deployed(shop.bundle())
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    event = shop.events(info["deploymentId"], hosts[0])["AllowTraffic"]
    assert f"{hosts[0]} could not be registered" in event["diagnostics"]["message"]
