# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as the emulator's EC2 makes it, an application with a group of it, and revisions to deploy."""

from __future__ import annotations

import contextlib
import copy
import typing as t

import boto3
from moto.ec2.models import ec2_backends

from slipway_emulator.clock import clock
from slipway_emulator.contents import Contents, images
from slipway_emulator.hosts import BOOT_SECONDS, registry
from support.codedeploy_shop import ACCOUNT, REGION, Shop

GROUP = {"application_name": "app", "deployment_group_name": "prod"}


class Fleet(Shop):
    """Hosts launched from images that contain the agent, or not, with an instance profile."""

    def __init__(self, region: str = REGION) -> None:
        super().__init__(region)
        self.autoscaling = boto3.client("autoscaling", region)
        self.revisions: dict[str, dict[str, t.Any]] = {}
        self.subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]

    def image(self, agent: str | None = "1.8.1", enabled: bool = True, windows: bool = False) -> str:
        """A new AMI with this version of the agent."""
        seed = self.ec2.run_instances(ImageId="ami-04681a1dbd79675a5", MinCount=1, MaxCount=1)["Instances"][0][
            "InstanceId"
        ]
        image_id = self.ec2.create_image(InstanceId=seed, Name=f"image-{len(registry.all())}")["ImageId"]
        self.ec2.terminate_instances(InstanceIds=[seed])
        system = ("Microsoft Windows Server 2022", "2022") if windows else ("Amazon Linux", "2023")
        images.record(image_id, Contents(*system, agent_version=agent, agent_enabled=agent is not None and enabled))
        return image_id

    def launch(
        self, count: int, image: str | None = None, profile: str | None = "web", subnet: str | None = None, **tags: str
    ) -> list[str]:
        """Booted instances with these tags (default role=web), in the order of their launch."""
        tagged = [{"Key": k, "Value": v} for k, v in (tags or {"role": "web"}).items()]
        made = self.ec2.run_instances(
            ImageId=image or self.image(),
            MinCount=count,
            MaxCount=count,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tagged}],
            **({"SubnetId": subnet} if subnet else {}),
        )
        ids = [instance["InstanceId"] for instance in made["Instances"]]
        for instance_id in ids if profile else []:
            self._give_profile(instance_id, f"arn:aws:iam::{ACCOUNT}:instance-profile/{profile}")
        clock.advance(BOOT_SECONDS + 1)
        return ids

    def _give_profile(self, instance_id: str, arn: str) -> None:
        """As EC2 and the registry know it. Not through IAM, which takes moto half a second to set up."""
        described = {"Arn": arn, "Id": "iip-assoc-1"}
        ec2_backends[ACCOUNT][self.region].modify_instance_attribute(instance_id, "iam_instance_profile", described)
        registry.get(instance_id).instance_profile = arn

    def scaled(self, name: str, count: int, image: str | None = None) -> list[str]:
        """An Auto Scaling group of this name, all instances in service."""
        iam = boto3.client("iam", self.region)
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_instance_profile(InstanceProfileName="web")
        template = self.ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={
                "ImageId": image or self.image(),
                "InstanceType": "t3.micro",
                "IamInstanceProfile": {"Name": "web"},
            },
        )["LaunchTemplate"]
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=max(20, count),
            DesiredCapacity=count,
            LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "$Latest"},
            VPCZoneIdentifier=self.subnet,
        )
        clock.run_until(lambda: len(self.in_service(name)) == count)
        return self.in_service(name)

    def in_service(self, name: str) -> list[str]:
        group = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
        return sorted(i["InstanceId"] for i in group["Instances"] if i["LifecycleState"] == "InService")

    def revision(self, key: str = "app-1.zip", files: dict[str, str] | None = None) -> dict[str, t.Any]:
        """Upload a bundle, once for a key; its revision as the option takes it."""
        if key in self.revisions:
            return copy.deepcopy(self.revisions[key])
        location = self.bundle(key, files)["s3Location"]
        s3 = {"bucket": location["bucket"], "key": key, "bundle_type": "zip", "e_tag": location["eTag"]}
        self.revisions[key] = {"revision_type": "S3", "s3_location": s3}
        return copy.deepcopy(self.revisions[key])
