# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application that is baked into an image: fleets in two Regions get new hosts, and return to the image before if a release is broken."""

from __future__ import annotations

import shutil
import typing as t
from collections.abc import Iterator

import yaml

from emulators import control
from stage import Played

from . import hosts
from .telling import Step, Story, Wishes, expect

RELEASE, RETIRE = "slipway.aws.release_image", "slipway.aws.retire"
LIFECYCLE = "EC2ImageBuilderLifecycleExecutionPolicy"
BROKEN = "this version does not answer"
SPEED = 300  # emulated seconds in a second


class Immutable(Story):
    """The fleets are the user's own, and so are the bucket and the role that retires images."""

    file = "immutable.json"
    fleet = 2

    def __init__(self, address: str, wishes: Wishes) -> None:
        super().__init__(address, wishes)
        self.name, self.app = wishes.named or wishes.name, self.folder / "app"
        self.images: dict[str, str] = {}
        bucket = hosts.bucket(self.client, self.region)
        profile = hosts.profile(self.client, bucket)
        role = hosts.role(self.client, "image-lifecycle", "imagebuilder.amazonaws.com", f"service-role/{LIFECYCLE}")
        for region in wishes.regions:
            self._fleet(region, profile)
        control(address, "clock", advance=hosts.BOOTED)
        control(address, "clock", speed=SPEED)
        self.plays = self.stage(self._variables(bucket, role))
        self.figures = {"images": [], "refreshes": [], "rolled_back_to": {}, "second_run": {}, "retired": []}

    def steps(self) -> Iterator[Step]:
        regions = " and ".join(self.wishes.regions)
        yield Step(
            "Step 1: bake version 1 and release it",
            f"There is a fleet of plain hosts in {regions}. Bake {self.wishes.name} into an image, prove it on a test host, copy it to "
            "every Region, and replace the hosts of one fleet after the other. The check is that the application is there.",
            self.first,
        )
        yield Step("Step 2: run the same again", "Nothing is baked, and no host is replaced.", self.same_again)
        yield Step(
            "Step 3: release version 2, which is broken",
            "Its image passes the tests, but the check fails on the new hosts. The fleet returns to image 1, and the fleet in the other Region "
            "is not reached.",
            self.broken,
        )
        yield Step(
            "Last step: retire images",
            "The image that serves is needed, and so is the one before for as long as a release may be rolled back. The playbook "
            "slipway.aws.retire removes nothing, and says by what each image is held.",
            self.retired,
        )

    def first(self) -> None:
        self.version(1)
        played = self.released()
        self.images = played.last("imagebuilder_image").get("image_ids", {})
        expect(played.code == 0 and set(self.images) >= set(self.wishes.regions), "an image in every Region")
        expect(self.running() == self.images, "all hosts run it, and the check passed on each")

    def same_again(self) -> None:
        played = self.plays.play(RELEASE)
        writes = [call["operation"] for call in played.calls if call["write"]]
        self.figures["second_run"] = {"changed": played.changed, "write_calls": len(writes)}
        expect(played.code == 0 and played.changed == 0 and not writes, "changed=0, and the ledger shows no write call")

    def broken(self) -> None:
        self.version(2)
        self.plays.control("faults", kind="command-exits", code=1, stderr=f"{BROKEN}\n")
        played = self.released()
        self.plays.control("faults", method="DELETE")
        said = played.last("ssm_run_command").get("msg", "")
        expect(played.code != 0 and BROKEN in said, "the play failed, and shows what the check said")
        expect(self.running() == self.images, f"all hosts run image 1: {', '.join(self.images.values())}")
        self.figures["rolled_back_to"] = self.running()

    def retired(self) -> None:
        played = self.plays.play(RETIRE)
        table = played.last("imagebuilder_image_use_info").get("images") or []
        self.figures["retired"] = [{name: one.get(name) for name in ("arn", "action", "reason")} for one in table]
        expect(played.code == 0 and not played.own_writes, "nothing was removed")
        expect(table and all(one["action"] == "keep" for one in table), f"{len(table)} images stay")
        for one in table:
            expect(one["reason"], f"{one['arn'].rpartition('image/')[2]}: {one['reason']}")

    def version(self, number: int) -> None:
        shutil.rmtree(self.app, ignore_errors=True)
        shutil.copytree(self.wishes.app, self.app, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        (self.app / ".demo-version").write_text(f"{number}\n", encoding="utf-8")

    def released(self) -> Played:
        """Release what the folder contains, and keep the image and the last refresh of each fleet."""
        before, known = self.running(), {region: len(self.refreshes(region)) for region in self.wishes.regions}
        played = self.plays.play(RELEASE)
        image = played.last("imagebuilder_image")
        new = image.get("image_ids", {})
        self.figures["images"].append({"arn": image.get("image", {}).get("arn"), "image_ids": new})
        for region in self.wishes.regions:
            way = (before.get(region), new.get(region))
            for one in self.refreshes(region)[known[region] :]:  # there is a second one only to return
                self.figures["refreshes"].append(
                    {"region": region, "status": one["Status"], "from": way[0], "to": way[1]}
                )
                way = way[::-1]
        return played

    def refreshes(self, region: str) -> list[dict[str, t.Any]]:
        """Those of the fleet, oldest first."""
        found = self.client("autoscaling", region).describe_instance_refreshes(AutoScalingGroupName=self.name)
        return list(reversed(found["InstanceRefreshes"]))

    def running(self) -> dict[str, str]:
        """The image of the hosts of each Region; of several images their names together."""
        found: dict[str, set[str]] = {}
        for host in control(self.address, "hosts")["hosts"]:
            if host["state"] == "running" and host["region"] in self.wishes.regions:
                found.setdefault(host["region"], set()).add(host["image_id"])
        return {region: ", ".join(sorted(ids)) for region, ids in found.items()}

    def _fleet(self, region: str, profile: str) -> None:
        """An Auto Scaling group of plain hosts, which somebody made long ago."""
        ec2 = self.client("ec2", region)
        image = self.client("ssm", region).get_parameter(Name=hosts.IMAGES[0][0])["Parameter"]["Value"]
        data = {"ImageId": image, "InstanceType": hosts.IMAGES[0][1], "IamInstanceProfile": {"Name": profile}}
        ec2.create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=data)
        self.client("autoscaling", region).create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            MinSize=0,
            MaxSize=2 * self.wishes.fleet,
            DesiredCapacity=self.wishes.fleet,
            LaunchTemplate={"LaunchTemplateName": self.name, "Version": "$Latest"},
            VPCZoneIdentifier=",".join(one["SubnetId"] for one in ec2.describe_subnets()["Subnets"][:2]),
        )

    def _check(self) -> str:
        """What proves a host: the unit that starts the application at boot, or what was installed where nothing starts it."""
        appspec = yaml.safe_load((self.wishes.app / "appspec.yml").read_text(encoding="utf-8"))
        starts = "ApplicationStart" in (appspec.get("hooks") or {})
        return f"systemctl is-active slipway-{self.name}.service" if starts else f"test -d /opt/slipway/{self.name}"

    def _variables(self, bucket: str, role: str) -> dict[str, t.Any]:
        return {
            "slipway_region": self.region,
            "slipway_regions": self.wishes.regions[1:],
            "slipway_image_name": self.name,
            "slipway_application": self.name,
            "slipway_bundle": str(self.app),
            "slipway_bucket": bucket,
            "slipway_image_execution_role": role,
            "slipway_fleets": [{"name": self.name, "region": region} for region in self.wishes.regions],
            "golden_image_create_instance_profile": True,
            "golden_image_codedeploy_agent": False,
            "golden_image_tests": True,
            "golden_image_wait_delay": 1,
            "image_release_min_healthy_percentage": 50,
            "image_release_instance_warmup": 30,
            "image_release_check_commands": [self._check()],
            "image_release_wait_delay": 1,
            "image_retirement_keep": 1,
            "image_retirement_delete_after_days": 0,
        }
