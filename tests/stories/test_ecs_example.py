# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example that creates a service with modules of community.aws, and deploys to it: nothing moves the traffic back."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from support.nouns import TRUST
from support.plays import REGION, ROOT, Emulator, Player, Server

GIVEN = {
    "slipway_region": REGION,
    "slipway_application": "shop",
    "slipway_deployment_group": "production",
    "slipway_cluster": "shop",
    "slipway_service": "storefront",
    "slipway_service_role_arn": "arn:aws:iam::123456789012:role/deployer",
    "ecs_deployment_termination_wait": 0,
    "ecs_deployment_config_name": "CodeDeployDefault.ECSAllAtOnce",
    "ecs_deployment_wait_delay": 1,
}


@pytest.fixture
def account() -> t.Iterator[Emulator]:
    server = Server()
    found = Emulator(server.address)
    found.reset(300)
    yield found
    assert server.stop() == 0


def test_the_example_creates_a_service_and_leaves_the_traffic_to_codedeploy(account: Emulator, tmp_path: Path) -> None:
    account.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    play, example = Player(account, tmp_path), ROOT / "examples" / "ecs_service.yml"
    created = play(example, {**GIVEN, "slipway_image": "nginx:1"})
    assert "CreateService" in created.writes and "CreateDeployment" not in created.writes
    deployed = play(example, {**GIVEN, "slipway_image": "nginx:2"})
    assert deployed.writes == ["RegisterTaskDefinition", "CreateDeployment"]
    assert deployed.published["slipway_verdict"] == "deployed"
    again = play(example, {**GIVEN, "slipway_image": "nginx:2"})
    assert not again.writes and again.published["slipway_verdict"] == "already live"
