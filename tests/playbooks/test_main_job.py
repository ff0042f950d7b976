# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job, from an empty account to a fleet that was released, rolled back, refreshed and removed: one story."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
from support.main_job import JOB, variables
from support.plays import REGION, Emulator, Player, roles

Release = t.Callable[[str], str]
GROUP = {"applicationName": "storefront", "deploymentGroupName": "production"}
ROLES = ("app_deployment", "autoscaling_fleet", "golden_image", "codedeploy_setup")
MOTD = """
name: motd
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Write
        action: ExecuteBash
        inputs:
          commands:
            - echo storefront > /etc/motd
"""


@pytest.fixture(scope="module")
def job(release: Release) -> dict[str, t.Any]:
    return variables(release("1.0.0"))


@pytest.fixture(scope="module")
def without_iam(job: dict[str, t.Any]) -> dict[str, t.Any]:
    """Variables of a team that may not touch IAM and names what others made."""
    return {
        **job,
        "codedeploy_setup_create_iam": False,
        "golden_image_create_instance_profile": False,
        "golden_image_instance_profile_name": "storefront-base-imagebuilder",
        "slipway_instance_profile_name": "storefront-host",
        "slipway_service_role_arn": "arn:aws:iam::123456789012:role/storefront-codedeploy",
    }


@pytest.fixture(scope="module")
def deploy(job: dict[str, t.Any]) -> dict[str, t.Any]:
    """Variables of a team that deploys to a group which others made."""
    return {**job, "slipway_bucket": f"storefront-bundles-123456789012-{REGION}", "app_deployment_manage_group": False}


@pytest.fixture(scope="module")
def motd(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A component document of one's own."""
    path: Path = tmp_path_factory.mktemp("documents") / "motd.yml"
    path.write_text(MOTD)
    return str(path)


def test_a_check_run_on_an_empty_account_foretells_and_writes_nothing(play: Player, job: dict[str, t.Any]) -> None:
    run = play(JOB, job, check=True)
    assert run.writes == []
    assert "Ensure the deployment group exists" in run.changed
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
    # Each is a start of Python, and each resource is read once.
    assert [e["action"] for e in run.events if e["event"] == "ok" and e["action"].startswith("amazon.aws.")] == [
        "amazon.aws.s3_bucket_info",
        "amazon.aws.autoscaling_group_info",
        "amazon.aws.ec2_launch_template_info",
    ]


def test_of_a_second_version_only_push_and_deployment_happen(
    play: Player, account: Emulator, deploy: dict[str, t.Any], release: Release
) -> None:
    release("2.0.0")
    foretold = play("slipway.aws.deploy", deploy, check=True)
    assert foretold.writes == []
    assert foretold.changed == ["Push the bundle", "Deploy the revision"]
    run = play("slipway.aws.deploy", deploy)
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
    found = [
        (host["target_id"], host["lifecycle_event_name"], host["script_name"]) for host in report["failed_targets"]
    ]
    assert found == [(broken, "ValidateService", "scripts/validate.sh")]
    assert "the fault made this hook fail" in report["failed_targets"][0]["log_tail"]
    assert report["rollback"]["deployment"]["status"] == "Succeeded"
    assert "rolled back" in run.result("Show the failure")["msg"]
    assert run.output.partition("Show the failure]")[2].count(f"  {broken} ") == 1
    assert _live(account) == live


def test_the_preflight_of_a_group_only_reads(play: Player, account: Emulator, deploy: dict[str, t.Any]) -> None:
    run = play("slipway.aws.preflight", {**deploy, "slipway_probe": "inventory"})
    assert run.writes == []
    assert run.changed == []
    assert run.published["slipway_verdict"] == "ready"
    assert sorted(run.published["slipway_report"]["ready"]) == sorted(host["instance_id"] for host in account.hosts())


def test_hosts_on_a_new_image_get_the_live_revision_and_then_the_next(
    play: Player, account: Emulator, without_iam: dict[str, t.Any], release: Release, motd: str
) -> None:
    before, live, old = _launched(account), _live(account), account.hosts()[0]["image_id"]
    release("4.0.0")
    run = play(JOB, {**without_iam, "golden_image_documents": {"storefront-motd": motd}})
    assert not [call for call in run.calls if call["service"] == "iam" and call["write"]]
    new = run.published["slipway_image_ids"][REGION]
    assert new != old
    assert {host["image_id"] for host in account.hosts()} == {new}
    launched = _launched(account)[len(before) :]
    assert launched == [("Succeeded", live)] * len(launched)
    assert len(launched) == 3
    assert run.published["slipway_verdict"] == "deployed"
    assert _live(account) == run.published["slipway_revision"]["s3_location"]["key"] != live


def test_released_first_new_hosts_get_the_release(
    play: Player, account: Emulator, without_iam: dict[str, t.Any], release: Release
) -> None:
    before, old = _launched(account), account.hosts()[0]["image_id"]
    release("5.0.0")
    # Without the component of the run before, which stays where nobody says which components there are to be.
    run = play(JOB, {**without_iam, "golden_image_components": [], "slipway_order": "deploy_then_refresh"})
    new = run.published["slipway_image_ids"][REGION]
    assert new != old
    assert {host["image_id"] for host in account.hosts()} == {new}
    assert run.writes.index("CreateDeployment") < run.writes.index("StartInstanceRefresh")
    assert _launched(account)[len(before) :] == [("Succeeded", _live(account))] * 3
    assert _live(account) == run.published["slipway_revision"]["s3_location"]["key"]


def test_a_revision_that_cannot_start_on_the_new_image_is_named(
    play: Player, account: Emulator, job: dict[str, t.Any]
) -> None:
    images = account.client("ec2").describe_images(Owners=["self"])["Images"]
    unlike = next(i["ImageId"] for i in images if i["ImageId"] != account.hosts()[0]["image_id"])
    fault = account.control("faults", kind="hook-fails", event="ApplicationStart", log="no such library")
    run = play(roles("autoscaling_fleet"), {**job, "autoscaling_fleet_image_id": unlike}, code=2)
    account.control(f"faults?id={fault['id']}", "DELETE")
    (said,) = run.failures
    assert f"launch deployments of storefront/production failed in a row: the live revision {_live(account)}" in said
    assert f"cannot start on {unlike}" in said
    assert "the refresh was canceled" in said
    assert "CancelInstanceRefresh" in run.writes
    refreshes = account.client("autoscaling").describe_instance_refreshes(AutoScalingGroupName="storefront")
    assert refreshes["InstanceRefreshes"][0]["Status"] in ("Cancelling", "Cancelled")


def test_what_the_roles_made_they_remove(
    play: Player, account: Emulator, job: dict[str, t.Any], without_iam: dict[str, t.Any], motd: str
) -> None:
    gone = {**{f"{role}_state": "absent" for role in ROLES}, "golden_image_documents": {"storefront-motd": motd}}
    check = play(roles(*ROLES), {**without_iam, **gone}, check=True)
    assert check.writes == []
    assert any("bundles and is kept" in said for said in check.messages)
    assert any(said.startswith("The AMIs") and "are kept" in said for said in check.messages)
    assert "Remove the deployment group" in check.changed
    all_of_it = {**gone, "codedeploy_setup_delete_bundles": True, "golden_image_delete_amis": True}
    run = play(roles(*ROLES), {**job, **all_of_it})
    assert "Remove the recipe" in run.changed
    assert _left(account) == {}
    again = play(roles(*ROLES), {**without_iam, **all_of_it})
    assert again.changed == []
    assert again.our_writes == []


def _left(account: Emulator) -> dict[str, t.Any]:
    """What an account holds of what the roles make, by its kind."""
    codedeploy, ec2, builder = (account.client(name) for name in ("codedeploy", "ec2", "imagebuilder"))
    iam, scaling = account.client("iam"), account.client("autoscaling")
    held = {
        "applications": codedeploy.list_applications()["applications"],
        "groups": scaling.describe_auto_scaling_groups()["AutoScalingGroups"],
        "hosts": account.hosts(),
        "templates": ec2.describe_launch_templates()["LaunchTemplates"],
        "images": ec2.describe_images(Owners=["self"])["Images"],
        "copies": account.client("ec2", "us-east-2").describe_images(Owners=["self"])["Images"],
        "components": builder.list_components(owner="Self")["componentVersionList"],
        "recipes": builder.list_image_recipes(owner="Self")["imageRecipeSummaryList"],
        "builds": builder.list_images(owner="Self")["imageVersionList"],
        "pipelines": builder.list_image_pipelines()["imagePipelineList"],
        "infrastructure": builder.list_infrastructure_configurations()["infrastructureConfigurationSummaryList"],
        "distributions": builder.list_distribution_configurations()["distributionConfigurationSummaryList"],
        "buckets": account.client("s3").list_buckets()["Buckets"],
        "profiles": iam.list_instance_profiles()["InstanceProfiles"],
        "roles": [role for role in iam.list_roles()["Roles"] if not role["Path"].startswith("/aws-service-role/")],
    }
    return {kind: found for kind, found in held.items() if found}


def _launched(account: Emulator) -> list[tuple[str, str]]:
    """Status and bundle of the launch deployments, in the order of their creation."""
    codedeploy = account.client("codedeploy")
    pages = codedeploy.get_paginator("list_deployments").paginate(**GROUP)
    ids = [one for page in pages for one in page["deployments"]]
    found = [
        d for n in range(0, len(ids), 25) for d in _read(codedeploy, ids[n : n + 25]) if d["creator"] == "autoscaling"
    ]
    return [(d["status"], d["revision"]["s3Location"]["key"]) for d in sorted(found, key=lambda d: d["createTime"])]


def _read(codedeploy: t.Any, ids: list[str]) -> list[dict[str, t.Any]]:
    return list(codedeploy.batch_get_deployments(deploymentIds=ids)["deploymentsInfo"])


def _live(account: Emulator) -> t.Any:
    group = account.client("codedeploy").get_deployment_group(**GROUP)["deploymentGroupInfo"]
    return group["targetRevision"]["s3Location"]["key"]
