# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be deployed or baked is told by the playbooks before anything is written."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest
from support.plays import REGION, ROOT, Emulator, Player

HERE, THERE = "bundles-here", "bundles-there"
PATHS = ("golden_image_documents", "golden_image_applications")
DOCUMENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Write
        action: ExecuteBsh
        inputs:
          commands: ["true"]
"""


@pytest.fixture
def src(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples" / "storefront", tmp_path / "app"))


@pytest.fixture(scope="module", autouse=True)
def _buckets(account: Emulator) -> None:
    location = {"LocationConstraint": REGION}
    account.client("s3").create_bucket(Bucket=HERE, CreateBucketConfiguration=location)
    account.client("s3", "us-east-1").create_bucket(Bucket=THERE)


@pytest.mark.parametrize(
    ("lost", "options", "said"),
    [
        ("appspec.yml", {}, "has no appspec.yml"),
        ("scripts/start.sh", {}, "The script scripts/start.sh is not in the bundle. Add the script"),
        ("", {"slipway_bucket": "bundles-nowhere"}, "Bucket bundles-nowhere does not exist. Create it first"),
        ("", {"slipway_bucket": THERE}, f"Bucket {THERE} is in us-east-1, not in {REGION}"),
        ("", {"slipway_deployment_group": "a group"}, "name 'a group' is not 1 to 100 letters, digits"),
        ("", {"app_deployment_manage_group": False}, "There is no deployment group shop/production"),
    ],
)
def test_what_cannot_be_deployed_is_told_first(
    play: Player, src: Path, lost: str, options: dict[str, t.Any], said: str
) -> None:
    if lost:
        (src / lost).unlink()
    variables = {
        "slipway_region": REGION,
        "slipway_application": "shop",
        "slipway_deployment_group": "production",
        "slipway_service_role_arn": "arn:aws:iam::123456789012:role/deployer",
        "slipway_bundle": str(src),
        "slipway_bucket": HERE,
        **options,
    }
    run = play("slipway.aws.deploy", variables, code=2)
    assert said in run.output
    assert run.writes == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"golden_image_parent": "ami-0123456789abcdef0"}, f"the AMI ami-0123456789abcdef0 is not in {REGION}"),
        ({"golden_image_documents": {"own": "own.yml"}}, "data, line 6, phases[0].steps[0].action: ExecuteBsh"),
        ({"golden_image_applications": {"own": "."}, "slipway_bucket": HERE}, "has no appspec.yml"),
        ({"golden_image_applications": {"own": "app"}, "slipway_bucket": "bundles-nowhere"}, "Bucket bundles-nowhere does not exist"),
        ({"golden_image_ansible": {"own": {"playbok": "site.yml"}}}, "golden_image_ansible has unknown options: playbok"),
        ({"slipway_regions": ["eu-west-11"]}, "The account cannot use the Regions eu-west-11"),
    ],
)  # fmt: skip
def test_what_cannot_be_baked_is_told_first(
    play: Player, src: Path, tmp_path: Path, options: dict[str, t.Any], said: str
) -> None:
    (tmp_path / "own.yml").write_text(DOCUMENT)
    paths = {name: {"own": str(tmp_path / options[name]["own"])} for name in PATHS if name in options}
    variables = {
        "slipway_region": REGION,
        "slipway_image_name": "base",
        "golden_image_create_instance_profile": True,
        **options,
        **paths,
    }
    run = play("slipway.aws.bake", variables, code=2)
    assert said in run.output
    assert run.writes == []


def test_what_cannot_be_released_is_told_before_the_image_is_baked(play: Player) -> None:
    variables = {
        "slipway_region": REGION,
        "slipway_image_name": "base",
        "golden_image_create_instance_profile": True,
        "slipway_fleet": "shop",
        "image_release_wait_timeout": "soon",
    }
    run = play("slipway.aws.release_image", variables, code=2)
    assert "argument 'image_release_wait_timeout' is of type str" in run.output
    assert run.calls == []


@pytest.fixture(scope="module")
def odd_groups(account: Emulator) -> None:
    """A group with a launch template for one instance type alone, and one that may not launch hosts."""
    ec2, scaling = account.client("ec2"), account.client("autoscaling")
    image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-2023.*-x86_64"]}])
    data = {"ImageId": image["Images"][0]["ImageId"], "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="odd", LaunchTemplateData=data)
    template = {"LaunchTemplateName": "odd", "Version": "1"}
    own = {"InstanceType": "t3.small", "LaunchTemplateSpecification": template}
    mixed = {"LaunchTemplateSpecification": template, "Overrides": [own, {"InstanceType": "t3.micro"}]}
    shared = {"MinSize": 0, "MaxSize": 1, "VPCZoneIdentifier": ec2.describe_subnets()["Subnets"][0]["SubnetId"]}
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="mixed", MixedInstancesPolicy={"LaunchTemplate": mixed}, **shared
    )
    scaling.create_auto_scaling_group(AutoScalingGroupName="held", LaunchTemplate=template, **shared)
    scaling.suspend_processes(AutoScalingGroupName="held", ScalingProcesses=["Launch", "AZRebalance"])


@pytest.mark.usefixtures("odd_groups")
def test_groups_that_cannot_get_an_image_are_told_before_it_is_baked(play: Player) -> None:
    fleets = {"slipway_region": REGION, "slipway_fleets": [{"name": "mixed"}, {"name": "held"}]}
    run = play("slipway.aws.release_image", {**fleets, "slipway_image_name": "base"}, code=2)
    (said,) = run.failures
    assert "have launch templates of their own for some instance types: mixed. " in said
    assert "A process that a refresh needs is suspended in these groups: held. Resume it first." in said
    assert run.writes == []


@pytest.mark.usefixtures("odd_groups")
def test_a_refresh_that_would_only_wait_is_not_started(play: Player, account: Emulator) -> None:
    ec2 = account.client("ec2")
    first = ec2.describe_launch_template_versions(LaunchTemplateName="odd")["LaunchTemplateVersions"][0]
    image = first["LaunchTemplateData"]["ImageId"]
    copied = ec2.copy_image(SourceImageId=image, SourceRegion=REGION, Name="copy")["ImageId"]
    account.control("clock", advance=600)
    variables = {"slipway_region": REGION, "slipway_fleet": "held", "image_release_image_id": copied}
    run = play("slipway.aws.release_image", variables, code=2)
    assert "The group's Launch process is suspended: nothing is replaced until it is resumed." in run.failures[0]
    assert run.writes == []
