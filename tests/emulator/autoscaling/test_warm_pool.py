# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import boto3
import pytest
from support.fleets import Fleet

from slipway_emulator.clock import clock
from slipway_emulator.hosts import BOOT_SECONDS

NAME = {"AutoScalingGroupName": "shop"}


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.scaled("shop", 2)
    return found


def warmed(fleet: Fleet, **settings: object) -> dict[str, str]:
    fleet.autoscaling.put_warm_pool(**NAME, **settings)
    clock.advance(BOOT_SECONDS + 1)
    pool = fleet.autoscaling.describe_warm_pool(**NAME)["Instances"]
    return {one["InstanceId"]: one["LifecycleState"] for one in pool}


def state(fleet: Fleet, instance_id: str) -> str:
    found = fleet.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def test_a_pool_fills_up_beside_the_group(fleet: Fleet) -> None:
    pool = warmed(fleet, MaxGroupPreparedCapacity=4)
    assert list(pool.values()) == ["Warmed:Stopped"] * 2 and {state(fleet, one) for one in pool} == {"stopped"}
    (group,) = fleet.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["shop"])["AutoScalingGroups"]
    assert group["WarmPoolSize"] == 2 and not set(pool) & {one["InstanceId"] for one in group["Instances"]}
    told = fleet.autoscaling.describe_auto_scaling_instances(InstanceIds=[*pool])["AutoScalingInstances"]
    assert {one["LifecycleState"] for one in told} == {"Warmed:Stopped"}
    assert {one["AutoScalingGroupName"] for one in told} == {"shop"}


def test_a_pool_may_run(fleet: Fleet) -> None:
    (only,) = warmed(fleet, MinSize=1, MaxGroupPreparedCapacity=2, PoolState="Running").items()
    assert only[1] == "Warmed:Running" and state(fleet, only[0]) == "running"


def test_a_pool_goes_with_its_instances(fleet: Fleet) -> None:
    (only,) = warmed(fleet, MinSize=1, MaxGroupPreparedCapacity=0)
    fleet.autoscaling.delete_warm_pool(**NAME)
    assert state(fleet, only) in ("shutting-down", "terminated")
    with pytest.raises(boto3.client("autoscaling", "eu-west-1").exceptions.ClientError, match="not found"):
        fleet.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="gone")
