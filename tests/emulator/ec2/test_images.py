# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Images: public ones in every region, and contents that are carried over."""

from __future__ import annotations

import pytest
from moto.ec2.models import ec2_backends
from support import compute

from slipway_emulator.contents import images
from slipway_emulator.extensions.ec2.images import contents_by_name

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "cn-north-1"])
@pytest.mark.parametrize(
    ("parameter", "platform", "version"),
    [
        (compute.AMAZON_LINUX, "Amazon Linux", "2023"),
        ("/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id", "Ubuntu", "24.04"),
        ("/aws/service/debian/release/12/latest/amd64", "Debian GNU/Linux", "12"),
    ],
)
def test_public_parameters_name_images_that_exist(region: str, parameter: str, platform: str, version: str) -> None:
    image_id = compute.client("ssm", region).get_parameter(Name=parameter)["Parameter"]["Value"]
    [image] = compute.client("ec2", region).describe_images(ImageIds=[image_id])["Images"]
    assert image["State"] == "available"
    assert (images.of(image_id).platform_name, images.of(image_id).platform_version) == (platform, version)


def test_whoever_looks_first_sees_public_snapshots_and_images() -> None:
    ec2 = compute.client("ec2", "eu-north-1")
    snapshots = {snapshot["SnapshotId"] for snapshot in ec2.describe_snapshots()["Snapshots"]}
    images_ = ec2.describe_images(Owners=["amazon"])["Images"]
    assert len(images_) > 100
    assert {images_[0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]} <= snapshots


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("amzn2-ami-kernel-5.10-hvm-2.0.20260930.0-x86_64-gp2", "Amazon Linux 2"),
        ("al2023-ami-minimal-2023.12.20260930.0-kernel-6.1-arm64", "Amazon Linux 2023"),
        ("ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721", "Ubuntu 16.04"),
        ("Windows_Server-2019-English-Core-EKS_Optimized", "Microsoft Windows Server 2019 2019"),
        ("RHEL-7.4_HVM_GA-20170808-x86_64-2-Hourly2-GP2", "Red Hat Enterprise Linux 7.4"),
    ],
)
def test_the_name_of_a_public_image_tells_its_platform(name: str, platform: str) -> None:
    contents = contents_by_name(name)
    assert contents is not None
    assert f"{contents.platform_name} {contents.platform_version}" == platform


def test_the_snapshots_of_an_image_go_with_it_when_asked_for() -> None:
    ec2, [instance] = compute.client("ec2"), compute.run(compute.image("1.8.1"))
    made = [ec2.create_image(InstanceId=instance, Name=name)["ImageId"] for name in ("one", "two", "three")]
    one, two, three = (ec2_backends["123456789012"][ec2.meta.region_name].amis[image] for image in made)
    two.ebs_snapshot, snapshot = one.ebs_snapshot, one.ebs_snapshot.id
    assert "DeleteSnapshotResults" not in ec2.deregister_image(ImageId=three.id)
    told = [ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True) for image in (one.id, two.id)]
    assert [one["DeleteSnapshotResults"] for one in told] == [
        [{"SnapshotId": snapshot, "ReturnCode": code}] for code in ("skipped", "success")
    ]
    held = {one["SnapshotId"] for one in ec2.describe_snapshots()["Snapshots"]}
    assert snapshot not in held and three.ebs_snapshot.id in held


def test_an_image_of_a_host_contains_what_the_host_did_in_every_region_it_is_copied_to() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    made = compute.client("ec2").create_image(InstanceId=instance, Name="golden")["ImageId"]
    copied = compute.client("ec2", "us-east-1").copy_image(
        SourceImageId=made, SourceRegion=compute.REGION, Name="golden"
    )
    assert images.of(made).agent_version == images.of(copied["ImageId"]).agent_version == "1.8.1"
