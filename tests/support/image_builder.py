# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Short ways to make things in the emulated Image Builder, for tests of the emulator."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from slipway_emulator.clock import clock

REGION = "eu-central-1"
ACCOUNT = "123456789012"
OVER = ("AVAILABLE", "FAILED", "CANCELLED")


@cache
def client(service: str, region: str = REGION) -> Any:
    """A client, made once for all tests: moto answers for whichever world is there."""
    return boto3.client(service, region_name=region)


def document(*commands: str, phase: str = "build", head: str = "") -> str:
    """A component document of one ExecuteBash step."""
    lines = "".join(f"            - {command!r}\n" for command in commands)
    return (
        f"name: test\nschemaVersion: 1.0\n{head}phases:\n  - name: {phase}\n    steps:\n"
        f"      - name: Run\n        action: ExecuteBash\n        inputs:\n          commands:\n{lines}"
    )


class Builder:
    """Image Builder of one Region, as a user with an instance profile has it."""

    def __init__(self, region: str = REGION) -> None:
        self.region = region
        self.partition = {"us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}.get(region, "aws")
        self.client = client("imagebuilder", region)
        iam = client("iam", region)
        iam.create_role(RoleName="builder", AssumeRolePolicyDocument="{}")
        iam.create_instance_profile(InstanceProfileName="builder")
        iam.add_role_to_instance_profile(InstanceProfileName="builder", RoleName="builder")

    @property
    def ec2(self) -> Any:
        return client("ec2", self.region)

    def managed(self, kind: str, name: str, version: str = "x.x.x") -> str:
        return f"arn:{self.partition}:imagebuilder:{self.region}:aws:{kind}/{name}/{version}"

    def arn(self, kind: str, name: str, *rest: str) -> str:
        tail = "".join(f"/{part}" for part in rest)
        return f"arn:{self.partition}:imagebuilder:{self.region}:{ACCOUNT}:{kind}/{name}{tail}"

    def component(self, name: str = "app", version: str = "1.0.0", data: str | None = None, **more: Any) -> str:
        given = {"name": name, "semanticVersion": version, "platform": "Linux", "data": data or document("true")}
        return str(self.client.create_component(**{**given, **more})["componentBuildVersionArn"])

    def recipe(self, *components: str, name: str = "web", version: str = "1.0.0", **more: Any) -> str:
        given = {
            "name": name,
            "semanticVersion": version,
            "parentImage": self.managed("image", "amazon-linux-2023-x86"),
            "components": [{"componentArn": arn} for arn in components or [self.managed("component", "update-linux")]],
        }
        return str(self.client.create_image_recipe(**{**given, **more})["imageRecipeArn"])

    def infrastructure(self, name: str = "small", **more: Any) -> str:
        made = self.client.create_infrastructure_configuration(name=name, instanceProfileName="builder", **more)
        return str(made["infrastructureConfigurationArn"])

    def distribution(self, *entries: dict[str, Any], name: str = "everywhere") -> str:
        made = self.client.create_distribution_configuration(name=name, distributions=list(entries))
        return str(made["distributionConfigurationArn"])

    def pipeline(self, name: str = "nightly", **more: Any) -> str:
        given = {"name": name, "imageRecipeArn": "", "infrastructureConfigurationArn": "", **more}
        given["imageRecipeArn"] = given["imageRecipeArn"] or self.recipe()
        given["infrastructureConfigurationArn"] = given["infrastructureConfigurationArn"] or self.infrastructure()
        return str(self.client.create_image_pipeline(**given)["imagePipelineArn"])

    def start(self, recipe: str, **more: Any) -> str:
        infrastructure = more.pop("infrastructureConfigurationArn", None) or self.infrastructure()
        made = self.client.create_image(imageRecipeArn=recipe, infrastructureConfigurationArn=infrastructure, **more)
        return str(made["imageBuildVersionArn"])

    def status(self, image: str) -> str:
        return str(self.image(image)["state"]["status"])

    def image(self, arn: str) -> dict[str, Any]:
        return dict(self.client.get_image(imageBuildVersionArn=arn)["image"])

    def finished(self, image: str) -> dict[str, Any]:
        """The image when its build is over."""
        clock.run_until(lambda: self.status(image) in OVER)
        return self.image(image)

    def built(self, *components: str, **more: Any) -> dict[str, Any]:
        return self.finished(self.start(self.recipe(*components, **more)))


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    """Code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
