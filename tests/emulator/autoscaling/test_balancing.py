# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Load balancers of an Auto Scaling group: who joins them, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from support.balanced import HEALTHY_SECONDS, Balanced
from support.balancers import DRAIN_SECONDS

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import BOOT_SECONDS
from slipway_emulator.world import world

NAME = "fleet"


@pytest.fixture(params=["classic", "application"])
def at(request: pytest.FixtureRequest) -> Iterator[Balanced]:
    """A group of two hosts and a load balancer that is not attached yet."""
    with world():
        made = Balanced()
        made.balancer(request.param)
        made.scaled(NAME, 2)
        clock.advance(BOOT_SECONDS)
        yield made


def attach(at: Balanced) -> None:
    if at.kinds["web"] == "classic":
        at.autoscaling.attach_load_balancers(AutoScalingGroupName=NAME, LoadBalancerNames=["web"])
    else:
        at.autoscaling.attach_load_balancer_target_groups(AutoScalingGroupName=NAME, TargetGroupARNs=[at.arns["web"]])


def detach(at: Balanced) -> None:
    if at.kinds["web"] == "classic":
        at.autoscaling.detach_load_balancers(AutoScalingGroupName=NAME, LoadBalancerNames=["web"])
    else:
        at.autoscaling.detach_load_balancer_target_groups(AutoScalingGroupName=NAME, TargetGroupARNs=[at.arns["web"]])


def leave(at: Balanced, host: str) -> None:
    if at.kinds["web"] == "classic":
        at.elb.deregister_instances_from_load_balancer(LoadBalancerName="web", Instances=[{"InstanceId": host}])
    else:
        at.elbv2.deregister_targets(TargetGroupArn=at.arns["web"], Targets=[{"Id": host}])
    clock.advance(DRAIN_SECONDS + 1)


def scale(at: Balanced, size: int) -> set[str]:
    """Scale out; gives the new hosts."""
    before = set(at.in_service(NAME))
    at.autoscaling.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=size)
    clock.advance(BOOT_SECONDS + HEALTHY_SECONDS + 1)
    return set(at.in_service(NAME)) - before


def test_those_in_service_join_and_new_ones_follow(at: Balanced) -> None:
    attach(at)
    clock.advance(HEALTHY_SECONDS + 1)
    assert at.serving() == set(at.in_service(NAME))
    assert scale(at, 3) <= at.serving()


def test_a_host_that_somebody_deregistered_stays_out(at: Balanced) -> None:
    attach(at)
    clock.advance(HEALTHY_SECONDS + 1)
    first, second = at.in_service(NAME)
    leave(at, first)
    [third] = scale(at, 3)
    assert at.serving() == {second, third}


def test_a_host_that_a_hook_holds_joins_when_it_is_let_go(at: Balanced) -> None:
    attach(at)
    at.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=NAME, LifecycleHookName="hold", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
        HeartbeatTimeout=300, DefaultResult="CONTINUE",
    )  # fmt: skip
    assert scale(at, 3) == set()
    assert len(at.health()) == 2
    clock.advance(300)
    assert set(at.health()) == set(at.in_service(NAME))
    assert len(at.health()) == 3


def test_while_the_process_is_suspended_nobody_joins_nor_later(at: Balanced) -> None:
    attach(at)
    processes = {"AutoScalingGroupName": NAME, "ScalingProcesses": ["AddToLoadBalancer"]}
    at.autoscaling.suspend_processes(**processes)
    new = scale(at, 3)
    assert len(new) == 1
    assert not new & set(at.health())
    at.autoscaling.resume_processes(**processes)
    clock.advance(HEALTHY_SECONDS)
    assert not new & set(at.health())


def test_hosts_leave_with_the_group(at: Balanced) -> None:
    attach(at)
    clock.advance(HEALTHY_SECONDS + 1)
    first, _second = at.in_service(NAME)
    at.autoscaling.detach_instances(AutoScalingGroupName=NAME, InstanceIds=[first], ShouldDecrementDesiredCapacity=True)
    assert at.health()[first] == "draining"
    detach(at)
    clock.advance(DRAIN_SECONDS + 1)
    assert at.health() == {}


def test_what_is_not_there_cannot_be_attached(at: Balanced) -> None:
    at.remove()
    with pytest.raises(ClientError, match=r"Provided .* may not be valid"):
        attach(at)
    with pytest.raises(ClientError, match="Provided Load Balancers may not be valid"):
        at.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName="other", MinSize=0, MaxSize=1, LoadBalancerNames=["none"],
            LaunchTemplate={"LaunchTemplateName": NAME}, VPCZoneIdentifier=at.subnet,
        )  # fmt: skip


def test_a_host_that_a_load_balancer_finds_unhealthy_is_replaced_after_the_grace_period(at: Balanced) -> None:
    at.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=NAME, HealthCheckType="ELB", HealthCheckGracePeriod=600
    )
    attach(at)
    sick, well = at.in_service(NAME)
    faults.add({"kind": "target-unhealthy", "target_id": sick})
    clock.advance(300)
    assert at.in_service(NAME) == [sick, well]
    clock.advance(600)
    assert sick not in at.in_service(NAME) and well in at.in_service(NAME) and len(at.in_service(NAME)) == 2
    causes = [
        one["Cause"] for one in at.autoscaling.describe_scaling_activities(AutoScalingGroupName=NAME)["Activities"]
    ]
    assert any("in response to an ELB system health check" in cause for cause in causes)


def test_without_that_health_check_it_stays(at: Balanced) -> None:
    attach(at)
    hosts = at.in_service(NAME)
    faults.add({"kind": "target-unhealthy", "target_id": hosts[0]})
    clock.advance(1200)
    assert at.in_service(NAME) == hosts
