# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources of Image Builder as people publish them for Terraform, CDK, CloudFormation and the AWS CLI, in the options of the modules."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from support import published as files
from support.imagebuilder import client, instance_profile

# In this order each noun refers only to nouns before it.
NOUNS = (
    "component",
    "workflow",
    "image_recipe",
    "container_recipe",
    "infrastructure_configuration",
    "distribution_configuration",
    "image_pipeline",
    "lifecycle_policy",
)
PLURALS = {"lifecycle_policy": "lifecycle_policies"}
BUCKET = "documents"
UBUNTU = "ami-1e749f67"  # an AMI that every world has
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


@dataclass(frozen=True)
class Published:
    """One set: what a task says, what its change says otherwise, and what the module must say when AWS does not take it."""

    noun: str
    source: str
    options: dict[str, t.Any]
    change: dict[str, t.Any]
    refused: str
    text: str  # of the object at `uri`

    @property
    def module(self) -> str:
        return f"imagebuilder_{self.noun}"

    @property
    def name(self) -> str:
        return str(self.options["name"])


def published() -> list[Published]:
    """All sets, in the order of the nouns."""
    return [each for noun in NOUNS for each in _of(noun)]


def _of(noun: str) -> t.Iterator[Published]:
    file = f"imagebuilder/{PLURALS.get(noun, noun + 's')}.yml"
    for source, options, special in files.published(file, {"change": {}, "refused": "", "object": ""}):
        yield Published(noun, source, options, special["change"], special["refused"], special["object"])


def surroundings(sets: list[Published]) -> None:
    """What the sets need beside Image Builder."""
    for profile in ("builder", "other-builder"):
        instance_profile(profile)
    for role in ("lifecycle", "vmimport"):
        client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    client("sns").create_topic(Name="builds")
    client("ssm").put_parameter(Name="/golden-ami/base-ami", Value=UBUNTU, Type="String", DataType="aws:ec2:image")
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for each in sets:
        if each.text:
            uri = each.options.get("uri") or each.options["dockerfile_template_uri"]
            s3.put_object(Bucket=BUCKET, Key=uri.removeprefix(f"s3://{BUCKET}/"), Body=each.text.encode())
