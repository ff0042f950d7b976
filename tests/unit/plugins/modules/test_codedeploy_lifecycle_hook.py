# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook reports the result of a hook in the place of its function."""

from __future__ import annotations

import json
import time
import typing as t

import boto3
import pytest
from support.codedeploy_shop import REGION, Shop
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.lambda_shop import LambdaShop
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults


@pytest.fixture
def shop(world: None) -> LambdaShop:
    """A deployment whose hook function reports nothing by itself."""
    made = LambdaShop()
    made.function("check")
    made.lambda_group()
    faults.add({"kind": "hook-silent", "function_name": "check"})
    return made


def waiting(shop: LambdaShop) -> dict[str, str]:
    """The options that report the hook which the deployment waits for."""
    deployment_id = shop.shift(hooks={"BeforeAllowTraffic": "check"})
    shop.run_until_event(deployment_id, "BeforeAllowTraffic")
    logs = boto3.client("logs", REGION).filter_log_events(logGroupName="/aws/lambda/check")["events"]
    payload = next(json.loads(one["message"]) for one in reversed(logs) if one["message"].startswith("{"))
    return {
        "deployment_id": deployment_id,
        "lifecycle_event_hook_execution_id": payload["LifecycleEventHookExecutionId"],
    }


def report(options: dict[str, str], status: str = "Succeeded", **more: t.Any) -> Outcome:
    return run_module("codedeploy_lifecycle_hook", {**options, "status": status}, **more)


@pytest.mark.parametrize(("status", "ends"), [("Succeeded", "Succeeded"), ("Failed", "Failed")])
def test_the_deployment_goes_on_as_reported(shop: LambdaShop, status: str, ends: str) -> None:
    options = waiting(shop)
    foretold, done = report(options, status, check_mode=True), report(options, status)
    assert (foretold.changed, foretold.writes, done.changed, done["already_completed"]) == (True, [], True, False)
    assert foretold["diff"] == done["diff"] == {"before": {"status": "InProgress"}, "after": {"status": status}}
    assert (done["deployment_status"], shop.ended(options["deployment_id"])["status"]) == ("InProgress", ends)
    again = report(options, status)
    assert (again.changed, again["already_completed"], again["deployment_status"]) == (False, True, ends)
    assert again.writes == []


def test_a_second_report_while_the_deployment_is_in_progress(shop: LambdaShop) -> None:
    options = waiting(shop)
    assert report(options).changed
    again = report(options, "Failed")
    assert (again.failed, again.changed, again["already_completed"]) == (False, False, True)
    assert again["diff"]["before"] == again["diff"]["after"]
    assert shop.ended(options["deployment_id"])["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"deployment_id": "d-ABCDEFGHI"}, "there is no deployment d-ABCDEFGHI in eu-west-1. Correct deployment_id or region."),
        ({"lifecycle_event_hook_execution_id": "other"}, "it has no hook with this lifecycle_event_hook_execution_id. Take it"),
        ({"status": "Pending"}, "value of status must be one of: Succeeded, Failed, got: Pending"),
    ],
)  # fmt: skip
def test_what_cannot_be_reported(shop: LambdaShop, options: dict[str, str], said: str) -> None:
    outcome = report({**waiting(shop), **options}, options.get("status", "Succeeded"))
    assert outcome.failed
    assert said in outcome.msg


def test_deployments_to_hosts_have_no_such_hooks(world: None) -> None:
    shop = Shop()
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    outcome = report({"deployment_id": deployment_id, "lifecycle_event_hook_execution_id": "x"})
    assert "it deploys to hosts, where scripts are the hooks" in outcome.msg


@pytest.mark.parametrize("operation", ["GetDeployment", "PutLifecycleEventHookExecutionStatus"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_call_in_every_fault(
    shop: LambdaShop, operation: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = waiting(shop)
    clock_stands = clock.now()
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    faults.add({"service": "codedeploy", "operation": operation, **FAULTS[fault]})
    outcome = report(options)
    faults.remove()
    assert clock.now() == clock_stands
    assert outcome.failed is (fault not in PASSES)
    if outcome.failed:
        is_a_sentence(outcome.msg, f"Failed to report the hook of the deployment {options['deployment_id']}: ")
        assert report(options).changed
    else:
        assert outcome.changed
    assert shop.ended(options["deployment_id"])["status"] == "Succeeded"
