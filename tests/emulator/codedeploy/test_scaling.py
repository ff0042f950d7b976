# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""CodeDeploy and Auto Scaling together: a fleet that grows and is refreshed while a revision is live."""

from __future__ import annotations

import base64
from typing import Any

import boto3
import pytest
from support.codedeploy_shop import Shop

from slipway_emulator.clock import clock
from slipway_emulator.hosts import registry

USER_DATA = """#!/bin/bash
curl -O https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x ./install
./install auto
systemctl enable --now codedeploy-agent
"""
NAME = "storefront"


class Scaled:
    """An Auto Scaling group whose hosts install the agent when they boot, and the deployment group of it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.autoscaling: Any = boto3.client("autoscaling", shop.region)
        self._profile()
        image = shop.ec2.describe_images(Filters=[{"Name": "name", "Values": ["al2023-ami-2023*x86_64"]}])["Images"][0]
        data = {
            "ImageId": image["ImageId"],
            "InstanceType": "t3.micro",
            "IamInstanceProfile": {"Name": NAME},
            "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        }
        shop.ec2.create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=NAME,
            LaunchTemplate={"LaunchTemplateName": NAME, "Version": "$Latest"},
            MinSize=0,
            MaxSize=6,
            DesiredCapacity=2,
            AvailabilityZones=[f"{shop.region}a"],
        )
        clock.advance(120)
        self.group_id = shop.group(ec2TagFilters=[], autoScalingGroups=[NAME])

    def _profile(self) -> None:
        iam = boto3.client("iam", "us-east-1")
        iam.create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")
        iam.create_instance_profile(InstanceProfileName=NAME)
        iam.add_role_to_instance_profile(InstanceProfileName=NAME, RoleName=NAME)

    def members(self, state: str = "InService") -> set[str]:
        (group,) = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"]
        return {i["InstanceId"] for i in group["Instances"] if i["LifecycleState"] == state}

    def scale(self, size: int) -> None:
        self.autoscaling.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=size)

    def key_on(self, host: str) -> str:
        known = registry.get(host)
        assert known is not None
        return known.installations[self.group_id].revision["s3Location"]["key"]

    def launches(self) -> list[dict[str, Any]]:
        ids = self.shop.codedeploy.list_deployments()["deployments"]
        infos = self.shop.codedeploy.batch_get_deployments(deploymentIds=ids[:25])["deploymentsInfo"]
        return [info for info in infos if info["creator"] == "autoscaling"]


@pytest.fixture
def scaled(shop: Shop) -> Scaled:
    return Scaled(shop)


def test_a_host_that_joins_gets_the_live_revision_first(shop: Shop, scaled: Scaled) -> None:
    assert shop.deployed(shop.bundle("app-1.zip"))["status"] == "Succeeded"
    before = scaled.members()
    scaled.scale(3)
    clock.advance(10)
    (held,) = scaled.members("Pending:Wait")
    clock.advance(170)
    assert scaled.members() == before | {held}
    assert scaled.key_on(held) == "app-1.zip"
    assert [launch["status"] for launch in scaled.launches()] == ["Succeeded"]


def test_a_revision_that_cannot_start_is_a_loop_of_launches(shop: Shop, scaled: Scaled) -> None:
    shop.deployed(shop.bundle("app-1.zip"))
    before = scaled.members()
    shop.fails(event="ApplicationStart")
    scaled.scale(3)
    clock.advance(600)
    assert scaled.members() == before
    failed = [launch for launch in scaled.launches() if launch["status"] == "Failed"]
    assert len(failed) >= 3
    targets = {target for launch in failed for target in shop.targets(launch["deploymentId"])}
    assert len(targets) == len(failed)


def test_a_refreshed_fleet_carries_the_live_revision(shop: Shop, scaled: Scaled) -> None:
    shop.deployed(shop.bundle("app-1.zip"))
    before = scaled.members()
    scaled.autoscaling.start_instance_refresh(
        AutoScalingGroupName=NAME, Preferences={"MinHealthyPercentage": 50, "InstanceWarmup": 10}
    )
    clock.advance(1200)
    after = scaled.members()
    assert len(after) == 2
    assert not after & before
    assert {scaled.key_on(host) for host in after} == {"app-1.zip"}
    assert shop.deployed(shop.bundle("app-2.zip"))["status"] == "Succeeded"
    assert {scaled.key_on(host) for host in after} == {"app-2.zip"}
