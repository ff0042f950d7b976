# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Lifecycle hooks at launch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.autoscaling import autoscaling_backends
from support import compute

from slipway_emulator.clock import clock
from slipway_emulator.signals import launch_hook

ACCOUNT = "123456789012"
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What a listener of the signal was told."""
    heard: list[dict[str, Any]] = []

    def listen(_sender: Any, **facts: Any) -> None:
        heard.append(facts)

    with launch_hook.connected_to(listen):
        yield heard


def hooked(desired: int = 1, **more: Any) -> Any:
    """A group whose instances wait for a hook; its client."""
    compute.template(compute.image("1.8.1"))
    compute.group(0)
    scaling = compute.client("autoscaling")
    put(scaling, "deploy", **more)
    scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=desired)
    clock.advance(0)
    return scaling


def put(scaling: Any, name: str, **more: Any) -> None:
    wanted = {"LifecycleTransition": LAUNCHING, "HeartbeatTimeout": 600, **more}
    scaling.put_lifecycle_hook(AutoScalingGroupName="fleet", LifecycleHookName=name, **wanted)


def states() -> list[str]:
    return [m["LifecycleState"] for m in compute.members()]


def complete(fact: dict[str, Any], result: str) -> None:
    backend = autoscaling_backends[fact["account_id"]][fact["region"]]
    backend.complete_lifecycle_action(fact["group_name"], fact["hook_name"], fact["token"], result)  # type: ignore[attr-defined]


def test_an_instance_waits_until_its_hook_is_completed(told: list[dict[str, Any]]) -> None:
    hooked(2)
    assert states() == ["Pending:Wait", "Pending:Wait"]
    assert [fact["instance_id"] for fact in told] == [m["InstanceId"] for m in compute.members()]
    assert told[0]["hook_name"] == "deploy" and told[0]["region"] == compute.REGION
    complete(told[0], "CONTINUE")
    assert states() == ["InService", "Pending:Wait"]
    assert [a["StatusCode"] for a in compute.activities()] == ["MidLifecycleAction", "Successful"]


def test_all_hooks_of_a_launch_must_be_completed(told: list[dict[str, Any]]) -> None:
    scaling = hooked(0)
    put(scaling, "second")
    scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=1)
    clock.advance(0)
    assert sorted(fact["hook_name"] for fact in told) == ["deploy", "second"]
    complete(told[0], "CONTINUE")
    assert states() == ["Pending:Wait"]
    complete(told[1], "CONTINUE")
    assert states() == ["InService"]


def test_an_abandoned_instance_is_terminated_and_replaced(told: list[dict[str, Any]]) -> None:
    hooked()
    first = told[0]["instance_id"]
    complete(told[0], "ABANDON")
    assert states() == ["Terminating"]
    assert compute.host(first).state == "terminated"
    assert compute.activities()[0]["StatusCode"] == "Cancelled"
    assert "ABANDON Result" in compute.activities()[0]["StatusMessage"]
    clock.advance(16)
    assert states() == ["Pending:Wait"]
    assert [fact["instance_id"] for fact in told] == [first, compute.members()[0]["InstanceId"]]


@pytest.mark.parametrize(("default", "after"), [("CONTINUE", "InService"), ("ABANDON", "Terminating")])
def test_a_hook_nobody_completes_ends_by_its_default(default: str, after: str) -> None:
    hooked(DefaultResult=default)
    clock.advance(599)
    assert states() == ["Pending:Wait"]
    clock.advance(1)
    assert states() == [after]
    if default == "ABANDON":
        assert "Heartbeat Timeout" in compute.activities()[0]["StatusMessage"]


def test_a_heartbeat_prolongs_the_wait(told: list[dict[str, Any]]) -> None:
    scaling = hooked(DefaultResult="CONTINUE")
    clock.advance(500)
    scaling.record_lifecycle_action_heartbeat(
        AutoScalingGroupName="fleet", LifecycleHookName="deploy", LifecycleActionToken=told[0]["token"]
    )
    clock.advance(500)
    assert states() == ["Pending:Wait"]
    clock.advance(101)
    assert states() == ["InService"]


def test_completing_by_instance_and_what_is_refused(told: list[dict[str, Any]]) -> None:
    scaling = hooked()
    named = {"AutoScalingGroupName": "fleet", "LifecycleHookName": "deploy", "InstanceId": told[0]["instance_id"]}
    with pytest.raises(ClientError, match="Invalid lifecycle action result"):
        scaling.complete_lifecycle_action(**named, LifecycleActionResult="MAYBE")
    scaling.complete_lifecycle_action(**named, LifecycleActionResult="CONTINUE")
    assert states() == ["InService"]
    with pytest.raises(ClientError, match="No active Lifecycle Action found with instance ID"):
        scaling.complete_lifecycle_action(**named, LifecycleActionResult="CONTINUE")


def test_a_deleted_hook_gives_up_those_who_wait_for_it(told: list[dict[str, Any]]) -> None:
    scaling = hooked()
    scaling.delete_lifecycle_hook(AutoScalingGroupName="fleet", LifecycleHookName="deploy")
    assert states() == ["Terminating"]
    clock.advance(16)
    assert states() == ["InService"]
    with pytest.raises(ClientError, match="No Lifecycle Hook found"):
        scaling.delete_lifecycle_hook(AutoScalingGroupName="fleet", LifecycleHookName="deploy")


def test_a_hook_shows_what_was_given_and_keeps_what_was_not(told: list[dict[str, Any]]) -> None:
    scaling = hooked(0, DefaultResult="CONTINUE", NotificationMetadata="app")
    put(scaling, "deploy", HeartbeatTimeout=60)
    [hook] = scaling.describe_lifecycle_hooks(AutoScalingGroupName="fleet")["LifecycleHooks"]
    assert (hook["HeartbeatTimeout"], hook["DefaultResult"], hook["NotificationMetadata"]) == (60, "CONTINUE", "app")
    assert "RoleARN" not in hook
    with pytest.raises(ClientError, match="between 30 and 7200"):
        put(scaling, "deploy", HeartbeatTimeout=5)
    with pytest.raises(ClientError, match="not valid"):
        put(scaling, "deploy", LifecycleTransition="launching")


def test_hooks_of_a_new_group_hold_its_first_instances(told: list[dict[str, Any]]) -> None:
    compute.template(compute.image())
    compute.group(2, LifecycleHookSpecificationList=[{"LifecycleHookName": "deploy", "LifecycleTransition": LAUNCHING}])
    clock.advance(0)
    assert states() == ["Pending:Wait"] * 2
    assert len(told) == 2


def test_an_instance_terminated_while_it_waits_is_replaced(told: list[dict[str, Any]]) -> None:
    hooked()
    compute.client("ec2").terminate_instances(InstanceIds=[told[0]["instance_id"]])
    clock.advance(61)
    assert states() == ["Pending:Wait"] and len(told) == 2
    with pytest.raises(Exception, match="No active Lifecycle Action"):
        complete(told[0], "CONTINUE")
