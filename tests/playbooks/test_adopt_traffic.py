# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications for ECS and Lambda that somebody else made and deployed are written down, and the next run changes nothing."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from support.codedeploy_shop import ROLE
from support.ecs_shop import EcsShop
from support.lambda_shop import content
from support.nouns import TRUST
from support.plays import KEYS, REGION, Emulator, Player

ALARMS = {"enabled": True, "alarms": [{"name": "errors"}]}
OTHERS = {"alarmConfiguration": ALARMS, "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _shop(account: Emulator) -> t.Iterator[None]:
    """The service `web` is on revision 2 of its task definition, the alias `live` of the function `fn` on version 2."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": account.address}.items():
            patch.setenv(name, value)
        shop = EcsShop(REGION)
        account.client("iam").create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps(TRUST))
        account.control("clock", advance=120)
        shop.alarm("OK")
        shop.ecs_group(termination=5, **OTHERS)
        shop.swap()
        shop.codedeploy.create_application(applicationName="functions", computePlatform="Lambda")
        named = {"applicationName": "functions", "deploymentGroupName": "live"}
        shop.codedeploy.create_deployment_group(**named, serviceRoleArn=ROLE, **OTHERS)
        shop.codedeploy.create_deployment(**named, revision=content(shop.appspec()))
        account.control("clock", advance=7200)
        yield


@pytest.mark.parametrize(
    ("application", "playbook", "released"), [("app", "deploy_ecs", "web:2"), ("functions", "deploy_lambda", 'version: "2"')]
)  # fmt: skip
def test_with_the_file_of_an_application_nothing_changes(
    play: Player, tmp_path: Path, application: str, playbook: str, released: str
) -> None:
    file = tmp_path / "variables.yml"
    asked = {"slipway_region": REGION, "slipway_application": application, "slipway_adopt_path": str(file)}
    run = play("slipway.aws.adopt", asked)
    assert run.writes == [] and run.changed == ["Write the variables to the file"]
    assert f"slipway.aws.{playbook} -e @{file}" in run.output
    assert released in file.read_text().replace("'", '"') and "errors" in file.read_text()
    again = play(f"slipway.aws.{playbook}", file)
    assert (again.writes, again.changed) == ([], []), file.read_text()
    assert again.published["slipway_verdict"] == "already live"
