# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Hook functions: what they report, by themselves and through the API."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import REGION
from support.lambda_shop import LambdaShop

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

BEFORE, AFTER = {"BeforeAllowTraffic": "check"}, {"AfterAllowTraffic": "check"}


@pytest.fixture
def hooked(functions: LambdaShop) -> LambdaShop:
    functions.function("check")
    functions.lambda_group()
    return functions


def payload(functions: LambdaShop, deployment_id: str) -> dict[str, str]:
    """What the hook function was sent, from its log."""
    logs = boto3.client("logs", REGION).filter_log_events(logGroupName="/aws/lambda/check")["events"]
    found = [json.loads(event["message"]) for event in logs if event["message"].startswith("{")]
    return next(one for one in reversed(found) if one["DeploymentId"] == deployment_id)


def report(functions: LambdaShop, deployment_id: str, status: str = "Succeeded", **more: str) -> Any:
    execution_id = payload(functions, deployment_id)["LifecycleEventHookExecutionId"]
    answer = functions.codedeploy.put_lifecycle_event_hook_execution_status(
        **{"deploymentId": deployment_id, "lifecycleEventHookExecutionId": execution_id, "status": status, **more}
    )
    assert answer["lifecycleEventHookExecutionId"] == execution_id


def test_hooks_succeed_unless_a_fault_says_otherwise(hooked: LambdaShop) -> None:
    assert hooked.shifted(hooks={**BEFORE, **AFTER})["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("hooks", "statuses", "routing"),
    [
        (BEFORE, ["Failed", "Skipped", "Skipped"], {"1": 1.0}),
        (AFTER, ["Succeeded", "Succeeded", "Failed"], {"2": 1.0}),
    ],
)
def test_a_failing_hook(hooked: LambdaShop, hooks: dict, statuses: list[str], routing: dict) -> None:
    faults.add({"kind": "hook-fails", "function_name": "check", "log": "the queue is full"})
    deployment_id = hooked.shift(hooks=hooks)
    info = hooked.ended(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
    assert "check" in info["errorInformation"]["message"]
    assert hooked.event_statuses(deployment_id) == statuses
    assert hooked.target(deployment_id)["status"] == "Failed"
    assert hooked.routing() == routing
    logged = boto3.client("logs", REGION).filter_log_events(logGroupName="/aws/lambda/check")["events"]
    assert "the queue is full" in [event["message"] for event in logged]


def test_a_fault_may_be_of_one_event(hooked: LambdaShop) -> None:
    faults.add({"kind": "hook-fails", "event": "AfterAllowTraffic"})
    deployment_id = hooked.shift(hooks={**BEFORE, **AFTER})
    assert hooked.ended(deployment_id)["status"] == "Failed"
    assert hooked.event_statuses(deployment_id) == ["Succeeded", "Succeeded", "Failed"]


@pytest.mark.parametrize("kind", ["hook-silent", "function-raises"])
def test_a_hook_that_never_reports_fails_after_an_hour(hooked: LambdaShop, kind: str) -> None:
    faults.add({"kind": kind, "function_name": "check"})
    deployment_id = hooked.shift(hooks=BEFORE)
    hooked.run_until_event(deployment_id, "BeforeAllowTraffic")
    clock.advance(3599)
    assert hooked.info(deployment_id)["status"] == "InProgress"
    clock.advance(1)
    info = hooked.info(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
    assert "one hour" in info["errorInformation"]["message"]


def test_a_slow_hook(hooked: LambdaShop) -> None:
    faults.add({"kind": "hook-slow", "seconds": 3000})
    deployment_id = hooked.shift(hooks=BEFORE)
    hooked.run_until_event(deployment_id, "BeforeAllowTraffic")
    clock.advance(3000)
    assert hooked.routing() == {"1": 1.0}
    assert hooked.ended(deployment_id)["status"] == "Succeeded"


@pytest.mark.parametrize(
    "function", ["nosuch", "arn:aws:lambda:us-east-1:123456789012:function:check", "check:9", "a b"]
)
def test_a_hook_that_cannot_be_invoked_fails_at_once(hooked: LambdaShop, function: str) -> None:
    info = hooked.shifted(hooks={"BeforeAllowTraffic": function})
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
    assert function in info["errorInformation"]["message"]
    assert (info["completeTime"] - info["startTime"]).total_seconds() < 10


def test_a_hook_is_named_by_arn_too(hooked: LambdaShop) -> None:
    arn = f"arn:aws:lambda:{REGION}:123456789012:function:check:1"
    assert hooked.shifted(hooks={"BeforeAllowTraffic": arn})["status"] == "Succeeded"


@pytest.mark.parametrize("status", ["Succeeded", "Failed"])
def test_a_hook_reports_through_the_api(hooked: LambdaShop, status: str) -> None:
    faults.add({"kind": "hook-silent"})
    deployment_id = hooked.shift(hooks=BEFORE)
    hooked.run_until_event(deployment_id, "BeforeAllowTraffic")
    clock.advance(600)
    report(hooked, deployment_id, status)
    assert hooked.ended(deployment_id)["status"] == status


def test_what_the_api_refuses(hooked: LambdaShop) -> None:
    faults.add({"kind": "hook-silent"})
    deployment_id = hooked.shift(hooks=BEFORE)
    hooked.run_until_event(deployment_id, "BeforeAllowTraffic")
    for wrong, code in (
        ({"status": "Skipped"}, "InvalidLifecycleEventHookExecutionStatusException"),
        ({"lifecycleEventHookExecutionId": "x"}, "InvalidLifecycleEventHookExecutionIdException"),
        ({"deploymentId": "d-AAAAAAAAA"}, "DeploymentDoesNotExistException"),
        ({"deploymentId": "a b"}, "InvalidDeploymentIdException"),
        ({"deploymentId": ""}, "DeploymentIdRequiredException"),
    ):
        with pytest.raises(ClientError) as refused:
            report(hooked, deployment_id, **wrong)
        assert refused.value.response["Error"]["Code"] == code
    report(hooked, deployment_id)
    with pytest.raises(hooked.codedeploy.exceptions.LifecycleEventAlreadyCompletedException):
        report(hooked, deployment_id)
    hooked.ended(deployment_id)
    with pytest.raises(hooked.codedeploy.exceptions.LifecycleEventAlreadyCompletedException):
        report(hooked, deployment_id)


def test_hosts_have_no_hook_functions(functions: LambdaShop) -> None:
    functions.hosts(1)
    functions.group()
    deployment_id = functions.deploy(functions.bundle())
    with pytest.raises(functions.codedeploy.exceptions.UnsupportedActionForDeploymentTypeException):
        functions.codedeploy.put_lifecycle_event_hook_execution_status(deploymentId=deployment_id, status="Succeeded")
