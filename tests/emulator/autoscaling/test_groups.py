# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Auto Scaling groups: launches, health, suspended processes, activities, what is refused."""

from __future__ import annotations

from collections import Counter

import pytest
from botocore.exceptions import ClientError
from support import compute

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")


def test_instances_come_as_the_template_says_over_all_zones() -> None:
    compute.template(compute.image("1.8.1"), MetadataOptions={"HttpTokens": "required"})
    compute.group(6, Tags=[{"Key": "role", "Value": "web", "PropagateAtLaunch": True}])
    assert set(Counter(m["AvailabilityZone"] for m in compute.members()).values()) == {2}
    ids = [m["InstanceId"] for m in compute.members()]
    found = compute.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    for instance in (i for reservation in found for i in reservation["Instances"]):
        tags = {t["Key"]: t["Value"] for t in instance["Tags"]}
        assert (tags["role"], tags["aws:autoscaling:groupName"]) == ("web", "fleet")
        assert instance["IamInstanceProfile"]["Arn"].endswith("/hosts")
        assert instance["MetadataOptions"]["HttpTokens"] == "required"
    compute.boot()
    assert {compute.host(i).agent for i in ids} == {"running"}
    assert compute.host(ids[0]).auto_scaling_group == "fleet"


def test_every_instance_keeps_the_version_it_was_launched_from() -> None:
    compute.template(compute.image())
    compute.group(2, version="$Latest")
    compute.client("ec2").create_launch_template_version(
        LaunchTemplateName="fleet", SourceVersion="1", LaunchTemplateData={"ImageId": compute.image("1.8.1")}
    )
    compute.client("autoscaling").set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=3)
    assert [m["LaunchTemplate"]["Version"] for m in compute.members()] == ["1", "1", "2"]


def test_scaling_in_takes_the_oldest_version_first() -> None:
    compute.template(compute.image())
    compute.group(2, version="$Latest")
    compute.client("ec2").create_launch_template_version(
        LaunchTemplateName="fleet", SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    scaling = compute.client("autoscaling")
    scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=4)
    scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=2)
    assert [m["LaunchTemplate"]["Version"] for m in compute.members()] == ["2", "2"]
    assert Counter(a["Description"].split(":")[0] for a in compute.activities()) == {
        "Launching a new EC2 instance": 4,
        "Terminating EC2 instance": 2,
    }


def test_a_launch_configuration_gives_its_profile_too() -> None:
    compute.profile()
    scaling = compute.client("autoscaling")
    scaling.create_launch_configuration(
        LaunchConfigurationName="old",
        ImageId=compute.image(),
        InstanceType="t3.micro",
        IamInstanceProfile=compute.PROFILE,
        UserData="#!/bin/sh\n",
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="fleet",
        MinSize=1,
        MaxSize=1,
        LaunchConfigurationName="old",
        AvailabilityZones=["eu-west-1b"],
    )
    [member] = compute.members()
    assert member["AvailabilityZone"] == "eu-west-1b" and "LaunchTemplate" not in member
    compute.boot()
    assert compute.host(member["InstanceId"]).managed()


@pytest.mark.parametrize("how", ["stop_instances", "terminate_instances"])
def test_an_instance_stopped_or_terminated_behind_its_back_is_replaced(how: str) -> None:
    compute.template(compute.image())
    compute.group(2)
    gone, kept = (m["InstanceId"] for m in compute.members())
    getattr(compute.client("ec2"), how)(InstanceIds=[gone])
    assert [m["InstanceId"] for m in compute.members()] == [gone, kept]
    clock.advance(61)
    ids = [m["InstanceId"] for m in compute.members()]
    assert len(ids) == 2 and gone not in ids and kept in ids
    assert compute.host(gone).state == "terminated"
    assert "EC2 health check" in compute.activities()[1]["Cause"]


def test_suspended_processes_leave_things_as_they_are_until_resumed() -> None:
    compute.template(compute.image())
    compute.group(2)
    scaling = compute.client("autoscaling")
    gone = compute.members()[0]["InstanceId"]
    scaling.suspend_processes(AutoScalingGroupName="fleet", ScalingProcesses=["HealthCheck"])
    compute.client("ec2").stop_instances(InstanceIds=[gone])
    clock.advance(600)
    assert compute.members()[0]["HealthStatus"] == "Healthy"
    scaling.suspend_processes(AutoScalingGroupName="fleet", ScalingProcesses=["ReplaceUnhealthy"])
    scaling.resume_processes(AutoScalingGroupName="fleet", ScalingProcesses=["HealthCheck"])
    assert compute.members()[0]["HealthStatus"] == "Unhealthy"
    scaling.resume_processes(AutoScalingGroupName="fleet", ScalingProcesses=["ReplaceUnhealthy"])
    assert gone not in [m["InstanceId"] for m in compute.members()]
    scaling.suspend_processes(AutoScalingGroupName="fleet", ScalingProcesses=["Launch", "Terminate"])
    for wanted in (5, 1):
        scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=wanted)
        assert len(compute.members()) == 2
    scaling.resume_processes(AutoScalingGroupName="fleet")
    assert len(compute.members()) == 1


def test_an_instance_told_to_be_unhealthy_is_replaced() -> None:
    compute.template(compute.image())
    compute.group(1)
    scaling = compute.client("autoscaling")
    [sick] = [m["InstanceId"] for m in compute.members()]
    scaling.set_instance_health(InstanceId=sick, HealthStatus="Unhealthy")
    clock.advance(61)
    assert [m["InstanceId"] for m in compute.members()] != [sick] and len(compute.members()) == 1
    with pytest.raises(ClientError, match="No managed instance found"):
        scaling.set_instance_health(InstanceId="i-00000000000000000", HealthStatus="Unhealthy")
    with pytest.raises(ClientError, match="No managed instance found"):
        scaling.terminate_instance_in_auto_scaling_group(
            InstanceId="i-00000000000000000", ShouldDecrementDesiredCapacity=True
        )


def test_a_launch_that_fails_is_told_and_tried_again() -> None:
    faults.add({"kind": "launch-fails", "auto_scaling_group": "fleet", "times": 1})
    compute.template(compute.image())
    compute.group(1)
    assert compute.members() == []
    [activity] = compute.activities()
    assert activity["StatusCode"] == "Failed"
    assert "do not have sufficient t3.micro capacity" in activity["StatusMessage"]
    clock.advance(61)
    assert [m["LifecycleState"] for m in compute.members()] == ["InService"]


def test_activities_come_in_pages_newest_first() -> None:
    compute.template(compute.image())
    compute.group(3)
    scaling = compute.client("autoscaling")
    first = scaling.describe_scaling_activities(AutoScalingGroupName="fleet", MaxRecords=2)
    second = scaling.describe_scaling_activities(AutoScalingGroupName="fleet", NextToken=first["NextToken"])
    assert [a["Description"].split()[-1] for a in [*first["Activities"], *second["Activities"]]] == [
        m["InstanceId"] for m in reversed(compute.members())
    ]
    assert "NextToken" not in second


def test_a_template_that_cannot_be_launched_is_refused_with_the_group() -> None:
    compute.template(compute.image())
    compute.client("ec2").create_launch_template_version(
        LaunchTemplateName="fleet", SourceVersion="1", LaunchTemplateData={"ImageId": "ami-0123456789abcdef0"}
    )
    with pytest.raises(ClientError, match="valid fully-formed launch template.*ami-0123456789abcdef0"):
        compute.group(version="2")
    compute.client("iam").delete_instance_profile(InstanceProfileName=compute.PROFILE)
    with pytest.raises(ClientError, match="Invalid IAM Instance Profile name"):
        compute.group(version="1")
    assert compute.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_wrong_sizes_names_and_deletions_are_refused() -> None:
    compute.template(compute.image())
    compute.group(1)
    scaling = compute.client("autoscaling")
    with pytest.raises(ClientError, match="AlreadyExists"):
        compute.group(1)
    with pytest.raises(ClientError, match="above max value 20"):
        scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=21)
    with pytest.raises(ClientError, match="greater than or equal to min bound"):
        scaling.update_auto_scaling_group(AutoScalingGroupName="fleet", MinSize=30)
    with pytest.raises(ClientError, match="'nobody' not found"):
        scaling.suspend_processes(AutoScalingGroupName="nobody")
    with pytest.raises(ClientError, match="ResourceInUse"):
        scaling.delete_auto_scaling_group(AutoScalingGroupName="fleet")
    [member] = compute.members()
    scaling.delete_auto_scaling_group(AutoScalingGroupName="fleet", ForceDelete=True)
    assert compute.host(member["InstanceId"]).state == "terminated"


def test_metrics_are_switched_on_and_off() -> None:
    compute.template(compute.image())
    compute.group(0)
    scaling = compute.client("autoscaling")
    scaling.enable_metrics_collection(AutoScalingGroupName="fleet", Granularity="1Minute")
    assert len(compute.described()["EnabledMetrics"]) == 8
    scaling.disable_metrics_collection(AutoScalingGroupName="fleet", Metrics=["GroupMinSize"])
    assert len(compute.described()["EnabledMetrics"]) == 7
    scaling.disable_metrics_collection(AutoScalingGroupName="fleet")
    assert compute.described()["EnabledMetrics"] == []


@pytest.mark.parametrize(
    ("operation", "wish", "said"),
    [
        ("update_auto_scaling_group", {"MinSize": 1}, "AutoScalingGroup name not found - null"),
        (
            "set_desired_capacity",
            {"DesiredCapacity": 1},
            "AutoScalingGroup name not found - AutoScalingGroup 'nowhere' not found",
        ),
    ],
)
def test_an_unknown_group_is_told_in_the_words_of_each_operation(
    operation: str, wish: dict[str, int], said: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(compute.client("autoscaling"), operation)(AutoScalingGroupName="nowhere", **wish)
    assert refused.value.response["Error"]["Message"] == said
