# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles on resources that somebody else made, every setting off its default: what nobody asked for stays as it was."""

from __future__ import annotations

import typing as t

import pytest
from support.codedeploy_shop import ROLE
from support.plays import REGION, Emulator, Player

Release = t.Callable[[str], str]
PROFILE, TOPIC = "legacy-host", "arn:aws:sns:eu-west-1:123456789012:releases"
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""
OF_DEPLOYMENTS = ("targetRevision", "lastSuccessfulDeployment", "lastAttemptedDeployment")
SETTINGS: dict[str, t.Any] = {
    "serviceRoleArn": ROLE,
    "deploymentConfigName": "CodeDeployDefault.OneAtATime",
    "ec2TagFilters": [{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
    "onPremisesInstanceTagFilters": [{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
    "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]},
    "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}]},
    "outdatedInstancesStrategy": "IGNORE",
    "triggerConfigurations": [
        {"triggerName": "tell", "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentFailure"]}
    ],
    "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["AZRebalance"]},
    "terminationHookEnabled": True,
}


@pytest.fixture(scope="module")
def legacy(account: Emulator, release: Release) -> dict[str, t.Any]:
    """Two hosts, and a group of them that CodeDeploy's console might have made."""
    account.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
    account.client("ec2").run_instances(
        ImageId="ami-04681a1dbd79675a5",
        MinCount=2,
        MaxCount=2,
        UserData=AGENT,
        IamInstanceProfile={"Name": PROFILE},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}],
    )
    account.client("sns").create_topic(Name="releases")
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="errors", Namespace="shop", MetricName="errors", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    tags = [{"Key": "CostCenter", "Value": "12"}]
    codedeploy = account.client("codedeploy")
    codedeploy.create_application(applicationName="legacy", tags=tags)
    codedeploy.create_deployment_group(applicationName="legacy", deploymentGroupName="prod", tags=tags, **SETTINGS)
    account.client("s3").create_bucket(Bucket="legacy", CreateBucketConfiguration={"LocationConstraint": REGION})
    account.control("clock", advance=300)
    return {
        "slipway_region": REGION,
        "slipway_application": "legacy",
        "slipway_deployment_group": "prod",
        "slipway_bundle": release("1.0.0"),
        "slipway_bucket": "legacy",
        "app_deployment_wait_delay": 1,
    }


def group(account: Emulator) -> dict[str, t.Any]:
    """Everything that can be set of the group and its application, tags included."""
    codedeploy = account.client("codedeploy")
    names = {"applicationName": "legacy", "deploymentGroupName": "prod"}
    info = codedeploy.get_deployment_group(**names)["deploymentGroupInfo"]
    arns = [
        f"arn:aws:codedeploy:{REGION}:123456789012:{what}"
        for what in ("application:legacy", "deploymentgroup:legacy/prod")
    ]
    tags = [codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] for arn in arns]
    return {**{name: value for name, value in info.items() if name not in OF_DEPLOYMENTS}, "tags": tags}


def deployed(account: Emulator, deployment_id: str) -> dict[str, t.Any]:
    return dict(account.client("codedeploy").get_deployment(deploymentId=deployment_id)["deploymentInfo"])


@pytest.mark.parametrize(("manage_group", "version"), [(False, "1.0.0"), (True, "2.0.0")])
def test_a_deployment_overrides_nothing_of_a_group(
    play: Player, account: Emulator, legacy: dict[str, t.Any], release: Release, manage_group: bool, version: str
) -> None:
    before = group(account)
    release(version)
    run = play("slipway.aws.deploy", {**legacy, "app_deployment_manage_group": manage_group})
    assert run.published["slipway_verdict"] == "deployed"
    assert group(account) == before
    asked = deployed(account, run.published["slipway_deployment_id"])
    for name in ("deploymentConfigName", "autoRollbackConfiguration"):
        assert asked[name] == SETTINGS[name]
    assert "overrideAlarmConfiguration" not in asked
    (sent,) = [call["parameters"] for call in run.calls if call["operation"] == "CreateDeployment"]
    assert set(sent) == {"applicationName", "deploymentGroupName", "revision"}
