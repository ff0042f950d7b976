# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases that replace the hosts, by the roles: to copies of a fleet one after the other, with a new image, and to hosts that exist."""

from __future__ import annotations

import base64
import typing as t

import pytest
from support.balancers import KINDS, Balancers
from support.codedeploy_shop import ROLE
from support.every_module import is_whole
from support.plays import REGION, Emulator, Player, Run, roles

Release = t.Callable[[str], str]
IMAGE, PROFILE, HOSTS = "ami-04681a1dbd79675a5", "web", 2
WAIT = 600  # minutes for which the old hosts run on: two minutes of ours
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""
DEPLOY = "slipway.aws.deploy"


class Shop:
    """Fleets with the agent behind load balancers; what gets traffic, and what is there."""

    def __init__(self, account: Emulator, release: Release) -> None:
        self.account, self.release = account, release
        self.balancers = Balancers(account.client)
        self.scaling, self.codedeploy = account.client("autoscaling"), account.client("codedeploy")
        account.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
        place = {"LocationConstraint": REGION}
        account.client("s3").create_bucket(Bucket="shop", CreateBucketConfiguration=place)
        self.variables = {
            "slipway_region": REGION,
            "slipway_application": "shop",
            "slipway_bundle": release("1.0.0"),
            "slipway_bucket": "shop",
            "slipway_service_role_arn": ROLE,
            "app_deployment_config_name": "CodeDeployDefault.AllAtOnce",
            "app_deployment_wait_delay": 1,
        }

    def fleet(self, name: str, kind: str) -> dict[str, t.Any]:
        """Hosts behind a load balancer of this kind, all of the same name; the variables that name them."""
        self.spare(name)
        self.balancers.balancer(kind, name)
        self.balancers.attach(name, name)
        self.account.control("clock", advance=300)
        balancer = "app_deployment_classic_load_balancers" if kind == "classic" else "app_deployment_target_groups"
        return {**self.variables, "slipway_deployment_group": name, "slipway_fleet": name, balancer: [name]}

    def spare(self, name: str) -> None:
        """Hosts that get no traffic."""
        script, profile = base64.b64encode(AGENT.encode()).decode(), {"Name": PROFILE}
        data = {"ImageId": IMAGE, "InstanceType": "t3.micro", "UserData": script, "IamInstanceProfile": profile}
        self.account.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        self.scaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=4, DesiredCapacity=HOSTS,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
            VPCZoneIdentifier=self.balancers.subnets[0]["SubnetId"],
        )  # fmt: skip
        self.account.control("clock", advance=300)

    def hosts(self, name: str) -> set[str]:
        """Those of an Auto Scaling group; none where it is gone."""
        found = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return {one["InstanceId"] for group in found for one in group["Instances"]}

    def policies(self, name: str) -> list[str]:
        found = self.scaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
        return [one["PolicyName"] for one in found]

    def live(self, group: str) -> list[str]:
        """The Auto Scaling groups of a deployment group."""
        named = {"applicationName": "shop", "deploymentGroupName": group}
        info = self.codedeploy.get_deployment_group(**named)["deploymentGroupInfo"]
        return [one["name"] for one in info["autoScalingGroups"]]

    def have(self, hosts: set[str]) -> set[str]:
        """The bundles on these hosts."""
        found = {one["instance_id"]: one["revisions"] for one in self.account.hosts()}
        return {one["revision"]["s3Location"]["key"] for host in hosts for one in found[host].values()}


def silent(run: Run) -> None:
    assert (run.changed, run.writes) == ([], [])
    assert run.published["slipway_verdict"] == "already live"


@pytest.fixture(scope="module")
def shop(account: Emulator, release: Release) -> Shop:
    return Shop(account, release)


# Tests in one process have every kind; here one stands for all, unless asked for them.
@pytest.mark.parametrize("kind", KINDS if is_whole() else ["application"])
def test_three_releases_to_copies_and_the_same_play_again(play: Player, shop: Shop, kind: str) -> None:
    waits = {"app_deployment_termination_wait": WAIT, "app_deployment_wait_until": "traffic_moved"}
    given = {**shop.fleet(kind, kind), **waits, "app_deployment_blue_green": "copy"}
    fleet = kind
    for number in (1, 2, 3):
        shop.release(f"{number}.0.0")
        old = shop.hosts(fleet)
        assert shop.balancers.serving(kind) == old
        run = play(DEPLOY, given)
        name = f"CodeDeploy_{kind}_{run.published['slipway_deployment_id']}"
        green = shop.hosts(name)
        assert len(green) == HOSTS and shop.have(green) == {run.published["slipway_revision"]["s3_location"]["key"]}
        # The new hosts have all traffic. The old ones run on without.
        assert shop.balancers.health(kind) == dict.fromkeys(green, "healthy")
        assert (shop.live(kind), shop.hosts(fleet)) == ([fleet], old)
        again = play(DEPLOY, given) if number == 2 else None  # while the old ones wait for their end
        shop.account.control("clock", advance=WAIT * 60 + 300)
        assert shop.balancers.health(kind) == dict.fromkeys(green, "healthy")
        assert (shop.live(kind), shop.hosts(fleet)) == ([name], set())
        after = again or play(DEPLOY, given)
        silent(after)
        assert again or f"The fleet {kind} is called {name} now" in after.output
        fleet = name


def test_the_order_blue_green_brings_a_new_image_with_new_hosts(play: Player, shop: Shop) -> None:
    """The revision is live already, so the image alone is what the deployment is for."""
    given = {**shop.fleet("order", "application"), "slipway_order": "blue_green", "app_deployment_termination_wait": 0}
    given |= {"slipway_rollout": [{"deployment_group": "order"}], "autoscaling_fleet_wait_delay": 1}
    given |= {"app_deployment_copy_settings": True}
    shop.scaling.put_scaling_policy(
        AutoScalingGroupName="order", PolicyName="more", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1
    )
    run = play("slipway.aws.rollout", given)
    assert run.published["slipway_verdict"] == "deployed"
    [first] = shop.live("order")
    assert first.startswith("CodeDeploy_order_d-") and shop.hosts("order") == set()
    assert shop.policies(first) == ["more"]
    one = {name: value for name, value in given.items() if name != "slipway_rollout"}
    silent(play(DEPLOY, one))
    images = shop.account.client("ec2").describe_images(Owners=["amazon"])["Images"]
    other = next(i["ImageId"] for i in images if i["Name"].startswith("al2023-ami-2023") and i["ImageId"] != IMAGE)
    both = roles("autoscaling_fleet", "app_deployment")
    run = play(both, {**one, "autoscaling_fleet_image_id": other})
    [second] = shop.live("order")
    assert second != first and shop.hosts(first) == set() and shop.policies(second) == ["more"]
    assert {host["image_id"] for host in shop.account.hosts() if host["instance_id"] in shop.hosts(second)} == {other}
    assert shop.balancers.serving("order") == shop.hosts(second)
    silent(play(both, {**one, "autoscaling_fleet_image_id": other}))
    shop.release("9.0.0")
    foretold = play(DEPLOY, one, check=True)
    assert not foretold.writes and f"Would give the copy of {second}: scaling_policies." in foretold.output


def test_hosts_that_exist_take_over(play: Player, shop: Shop) -> None:
    """The deployment group selects them afterwards, whatever the variables say of those before."""
    given = {
        **shop.fleet("first", "application"),
        "app_deployment_blue_green": "discover",
        "app_deployment_termination_wait": 0,
    }
    shop.spare("second")
    unsaid = play(roles("app_deployment"), given, code=2)
    assert "app_deployment_target_instances has to say which hosts get the release" in unsaid.failures[0]
    assert not unsaid.writes
    given["app_deployment_target_instances"] = {"auto_scaling_groups": ["second"]}
    run = play(DEPLOY, given)
    assert run.published["slipway_verdict"] == "deployed"
    assert shop.live("first") == ["second"] and shop.hosts("first") == set()
    assert shop.balancers.serving("first") == shop.hosts("second")
    silent(play(DEPLOY, given))
