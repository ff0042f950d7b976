# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Hosts of several systems, launched from public images, for whoever has clients of the emulated AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

UBUNTU = "/aws/service/canonical/ubuntu/server/{}/stable/current/{}/hvm/ebs-gp3/ami-id"
PARAMETERS = {
    "amazon": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    "amazon-arm64": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    "ubuntu": UBUNTU.format("24.04", "amd64"),
    "ubuntu-arm64": UBUNTU.format("24.04", "arm64"),
    "debian": "/aws/service/debian/release/12/latest/amd64",
}
WINDOWS = {"Name": "name", "Values": ["Windows_Server-2016-English-Full-Base*", "Windows_Server-2012-R2*"]}
PROFILE = "hosts"


def launch(client: Callable[[str], Any], system: str, count: int, **tags: str) -> list[str]:
    """Instances with an instance profile and these tags; their ids."""
    iam = client("iam")
    if not iam.list_instance_profiles()["InstanceProfiles"]:
        iam.create_instance_profile(InstanceProfileName=PROFILE)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    made = client("ec2").run_instances(
        ImageId=image(client, system),
        MinCount=count,
        MaxCount=count,
        IamInstanceProfile={"Name": PROFILE},
        TagSpecifications=[{"ResourceType": "instance", "Tags": listed}] if tags else [],
    )
    return [one["InstanceId"] for one in made["Instances"]]


def image(client: Callable[[str], Any], system: str) -> str:
    """The newest public image of a system."""
    if system == "windows":
        return str(client("ec2").describe_images(Filters=[WINDOWS])["Images"][0]["ImageId"])
    return str(client("ssm").get_parameter(Name=PARAMETERS[system])["Parameter"]["Value"])
