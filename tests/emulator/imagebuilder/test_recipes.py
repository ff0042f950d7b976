# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Recipes: parents, components, versions."""

from __future__ import annotations

import boto3
import pytest
from support.image_builder import REGION, Builder, client, document, refusal

NEEDS_VALUE = document("echo {{ Target }}", head="parameters:\n  - Target:\n      type: string\n")
LATEST = "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def test_a_recipe_is_returned_with_what_the_service_fills_in(builder: Builder) -> None:
    arn = builder.recipe(name="My_Web", blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20}}])
    assert arn == builder.arn("image-recipe", "my-web", "1.0.0")
    recipe = builder.client.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]
    assert (recipe["name"], recipe["platform"], recipe["workingDirectory"]) == ("My_Web", "Linux", "/tmp")
    assert recipe["components"] == [{"componentArn": builder.managed("component", "update-linux")}]
    assert "type" not in recipe


def test_a_version_exists_once(builder: Builder) -> None:
    arn = builder.recipe()
    code, message = refusal(builder.recipe, description="other content")
    assert code == "ResourceAlreadyExistsException"
    assert message == f"The following resource 'ImageRecipe' already exists: '{arn}'."


def test_versions_count_up_on_request(builder: Builder) -> None:
    given = [builder.recipe(version=version) for version in ("1.0.x", "1.0.x", "2.x.x", "1.x.0", "1.x.0")]
    assert [arn.rpartition("/")[2] for arn in given] == ["1.0.0", "1.0.1", "2.0.0", "1.1.0", "1.2.0"]
    newest = builder.client.get_image_recipe(imageRecipeArn=builder.arn("image-recipe", "web", "x.x.x"))
    assert newest["imageRecipe"]["version"] == "2.0.0"
    arn = builder.arn("image-recipe", "web", "1.x.0")
    assert refusal(builder.client.get_image_recipe, imageRecipeArn=arn)[0] == "InvalidVersionNumberException"


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", REGION])
def test_amazon_linux_is_found_in_every_partition(builder: Builder, region: str) -> None:
    there = Builder.__new__(Builder)
    there.region, there.client = region, client("imagebuilder", region)
    there.partition = boto3.Session().get_partition_for_region(region)
    for number, parent in enumerate((LATEST, there.managed("image", "amazon-linux-2023-arm64"))):
        assert f"arn:{there.partition}:imagebuilder:{region}" in there.recipe(parentImage=parent, name=f"web-{number}")


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        ("ami-0123456789abcdef0", "The AMI 'ami-0123456789abcdef0' does not exist in Region eu-central-1"),
        ("ssm:/my/parameter", "The SSM parameter '/my/parameter' does not exist"),
        ("arn:aws:imagebuilder:eu-central-1:aws:image/amazon-linux-3-x86/x.x.x", "does not exist"),
        ("amazon linux", "must be an AMI ID, an image ARN, an SSM parameter or an AWS Marketplace product ID"),
    ],
)
def test_an_unknown_parent_is_refused(builder: Builder, parent: str, text: str) -> None:
    code, message = refusal(builder.recipe, parentImage=parent)
    assert code == "InvalidParameterValueException"
    assert message.startswith("The value supplied for parameter 'parentImage' is not valid.")
    assert text in message


def test_a_parent_can_be_an_ami_or_a_parameter_that_names_one(builder: Builder) -> None:
    filters = [{"Name": "name", "Values": ["amzn2-ami-*"]}]
    ami = builder.ec2.describe_images(Owners=["amazon"], Filters=filters)["Images"][0]["ImageId"]
    ssm = client("ssm", REGION)
    ssm.put_parameter(Name="/golden/base", Value=ami, Type="String")
    ssm.put_parameter(Name="/golden/wrong", Value="latest", Type="String")
    assert builder.recipe(parentImage=ami)
    assert builder.recipe(parentImage="ssm:/golden/base", version="1.0.1")
    assert "does not hold an AMI ID" in refusal(builder.recipe, parentImage="ssm:/golden/wrong", version="1.0.2")[1]


@pytest.mark.parametrize(
    ("components", "text"),
    [
        ([{"componentArn": "arn:aws:imagebuilder:eu-central-1:aws:component/none/x.x.x"}], "does not exist"),
        ([{"componentArn": "{app}"}, {"componentArn": "{app}"}], "can be used only once"),
        ([{"componentArn": "{app}"}, {"componentArn": "{new}"}], "can be used only once"),
        ([{"componentArn": "{needs}"}], "parameter 'Target' needs a value"),
        ([{"componentArn": "{app}", "parameters": [{"name": "Size", "value": ["1"]}]}], "has no parameter 'Size'"),
        (
            [{"componentArn": "arn:aws:imagebuilder:eu-central-1:aws:component/update-windows/x.x.x"}],
            "platform Windows",
        ),
        ([{"componentArn": "{ubuntu}"}], "supports Ubuntu"),
    ],
)
def test_components_have_to_fit(builder: Builder, components: list[dict[str, object]], text: str) -> None:
    arns = {
        "app": builder.component(),
        "new": builder.component(version="1.0.1"),
        "needs": builder.component("needs-value", data=NEEDS_VALUE),
        "ubuntu": builder.component("for-ubuntu", supportedOsVersions=["Ubuntu"]),
    }
    wanted = [{**use, "componentArn": str(use["componentArn"]).format(**arns)} for use in components]
    code, message = refusal(builder.recipe, components=wanted)
    assert code == "InvalidParameterValueException"
    assert text in message


def test_supported_systems_are_compared_by_their_beginning(builder: Builder) -> None:
    assert builder.recipe(builder.component(supportedOsVersions=["Ubuntu", "Amazon Linux 20"]))


def test_the_quota_of_components_is_an_error_of_its_own(builder: Builder) -> None:
    arns = [builder.component(f"app-{number}") for number in range(21)]
    assert builder.recipe(*arns[:20])
    assert refusal(builder.recipe, components=[{"componentArn": arn} for arn in arns], version="1.0.1")[0] == (
        "ServiceQuotaExceededException"
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"blockDeviceMappings": [{"ebs": {"iops": 3000, "volumeType": "gp2"}}]}, "iops needs a volumeType"),
        ({"blockDeviceMappings": [{"ebs": {"throughput": 200, "volumeType": "gp2"}}]}, "throughput needs"),
        ({"blockDeviceMappings": [{"ebs": {"volumeSize": 16001}}]}, "volumeSize must be at most 16000"),
        ({"amiWatermarks": ["abc"] * 6}, "amiWatermarks must have at most 5 items"),
        ({"additionalInstanceConfiguration": {"userDataOverride": "not base64!"}}, "userDataOverride must match"),
    ],
)
def test_wrong_members_are_named(builder: Builder, change: dict[str, object], text: str) -> None:
    code, message = refusal(builder.recipe, **change)
    assert code == "InvalidParameterValueException"
    assert text in message


def test_a_recipe_in_a_pipeline_cannot_be_deleted(builder: Builder) -> None:
    recipe = builder.recipe()
    pipeline = builder.pipeline(imageRecipeArn=builder.arn("image-recipe", "web", "x.x.x"))
    assert refusal(builder.client.delete_image_recipe, imageRecipeArn=recipe)[0] == "ResourceDependencyException"
    builder.recipe(version="1.0.1")
    builder.client.delete_image_recipe(imageRecipeArn=recipe)  # the wildcard stands for the new version now
    builder.client.delete_image_pipeline(imagePipelineArn=pipeline)
    builder.client.delete_image_recipe(imageRecipeArn=builder.arn("image-recipe", "web", "1.0.1"))
    assert builder.client.list_image_recipes()["imageRecipeSummaryList"] == []


def test_container_recipes_keep_their_template(builder: Builder) -> None:
    given = {
        "name": "web-container",
        "semanticVersion": "1.0.0",
        "containerType": "DOCKER",
        "parentImage": "amazonlinux:latest",
        "targetRepository": {"service": "ECR", "repositoryName": "web"},
        "components": [{"componentArn": builder.component()}],
    }
    template = "FROM {{{ imagebuilder:parentImage }}}"
    made = builder.client.create_container_recipe(dockerfileTemplateData=template, **given)["containerRecipeArn"]
    recipe = builder.client.get_container_recipe(containerRecipeArn=made)["containerRecipe"]
    assert (recipe["dockerfileTemplateData"], recipe["encrypted"]) == (template, True)
    assert refusal(builder.client.create_container_recipe, **given)[0] == "InvalidParameterCombinationException"
    listed = builder.client.list_container_recipes(filters=[{"name": "containerType", "values": ["DOCKER"]}])
    assert [each["arn"] for each in listed["containerRecipeSummaryList"]] == [made]
