# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release that goes to canaries first, then to production, Region by Region. One story, in order."""

from __future__ import annotations

import typing as t

import pytest
from support.awx import Awx
from support.codedeploy_shop import ROLE
from support.plays import KEYS, REGION, Emulator, Player, Rows

Release = t.Callable[[str], str]
OTHER = "us-east-2"
SHOP = 2024  # YAML reads a name of digits as a number
PROFILE = "web"
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-{region}.s3.{region}.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""


def group(account: Emulator, region: str, name: str) -> None:
    """A host with the agent, and a deployment group of it."""
    account.client("ec2", region).run_instances(
        ImageId="ami-04681a1dbd79675a5", MinCount=1, MaxCount=1, UserData=AGENT.format(region=region),
        IamInstanceProfile={"Name": PROFILE},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": name}]}],
    )  # fmt: skip
    account.client("codedeploy", region).create_deployment_group(
        applicationName=str(SHOP), deploymentGroupName=name, serviceRoleArn=ROLE,
        deploymentConfigName="CodeDeployDefault.AllAtOnce",
        ec2TagFilters=[{"Key": "role", "Value": name, "Type": "KEY_AND_VALUE"}],
    )  # fmt: skip


@pytest.fixture(scope="module")
def given(account: Emulator, release: Release) -> dict[str, t.Any]:
    account.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
    for region in (REGION, OTHER):
        account.client("codedeploy", region).create_application(applicationName=str(SHOP))
        place = {"LocationConstraint": region}
        account.client("s3", region).create_bucket(Bucket=f"shop-{region}", CreateBucketConfiguration=place)
    group(account, REGION, "canary")
    group(account, REGION, "production")
    group(account, OTHER, "production")
    account.control("clock", advance=300)
    return {
        "slipway_region": REGION,
        "slipway_application": SHOP,
        "slipway_bundle": release("1.0.0"),
        "slipway_bucket": f"shop-{REGION}",
        "slipway_bake_minutes": 10,
        "slipway_rollout": [
            {"deployment_group": "canary"},
            {"deployment_group": "production", "bake_minutes": 0},
            {"deployment_group": "production", "region": OTHER, "bucket": f"shop-{OTHER}", "bake_minutes": 0},
        ],
        "app_deployment_wait_delay": 1,
    }


def verdicts(report: dict[str, t.Any]) -> list[str]:
    return [one["verdict"] for one in report["groups"]]


def deployments(calls: Rows) -> list[str]:
    asked = [call for call in calls if call["operation"] == "CreateDeployment"]
    return [f"{call['region']}/{call['parameters']['deploymentGroupName']}" for call in asked]


def test_a_rollout_stops_where_it_fails_and_goes_on_after_the_mend(
    play: Player, account: Emulator, given: dict[str, t.Any]
) -> None:
    wanted = [{"Name": "tag:role", "Values": ["production"]}]
    [found] = account.client("ec2").describe_instances(Filters=wanted)["Reservations"]
    failing = found["Instances"][0]["InstanceId"]
    account.control("faults", kind="hook-fails", instance_id=failing, event="ApplicationStart")
    stopped = play("slipway.aws.rollout", given, code=2)
    account.control("faults", "DELETE")
    assert verdicts(stopped.published["slipway_report"]) == ["deployed", "failed", "not reached"]
    assert deployments(stopped.calls) == [f"{REGION}/canary", f"{REGION}/production"]
    assert "has run for 10 of 10 minutes" in stopped.output
    assert f"Failed to deploy to {SHOP}/production in eu-west-1: " in stopped.failures[-1]
    assert "1 of 3 groups were not reached" in stopped.failures[-1]
    done = play("slipway.aws.rollout", given)
    assert verdicts(done.published["slipway_report"]) == ["already live", "deployed", "deployed"]
    assert deployments(done.calls) == [f"{REGION}/production", f"{OTHER}/production"]
    assert done.published["slipway_verdict"] == "deployed"
    assert len({key for one in done.published["slipway_report"]["groups"] for key in one["hosts"]}) == 1


def test_answers_of_a_survey_in_check_mode_under_a_runner(
    play: Player, account: Emulator, given: dict[str, t.Any]
) -> None:
    texts = {"slipway_bake_minutes": "", "app_deployment_wait_delay": "1", "app_deployment_bake_alarms": ""}
    awx = Awx(play, {**given, **texts}, {**KEYS, "AWS_ENDPOINT_URL": account.address})
    (awx.project / "rollout.yml").write_text("- ansible.builtin.import_playbook: slipway.aws.rollout\n")
    run = awx.run("rollout.yml", "--check")
    assert run.writes == run.changed == run.failures == []
    assert {REGION, OTHER} <= {call["region"] for call in run.calls}


def test_an_alarm_stops_it_before_the_next_group(play: Player, account: Emulator, given: dict[str, t.Any]) -> None:
    """Also where the release is there already and the time has passed."""
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors", Namespace="shop", MetricName="errors", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="too many")
    stopped = play("slipway.aws.rollout", {**given, "app_deployment_bake_alarms": "errors"}, code=2)
    assert verdicts(stopped.published["slipway_report"]) == ["alarm", "not reached", "not reached"]
    assert "the alarm errors is in the ALARM state (too many)" in stopped.failures[-1]
    assert not stopped.writes
