# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Blue/green deployments to servers that succeed: fleets, waits, traffic, and what the group selects afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.balanced import ALLOW, BLOCK, FLEET, Balanced
from support.balancers import KINDS
from support.codedeploy_shop import EVENTS

from slipway_emulator.clock import clock
from slipway_emulator.hosts import registry
from slipway_emulator.world import world


@pytest.fixture
def shop() -> Iterator[Balanced]:
    with world():
        yield Balanced()


def groups(shop: Balanced) -> dict[str, dict[str, Any]]:
    return {g["AutoScalingGroupName"]: g for g in shop.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]}


def state(host: str) -> str:
    known = registry.get(host)
    assert known is not None
    return known.state


@pytest.mark.parametrize("kind", KINDS)
def test_a_copied_group_takes_over(shop: Balanced, kind: str) -> None:
    blue = shop.copying(kind)
    deployment_id = shop.deploy(shop.bundle())
    record, seen = shop.record(deployment_id), []
    while not record.ended:
        clock.advance(5)
        seen.append(shop.serving())
    green = shop.labelled(deployment_id, "Green")
    info = shop.info(deployment_id)
    assert (info["status"], len(green)) == ("Succeeded", 2)
    # traffic: blue alone, both, green alone; never nobody
    turns = [now for now, before in zip(seen, [None, *seen], strict=False) if now != before]
    assert turns[0] == set(blue)
    assert set(blue) | set(green) in turns
    assert turns[-1] == set(green)
    assert all(turns)
    name = f"CodeDeploy_prod_{deployment_id}"
    assert set(groups(shop)) == {name}
    assert shop.in_service(name) == sorted(green)
    assert {state(host) for host in blue} == {"terminated"}
    assert [group["name"] for group in shop.group_info()["autoScalingGroups"]] == [name]
    assert info["deploymentOverview"]["Succeeded"] == 4


def test_targets_have_labels_and_the_events_of_their_side(shop: Balanced) -> None:
    blue = shop.copying(deploymentConfigName="CodeDeployDefault.OneAtATime")
    deployment_id = shop.deployed(shop.bundle())["deploymentId"]
    targets = shop.targets(deployment_id)
    assert sorted(shop.labelled(deployment_id, "Blue")) == blue
    for target in targets.values():
        names = [event["lifecycleEventName"] for event in target["lifecycleEvents"]]
        assert names == (BLOCK if target["instanceLabel"] == "Blue" else [*EVENTS, *ALLOW])
        assert {event["status"] for event in target["lifecycleEvents"]} == {"Succeeded"}
    instances = shop.codedeploy.batch_get_deployment_instances(deploymentId=deployment_id, instanceIds=list(targets))
    assert {i["instanceType"] for i in instances["instancesSummary"]} == {"Blue", "Green"}
    # one green host after the other gets traffic, and no blue one leaves before
    moves = {i: {e["lifecycleEventName"]: e for e in t["lifecycleEvents"]} for i, t in targets.items()}
    joins = sorted(
        (m["AllowTraffic"]["startTime"], m["AllowTraffic"]["endTime"]) for m in moves.values() if "Install" in m
    )
    assert joins[0][1] <= joins[1][0]
    assert all(m["BlockTraffic"]["startTime"] >= joins[1][1] for m in moves.values() if "Install" not in m)


def test_what_a_copy_has_and_has_not(shop: Balanced) -> None:
    shop.copying(count=3)
    shop.autoscaling.create_or_update_tags(
        Tags=[{"ResourceId": FLEET, "ResourceType": "auto-scaling-group", "Key": "team", "Value": "a", "PropagateAtLaunch": True}]
    )  # fmt: skip
    shop.autoscaling.put_scaling_policy(
        AutoScalingGroupName=FLEET, PolicyName="more", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1
    )
    shop.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=FLEET, LifecycleHookName="own", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING"
    )
    sick = shop.in_service(FLEET)[0]
    source = groups(shop)[FLEET]
    deployment_id = shop.deploy(shop.bundle())
    shop.ec2.stop_instances(InstanceIds=[sick])
    clock.run_until(lambda: len(groups(shop)) == 2)
    name = f"CodeDeploy_prod_{deployment_id}"
    made = groups(shop)[name]
    for member in ("MaxSize", "VPCZoneIdentifier", "TargetGroupARNs", "HealthCheckType", "LaunchTemplate"):
        assert made[member] == source[member]
    assert made["DesiredCapacity"] == 2  # as many as were healthy
    assert [(tag["Key"], tag["Value"], tag["ResourceId"]) for tag in made["Tags"]] == [("team", "a", name)]
    assert [process["ProcessName"] for process in made["SuspendedProcesses"]] == ["AddToLoadBalancer"]
    assert shop.autoscaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"] == []
    assert shop.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"] == []
    shop.ended(deployment_id)
    assert groups(shop)[name]["SuspendedProcesses"] == []
    [hook] = shop.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"]
    assert hook["LifecycleHookName"] == shop.group_info()["autoScalingGroups"][0]["hook"]


def test_the_next_deployment_replaces_the_copy(shop: Balanced) -> None:
    shop.copying()
    first = shop.deployed(shop.bundle("app-1.zip"))
    second = shop.deployed(shop.bundle("app-2.zip"))
    assert second["status"] == "Succeeded"
    assert set(groups(shop)) == {f"CodeDeploy_prod_{second['deploymentId']}"}
    blue, green = (shop.labelled(second["deploymentId"], label) for label in ("Blue", "Green"))
    assert set(blue) == set(shop.labelled(first["deploymentId"], "Green"))
    assert shop.serving() == set(green)


def test_a_new_host_of_the_copy_gets_the_live_revision_and_traffic(shop: Balanced) -> None:
    shop.copying()
    name = f"CodeDeploy_prod_{shop.deployed(shop.bundle())['deploymentId']}"
    before = set(shop.in_service(name))
    shop.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
    clock.advance(300)
    [new] = set(shop.in_service(name)) - before
    assert new in shop.serving()


def test_it_waits_ready_until_it_is_continued(shop: Balanced) -> None:
    blue = shop.copying(ready=30)
    deployment_id = shop.deploy(shop.bundle())
    with pytest.raises(ClientError, match="does not wait"):
        shop.go_on(deployment_id)
    shop.until(deployment_id, "Ready")
    info = shop.info(deployment_id)
    assert (info["deploymentOverview"]["Ready"], info["deploymentOverview"]["Pending"]) == (2, 2)
    ready = {"TargetStatus": ["Ready"], "ServerInstanceLabel": ["Green"]}
    listed = shop.codedeploy.list_deployment_targets(deploymentId=deployment_id, targetFilters=ready)["targetIds"]
    assert len(listed) == 2
    assert shop.serving() == set(blue)
    clock.advance(1500)
    with pytest.raises(shop.codedeploy.exceptions.DeploymentLimitExceededException):
        shop.deploy(shop.bundle())
    with pytest.raises(ClientError, match="does not wait"):
        shop.go_on(deployment_id, "TERMINATION_WAIT")
    shop.go_on(deployment_id)
    assert shop.ended(deployment_id)["status"] == "Succeeded"


def test_nobody_continued_it_in_time(shop: Balanced) -> None:
    blue = shop.copying(ready=30)
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "TIMEOUT")
    assert shop.serving() == set(blue)
    assert len(groups(shop)) == 2  # the copy is left
    assert info["deploymentOverview"]["Skipped"] == 4


@pytest.mark.parametrize("skip", [False, True])
def test_blue_stays_up_for_a_while(shop: Balanced, skip: bool) -> None:
    blue = shop.copying(termination=60)
    deployment_id = shop.deploy(shop.bundle())
    clock.run_until(lambda: shop.record(deployment_id).termination_wait)
    info = shop.info(deployment_id)
    assert (info["status"], info["instanceTerminationWaitTimeStarted"]) == ("InProgress", True)
    assert {state(host) for host in blue} == {"running"}
    assert not shop.serving() & set(blue)
    began = clock.now()
    if skip:
        shop.codedeploy.skip_wait_time_for_instance_termination(deploymentId=deployment_id)
    assert shop.ended(deployment_id)["status"] == "Succeeded"
    assert {state(host) for host in blue} == {"terminated"}
    assert clock.now() - began == pytest.approx(0 if skip else 3600, abs=10)


def test_blue_is_kept(shop: Balanced) -> None:
    blue = shop.copying(termination=None)
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["instanceTerminationWaitTimeStarted"]) == ("Succeeded", False)
    assert {state(host) for host in blue} == {"running"}
    assert not shop.serving() & set(blue)
    assert set(groups(shop)) == {FLEET, f"CodeDeploy_prod_{info['deploymentId']}"}
    assert shop.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=FLEET)["LifecycleHooks"] == []


@pytest.mark.parametrize("termination", [0, None])
def test_hosts_that_are_there_take_over(shop: Balanced, termination: int | None) -> None:
    info = shop.balancer("application")
    blue, green = shop.hosts(2), shop.hosts(2, role="next")
    shop.join(blue)
    shop.replacing(info, "DISCOVER_EXISTING", termination=termination)
    wanted = [{"Key": "role", "Value": "next", "Type": "KEY_AND_VALUE"}]
    deployed = shop.deployed(shop.bundle(), targetInstances={"tagFilters": wanted})
    assert (deployed["status"], deployed["targetInstances"]["tagFilters"]) == ("Succeeded", wanted)
    assert sorted(shop.labelled(deployed["deploymentId"], "Green")) == sorted(green)
    assert shop.serving() == set(green)
    assert {state(host) for host in blue} == {"running" if termination is None else "terminated"}
    assert shop.group_info()["ec2TagFilters"] == wanted


def test_another_auto_scaling_group_takes_over(shop: Balanced) -> None:
    info = shop.balancer("classic")
    blue, green = shop.scaled("blue", 1), shop.scaled("green", 1)
    shop.attach("blue")
    shop.replacing(info, "DISCOVER_EXISTING", termination=None, ec2TagFilters=[], autoScalingGroups=["blue"])
    for fleet, hosts in (("green", green), ("blue", blue)):
        assert shop.deployed(shop.bundle(), targetInstances={"autoScalingGroups": [fleet]})["status"] == "Succeeded"
        assert shop.serving() == set(hosts)
        assert [group["name"] for group in shop.group_info()["autoScalingGroups"]] == [fleet]


@pytest.mark.parametrize(
    ("instances", "code"),
    [
        (None, "InvalidTargetInstancesException"),
        ({"autoScalingGroups": ["none"]}, "InvalidTargetInstancesException"),
        (
            {"tagFilters": [{"Key": "role", "Value": "none", "Type": "KEY_AND_VALUE"}]},
            "InvalidTargetInstancesException",
        ),
        (
            {"tagFilters": [{"Key": "role"}], "ec2TagSet": {"ec2TagSetList": [[{"Key": "role"}]]}},
            "InvalidEC2TagCombinationException",
        ),
    ],
)
def test_refused_target_instances(shop: Balanced, instances: dict[str, Any] | None, code: str) -> None:
    shop.hosts(1)
    shop.replacing(shop.balancer("application"), "DISCOVER_EXISTING")
    with pytest.raises(ClientError) as refused:
        shop.deploy(shop.at("app-1.zip"), **({"targetInstances": instances} if instances else {}))
    assert refused.value.response["Error"]["Code"] == code


def test_a_copying_group_takes_no_target_instances(shop: Balanced) -> None:
    shop.copying(count=1)
    with pytest.raises(shop.codedeploy.exceptions.InvalidTargetInstancesException):
        shop.deploy(shop.at("app-1.zip"), targetInstances={"autoScalingGroups": [FLEET]})
