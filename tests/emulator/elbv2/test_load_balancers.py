# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Load balancers: target health on the clock, actions as AWS tells them, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.ecs_shop import EcsWorld

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world


@pytest.fixture
def at() -> Iterator[EcsWorld]:
    with world():
        yield EcsWorld()


def forward(*shares: tuple[str, int]) -> list[dict[str, Any]]:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


def modify(at: EcsWorld, actions: list[dict[str, Any]]) -> dict[str, Any]:
    return at.elbv2.modify_listener(ListenerArn=at.production, DefaultActions=actions)["Listeners"][0]


# --- health


def test_a_target_is_healthy_once_it_could_have_passed_its_checks(at: EcsWorld) -> None:
    at.elbv2.register_targets(TargetGroupArn=at.one, Targets=[{"Id": "172.31.0.9"}])
    assert at.health(at.one) == ["initial"]
    clock.advance(19)
    assert at.health(at.one) == ["initial"]
    clock.advance(1)  # two checks, ten seconds apart
    assert at.health(at.one) == ["healthy"]


def test_a_group_without_a_listener_is_not_checked(at: EcsWorld) -> None:
    at.elbv2.register_targets(TargetGroupArn=at.two, Targets=[{"Id": "172.31.0.9"}])
    clock.advance(600)
    [found] = at.elbv2.describe_target_health(TargetGroupArn=at.two)["TargetHealthDescriptions"]
    assert (found["TargetHealth"]["State"], found["TargetHealth"]["Reason"]) == ("unused", "Target.NotInUse")
    modify(at, forward((at.one, 100), (at.two, 0)))  # a weight of 0 is enough to be checked
    assert at.health(at.two) == ["initial"]
    clock.advance(20)
    assert at.health(at.two) == ["healthy"]


def test_a_target_that_is_deregistered_drains(at: EcsWorld) -> None:
    targets = [{"Id": "172.31.0.9"}]
    at.elbv2.register_targets(TargetGroupArn=at.one, Targets=targets)
    clock.advance(60)
    at.elbv2.deregister_targets(TargetGroupArn=at.one, Targets=targets)
    clock.advance(299)
    assert at.health(at.one) == ["draining"]
    clock.advance(1)
    assert at.health(at.one) == []
    asked = at.elbv2.describe_target_health(TargetGroupArn=at.one, Targets=targets)["TargetHealthDescriptions"]
    assert asked[0]["TargetHealth"]["Reason"] == "Target.NotRegistered"


def test_a_target_is_its_id_and_port(at: EcsWorld) -> None:
    both = [{"Id": "172.31.0.9", "Port": 80}, {"Id": "172.31.0.9", "Port": 81}]
    at.elbv2.register_targets(TargetGroupArn=at.one, Targets=both)
    clock.advance(20)
    faults.add({"kind": "target-unhealthy", "target_group": "one", "port": "81"})
    assert at.health(at.one) == ["healthy", "unhealthy"]
    at.elbv2.deregister_targets(TargetGroupArn=at.one, Targets=both[1:])
    assert at.health(at.one) == ["draining", "healthy"]


def test_a_target_that_never_passes_gets_unhealthy(at: EcsWorld) -> None:
    rule = faults.add({"kind": "target-unhealthy", "target_id": "172.31.0.9"})
    at.elbv2.register_targets(TargetGroupArn=at.one, Targets=[{"Id": "172.31.0.9"}])
    clock.advance(60)
    assert at.health(at.one) == ["unhealthy"]
    faults.remove(rule["id"])
    assert at.health(at.one) == ["healthy"]


def test_hosts_of_an_auto_scaling_group_are_healthy_after_they_booted(at: EcsWorld) -> None:
    hosts = at.target_group("hosts", TargetType="instance")
    modify(at, forward((hosts, 1)))
    ami = at.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    at.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": ami})
    scaling = boto3.client("autoscaling", "eu-west-1")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web", MinSize=2, MaxSize=2, TargetGroupARNs=[hosts],
        LaunchTemplate={"LaunchTemplateName": "web"}, VPCZoneIdentifier=",".join(at.subnets),
    )  # fmt: skip
    clock.advance(49)
    assert at.health(hosts) == ["initial", "initial"]
    clock.advance(1)  # 30 seconds to boot, two checks
    assert at.health(hosts) == ["healthy", "healthy"]
    scaling.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=0, DesiredCapacity=0)
    assert at.health(hosts) == ["draining", "draining"]


@pytest.mark.parametrize(
    ("kind", "target"), [("ip", "i-0123456789abcdef0"), ("ip", "web"), ("instance", "i-0123456789abcdef0")]
)
def test_targets_that_cannot_be(at: EcsWorld, kind: str, target: str) -> None:
    group = at.target_group("other", TargetType=kind)
    with pytest.raises(ClientError, match="is not"):
        at.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": target}])


# --- listeners and rules


def test_a_forward_to_one_group_is_told_in_both_forms(at: EcsWorld) -> None:
    for sent in ([{"Type": "forward", "TargetGroupArn": at.two}], forward((at.two, 1))):
        [action] = modify(at, sent)["DefaultActions"]
        assert action["TargetGroupArn"] == at.two
        assert action["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": at.two, "Weight": 1}]
        assert action["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": False}
    assert "TargetGroupArn" not in modify(at, forward((at.one, 1), (at.two, 1)))["DefaultActions"][0]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([("one", 1000)], "between 0 and 999"),
        ([("one", -1)], "between 0 and 999"),
        ([("gone", 1)], "TargetGroupNotFound"),
        ([(f"g{n}", 1) for n in range(6)], "at most 5"),
        ([("one", 1), ("one", 2)], "more than once"),
        ([], "must be specified"),
    ],
)
def test_forwards_that_are_refused(at: EcsWorld, shares: list[tuple[str, int]], said: str) -> None:
    known = {"one": at.one, "gone": at.one + "x"}
    with pytest.raises(ClientError, match=said):
        modify(at, forward(*[(known.get(name, name), weight) for name, weight in shares]))
    assert at.weights(at.production) == {"one": 1}


def test_a_port_has_one_listener(at: EcsWorld) -> None:
    with pytest.raises(ClientError, match="DuplicateListener"):
        at.listener(80, at.two)
    with pytest.raises(ClientError, match="DuplicateListener"):
        at.elbv2.modify_listener(ListenerArn=at.test, Port=80)


def test_a_group_tells_which_load_balancer_uses_it(at: EcsWorld) -> None:
    def users(group: str) -> list[str]:
        return at.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["LoadBalancerArns"]

    assert (users(at.one), users(at.two)) == ([at.balancer], [])
    modify(at, forward((at.two, 1)))
    at.elbv2.modify_listener(ListenerArn=at.test, DefaultActions=forward((at.two, 1)))
    assert (users(at.one), users(at.two)) == ([], [at.balancer])
    at.elbv2.delete_load_balancer(LoadBalancerArn=at.balancer)
    assert users(at.two) == []


def test_a_group_belongs_to_one_load_balancer(at: EcsWorld) -> None:
    made = at.elbv2.create_load_balancer(Name="other", Subnets=at.subnets)
    with pytest.raises(ClientError, match="TargetGroupAssociationLimit"):
        at.elbv2.create_listener(
            LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"], Port=80, Protocol="HTTP",
            DefaultActions=forward((at.one, 1)),
        )  # fmt: skip


def test_a_name_has_one_load_balancer(at: EcsWorld) -> None:
    again = at.elbv2.create_load_balancer(Name="shop", Subnets=at.subnets)
    assert again["LoadBalancers"][0]["LoadBalancerArn"] == at.balancer
    with pytest.raises(ClientError, match="DuplicateLoadBalancerName"):
        at.elbv2.create_load_balancer(Name="shop", Subnets=at.subnets, Scheme="internal")
    assert len(at.elbv2.describe_load_balancers()["LoadBalancers"]) == 1


def test_network_load_balancers() -> None:
    with world():
        at = EcsWorld(kind="network")
        assert ":loadbalancer/net/shop/" in at.balancer and ":listener/net/shop/" in at.production
        for protocol in ("UDP", "TCP_UDP", "TLS"):
            assert (
                at.elbv2.modify_listener(ListenerArn=at.test, Protocol=protocol)["Listeners"][0]["Protocol"] == protocol
            )
        with pytest.raises(ClientError, match="Application Load Balancers"):
            at.elbv2.create_rule(ListenerArn=at.production, Priority=1, Conditions=[], Actions=forward((at.one, 1)))
