# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet behind a load balancer that is replaced by a copy of itself with every release."""

from __future__ import annotations

import shutil
import time
import typing as t
from collections.abc import Iterator

from emulators import control
from stage import Played

from . import hosts
from .telling import Step, Story, Wishes, expect
from .traffic import OFTEN, Sampler, told

PLAY, RETURN = "examples/blue_green.yml", "slipway.aws.rollback"
GROUP = "production"
KEPT = 60  # minutes for which the blue fleet runs on
QUICK = {"HealthCheckIntervalSeconds": 10, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2}


class BlueGreen(Story):
    """`blue` is what serves when a release begins."""

    file = "bluegreen.json"
    fleet = 2

    def __init__(self, address: str, wishes: Wishes) -> None:
        super().__init__(address, wishes)
        self.speed = control(address, "clock")["speed"]
        self.name, self.app = wishes.named or wishes.name, self.folder / "app"
        bucket = hosts.bucket(self.client, self.region)
        self.target_group = self._balanced()
        self.plays = self.stage(self._variables(bucket))
        self.figures = {"deployments": [], "traffic": [], "fleet": {}, "second_run": {}}

    def steps(self) -> Iterator[Step]:
        yield Step(
            "Step 1: a fleet behind a load balancer",
            f"Launch {self.wishes.fleet} hosts behind the target group {self.name} and deploy version 1 in place.",
            self.first,
        )
        yield Step(
            "Step 2: deploy version 2 to a copy of the fleet",
            f"CodeDeploy copies the Auto Scaling group, deploys to the copy and moves the traffic. The old hosts run on for {KEPT} minutes.",
            self.replaced,
        )
        yield Step(
            "Step 3: run the same again",
            "The old hosts still run. After an hour they end, and the fleet has another name, which the play does not know. Nothing is written.",
            self.same_again,
        )
        yield Step(
            "Step 4: deploy version 3, which is broken",
            "Its hook fails on the new hosts. The hosts that serve notice nothing.",
            self.broken,
        )
        yield Step(
            "Last step: roll back, and run version 2 again",
            "The hosts that serve have version 2 as before. The playbook slipway.aws.rollback says so, and neither play has anything to do.",
            self.returned,
        )

    def first(self) -> None:
        self.version(1)
        played = self.plays.play(PLAY, app_deployment_blue_green="", app_deployment_wait_until="finished")
        self.noted(played)
        expect(played.code == 0, "the play succeeded")
        control(self.address, "clock", advance=60)  # until the targets are healthy
        expect(len(self.serving()) == self.wishes.fleet, f"{self.wishes.fleet} hosts serve")
        self.figures["fleet"]["before"] = self.fleets()

    def replaced(self) -> None:
        self.version(2)
        played, seen = self.watched()
        self.figures["traffic"], old = seen, self.figures["fleet"]["before"][0]
        expect(played.code == 0 and seen[-1]["green"] == 100, f"the traffic moved: {told(seen)}")
        self.plays.control("clock", speed=1)  # the hour is not to pass while the play runs again
        expect(self._exists(old), f"{old} runs on")

    def same_again(self) -> None:
        self.silent()
        control(self.address, "clock", advance=KEPT * 60 + 300)
        self.plays.control("clock", speed=self.speed)
        old, new = self.figures["fleet"]["before"], self.fleets()
        self.figures["fleet"]["after"] = new
        expect(not self._exists(old[0]), f"after {KEPT} minutes {old[0]} is gone")
        expect(old != new, f"the fleet is called {', '.join(new)} now")
        self.silent()

    def silent(self) -> None:
        before = self.fleets()
        played = self.plays.play(PLAY)
        writes = [call["operation"] for call in played.calls if call["write"]]
        self.figures["second_run"] = {"changed": played.changed, "write_calls": len(writes)}
        expect(played.code == 0 and played.changed == 0 and not writes, "changed=0, and the ledger shows no write call")
        expect(self.fleets() == before, "the deployment group has the same fleet")

    def broken(self) -> None:
        self.version(3)
        self.plays.control("faults", kind="hook-fails", event="ApplicationStart")
        played, seen = self.watched()
        self.plays.control("faults", method="DELETE")
        failed = played.last("codedeploy_deployment").get("failed_targets") or []
        expect(played.code != 0 and failed, f"the report names {len(failed)} new hosts")
        expect(all(one["blue"] == 100 for one in seen), "version 2 had all traffic at any time")

    def returned(self) -> None:
        self.version(2)
        back = self.plays.play(RETURN)
        expect(back.code == 0 and not back.own_writes, "there is nothing to roll back")
        self.silent()

    def version(self, number: int) -> None:
        shutil.rmtree(self.app, ignore_errors=True)
        shutil.copytree(self.wishes.app, self.app, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        (self.app / ".demo-version").write_text(f"{number}\n", encoding="utf-8")

    def watched(self) -> tuple[Played, list[t.Any]]:
        """Deploy, and note the share of the hosts that serve now and of all others."""
        blue = self.serving()
        with Sampler(self.plays, lambda: self.shares(blue)) as sampler:
            played = self.plays.play(PLAY)
            time.sleep(3 * OFTEN)  # so that the end is noted, too
        self.noted(played)
        return played, sampler.seen

    def shares(self, blue: set[str]) -> tuple[float, float]:
        serving = self.serving()
        old = 100.0 * len(serving & blue) / (len(serving) or 1)
        return round(old, 1), round(100.0 - old if serving else 0.0, 1)

    def serving(self) -> set[str]:
        found = self.elb.describe_target_health(TargetGroupArn=self.target_group)["TargetHealthDescriptions"]
        return {one["Target"]["Id"] for one in found if one["TargetHealth"]["State"] == "healthy"}

    def fleets(self) -> list[str]:
        named = {"applicationName": self.name, "deploymentGroupName": GROUP}
        group = self.client("codedeploy").get_deployment_group(**named)["deploymentGroupInfo"]
        return [one["name"] for one in group["autoScalingGroups"]]

    def noted(self, played: Played) -> None:
        deployment = played.last("codedeploy_deployment").get("deployment") or {}
        self.figures["deployments"].append({"id": deployment.get("deployment_id"), "status": deployment.get("status")})

    def _exists(self, name: str) -> bool:
        found = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return bool(found["AutoScalingGroups"])

    def _balanced(self) -> str:
        """The load balancer and the target group, which are the user's own."""
        self.elb, network = self.client("elbv2"), self.client("ec2").describe_subnets()["Subnets"]
        made = self.elb.create_target_group(
            Name=self.name, Protocol="HTTP", Port=80, VpcId=network[0]["VpcId"], **QUICK
        )
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}
        self.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
        subnets = [one["SubnetId"] for one in network[:2]]
        balancer = self.elb.create_load_balancer(Name=self.name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        self.elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
        return arn

    def _variables(self, bucket: str) -> dict[str, t.Any]:
        image = self.client("ssm").get_parameter(Name=hosts.IMAGES[0][0])["Parameter"]["Value"]
        return {
            "slipway_region": self.region,
            "slipway_application": self.name,
            "slipway_deployment_group": GROUP,
            "slipway_fleet": self.name,
            "slipway_bundle": str(self.app),
            "slipway_bucket": bucket,
            "slipway_service_role_arn": hosts.service_role(self.client),
            "slipway_instance_profile_name": hosts.profile(self.client, bucket),
            "blue_green_image_id": image,
            "blue_green_target_group": self.name,
            "autoscaling_fleet_size": self.wishes.fleet,
            "autoscaling_fleet_target_group_arns": [self.target_group],
            "autoscaling_fleet_wait_delay": 1,
            "app_deployment_config_name": "CodeDeployDefault.AllAtOnce",
            "app_deployment_termination_wait": KEPT,
            "app_deployment_wait_delay": 1,
        }
