# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""How a shift is stopped and taken back: by request, by alarm, after a failure."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from support.codedeploy_shop import REGION
from support.lambda_shop import LambdaShop

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

CANARY = "LambdaCanary10Percent5Minutes"
ALWAYS = {
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
}
WATCH = {"enabled": True, "alarms": [{"name": "errors"}]}


def underway(functions: LambdaShop, *versions: str) -> str:
    """A deployment with a tenth of the traffic on the new version."""
    deployment_id = functions.shift(*versions)
    functions.run_until_event(deployment_id, "AllowTraffic")
    return deployment_id


def alarm(state: str = "ALARM") -> None:
    cloudwatch = boto3.client("cloudwatch", REGION)
    cloudwatch.put_metric_alarm(
        AlarmName="errors", MetricName="Errors", Namespace="AWS/Lambda", Statistic="Sum", Period=60, Threshold=1,
        EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="test")


def rollback_of(functions: LambdaShop, info: dict[str, Any]) -> dict[str, Any]:
    return functions.ended(info["rollbackInfo"]["rollbackDeploymentId"])


def test_a_stop_leaves_the_alias_weighted_and_the_next_deployment_fails(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    deployment_id = underway(functions)
    stopped = functions.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=False)
    assert stopped["status"] == "Succeeded"
    info = functions.info(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert functions.event_statuses(deployment_id) == ["Succeeded", "Skipped", "Skipped"]
    clock.advance(3600)
    assert functions.routing() == {"1": 0.9, "2": 0.1}
    failed = functions.shifted()
    assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "INVALID_LAMBDA_CONFIGURATION")
    assert functions.routing() == {"1": 0.9, "2": 0.1}
    functions.functions.update_alias(FunctionName="fn", Name="live", RoutingConfig={})
    assert functions.shifted()["status"] == "Succeeded"


def test_a_stop_with_a_rollback_takes_the_traffic_back_by_a_deployment(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    functions.shifted("1", "2")
    functions.release("3")
    deployment_id = underway(functions, "2", "3")
    assert functions.routing() == {"2": 0.9, "3": 0.1}
    functions.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
    back = rollback_of(functions, functions.info(deployment_id))
    assert (back["status"], back["creator"]) == ("Succeeded", "codeDeployRollback")
    assert back["rollbackInfo"]["rollbackTriggeringDeploymentId"] == deployment_id
    assert (back["completeTime"] - back["startTime"]).total_seconds() < 10
    assert functions.routing() == {"2": 1.0}
    shown = functions.target(back["deploymentId"])["lambdaFunctionInfo"]
    assert (shown["currentVersion"], shown["targetVersion"], shown["targetVersionWeight"]) == ("3", "2", 100.0)
    assert functions.event_statuses(back["deploymentId"]) == ["Skipped", "Succeeded", "Skipped"]
    assert functions.shifted("2", "3")["status"] == "Succeeded"


def test_without_an_earlier_success_the_traffic_goes_back_without_a_deployment(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    deployment_id = underway(functions)
    functions.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
    assert list(functions.info(deployment_id)["rollbackInfo"]) == ["rollbackMessage"]
    assert functions.routing() == {"1": 1.0}
    assert functions.target(deployment_id)["lambdaFunctionInfo"]["targetVersionWeight"] == 0.0
    assert len(functions.codedeploy.list_deployments()["deployments"]) == 1


@pytest.mark.parametrize(
    ("configured", "asked", "rolled"), [(True, None, True), (True, False, False), (False, True, True)]
)
def test_the_request_overrules_the_group(
    functions: LambdaShop, configured: bool, asked: bool | None, rolled: bool
) -> None:
    functions.lambda_group(CANARY, autoRollbackConfiguration=ALWAYS if configured else {"enabled": False})
    deployment_id = underway(functions)
    wish = {} if asked is None else {"autoRollbackEnabled": asked}
    functions.codedeploy.stop_deployment(deploymentId=deployment_id, **wish)
    assert functions.routing() == ({"1": 1.0} if rolled else {"1": 0.9, "2": 0.1})


def test_a_failing_hook_takes_all_traffic_back(functions: LambdaShop) -> None:
    functions.function("check")
    functions.lambda_group(autoRollbackConfiguration=ALWAYS)
    functions.shifted("1", "2")
    functions.release("3")
    faults.add({"kind": "hook-fails", "times": 1})
    failed = functions.shifted("2", "3", hooks={"AfterAllowTraffic": "check"})
    assert failed["status"] == "Failed"
    assert rollback_of(functions, failed)["status"] == "Succeeded"
    assert functions.routing() == {"2": 1.0}


def test_a_way_back_needs_no_appspec_file(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    functions.bundle("a.json", data=functions.appspec().encode())
    s3 = {"bucket": functions.bucket, "key": "a.json", "bundleType": "JSON"}
    functions.deployed({"revisionType": "S3", "s3Location": s3})
    functions.s3.delete_object(Bucket=functions.bucket, Key="a.json")
    functions.release("3")
    deployment_id = underway(functions, "2", "3")
    functions.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
    assert rollback_of(functions, functions.info(deployment_id))["status"] == "Succeeded"
    assert functions.routing() == {"2": 1.0}


def test_what_changed_nothing_is_not_rolled_back(functions: LambdaShop) -> None:
    functions.lambda_group(autoRollbackConfiguration=ALWAYS)
    functions.shifted("1", "2")
    failed = functions.shifted("1", "2")
    assert failed["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"
    assert list(failed["rollbackInfo"]) == ["rollbackMessage"]
    assert functions.routing() == {"2": 1.0}


def test_an_alarm_stops_the_shift_and_the_way_back_is_open(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY, autoRollbackConfiguration=ALWAYS, alarmConfiguration=WATCH)
    alarm("OK")
    functions.shifted("1", "2")
    functions.release("3")
    deployment_id = underway(functions, "2", "3")
    alarm()
    clock.advance(60)
    info = functions.info(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert rollback_of(functions, info)["status"] == "Succeeded"
    assert functions.routing() == {"2": 1.0}


def test_an_alarm_that_is_on_already_stops_the_start(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY, alarmConfiguration=WATCH)
    alarm()
    info = functions.shifted()
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    fixed = functions.shifted(overrideAlarmConfiguration={"enabled": False, "alarms": []})
    assert fixed["status"] == "Succeeded"


def test_one_active_deployment_a_group(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    deployment_id = functions.shift()
    with pytest.raises(functions.codedeploy.exceptions.DeploymentLimitExceededException, match=deployment_id):
        functions.shift()


def test_a_stop_before_the_start(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    deployment_id = functions.shift()
    functions.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
    assert functions.info(deployment_id)["status"] == "Stopped"
    clock.advance(3600)
    assert functions.routing() == {"1": 1.0}
    assert len(functions.codedeploy.list_deployments()["deployments"]) == 1


def test_a_deployment_of_a_function_has_no_waits(functions: LambdaShop) -> None:
    functions.lambda_group(CANARY)
    deployment_id = underway(functions)
    with pytest.raises(functions.codedeploy.exceptions.UnsupportedActionForDeploymentTypeException):
        functions.codedeploy.continue_deployment(deploymentId=deployment_id, deploymentWaitType="READY_WAIT")


@pytest.mark.parametrize("gone", ["alias", "function"])
def test_an_alias_that_goes_in_the_middle(functions: LambdaShop, gone: str) -> None:
    functions.lambda_group(CANARY, autoRollbackConfiguration=ALWAYS)
    deployment_id = underway(functions)
    if gone == "alias":
        functions.functions.delete_alias(FunctionName="fn", Name="live")
    else:
        functions.functions.delete_function(FunctionName="fn")
    info = functions.ended(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "INVALID_LAMBDA_FUNCTION")


def test_a_deleted_application_ends_what_has_not_begun(functions: LambdaShop) -> None:
    functions.lambda_group()
    record = functions.record(functions.shift())
    functions.codedeploy.delete_application(applicationName="app")
    clock.advance(60)
    assert (record.status, record.error["code"]) == ("Failed", "APPLICATION_MISSING")
