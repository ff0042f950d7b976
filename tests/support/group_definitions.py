# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment groups and configurations as people publish them for Terraform, CloudFormation, CDK and the AWS CLI, in the options of the modules."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from moto.ecs.models import ecs_backends

from support.codedeploy_shop import ROLE
from support.deployment_groups import scaling_group
from support.imagebuilder import client, done
from support.nouns import TRUST
from support.published import published

SPECIAL = {"platform": "Server", "change": {}, "refused": ""}


@dataclass(frozen=True)
class Definition:
    """What a task says, what its change says otherwise, and what the module must say when AWS does not take it."""

    source: str
    options: dict[str, t.Any]
    platform: str
    change: dict[str, t.Any]
    refused: str

    @property
    def name(self) -> str:
        return str(self.options["name"])

    @property
    def is_public(self) -> bool:
        return self.source != "slipway"


def definitions(noun: str) -> list[Definition]:
    return [
        Definition(source, options, **special)
        for source, options, special in published(f"codedeploy/{noun}.yml", SPECIAL)
    ]


def surroundings(groups: list[Definition], configs: list[Definition]) -> None:
    """What the groups need: their applications and all that they name and AWS looks for."""
    client("iam").create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps(TRUST))
    for platform in {each.platform for each in groups}:
        done("codedeploy_application", {"name": platform.lower(), "compute_platform": platform})
    for config in configs:
        done("codedeploy_deployment_config", config.options)
    for name in _named(groups, "auto_scaling_groups"):
        scaling_group(name)
    services = {(each["cluster_name"], each["service_name"]) for each in _named(groups, "ecs_services")}
    for cluster, name in services:
        backend = ecs_backends["123456789012"]["eu-west-1"]
        backend.create_cluster(cluster)
        backend.create_service(cluster, name, 0, deployment_controller={"type": "CODE_DEPLOY"})


def _named(groups: list[Definition], option: str) -> list[t.Any]:
    """Each once, in the order in which they are named."""
    said = [each for group in groups for options in (group.options, group.change) for each in options.get(option, [])]
    return [each for number, each in enumerate(said) if each not in said[:number]]
