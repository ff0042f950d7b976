# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Distribution: AMIs in Regions and accounts, and what is configured with them."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from support.image_builder import REGION, Builder, client

from slipway_emulator.contents import images
from slipway_emulator.faults import faults

OTHER = "210987654321"
FAR = "us-east-1"


def ami(**more: Any) -> dict[str, Any]:
    return {"name": "web {{ imagebuilder:buildDate }}", **more}


def distributed(builder: Builder, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    distribution = builder.distribution(*entries)
    recipe = builder.recipe(builder.managed("component", "aws-codedeploy-agent-linux"), amiTags={"recipe": "web"})
    return builder.finished(builder.start(recipe, distributionConfigurationArn=distribution, **more))


def here(image: dict[str, Any], region: str) -> dict[str, Any]:
    """The AMI of a Region, as EC2 there describes it."""
    ids = [made["image"] for made in image["outputResources"]["amis"] if made["region"] == region]
    return dict(client("ec2", region).describe_images(ImageIds=ids[:1])["Images"][0])


def test_every_region_gets_an_ami_of_its_own(builder: Builder) -> None:
    entries = [
        {"region": region, "amiDistributionConfiguration": ami(amiTags={"at": region})} for region in (REGION, FAR)
    ]
    image = distributed(builder, *entries)
    assert image["state"]["status"] == "AVAILABLE"
    found = {region: here(image, region) for region in (REGION, FAR)}
    assert found[REGION]["ImageId"] != found[FAR]["ImageId"]
    for region, made in found.items():
        tags = {tag["Key"]: tag["Value"] for tag in made["Tags"]}
        assert (tags["CreatedBy"], tags["Ec2ImageBuilderArn"], tags["at"]) == (
            "EC2 Image Builder",
            image["arn"],
            region,
        )
        assert made["Name"].startswith("web 20")
        assert images.of(made["ImageId"]).agent_version == "1.8.1"
    assert {tag["Key"]: tag["Value"] for tag in found[REGION]["Tags"]}["recipe"] == "web"


def test_without_a_distribution_there_is_one_named_after_the_image(builder: Builder) -> None:
    made = here(builder.built(name="My Web", description="the web"), REGION)
    assert made["Name"].startswith("My Web 20")
    assert made["Description"] == "the web"


def test_launch_permissions_are_given(builder: Builder) -> None:
    image = distributed(
        builder, {"region": FAR, "amiDistributionConfiguration": ami(launchPermission={"userIds": [OTHER]})}
    )
    made = client("ec2", FAR).describe_image_attribute(
        ImageId=here(image, FAR)["ImageId"], Attribute="launchPermission"
    )
    assert made["LaunchPermissions"] == [{"UserId": OTHER}]


def test_a_target_account_owns_a_copy_when_it_lets_image_builder_in(builder: Builder) -> None:
    entry = {"region": FAR, "amiDistributionConfiguration": ami(targetAccountIds=[DEFAULT_ACCOUNT_ID, OTHER])}
    refused = distributed(builder, entry)
    failure = refused["state"]["failureContext"]["distributionFailure"]["regionFailures"]
    assert [(each["region"], each["targetAccountId"], each["status"]) for each in failure] == [(FAR, OTHER, "FAILED")]
    assert here(refused, FAR)["OwnerId"] == DEFAULT_ACCOUNT_ID
    iam_backends[OTHER]["aws"].create_role("EC2ImageBuilderDistributionCrossAccountRole", "{}", "/", None, "", [], 3600)
    builder.client.retry_image(imageBuildVersionArn=refused["arn"])
    image = builder.finished(refused["arn"])
    copies = [made["image"] for made in image["outputResources"]["amis"] if made["accountId"] == OTHER]
    assert ec2_backends[OTHER][FAR].amis[copies[0]].owner_id == OTHER


def test_one_region_can_fail_alone(builder: Builder) -> None:
    faults.add({"kind": "distribution-fails", "region": FAR, "message": "snapshot limit exceeded"})
    image = distributed(builder, {"region": FAR}, {"region": "eu-west-1"})
    context = image["state"]["failureContext"]
    assert (image["state"]["status"], context["imageStatus"]) == ("FAILED", "DISTRIBUTING")
    assert context["distributionFailure"]["regionFailures"] == [
        {
            "region": FAR,
            "targetAccountId": DEFAULT_ACCOUNT_ID,
            "status": "FAILED",
            "errorMessage": "snapshot limit exceeded",
        }
    ]
    assert {made["region"] for made in image["outputResources"]["amis"]} == {REGION, "eu-west-1"}


def test_a_region_of_another_partition_is_not_enabled(builder: Builder) -> None:
    image = distributed(builder, {"region": "cn-north-1"})
    assert "The Region cn-north-1 is not enabled" in image["state"]["reason"]


def test_a_launch_template_gets_a_version_with_the_ami(builder: Builder) -> None:
    ec2 = client("ec2", FAR)
    data = {"InstanceType": "t3.micro", "ImageId": "ami-12345678"}
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)["LaunchTemplate"]
    entry = {"region": FAR, "launchTemplateConfigurations": [{"launchTemplateId": template["LaunchTemplateId"]}]}
    image = distributed(builder, entry)
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="web", Versions=["$Default"])
    newest = versions["LaunchTemplateVersions"][0]
    assert (newest["VersionNumber"], newest["LaunchTemplateData"]["InstanceType"]) == (2, "t3.micro")
    assert newest["LaunchTemplateData"]["ImageId"] == here(image, FAR)["ImageId"]


def test_a_missing_launch_template_fails_the_integration(builder: Builder) -> None:
    entry = {"region": FAR, "launchTemplateConfigurations": [{"launchTemplateId": "lt-0123456789abcdef0"}]}
    image = distributed(builder, entry)
    context = image["state"]["failureContext"]
    assert context["imageStatus"] == "INTEGRATING"
    failure = context["distributionFailure"]["regionFailures"][0]
    assert (failure["region"], failure["imageConfigurationStep"]) == (FAR, "UPDATE_LAUNCH_TEMPLATES")


def test_a_disk_image_is_exported_and_a_license_and_fast_launch_configured(builder: Builder) -> None:
    client("s3").create_bucket(Bucket="disks", CreateBucketConfiguration={"LocationConstraint": REGION})
    export = {"roleName": "builder", "diskImageFormat": "RAW", "s3Bucket": "disks", "s3Prefix": "web/"}
    license_arn = f"arn:aws:license-manager:{FAR}:{DEFAULT_ACCOUNT_ID}:license-configuration:lic-{'0' * 32}"
    entry = {
        "region": FAR,
        "licenseConfigurationArns": [license_arn],
        "fastLaunchConfigurations": [{"enabled": True, "launchTemplate": {"launchTemplateId": f"lt-{'0' * 17}"}}],
        "s3ExportConfiguration": export,
    }
    parent = builder.managed("image", "windows-server-2022-english-full-base-x86")
    recipe = builder.recipe(builder.managed("component", "update-windows"), parentImage=parent)
    image = builder.finished(builder.start(recipe, distributionConfigurationArn=builder.distribution(entry)))
    failures = image["state"]["failureContext"]["distributionFailure"]["regionFailures"]
    assert [each["imageConfigurationStep"] for each in failures] == ["UPDATE_FAST_LAUNCH_CONFIGURATIONS"]
    assert f"The launch template 'lt-{'0' * 17}' does not exist in Region {FAR}" in failures[0]["errorMessage"]
    (disk,) = client("s3").list_objects_v2(Bucket="disks")["Contents"]
    assert disk["Key"] == f"web/export-{here(image, FAR)['ImageId']}.raw"


@pytest.mark.parametrize(
    ("name", "role", "status"),
    [
        ("/imagebuilder/web", None, "AVAILABLE"),
        ("/golden/web", "publisher", "AVAILABLE"),
        ("/golden/web", None, "FAILED"),
    ],
)
def test_parameters_outside_the_own_path_need_a_role(
    builder: Builder, name: str, role: str | None, status: str
) -> None:
    entry = {"region": FAR, "ssmParameterConfigurations": [{"parameterName": name, "dataType": "aws:ec2:image"}]}
    image = distributed(builder, entry, **({"executionRole": role} if role else {}))
    assert image["state"]["status"] == status
    found = client("ssm", FAR).get_parameters(Names=[name])["Parameters"]
    if status == "AVAILABLE":
        assert [each["Value"] for each in found] == [here(image, FAR)["ImageId"]]
    else:
        assert found == []
        failure = image["state"]["failureContext"]["distributionFailure"]["regionFailures"][0]
        assert failure["imageConfigurationStep"] == "PUT_SSM_PARAMETERS"


def test_what_is_encrypted_by_the_default_key_cannot_be_shared(builder: Builder) -> None:
    encrypted = [{"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "volumeSize": 30}}]
    recipe = builder.recipe(blockDeviceMappings=encrypted)
    entry = {"region": REGION, "amiDistributionConfiguration": ami(launchPermission={"userIds": [OTHER]})}
    image = builder.finished(builder.start(recipe, distributionConfigurationArn=builder.distribution(entry)))
    assert "Encrypted snapshots with EBS default key cannot be shared" in image["state"]["reason"]
    device = here(image, REGION)["BlockDeviceMappings"][0]["Ebs"]
    assert (device["VolumeSize"], device["Encrypted"]) == (30, True)
