# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A small world for the EC2, Auto Scaling and SSM emulation: an image with or without the agent, hosts, groups."""

from __future__ import annotations

import base64
from typing import Any

import boto3

from slipway_emulator.clock import clock
from slipway_emulator.contents import Contents, images
from slipway_emulator.hosts import BOOT_SECONDS, Host, registry

REGION = "eu-west-1"
PROFILE = "hosts"
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def client(service: str, region: str = REGION) -> Any:
    make: Any = boto3.client
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    return make(service, region_name=region, **keys)


def image(agent: str | None = None, enabled: bool = True) -> str:
    """A public AMI of the region, with this version of the agent baked in."""
    image_id = client("ssm").get_parameter(Name=AMAZON_LINUX)["Parameter"]["Value"]
    if agent:
        copied = client("ec2").copy_image(SourceImageId=image_id, SourceRegion=REGION, Name=f"with-agent-{agent}")
        image_id = copied["ImageId"]
        images.record(image_id, Contents(agent_version=agent, agent_enabled=enabled))
    return image_id


def profile() -> str:
    iam = client("iam")
    if PROFILE not in [p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]]:
        iam.create_instance_profile(InstanceProfileName=PROFILE)
    return PROFILE


def run(
    image_id: str, count: int = 1, with_profile: bool = True, tags: dict[str, str] | None = None, **more: Any
) -> list[str]:
    """Launch instances; their ids."""
    if with_profile:
        more["IamInstanceProfile"] = {"Name": profile()}
    if tags:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        more["TagSpecifications"] = [{"ResourceType": "instance", "Tags": listed}]
    answer = client("ec2").run_instances(ImageId=image_id, MinCount=count, MaxCount=count, **more)
    return [instance["InstanceId"] for instance in answer["Instances"]]


def host(instance_id: str) -> Host:
    found = registry.get(instance_id)
    assert found is not None
    return found


def boot() -> None:
    """Let everything launched so far come up."""
    clock.advance(BOOT_SECONDS + 1)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def template(image_id: str, name: str = "fleet", **data: Any) -> None:
    """A launch template with the instance profile."""
    wanted = {"ImageId": image_id, "InstanceType": "t3.micro", "IamInstanceProfile": {"Name": profile()}, **data}
    client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=wanted)


def group(desired: int = 2, name: str = "fleet", version: str = "1", **more: Any) -> None:
    """A group over all subnets of the default VPC."""
    subnets = [s["SubnetId"] for s in client("ec2").describe_subnets()["Subnets"]]
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=20,
        DesiredCapacity=desired,
        LaunchTemplate={"LaunchTemplateName": "fleet", "Version": version},
        VPCZoneIdentifier=",".join(subnets),
        **more,
    )


def described(name: str = "fleet") -> dict[str, Any]:
    return client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]


def members(name: str = "fleet") -> list[dict[str, Any]]:
    return described(name)["Instances"]


def activities(name: str = "fleet") -> list[dict[str, Any]]:
    return client("autoscaling").describe_scaling_activities(AutoScalingGroupName=name)["Activities"]
