# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions that are found by evidence: what another group runs, what was good before, and which one is older."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from support.codedeploy_shop import FILES, zipped
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock

ALL_AT_ONCE = "CodeDeployDefault.AllAtOnce"
STAGING = {"deployment_group_name": "staging"}


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Two hosts of production, two of staging."""
    found = Fleet()
    image = found.image()
    found.ids = found.launch(2, image)
    found.staging = found.launch(2, image, role="staging")
    found.group(deploymentConfigName=ALL_AT_ONCE)
    filters = [{"Key": "role", "Value": "staging", "Type": "KEY_AND_VALUE"}]
    found.group("staging", deploymentConfigName=ALL_AT_ONCE, ec2TagFilters=filters)
    return found


def task(check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, **options}, check_mode=check)


def key_of(outcome: Outcome) -> str:
    return str(outcome["revision"]["s3_location"]["key"])


def deployed(fleet: Fleet, key: str, **options: t.Any) -> str:
    done = task(revision=fleet.revision(key), **options)
    assert not done.failed, done.msg
    return str(done["deployment"]["deployment_id"])


def replaced(fleet: Fleet, key: str) -> None:
    """Another bundle under the key."""
    clock.advance(60)
    fleet.s3.put_object(Bucket=fleet.bucket, Key=key, Body=zipped({**FILES, "app/new.py": ""}))


def test_what_staging_runs_is_deployed_to_production(fleet: Fleet) -> None:
    brought = deployed(fleet, "app-1.zip", **STAGING)
    foretold = task(check=True, from_group=STAGING)
    assert foretold.changed and not foretold.writes and key_of(foretold) == "app-1.zip"
    done = task(from_group=STAGING)
    assert done.changed and done["deployment"]["status"] == "Succeeded" and done["diff"] == foretold["diff"]
    assert done["from_group"] == {
        "application_name": "app",
        "deployment_group_name": "staging",
        "region": "eu-west-1",
        "deployment_id": brought,
        "host_count": 2,
    }
    again = task(from_group=STAGING)
    assert not again.changed and not again.writes and again["reason"] == "it is live on every host"


def test_another_application_and_region_is_read_with_its_own_role(fleet: Fleet) -> None:
    there = Fleet("eu-central-1")
    there.ids = there.launch(1)
    there.bucket = "elsewhere"
    there.group("live", "shop", deploymentConfigName=ALL_AT_ONCE)
    there.deployed(there.bundle(), group="live", application="shop")
    other = {"application_name": "shop", "deployment_group_name": "live", "region": "eu-central-1"}
    role = {"assume_role_arn": "arn:aws:iam::123456789012:role/reader"}
    refused = task(from_group={**other, **role})
    assert refused.failed and "in another Region than eu-west-1" in refused.msg
    assert [call.operation for call in refused.writes] == ["AssumeRole"] and refused.calls[0] in refused.writes


def test_hosts_that_differ_are_named(fleet: Fleet) -> None:
    deployed(fleet, "app-1.zip", **STAGING)
    fleet.fails(instance_id=fleet.staging[0], event="AfterInstall", times=1)
    assert not task(revision=fleet.revision("app-2.zip"), **STAGING).failed
    failed = task(from_group=STAGING)
    assert (
        failed.failed
        and f"the last deployment failed on 1 of 2 hosts of app/staging in eu-west-1: {fleet.staging[0]}" in failed.msg
    )
    fleet.launch(1, role="staging")
    boto3.client("ec2", "eu-west-1").terminate_instances(InstanceIds=[fleet.staging[0]])
    unknown = task(from_group=STAGING)
    assert unknown.failed and "nothing is known of 1 of 2 hosts" in unknown.msg and not unknown.writes


def test_hosts_with_two_revisions_and_a_deployment_in_progress_are_refused(fleet: Fleet) -> None:
    deployed(fleet, "app-1.zip", **STAGING)
    fleet.ec2.create_tags(Resources=[fleet.staging[0]], Tags=[{"Key": "role", "Value": "away"}])
    deployed(fleet, "app-2.zip", **STAGING)
    fleet.ec2.create_tags(Resources=[fleet.staging[0]], Tags=[{"Key": "role", "Value": "staging"}])
    differ = task(from_group=STAGING)
    assert differ.failed and "different revisions" in differ.msg
    assert "app-1.zip" in differ.msg and "app-2.zip" in differ.msg and fleet.staging[0] in differ.msg
    task(revision=fleet.revision("app-3.zip"), wait=False, **STAGING)
    busy = task(from_group=STAGING)
    assert busy.failed and "so its hosts are changing" in busy.msg and not busy.writes


@pytest.mark.parametrize("pinned", [True, False])
def test_a_bundle_that_is_gone_or_changed_is_refused(fleet: Fleet, pinned: bool) -> None:
    revision = fleet.revision()
    if not pinned:
        del revision["s3_location"]["e_tag"]
    task(revision=revision, **STAGING)
    replaced(fleet, "app-1.zip")
    for check in (True, False):
        changed = task(check, from_group=STAGING)
        assert changed.failed and changed["problems"][0]["cause"] == "bundle_changed" and not changed.writes
    fleet.s3.delete_object(Bucket=fleet.bucket, Key="app-1.zip")
    for check in (True, False):
        gone = task(check, from_group=STAGING)
        assert gone.failed and gone["problems"][0]["cause"] == "bundle_missing" and not gone.writes


def test_an_empty_group_and_two_revisions_are_refused(fleet: Fleet) -> None:
    refused = task(from_group=STAGING, revision=fleet.revision())
    assert refused.failed and "from_group cannot be combined with revision" in refused.msg and not refused.calls
    fleet.group("empty", ec2TagFilters=[{"Key": "role", "Value": "nobody", "Type": "KEY_AND_VALUE"}])
    empty = task(from_group={"deployment_group_name": "empty"})
    assert empty.failed and "selects no host" in empty.msg
    assert "revision is required" in task().msg


def test_an_older_bundle_is_refused_on_wish(fleet: Fleet) -> None:
    old = fleet.revision("app-1.zip")
    clock.advance(60)
    name = deployed(fleet, "app-2.zip", allow_older=False, description="two")
    assert fleet.info(name)["description"].startswith("two [slipway bundle 20")
    fleet.s3.delete_object(Bucket=fleet.bucket, Key="app-2.zip")  # its age is noted
    for check in (True, False):
        refused = task(check, revision=old, allow_older=False)
        assert refused.failed and "allow_older" in refused.msg and name in refused.msg and not refused.writes
    assert task(revision=old).changed
    clock.advance(60)
    assert task(revision=fleet.revision("app-3.zip"), allow_older=False).changed


def test_an_age_that_nobody_noted_is_asked_for(fleet: Fleet) -> None:
    old = fleet.revision("app-1.zip")
    clock.advance(60)
    fleet.deployed(fleet.bundle("app-2.zip"))
    assert task(revision=old, allow_older=False).failed
    fleet.s3.delete_object(Bucket=fleet.bucket, Key="app-2.zip")
    unknown = task(revision=old, allow_older=False)
    assert unknown.changed and "It is not known whether" in str(unknown["warnings"])


def test_hosts_go_back_to_what_was_good_on_all_of_them(fleet: Fleet) -> None:
    good = deployed(fleet, "app-1.zip")
    fleet.fails(instance_id=fleet.ids[0], event="AfterInstall", times=1)
    task(revision=fleet.revision("app-2.zip"))  # a success, but not on every host
    newest = deployed(fleet, "app-3.zip")
    foretold = task(check=True, state="rolled_back")
    assert foretold.changed and not foretold.writes and foretold["plan"]["waves"]
    assert f"{newest} brought s3://bundles/app-3.zip" in foretold["reason"]
    assert f"{good} brought s3://bundles/app-1.zip" in foretold["reason"] and "to all 2 hosts" in foretold["reason"]
    done = task(state="rolled_back")
    assert done.changed and done["deployment"]["status"] == "Succeeded" and done["diff"] == foretold["diff"]
    assert (done["rollback_of"], done["rollback_to"]["deployment_id"]) == (newest, good)
    assert fleet.info(done["deployment"]["deployment_id"])["description"].endswith(f", rollback of {newest}]")
    again = task(state="rolled_back")
    assert not again.changed and not again.writes and "already" in again["reason"]


def test_what_was_taken_back_is_never_gone_back_to(fleet: Fleet) -> None:
    deployed(fleet, "app-1.zip")
    deployed(fleet, "app-2.zip")
    task(state="rolled_back")
    deployed(fleet, "app-1.zip", force=True)
    refused = task(state="rolled_back")
    assert refused.failed and "not taken back" in refused.msg and not refused.writes


def test_a_running_deployment_to_hosts_is_stopped_and_taken_back_by_aws(fleet: Fleet) -> None:
    good = deployed(fleet, "app-1.zip")
    task(revision=fleet.revision("app-2.zip"), follow={"seconds": 1})
    clock.advance(6)
    foretold = task(check=True, state="rolled_back")
    assert (
        foretold.changed
        and "AWS goes back to s3://bundles/app-1.zip" in foretold["reason"]
        and good in foretold["reason"]
    )
    done = task(state="rolled_back")
    assert [call.operation for call in done.writes] == ["StopDeployment"]
    assert done["rollback"]["deployment"]["status"] == "Succeeded"
    assert not task(state="rolled_back").changed


def test_a_rollback_of_aws_that_fails_is_told_and_not_tried_again(fleet: Fleet) -> None:
    deployed(fleet, "app-1.zip")
    task(revision=fleet.revision("app-2.zip"), follow={"seconds": 1})
    clock.advance(6)
    fleet.fails(event="ApplicationStart")
    failed = task(state="rolled_back")
    assert failed.failed and [call.operation for call in failed.writes] == ["StopDeployment"]
    assert failed["rollback"]["deployment"]["status"] == "Failed" and "rollback" in failed.msg


def test_a_rollback_to_a_bundle_that_is_gone_is_refused(fleet: Fleet) -> None:
    nothing = task(state="rolled_back")
    assert nothing.failed and "nothing was deployed" in nothing.msg
    deployed(fleet, "app-1.zip")
    assert "no deployment before" in task(state="rolled_back").msg
    deployed(fleet, "app-2.zip")
    fleet.s3.delete_object(Bucket=fleet.bucket, Key="app-1.zip")
    for check in (True, False):
        gone = task(check, state="rolled_back")
        assert gone.failed and gone["problems"][0]["cause"] == "bundle_missing" and not gone.writes
