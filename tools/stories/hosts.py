# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that somebody launched long ago: of several systems, managed by Systems Manager, without the CodeDeploy agent."""

from __future__ import annotations

import io
import itertools
import json
import typing as t
import zipfile

from emulators import control

BOOTED = 60.0  # emulated seconds, after which SSM Agent answers
IMAGES = (  # public parameters that name AMIs, and types of instances that run them
    ("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", "t3.micro"),
    ("/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id", "t3.micro"),
    ("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64", "t4g.micro"),
)
Client = t.Callable[[str], t.Any]


def launch(client: Client, address: str, count: int, bucket: str, tags: dict[str, str]) -> list[str]:
    """So many hosts, which may read from the bucket; their ids, in the order of the systems."""
    owner = profile(client, bucket)
    shares = [count // len(IMAGES) + (place < count % len(IMAGES)) for place in range(len(IMAGES))]
    ids = [_run(client, image, share, owner, tags) for image, share in zip(IMAGES, shares) if share]
    control(address, "clock", advance=BOOTED)
    return list(itertools.chain.from_iterable(ids))


def profile(client: Client, bucket: str) -> str:
    """The name of an instance profile of hosts that are managed and may read from the bucket."""
    name = _role(client, "host", "ec2.amazonaws.com", "AmazonSSMManagedInstanceCore")
    reading = {"Effect": "Allow", "Action": "s3:GetObject*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    client("iam").put_role_policy(RoleName=name, PolicyName="releases", PolicyDocument=_policy(reading))
    client("iam").create_instance_profile(InstanceProfileName=name)
    client("iam").add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


def service_role(client: Client) -> str:
    """The ARN of a role that CodeDeploy may assume."""
    return role(client, "codedeploy", "codedeploy.amazonaws.com", "service-role/AWSCodeDeployRole")


def role(client: Client, name: str, service: str, policy: str) -> str:
    """The ARN of a new role that a service may assume."""
    return str(client("iam").get_role(RoleName=_role(client, name, service, policy))["Role"]["Arn"])


def zipped(name: str, text: str) -> bytes:
    """An archive of one file; the same text gives the same bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return memory.getvalue()


def bucket(client: Client, region: str) -> str:
    """A bucket for bundles and packages."""
    name = f"releases-{client('sts').get_caller_identity()['Account']}-{region}"
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client("s3").create_bucket(Bucket=name, **where)
    return name


def _role(client: Client, name: str, service: str, policy: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    client("iam").attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    return name


def _policy(statement: dict[str, t.Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _run(client: Client, image: tuple[str, str], count: int, profile: str, tags: dict[str, str]) -> list[str]:
    parameter, instance_type = image
    image_id = client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    answer = client("ec2").run_instances(
        ImageId=image_id,
        InstanceType=instance_type,
        MinCount=count,
        MaxCount=count,
        IamInstanceProfile={"Name": profile},
        TagSpecifications=[{"ResourceType": "instance", "Tags": listed}],
    )
    return [instance["InstanceId"] for instance in answer["Instances"]]
