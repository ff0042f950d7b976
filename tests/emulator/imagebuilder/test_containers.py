# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Container images: built by their recipe, pushed to ECR, distributed to the repositories of other Regions."""

from __future__ import annotations

from typing import Any

import pytest
from support.image_builder import ACCOUNT, REGION, Builder, client, document, refusal

from slipway_emulator.clock import clock
from slipway_emulator.contents import images
from slipway_emulator.faults import faults

FAR = "us-east-1"
TEMPLATE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:components }}}\n"


def repository(name: str = "web", region: str = REGION) -> str:
    return str(client("ecr", region).create_repository(repositoryName=name)["repository"]["repositoryUri"])


def tags(name: str = "web", region: str = REGION) -> list[str]:
    found = client("ecr", region).list_images(repositoryName=name)["imageIds"]
    return sorted(each["imageTag"] for each in found)


def target(name: str = "web", **more: Any) -> dict[str, Any]:
    return {"targetRepository": {"service": "ECR", "repositoryName": name}, **more}


def recipe(builder: Builder, *components: str, name: str = "web", **more: Any) -> str:
    given = {
        "name": name,
        "containerType": "DOCKER",
        "semanticVersion": "1.0.0",
        "parentImage": "amazonlinux:2023",
        "dockerfileTemplateData": TEMPLATE,
        "components": [{"componentArn": arn} for arn in components or [builder.component()]],
        **target(),
    }
    return str(builder.client.create_container_recipe(**{**given, **more})["containerRecipeArn"])


def built(builder: Builder, recipe_arn: str, **more: Any) -> dict[str, Any]:
    small = more.pop("infrastructure", None) or builder.infrastructure()
    made = builder.client.create_image(containerRecipeArn=recipe_arn, infrastructureConfigurationArn=small, **more)
    return builder.finished(made["imageBuildVersionArn"])


def test_an_image_is_pushed_to_the_repository_of_its_recipe(builder: Builder) -> None:
    uri = repository()
    component = builder.component(data=document("dnf install -y jq"))
    image = built(builder, recipe(builder, component))
    assert (image["state"]["status"], image["type"]) == ("AVAILABLE", "DOCKER")
    assert image["outputResources"]["containers"] == [{"region": REGION, "imageUris": [f"{uri}:1.0.0-1"]}]
    assert image["containerRecipe"]["components"] == [{"componentArn": component}] and "imageRecipe" not in image
    assert tags() == ["1.0.0-1"]
    child = recipe(builder, name="child", parentImage=builder.arn("image", "web", "x.x.x"))
    uri = built(builder, child, infrastructure=builder.arn("infrastructure-configuration", "small"))
    assert images.of(uri["outputResources"]["containers"][0]["imageUris"][0]).packages["jq"]
    summary = builder.client.list_images(filters=[{"name": "type", "values": ["DOCKER"]}])["imageVersionList"]
    assert sorted(each["name"] for each in summary) == ["child", "web"]


def test_every_region_gets_the_image_under_its_tags(builder: Builder) -> None:
    near, far = repository(), repository("mirror", FAR)
    distribution = builder.distribution(
        {"region": REGION, "containerDistributionConfiguration": target(containerTags=["stable"])},
        {"region": FAR, "containerDistributionConfiguration": target("mirror")},
    )
    image = built(builder, recipe(builder), distributionConfigurationArn=distribution)
    assert image["outputResources"]["containers"] == [
        {"region": REGION, "imageUris": [f"{near}:1.0.0-1", f"{near}:stable"]},
        {"region": FAR, "imageUris": [f"{far}:1.0.0-1"]},
    ]
    assert tags() == ["1.0.0-1", "stable"] and tags("mirror", FAR) == ["1.0.0-1"]


def test_a_missing_repository_fails_the_build_or_its_region(builder: Builder) -> None:
    failed = built(builder, recipe(builder))
    context = failed["state"]["failureContext"]
    assert (context["imageStatus"], context["failedStep"]) == ("BUILDING", "ApplyBuildComponents")
    assert f"'web' does not exist in the registry with id '{ACCOUNT}'" in failed["state"]["reason"]
    repository()
    distribution = builder.distribution({"region": FAR, "containerDistributionConfiguration": target()})
    small = builder.arn("infrastructure-configuration", "small")
    again = {"infrastructure": small, "distributionConfigurationArn": distribution}
    failed = built(builder, builder.arn("container-recipe", "web", "x.x.x"), **again)
    (failure,) = failed["state"]["failureContext"]["distributionFailure"]["regionFailures"]
    assert (failure["region"], failure["status"]) == (FAR, "FAILED") and "does not exist" in failure["errorMessage"]
    code, text = refusal(builder.client.retry_image, imageBuildVersionArn=failed["arn"])
    assert code == "InvalidRequestException" and "Only the build of an AMI" in text


@pytest.mark.parametrize("own", [None, "scans"])
def test_a_scan_takes_a_copy_of_its_own(builder: Builder, own: str | None) -> None:
    repository()
    scanning: dict[str, Any] = {"imageScanningEnabled": True}
    if own:
        repository(own)
        scanning["ecrConfiguration"] = {"repositoryName": own, "containerTags": ["checked"]}
    faults.add({"kind": "image-finding"})
    image = built(builder, recipe(builder), imageScanningConfiguration=scanning)
    assert image["scanState"]["status"] == "COMPLETED"
    assert builder.client.list_image_scan_findings()["findings"][0]["imageBuildVersionArn"] == image["arn"]
    assert tags(own or "image-builder-image-scanning-repository") == (["checked"] if own else ["latest"])


def test_a_pipeline_builds_containers_and_their_images_are_deleted(builder: Builder) -> None:
    repository()
    given = {
        "name": "web",
        "containerRecipeArn": recipe(builder),
        "infrastructureConfigurationArn": builder.infrastructure(),
    }
    pipeline = builder.client.create_image_pipeline(**given)["imagePipelineArn"]
    scanning = {"imageScanningEnabled": True, "imageScanningTypes": ["ON_DEMAND_AMI_CVE"]}
    code, text = refusal(builder.client.create_image_pipeline, **given, imageScanningConfiguration=scanning)
    assert code == "InvalidParameterCombinationException" and "built from an image recipe" in text
    started = builder.client.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"]
    assert builder.finished(started)["sourcePipelineArn"] == pipeline
    gone = {"state": {"status": "DELETED"}, "executionRole": "builder", "includeResources": {"containers": True}}
    execution = builder.client.start_resource_state_update(resourceArn=started, **gone)["lifecycleExecutionId"]
    clock.advance(60)
    assert builder.status(started) == "DELETED" and tags() == []
    asked = {"lifecycleExecutionId": execution, "parentResourceId": started}
    (told,) = builder.client.list_lifecycle_execution_resources(**asked)["resources"]
    assert told["imageUris"][0].endswith("/web:1.0.0-1") and told["state"]["status"] == "SUCCESS"
