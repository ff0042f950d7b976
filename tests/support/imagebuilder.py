# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of the Image Builder modules share."""

from __future__ import annotations

import typing as t

import boto3

from support.modules import CONNECTION, Outcome, run_module

PARENT = "aws:amazon-linux-2023-x86"
PARENT_ARN = f"arn:aws:imagebuilder:{CONNECTION['region']}:aws:image/amazon-linux-2023-x86/x.x.x"
AMI_NAME = "web {{ imagebuilder:buildDate }}"
HELLO = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Hello
        action: ExecuteBash
        inputs:
          commands:
            - echo hello
"""
APPROVED = """\
name: approved
schemaVersion: 1.0
steps:
  - name: Launch
    action: LaunchInstance
    inputs:
      waitFor: ssmAgent
  - name: Approve
    action: WaitForAction
  - name: Terminate
    action: TerminateInstance
    onFailure: Continue
    inputs:
      instanceId.$: $.stepOutputs.Launch.instanceId
"""
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def client(service: str = "imagebuilder", region: str = CONNECTION["region"]) -> t.Any:
    """A client of the test itself, with the modules' keys."""
    return boto3.client(
        service,
        region_name=region,
        aws_access_key_id=CONNECTION["access_key"],
        aws_secret_access_key=CONNECTION["secret_key"],
    )


def instance_profile(name: str = "image-builder") -> None:
    """An instance profile with a role, as a build needs one."""
    iam = client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def done(name: str, params: dict[str, t.Any], check_mode: bool = False) -> Outcome:
    """Run a module that must not fail."""
    outcome = run_module(name, params, check_mode=check_mode)
    assert not outcome.failed, outcome.msg
    return outcome


def ingredients(**infrastructure: t.Any) -> None:
    """A component, a recipe, an infrastructure and a distribution configuration, all named `web`, as other tools make them."""
    instance_profile()
    builder, first = client(), {"name": "web", "semanticVersion": "1.0.0"}
    made = builder.create_component(**first, platform="Linux", data=HELLO)
    components = [{"componentArn": made["componentBuildVersionArn"].replace("1.0.0/1", "x.x.x")}]
    builder.create_image_recipe(**first, parentImage=PARENT_ARN, components=components)
    builder.create_infrastructure_configuration(name="web", instanceProfileName="image-builder", **infrastructure)
    there = [{"region": "eu-west-1", "amiDistributionConfiguration": {"name": AMI_NAME}}]
    builder.create_distribution_configuration(name="web", distributions=there)


def distributions(*regions: str) -> list[dict[str, t.Any]]:
    """Plain AMIs in some Regions."""
    return [{"region": region, "ami_distribution_configuration": {"name": AMI_NAME}} for region in regions]


def pipeline_with_recipe(infrastructure: str, name: str = "golden") -> None:
    """A pipeline on a recipe of its own and on an infrastructure configuration that is there."""
    done("imagebuilder_image_recipe", {"name": name, "parent_image": PARENT})
    pipeline = {"name": name, "image_recipe": name, "infrastructure_configuration": infrastructure}
    done("imagebuilder_image_pipeline", pipeline)


def life_of(
    module: str, noun: str, base: dict[str, t.Any], changed: dict[str, t.Any], undone: dict[str, t.Any]
) -> None:
    """create / again / change / again / change undone / absent / absent, each preceded by check mode with a diff."""
    absent = {"name": base["name"], "state": "absent"}
    steps = [
        (base, True),
        (base, False),
        (changed, True),
        (changed, False),
        (undone, True),
        (absent, True),
        (absent, False),
    ]
    for number, (params, changes) in enumerate(steps, 1):
        told, did = done(module, params, check_mode=True), done(module, params)
        assert (number, told.changed, did.changed) == (number, changes, changes)
        assert told.writes == []
        assert told["diff"] == did["diff"], number
        assert (told["diff"]["before"] != told["diff"]["after"]) == changes
        if not changes:
            assert did.writes == [] and len([c for c in did.calls if c.service == "imagebuilder"]) <= 2
    assert did[noun] == {}
