# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""DistributeImage: what is there goes to more Regions and accounts, without a build."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from support.image_builder import REGION, Builder, client, refusal

from slipway_emulator.contents import images
from slipway_emulator.faults import faults

FAR = "us-east-1"


def distributed(builder: Builder, source: str, *entries: dict[str, Any], role: str = "builder") -> dict[str, Any]:
    arn = builder.distribution(*entries, name="promotion")
    asked = {"sourceImage": source, "distributionConfigurationArn": arn, "executionRole": role}
    started = builder.client.distribute_image(**asked, tags={"Stage": "production"})
    return builder.finished(started["imageBuildVersionArn"])


def ami_of(image: dict[str, Any]) -> str:
    return str(image["outputResources"]["amis"][0]["image"])


def test_an_image_is_copied_without_being_built(builder: Builder) -> None:
    source = builder.built(builder.managed("component", "aws-codedeploy-agent-linux"))
    image = distributed(builder, source["arn"], {"region": REGION}, {"region": FAR})
    assert (image["state"]["status"], image["version"], image["tags"]) == (
        "AVAILABLE",
        "1.0.0/2",
        {"Stage": "production"},
    )
    made = {one["region"]: one["image"] for one in image["outputResources"]["amis"]}
    assert made[REGION] == ami_of(source), "the Region where it is needs no copy"
    assert images.of(made[FAR]).agent_version == "1.8.1"
    runs = builder.client.list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    assert [run["type"] for run in runs] == ["DISTRIBUTION"]


@pytest.mark.parametrize("form", ["ami", "ssm"])
def test_an_ami_and_a_parameter_are_sources(builder: Builder, form: str) -> None:
    ami = ami_of(builder.built())
    client("ssm").put_parameter(Name="/golden/web", Value=ami, Type="String")
    image = distributed(builder, {"ami": ami, "ssm": "ssm:/golden/web"}[form], {"region": FAR})
    assert (image["name"], image["version"], image["state"]["status"]) == ("promotion", "1.0.0/1", "AVAILABLE")
    assert [one["region"] for one in image["outputResources"]["amis"]] == [FAR]


def test_a_region_that_fails_is_retried(builder: Builder) -> None:
    source = builder.built()
    faults.add({"kind": "distribution-fails", "region": FAR, "message": "snapshot limit exceeded", "times": 1})
    image = distributed(builder, source["arn"], {"region": FAR})
    failed = image["state"]["failureContext"]["distributionFailure"]["regionFailures"]
    assert [(one["region"], one["targetAccountId"], one["errorMessage"]) for one in failed] == [
        (FAR, DEFAULT_ACCOUNT_ID, "snapshot limit exceeded")
    ]
    builder.client.retry_image(imageBuildVersionArn=image["arn"])
    assert builder.finished(image["arn"])["state"]["status"] == "AVAILABLE"


def test_the_role_has_to_be_there(builder: Builder) -> None:
    image = distributed(builder, builder.built()["arn"], {"region": FAR}, role="nobody")
    assert "Failed to assume the execution role nobody." in image["state"]["reason"]


def test_what_cannot_be_distributed_is_refused(builder: Builder) -> None:
    call = builder.client.distribute_image
    asked = {"distributionConfigurationArn": builder.distribution({"region": FAR}), "executionRole": "builder"}
    for source in ("ami-0123456789abcdef0", "ssm:/none", builder.arn("image", "none", "1.0.0"), "nonsense"):
        code, message = refusal(call, sourceImage=source, **asked)
        assert code == "InvalidRequestException" and "sourceImage" in message
    product = refusal(call, sourceImage="prod-0123456789abc", **asked)
    assert product == ("InvalidRequestException", "The source image must resolve to an AMI in this Region.")
    asked["distributionConfigurationArn"] += "x"
    assert refusal(call, sourceImage="ami-0123456789abcdef0", **asked)[0] == "ResourceNotFoundException"
