# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody else made is written down and looked at, and nothing of it changes."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from support.awx import Awx
from support.codedeploy_shop import FILES, ROLE, zipped
from support.plays import KEYS, REGION, Emulator, Player

EVIL = "{{ lookup('pipe', 'id') }} # x"
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""
TOPIC = "arn:aws:sns:eu-west-1:123456789012:releases"
ROLE_TAG, RACK = {"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}, {"Key": "rack", "Type": "KEY_ONLY"}
GROUPS: dict[str, dict[str, t.Any]] = {
    "=by.sets": {
        "ec2TagSet": {"ec2TagSetList": [[ROLE_TAG], [ROLE_TAG, RACK]]},
        "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}]},
        "triggerConfigurations": [
            {"triggerName": EVIL, "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentFailure"]}
        ],
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]},
        "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["AZRebalance"]},
        "outdatedInstancesStrategy": "IGNORE",
    },
    "waiting": {"ec2TagFilters": [RACK]},
}


@pytest.fixture(scope="module")
def legacy(account: Emulator) -> list[str]:
    """Two hosts with a revision, in a group without an Auto Scaling group, and another group without a host."""
    account.client("iam").create_instance_profile(InstanceProfileName="legacy")
    made = account.client("ec2").run_instances(
        ImageId="ami-04681a1dbd79675a5", MinCount=2, MaxCount=2, UserData=AGENT, IamInstanceProfile={"Name": "legacy"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}],
    )  # fmt: skip
    account.client("sns").create_topic(Name="releases")
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="errors", Namespace="shop", MetricName="errors", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    s3, codedeploy = account.client("s3"), account.client("codedeploy")
    s3.create_bucket(Bucket="legacy", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("app.zip", "app-2.zip"):
        s3.put_object(Bucket="legacy", Key=key, Body=zipped(FILES))
    tags = [{"Key": "Team", "Value": EVIL}]
    codedeploy.create_application(applicationName="legacy", tags=[*tags, {"Key": "CostCenter", "Value": "012"}])
    for name, settings in GROUPS.items():
        codedeploy.create_deployment_group(
            applicationName="legacy", deploymentGroupName=name, serviceRoleArn=ROLE, tags=tags, **settings
        )
    account.control("clock", advance=300)
    revision = {"revisionType": "S3", "s3Location": {"bucket": "legacy", "key": "app.zip", "bundleType": "zip"}}
    codedeploy.create_deployment(applicationName="legacy", deploymentGroupName="=by.sets", revision=revision)
    account.control("clock", advance=900)
    return [one["InstanceId"] for one in made["Instances"]]


def test_with_the_file_of_an_application_nothing_changes(play: Player, legacy: list[str], tmp_path: Path) -> None:
    file = tmp_path / "legacy.yml"
    asked = {"slipway_region": REGION, "slipway_application": "legacy", "slipway_adopt_path": str(file)}
    run = play("slipway.aws.adopt", asked)
    assert run.writes == [] and run.changed == ["Write the variables to the file"]
    assert run.published["slipway_report"]["survey_question"]["choices"] == ["=by.sets", "waiting"]
    assert run.published["slipway_report"]["content"] == file.read_text()

    run = play("slipway.aws.deploy", file)
    assert run.writes == [] and run.changed == [] and run.published["slipway_verdict"] == "already live"

    file.write_text(file.read_text() + "# mine\n")
    run = play("slipway.aws.adopt", asked, code=2)
    assert "exists and has other content" in run.failures[0] and file.read_text().endswith("# mine\n")
    run = play("slipway.aws.adopt", asked, check=True)
    assert "-# mine" in run.output and file.read_text().endswith("# mine\n")


@pytest.fixture(scope="module")
def awx(play: Player, account: Emulator) -> Awx:
    made = Awx(play, {}, {**KEYS, "AWS_ENDPOINT_URL": account.address})
    for name in ("census", "rollback"):
        (made.project / f"{name}.yml").write_text(f"- ansible.builtin.import_playbook: slipway.aws.{name}\n")
    return made


def test_a_census_of_two_regions_under_a_runner(awx: Awx, legacy: list[str]) -> None:
    answers = {
        "slipway_regions": f"{REGION}, eu-north-1",
        "slipway_application": "",
        "slipway_census_path": "census.json",
    }
    run = awx.run("census.yml", variables=answers)
    assert run.writes == []
    assert any("2 hosts in 2 deployment groups" in said and legacy[0] in said for said in awx.said)
    written = json.loads((awx.project / "census.json").read_text())
    assert {one["instance_id"]: one["stale"] for one in written["hosts"]} == dict.fromkeys(legacy, False)


def test_a_deployment_that_fails_is_reported(
    play: Player, account: Emulator, legacy: list[str], tmp_path: Path
) -> None:
    account.control("faults", kind="hook-fails", event="AfterInstall", log="<script>alert(1)</script> {{ 7 * 7 }}")
    location = {"bucket": "legacy", "key": "app-2.zip", "bundle_type": "zip"}
    asked = {
        "slipway_region": REGION, "slipway_application": "legacy", "slipway_deployment_group": "=by.sets",
        "app_deployment_revision": {"revision_type": "S3", "s3_location": location}, "app_deployment_manage_group": False,
        "app_deployment_wait_delay": 1, "slipway_report_path": f"{tmp_path}/reports/",
    }  # fmt: skip
    run = play("slipway.aws.deploy", asked, code=2)
    files = run.published["slipway_report"]["files"]
    assert files["html"] == f"{tmp_path}/reports/{run.published['slipway_deployment_id']}.html"
    page, text = (Path(files[name]).read_text() for name in ("html", "markdown"))
    assert "&lt;script&gt;" in page and "<script" not in page and "{{ 7 * 7 }}" in page
    assert (
        "| Caller | `arn:aws:" in text
        and "app.zip" in text
        and "app-2.zip" in text
        and run.published["slipway_verdict"] == "failed"
    )
    assert run.changed[-1] == "Write the files"


@pytest.mark.usefixtures("legacy")
def test_servers_are_rolled_back_by_evidence_and_once(play: Player, awx: Awx, account: Emulator) -> None:
    """Of the deployment that failed before this, the hosts have what they had; one that succeeds is taken back."""
    account.control("faults", "DELETE")
    asked = {"slipway_region": REGION, "slipway_application": "legacy", "slipway_deployment_group": "=by.sets"}
    foretold = awx.run("rollback.yml", "--check", variables={**asked, "app_deployment_wait_delay": "1"})
    assert foretold.writes == [] and any("Going back: " in said and "app.zip" in said for said in foretold.messages)
    done = play("slipway.aws.rollback", {**asked, "app_deployment_wait_delay": 1})
    assert done.published["slipway_verdict"] == "rolled back" and done.our_writes.count("CreateDeployment") == 1
    assert done.published["slipway_revision"]["s3_location"]["key"] == "app.zip"
    again = play("slipway.aws.rollback", asked)
    assert again.writes == again.changed == [] and any("Nothing to roll back: " in said for said in again.messages)
    never = play("slipway.aws.rollback", {**asked, "slipway_deployment_group": "waiting"}, code=2)
    assert (
        "nothing was deployed to legacy/waiting yet" in never.failures[0]
        and never.published["slipway_verdict"] == "failed"
    )
