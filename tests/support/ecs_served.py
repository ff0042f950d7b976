# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of ECS in an emulator that plays talk to, and what a play has to know of it."""

from __future__ import annotations

import json
import typing as t

import pytest

from support.ecs_shop import EcsWorld
from support.nouns import TRUST
from support.plays import KEYS, REGION, Emulator

NAMES = {"slipway_region": REGION, "slipway_application": "shop", "slipway_deployment_group": "web"}


def served(account: Emulator, patch: pytest.MonkeyPatch) -> EcsWorld:
    """Two tasks behind a load balancer, and the role of CodeDeploy."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": account.address}.items():
        patch.setenv(name, value)
    world = EcsWorld(REGION)
    world.service()
    account.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    account.control("clock", advance=60)
    return world


def group_of(world: EcsWorld) -> dict[str, t.Any]:
    """What it takes to create the deployment group."""
    return {
        **NAMES,
        "slipway_cluster": "shop",
        "slipway_service": "web",
        "slipway_service_role_arn": "arn:aws:iam::123456789012:role/deployer",
        "ecs_deployment_target_groups": "one,two",
        "ecs_deployment_listener_arn": world.production,
        "ecs_deployment_termination_wait": 5,
        "ecs_deployment_wait_delay": 1,
    }
