# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a play of single tasks may rely on: defaults of a group of modules, assumed roles."""

from __future__ import annotations

import typing as t
from pathlib import Path

import boto3
import pytest
from support.plays import KEYS, REGION, Emulator, Player, roles, written

ELSEWHERE = "ca-central-1"
THEIRS = "210987654321"


def test_one_default_serves_modules_of_both_collections(play: Player, account: Emulator, tmp_path: Path) -> None:
    tasks: list[dict[str, t.Any]] = [
        {"name": "Ours", "slipway.aws.codedeploy_application": {"name": "shop", "compute_platform": "Server"}},
        {"name": "Theirs", "amazon.aws.ec2_vpc_net_info": {}},
    ]
    defaults = {"group/slipway.aws.aws": {"region": ELSEWHERE}}
    run = play(written(tasks, tmp_path / "play.yml", module_defaults=defaults))
    assert {call["operation"]: call["region"] for call in run.calls} == {
        "GetApplication": ELSEWHERE,
        "CreateApplication": ELSEWHERE,
        "DescribeVpcs": ELSEWHERE,
        "DescribeVpcAttribute": ELSEWHERE,
    }
    assert account.client("codedeploy", ELSEWHERE).list_applications()["applications"] == ["shop"]
    assert account.client("codedeploy").list_applications()["applications"] == []


def test_defaults_of_the_play_reach_the_tasks_of_a_role(play: Player, account: Emulator, tmp_path: Path) -> None:
    """All but the Region, if the role is given one."""
    defaults = {"group/slipway.aws.aws": {"endpoint_url": account.address, "region": REGION}}
    tasks = roles("codedeploy_setup")
    wanted = {"slipway_application": "defaults", "slipway_region": ELSEWHERE}
    nowhere = "http://127.0.0.1:9"
    run = play(written(tasks, tmp_path / "play.yml", module_defaults=defaults), wanted, AWS_ENDPOINT_URL=nowhere)
    assert {call["region"] for call in run.calls if call["service"] == "s3"} == {ELSEWHERE}
    run = play(
        written(tasks, tmp_path / "play.yml", module_defaults=defaults),
        {"slipway_application": "defaults", "slipway_bucket": "of-the-play"},
        AWS_ENDPOINT_URL=nowhere,
    )
    assert {call["region"] for call in run.calls if call["service"] == "s3"} == {REGION}


def test_an_assumed_role_acts_in_its_own_account(play: Player, account: Emulator) -> None:
    role = f"arn:aws:iam::{THEIRS}:role/deployer"
    task = {"name": "shop-of-theirs", "compute_platform": "Server", "assume_role_arn": role}
    run = play([{"name": "Have it there", "slipway.aws.codedeploy_application": task}])
    assert run.changed == ["Have it there"]
    given = account.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]
    there = boto3.client(
        "codedeploy",
        region_name=REGION,
        endpoint_url=account.address,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    assert there.list_applications()["applications"] == ["shop-of-theirs"]
    assert "shop-of-theirs" not in account.client("codedeploy").list_applications()["applications"]
    assert {call["access_key"] for call in run.ours if call["service"] == "codedeploy"}.isdisjoint(KEYS.values())


def test_a_warning_is_shown_once_and_in_nobody_s_old_fashion(play: Player) -> None:
    group = {"application_name": "shop", "deployment_group_name": "none", "region": REGION}
    run = play([{"name": "Look", "slipway.aws.codedeploy_preflight": group}], check=True)
    assert run.output.count("a group that does not exist cannot be checked") == 1
    assert "DEPRECATION" not in run.output


def test_old_versions_of_bundles_keep_a_bucket(play: Player, account: Emulator) -> None:
    wish = {"slipway_application": "shop", "slipway_region": REGION, "codedeploy_setup_bucket": "shop-bundles-of-old"}
    play(roles("codedeploy_setup"), wish)
    s3 = account.client("s3")
    s3.put_object(Bucket="shop-bundles-of-old", Key="shop/1.zip", Body=b"PK")
    s3.delete_object(Bucket="shop-bundles-of-old", Key="shop/1.zip")
    run = play(roles("codedeploy_setup"), {**wish, "codedeploy_setup_state": "absent"})
    assert any("old versions of bundles and is kept" in said for said in run.messages)
    assert run.changed == []


def ended(**variables: t.Any) -> list[dict[str, t.Any]]:
    """A role's last task, and one that shows what the roles after it find."""
    last = {"name": "Publish", "ansible.builtin.import_role": {"name": "slipway.aws.outcome"}, "vars": variables}
    return [last, {"name": "Show", "ansible.builtin.debug": {"msg": "{{ slipway_report }}"}}]


@pytest.mark.parametrize(
    ("check", "more", "published"),
    [
        (False, {}, True),
        (True, {}, False),
        (True, {"outcome_stats": True}, True),
        (False, {"outcome_stats": False}, False),
    ],
)
def test_an_outcome_is_a_fact_and_published_unless_nothing_happened(
    play: Player, check: bool, more: dict[str, t.Any], published: bool
) -> None:
    facts = {"slipway_report": {"a": [1]}, "slipway_verdict": "deployed"}
    run = play(ended(outcome_facts=facts, **more), check=check)
    assert run.published == (facts if published else {})
    assert run.result("Show")["msg"] == {"a": [1]}
    assert run.changed == []


@pytest.mark.parametrize(("fails", "code"), [(True, 2), (False, 0)])
def test_an_outcome_is_published_before_its_failure_is_shown(play: Player, fails: bool, code: int) -> None:
    failed = {"msg": "Failed to deploy: no host.", "failed": False}
    run = play(ended(outcome_facts={"slipway_report": "gone"}, outcome_result=failed, outcome_fail=fails), code=code)
    assert run.published == {"slipway_report": "gone"}
    assert run.result("Show the failure")["msg"] == "Failed to deploy: no host."
    assert bool(run.results("Show")) is not fails
