# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose connection it is, and what is tried again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from support.modules import CONNECTION, run_module

from ansible_collections.slipway.aws.plugins.module_utils._core.client import VERSION, Connection, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.ledger import ledger

ROOT = Path(__file__).parents[5]
OTHER_ACCOUNT = "arn:aws:iam::210987654321:role/deployer"


def module(**params: object) -> SimpleNamespace:
    """As much of a module as `connect` looks at."""
    return SimpleNamespace(params={**CONNECTION, **params})


def credentials(aws: Connection) -> object:
    return aws.session.get_credentials().get_frozen_credentials()


def test_the_version_is_that_of_the_collection() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"] == VERSION


def test_requests_say_who_makes_them(world: None) -> None:
    call = run_module("codedeploy_application_info", {}).calls[0]
    assert f"slipway.aws/{VERSION}" in call.user_agent
    assert "Ansible/" in call.user_agent


def test_the_old_name_of_the_session_token_counts(world: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CONNECTION["access_key"])
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "token-of-awx")
    assert credentials(connect(module())).token == "token-of-awx"
    assert credentials(connect(module(session_token="given"))).token == "given"


def test_a_token_of_the_environment_does_not_go_with_keys_of_the_task(
    world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHEROTHEROTHER0")
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "token-of-awx")
    assert credentials(connect(module())).token is None


def test_without_a_region_it_says_how_to_give_one(world: None) -> None:
    with pytest.raises(Refused, match="AWS_REGION"):
        connect(module(region=None))


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_arns_are_of_the_regions_partition(world: None, region: str, partition: str) -> None:
    aws = connect(module(region=region))
    assert (
        aws.arn("codedeploy", "application:web")
        == f"arn:{partition}:codedeploy:{region}:{aws.account_id}:application:web"
    )


def test_the_account_is_asked_for_once(world: None) -> None:
    aws = connect(module())
    assert aws.account_id == aws.account_id == "123456789012"
    assert ledger.operations("sts") == ["GetCallerIdentity"]


def test_the_account_is_not_asked_for_when_the_environment_gives_it(
    world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CONNECTION["access_key"])
    monkeypatch.setenv("AWS_ACCOUNT_ID", "111122223333")
    assert connect(module()).account_id == "111122223333"
    assert ledger.operations("sts") == []


def test_a_module_acts_in_the_role_it_is_given(world: None) -> None:
    made = run_module(
        "codedeploy_application",
        {"name": "web", "assume_role_arn": OTHER_ACCOUNT, "assume_role_external_id": "deployers"},
    )
    assert made.changed
    assert ledger.operations("sts") == ["AssumeRole"]
    assert run_module("codedeploy_application_info", {})["applications"] == []
    theirs = run_module("codedeploy_application_info", {"assume_role_arn": OTHER_ACCOUNT})
    assert [each["application_name"] for each in theirs["applications"]] == ["web"]


def test_the_account_of_a_role_is_known_from_its_arn(world: None) -> None:
    assert connect(module(assume_role_arn=OTHER_ACCOUNT)).account_id == "210987654321"
    assert ledger.operations("sts") == ["AssumeRole"]


def test_clients_are_made_once_and_in_other_regions_anew(world: None) -> None:
    aws = connect(module())
    assert aws.client("codedeploy") is aws.client("codedeploy")
    assert aws.client("codedeploy") is not aws.client("codedeploy", once=True)
    assert aws.in_region("eu-central-1").client("codedeploy").meta.region_name == "eu-central-1"


@pytest.mark.parametrize("code", ["ThrottlingException", "CallRateLimitExceededException", "TooManyUpdates"])
@pytest.mark.parametrize("once", [False, True])
def test_what_was_only_asked_to_come_back_is_tried_again(world: None, code: str, once: bool) -> None:
    faults.add({"kind": "throttle", "service": "codedeploy", "code": code, "times": 3})
    before = clock.now()
    assert connect(module()).client("codedeploy", once=once).list_applications()["applications"] == []
    assert clock.now() > before


def test_an_outage_is_tried_again_unless_the_call_may_have_been_carried_out(world: None) -> None:
    aws = connect(module())
    faults.add({"kind": "server-error", "service": "codedeploy", "times": 1})
    assert aws.client("codedeploy").list_applications()["applications"] == []
    faults.add({"kind": "server-error", "service": "codedeploy", "times": 1})
    with pytest.raises(ClientError, match="InternalFailure"):
        aws.client("codedeploy", once=True).list_applications()


def test_throttling_that_does_not_end_is_told(world: None) -> None:
    faults.add({"kind": "throttle", "service": "codedeploy"})
    with pytest.raises(ClientError, match="ThrottlingException"):
        connect(module()).client("codedeploy", once=True).list_applications()
    assert len(ledger.calls("codedeploy")) == 8


def test_the_botocore_settings_of_the_task_win(world: None) -> None:
    aws = connect(module(aws_config={"read_timeout": 7}))
    assert aws.client("codedeploy").meta.config.read_timeout == 7
    assert boto3.client("codedeploy", "eu-west-1").meta.config.read_timeout == 60
