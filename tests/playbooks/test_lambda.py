# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Lambda function from its first release on, as users deploy it: by playbooks. One story, in order."""

from __future__ import annotations

import typing as t

import pytest
from support.awx import Awx
from support.codedeploy_shop import ROLE, zipped
from support.plays import Emulator, Player

GIVEN = {
    "slipway_region": "eu-west-1",
    "slipway_application": "checkout",
    "slipway_deployment_group": "live",
    "slipway_function": "checkout",
    "slipway_service_role_arn": ROLE,
    "lambda_deployment_config_name": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "lambda_deployment_wait_delay": 1,
}


class Function:
    """The user's own function."""

    def __init__(self, account: Emulator) -> None:
        self.client = account.client("lambda")
        role = account.client("iam").create_role(RoleName="fn", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        for name in ("checkout", "check"):
            self.client.create_function(
                FunctionName=name,
                Role=role,
                Runtime="python3.13",
                Handler="main.handler",
                Code={"ZipFile": zipped({"main.py": "1"})},
            )

    def change(self, text: str) -> None:
        self.client.update_function_code(FunctionName="checkout", ZipFile=zipped({"main.py": text}))

    def serves(self) -> tuple[str, t.Any]:
        alias = self.client.get_alias(FunctionName="checkout", Name="live")
        return alias["FunctionVersion"], (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


@pytest.fixture(scope="module")
def function(account: Emulator) -> Function:
    return Function(account)


def test_a_first_release_needs_no_deployment(play: Player, function: Function) -> None:
    foretold = play("slipway.aws.deploy_lambda", GIVEN, check=True)
    assert not foretold.writes and "Would deploy a new version of checkout" in foretold.output
    done = play("slipway.aws.deploy_lambda", GIVEN)
    assert "CreateDeployment" not in done.writes and function.serves() == ("1", {})
    assert done.published["slipway_verdict"] == "deployed" and done.published["slipway_function_version"] == "1"


def test_a_change_moves_in_steps_and_only_once(play: Player, function: Function) -> None:
    function.change("2")
    done = play("slipway.aws.deploy_lambda", GIVEN)
    assert done.our_writes == ["PublishVersion", "CreateDeployment"] and function.serves() == ("2", {})
    assert "10 % of the traffic on version 2" in done.output
    assert done.published["slipway_verdict"] == "deployed" and done.published["slipway_deployment_id"].startswith("d-")
    again = play("slipway.aws.deploy_lambda", GIVEN)
    assert not again.writes and again.published["slipway_verdict"] == "already live"


def test_a_bad_release_is_rolled_back_and_named(play: Player, account: Emulator, function: Function) -> None:
    function.change("3")
    account.control("faults", kind="hook-fails", function_name="check")
    failed = play("slipway.aws.deploy_lambda", {**GIVEN, "lambda_deployment_after_hook": "check"}, code=2)
    account.control("faults", "DELETE")
    assert failed.published["slipway_verdict"] == "rolled back" and function.serves() == ("2", {})
    assert "AfterAllowTraffic, check" in failed.output and "/aws/lambda/check" in failed.output
    assert "Rolled back to version 2" in failed.output


def test_the_plan_of_a_survey_is_shown(play: Player, function: Function) -> None:
    answers = {
        **GIVEN,
        "lambda_deployment_version": "3",
        "lambda_deployment_retain": "",
        "lambda_deployment_alarms": "",
    }
    foretold = play("slipway.aws.deploy_lambda", answers, check=True)
    assert not foretold.writes and "version 2 -> version 3" in foretold.output
    assert "10 % at once, 100 % after 5 minutes" in foretold.output and not foretold.published


def test_a_release_is_rolled_back_by_a_playbook_once(play: Player, function: Function) -> None:
    play("slipway.aws.deploy_lambda", GIVEN)
    given = {name: GIVEN[name] for name in ("slipway_region", "slipway_application", "slipway_deployment_group")}
    done = play("slipway.aws.rollback", given)
    assert done.published["slipway_verdict"] == "rolled back" and function.serves() == ("2", {})
    assert done.published["slipway_function_version"] == "2"
    assert any(said.startswith("Going back: ") and "version 2 served before" in said for said in done.messages)
    again = play("slipway.aws.rollback_lambda", given)
    assert not again.writes and again.published["slipway_verdict"] == "already live"


def test_awx_shows_the_plan_and_hands_on_what_was_deployed(play: Player, function: Function) -> None:
    """With a session token under the name that AWX gives it, and the empty answers of a survey."""
    function.change("9")
    keys = {
        "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "emulated",
        "AWS_SECURITY_TOKEN": "emulated-token",
    }
    answers = {
        **GIVEN,
        "lambda_deployment_alarms": "",
        "lambda_deployment_retain": "",
        "lambda_deployment_options": "",
        "lambda_deployment_group_options": "",
        "lambda_deployment_traffic_routing": "",
        "slipway_tags": "",
    }
    awx = Awx(play, answers, {**keys, "AWS_ENDPOINT_URL": play.emulator.address})
    foretold = awx.run("slipway.aws.deploy_lambda", "--check")
    assert not foretold.writes and "Would deploy a new version of checkout" in foretold.output
    done = awx.run("slipway.aws.deploy_lambda")
    handed_on = done.result("Publish the facts as stats")["ansible_stats"]["data"]
    assert (handed_on["slipway_verdict"], handed_on["slipway_function_version"]) == ("deployed", function.serves()[0])
