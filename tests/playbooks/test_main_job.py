# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job, from an empty account to a fleet that was released, rolled back, refreshed and removed: one story."""

from __future__ import annotations

import re
import typing as t

import pytest
from support.plays import REGION, Emulator, Player

Release = t.Callable[[str], str]
JOB = "slipway.aws.bake_and_deploy"
GROUP = {"applicationName": "storefront", "deploymentGroupName": "production"}


@pytest.fixture(scope="module")
def job(release: Release) -> dict[str, t.Any]:
    return {
        "slipway_region": REGION,
        "slipway_regions": ["us-east-2"],
        "slipway_application": "storefront",
        "slipway_deployment_group": "production",
        "slipway_fleet": "storefront",
        "slipway_image_name": "storefront-base",
        "slipway_bundle": release("1.0.0"),
        "slipway_tags": {"Team": "shop"},
        "codedeploy_setup_create_iam": True,
        "golden_image_create_instance_profile": True,
        "golden_image_wait_delay": 2,
        "app_deployment_wait_delay": 2,
        "autoscaling_fleet_wait_delay": 2,
        "autoscaling_fleet_size": 3,
    }


@pytest.fixture(scope="module")
def deploy(job: dict[str, t.Any]) -> dict[str, t.Any]:
    """Variables of a team that deploys to a group which others made."""
    return {**job, "slipway_bucket": f"storefront-bundles-123456789012-{REGION}", "app_deployment_manage_group": False}


def test_a_check_run_on_an_empty_account_foretells_and_writes_nothing(play: Player, job: dict[str, t.Any]) -> None:
    run = play(JOB, job, check=True)
    assert run.writes == []
    assert "Have the deployment group" in run.changed
    assert "Build and distribute the image" in run.changed
    assert any("fleet storefront of 3 hosts on the AMI that is baked first" in said for said in run.messages)


def test_the_main_job_ends_with_a_proven_fleet(play: Player, account: Emulator, job: dict[str, t.Any]) -> None:
    run = play(JOB, job)
    assert run.published["slipway_verdict"] == "deployed"
    assert run.published["slipway_deployment_id"].startswith("d-")
    assert sorted(run.published["slipway_image_ids"]) == [REGION, "us-east-2"]
    assert run.published["slipway_revision"]["s3_location"]["bundle_type"] == "zip"
    assert run.published["slipway_report"]["deployment"]["status"] == "Succeeded"
    hosts = account.hosts()
    assert [host["image_id"] for host in hosts] == [run.published["slipway_image_ids"][REGION]] * 3
    assert "All 3 hosts have the revision." in run.messages
    for line in (r"storefront-base/1\.0\.0/1 AVAILABLE", r"d-\w+ Succeeded: 3 of 3 succeeded", r"i-\w+ succeeded"):
        assert re.search(rf"^\[localhost\] {line}", run.output, re.MULTILINE)


def test_again_nothing_changes_and_nothing_is_written(play: Player, job: dict[str, t.Any]) -> None:
    run = play(JOB, job)
    assert run.changed == []
    assert run.our_writes == []
    assert run.published["slipway_verdict"] == "already live"
    check = play(JOB, job, check=True)
    assert check.changed == []
    assert check.writes == []


def test_of_a_second_version_only_push_and_deployment_happen(
    play: Player, account: Emulator, job: dict[str, t.Any], release: Release
) -> None:
    release("2.0.0")
    foretold = play(JOB, job, check=True)
    assert foretold.writes == []
    assert foretold.changed == ["Push the bundle", "Deploy the revision"]
    run = play(JOB, job)
    assert run.changed == foretold.changed
    assert run.our_writes == ["PutObject", "RegisterApplicationRevision", "CreateDeployment"]
    assert len(account.hosts()) == 3


def test_a_failing_hook_is_rolled_back_and_reported(
    play: Player, account: Emulator, deploy: dict[str, t.Any], release: Release
) -> None:
    release("3.0.0")
    live = _live(account)
    broken = account.hosts()[0]["instance_id"]
    fault = account.control("faults", kind="hook-fails", instance_id=broken, event="ValidateService", times=1)
    run = play("slipway.aws.deploy", {**deploy, "app_deployment_on_failure": "report"})
    account.control(f"faults?id={fault['id']}", "DELETE")
    assert run.published["slipway_verdict"] == "rolled back"
    report = run.published["slipway_report"]
    assert [(host["target_id"], host["event"], host["script"]) for host in report["failed_targets"]] == [
        (broken, "ValidateService", "scripts/validate.sh")
    ]
    assert "the fault made this hook fail" in report["failed_targets"][0]["log_tail"]
    assert report["rollback"]["deployment"]["status"] == "Succeeded"
    assert any("rolled back" in said and broken in said for said in run.messages)
    assert _live(account) == live


def test_the_preflight_of_a_group_only_reads(play: Player, deploy: dict[str, t.Any]) -> None:
    run = play("slipway.aws.preflight", {**deploy, "slipway_probe": "inventory"})
    assert run.writes == []
    assert run.changed == []
    assert run.published["slipway_verdict"] == "ready"
    assert len(run.published["slipway_report"]["hosts"]) == 3


def _live(account: Emulator) -> t.Any:
    group = account.client("codedeploy").get_deployment_group(**GROUP)["deploymentGroupInfo"]
    return group["targetRevision"]["s3Location"]["key"]
