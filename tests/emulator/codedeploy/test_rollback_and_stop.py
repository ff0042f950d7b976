# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Rollbacks as new deployments, stopping by request and by alarm."""

from __future__ import annotations

import boto3
import pytest
from support.codedeploy_shop import Shop

from slipway_emulator.clock import clock

ON_FAILURE = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}


def roll(shop: Shop, info: dict) -> dict:
    """The end of the rollback that a deployment started."""
    return shop.ended(info["rollbackInfo"]["rollbackDeploymentId"])


def test_a_failed_deployment_is_rolled_back_by_a_new_one(shop: Shop) -> None:
    shop.hosts(2)
    shop.group(autoRollbackConfiguration=ON_FAILURE)
    good, bad = shop.bundle("app-1.zip"), shop.bundle("app-2.zip")
    shop.deployed(good, fileExistsBehavior="OVERWRITE")
    shop.fails(revision_key="app-2.zip", event="ApplicationStart", times=1)
    failed = shop.deployed(bad)
    assert failed["status"] == "Failed"
    rollback = roll(shop, failed)
    assert (rollback["status"], rollback["creator"]) == ("Succeeded", "codeDeployRollback")
    assert (rollback["revision"], rollback["fileExistsBehavior"]) == (good, "OVERWRITE")
    assert rollback["rollbackInfo"]["rollbackTriggeringDeploymentId"] == failed["deploymentId"]
    assert failed["rollbackInfo"]["rollbackMessage"]
    assert shop.info(failed["deploymentId"])["status"] == "Failed"
    group = shop.group_info()
    assert group["targetRevision"] == good
    assert group["lastAttemptedDeployment"]["deploymentId"] == rollback["deploymentId"]


def test_a_failing_rollback_is_not_rolled_back(shop: Shop) -> None:
    shop.hosts(1)
    shop.group(autoRollbackConfiguration=ON_FAILURE)
    shop.deployed(shop.bundle())
    shop.fails(event="ApplicationStart")
    rollback = roll(shop, shop.deployed(shop.bundle("app-2.zip")))
    assert rollback["status"] == "Failed"
    assert "rollbackDeploymentId" not in rollback["rollbackInfo"]
    assert len(shop.codedeploy.list_deployments()["deployments"]) == 3


def test_nothing_to_roll_back_to(shop: Shop) -> None:
    shop.hosts(1)
    shop.group(autoRollbackConfiguration=ON_FAILURE)
    shop.fails(event="ApplicationStart")
    info = shop.deployed(shop.bundle())
    assert list(info["rollbackInfo"]) == ["rollbackMessage"]
    assert len(shop.codedeploy.list_deployments()["deployments"]) == 1


def test_the_deployment_may_overrule_the_rollback_of_its_group(shop: Shop) -> None:
    shop.hosts(1)
    shop.group(autoRollbackConfiguration=ON_FAILURE)
    shop.deployed(shop.bundle())
    shop.fails(event="ApplicationStart", times=1)
    assert "rollbackInfo" not in shop.deployed(shop.bundle("app-2.zip"), autoRollbackConfiguration={"enabled": False})


def test_stop_lets_running_events_end(shop: Shop) -> None:
    hosts = shop.hosts(2)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    clock.advance(9)
    assert shop.statuses(deployment_id, hosts[0])[:2] == ["Succeeded", "InProgress"]
    assert shop.codedeploy.stop_deployment(deploymentId=deployment_id)["status"] == "Pending"
    info = shop.ended(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert shop.statuses(deployment_id, hosts[0]) == ["Succeeded"] * 2 + ["Skipped"] * 5
    assert shop.targets(deployment_id)[hosts[1]]["status"] == "Skipped"
    again = shop.codedeploy.stop_deployment(deploymentId=deployment_id)
    assert again["status"] == "Succeeded"
    assert again["statusMessage"].startswith("No more commands will be scheduled")


def test_stop_before_the_start_and_after_the_end(shop: Shop) -> None:
    shop.hosts(1)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    assert shop.codedeploy.stop_deployment(deploymentId=deployment_id)["status"] == "Succeeded"
    assert shop.info(deployment_id)["status"] == "Stopped"
    over = shop.deployed(shop.bundle())["deploymentId"]
    with pytest.raises(shop.codedeploy.exceptions.DeploymentAlreadyCompletedException):
        shop.codedeploy.stop_deployment(deploymentId=over)


@pytest.mark.parametrize(
    ("asked", "events", "rolled_back"),
    [
        (None, ["DEPLOYMENT_STOP_ON_REQUEST"], True),
        (None, ["DEPLOYMENT_FAILURE"], False),
        (True, [], True),
        (False, ["DEPLOYMENT_STOP_ON_REQUEST"], False),
    ],
)
def test_rollback_of_a_stopped_deployment(shop: Shop, asked: bool | None, events: list, rolled_back: bool) -> None:
    shop.hosts(1)
    shop.group(autoRollbackConfiguration={"enabled": bool(events), "events": events})
    good = shop.bundle()
    shop.deployed(good)
    deployment_id = shop.deploy(shop.bundle("app-2.zip"))
    clock.advance(9)
    wish = {} if asked is None else {"autoRollbackEnabled": asked}
    shop.codedeploy.stop_deployment(deploymentId=deployment_id, **wish)
    info = shop.ended(deployment_id)
    assert ("rollbackDeploymentId" in info.get("rollbackInfo", {})) is rolled_back
    if rolled_back:
        assert roll(shop, info)["revision"] == good


def alarm(shop: Shop, state: str, name: str = "errors") -> None:
    cloudwatch = boto3.client("cloudwatch", shop.region)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="web",
        MetricName="errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


WATCH = {"enabled": True, "alarms": [{"name": "errors"}]}


def test_an_alarm_at_the_start_stops_the_deployment(shop: Shop) -> None:
    shop.hosts(1)
    shop.group(alarmConfiguration=WATCH)
    alarm(shop, "ALARM")
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert "errors" in info["errorInformation"]["message"]
    assert shop.deployed(shop.bundle(), overrideAlarmConfiguration={"enabled": False})["status"] == "Succeeded"


def test_an_alarm_on_the_way_stops_and_rolls_back(shop: Shop) -> None:
    shop.hosts(3)
    rollback = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]}
    shop.group(alarmConfiguration=WATCH, autoRollbackConfiguration=rollback)
    alarm(shop, "OK")
    good = shop.bundle()
    assert shop.deployed(good)["status"] == "Succeeded"
    deployment_id = shop.deploy(shop.bundle("app-2.zip"))
    clock.advance(30)
    alarm(shop, "ALARM")
    info = shop.ended(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    back = roll(shop, info)
    assert (back["status"], back["revision"]) == ("Succeeded", good)


def test_an_alarm_that_does_not_exist(shop: Shop) -> None:
    shop.hosts(1)
    shop.group(alarmConfiguration=WATCH)
    assert shop.deployed(shop.bundle())["errorInformation"]["code"] == "ALARM_ACTIVE"
    shop.codedeploy.update_deployment_group(
        applicationName="app",
        currentDeploymentGroupName="prod",
        alarmConfiguration={**WATCH, "ignorePollAlarmFailure": True},
    )
    assert shop.deployed(shop.bundle())["status"] == "Succeeded"


def test_continue_is_for_blue_green_only(shop: Shop) -> None:
    shop.hosts(1)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    ask = shop.codedeploy.continue_deployment
    with pytest.raises(shop.codedeploy.exceptions.UnsupportedActionForDeploymentTypeException):
        ask(deploymentId=deployment_id, deploymentWaitType="READY_WAIT")
    with pytest.raises(shop.codedeploy.exceptions.InvalidDeploymentWaitTypeException):
        ask(deploymentId=deployment_id, deploymentWaitType="TEA_BREAK")
    shop.ended(deployment_id)
    with pytest.raises(shop.codedeploy.exceptions.DeploymentAlreadyCompletedException):
        ask(deploymentId=deployment_id)
