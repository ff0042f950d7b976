# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job in the other partitions: by ansible-playbook in China, as AWX runs it in the US government's."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator

import pytest
from support.awx import Awx
from support.every_module import is_whole
from support.notary import Notary
from support.plays import KEYS, Emulator, Player, Run

Release = t.Callable[[str], str]
JOB = "slipway.aws.bake_and_deploy"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"


@pytest.fixture(scope="module")
def job(release: Release) -> dict[str, t.Any]:
    return {
        "slipway_application": "storefront",
        "slipway_deployment_group": "production",
        "slipway_fleet": "storefront",
        "slipway_image_name": "storefront-base",
        "slipway_bundle": release("1.0.0"),
        "codedeploy_setup_create_iam": True,
        "golden_image_create_instance_profile": True,
        "golden_image_wait_delay": 2,
        "app_deployment_wait_delay": 2,
        "autoscaling_fleet_wait_delay": 2,
        "autoscaling_fleet_size": 2,
    }


@pytest.fixture
def notary(account: Emulator) -> Iterator[Notary]:
    with Notary(account.address) as between:
        yield between


def test_in_china(play: Player, account: Emulator, job: dict[str, t.Any]) -> None:
    china = {**job, "slipway_region": "cn-north-1", "slipway_regions": ["cn-northwest-1"]}
    run = play(JOB, china, AWS_DEFAULT_REGION="cn-north-1")
    assert run.published["slipway_verdict"] == "deployed"
    assert sorted(run.published["slipway_image_ids"]) == ["cn-north-1", "cn-northwest-1"]
    _at_home_in("aws-cn", run, account)


def test_as_awx_in_the_government_s(play: Player, account: Emulator, notary: Notary, job: dict[str, t.Any]) -> None:
    """AWX hands its credentials over by the environment, with the session token under its old name."""
    data = {**job, "slipway_region": "us-gov-west-1", "slipway_regions": ["us-gov-east-1"]}
    keys = {**KEYS, "AWS_SECURITY_TOKEN": TOKEN, "AWS_DEFAULT_REGION": "us-gov-west-1"}
    awx = Awx(play, data, {**keys, "AWS_ENDPOINT_URL": notary.address})
    run = awx.run(JOB)
    assert {"Ensure the deployment group exists", "Build and distribute the image", "Deploy the revision"} <= set(
        run.changed
    )
    assert "All 2 hosts have the revision." in run.messages
    assert notary.tokens == {TOKEN}
    _at_home_in("aws-us-gov", run, account)
    assert any("Succeeded: 2 of 2 succeeded" in line for line in awx.said)
    assert not any("\x1b[2K" in line for line in awx.said)
    if is_whole():  # the step both-ways compares the modules themselves
        _the_same_in_a_fork_and_without(awx)


def _the_same_in_a_fork_and_without(awx: Awx) -> None:
    """The check of a deployment that finds nothing to do, in both ways by one process: what AWX stores of the tasks is equal."""
    ways = [
        {"import_playbook": "slipway.aws.deploy", "vars": {"slipway_direct_execution": way}} for way in (True, False)
    ]
    (awx.project / "both.yml").write_text(json.dumps(ways))
    there = ("-e", "slipway_bucket=storefront-bundles-123456789012-us-gov-west-1 app_deployment_manage_group=false")
    check = awx.run("both.yml", "--check", "--diff", "-vvv", *there)
    assert "live on every host" in check.result("Check whether there is anything to deploy")["reason"]
    assert check.changed == check.writes == []
    half = len(check.events) // 2
    assert check.events[:half] == check.events[half:]
    forks = [line for line in awx.said if " FORK ansible_collections.slipway." in line]
    ours = [
        event for event in check.events[:half] if event["event"] == "ok" and event["action"].startswith("slipway.aws.")
    ]
    assert len(forks) == len(ours) > 0


def _at_home_in(partition: str, run: Run, account: Emulator) -> None:
    """No call of the play left its partition, and none spoke of another one."""
    spoken = json.dumps([call["parameters"] for call in run.calls])
    assert f"arn:{partition}:" in spoken
    assert "arn:aws:" not in spoken
    assert not [call["region"] for call in run.calls if call["service"] == "codedeploy" and "-" not in call["region"]]
