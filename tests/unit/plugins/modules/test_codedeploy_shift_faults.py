# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each call of a deployment that moves traffic, with each fault: right or one clear sentence, and the next run converges."""

from __future__ import annotations

import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.lambda_shop import LambdaShop
from support.modules import CONNECTION, run_module

from slipway_emulator.faults import faults

TASK = {
    "application_name": "app",
    "deployment_group_name": "prod",
    "lambda": {"function_name": "fn", "alias": "live", "target_version": "2"},
}
OPERATIONS = (
    *("GetDeploymentGroup", "ListDeployments", "CreateDeployment", "GetDeployment"),
    *("ListDeploymentTargets", "BatchGetDeploymentTargets", "GetAlias", "GetFunctionConfiguration"),
)
UNREADABLE = {"GetFunctionConfiguration"}  # what only foresees a failure is left out where it may not be read


@pytest.fixture
def shop(world: None) -> LambdaShop:
    found = LambdaShop(CONNECTION["region"])
    found.lambda_group("LambdaCanary10Percent5Minutes")
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", ["throttled", "lost reply", "no reply", "denied", "expired"])
def test_a_fault_leaves_no_second_deployment(shop: LambdaShop, operation: str, fault: str) -> None:
    faults.add({**FAULTS[fault], "operation": operation})
    first = run_module("codedeploy_deployment", TASK)
    faults.remove()
    if fault in PASSES and not (operation == "CreateDeployment" and fault == "no reply"):
        assert not first.failed, first.msg
    elif first.failed:
        is_a_sentence(first.msg, "Failed to deploy to app/prod: ")
    else:
        assert operation in UNREADABLE
    then = run_module("codedeploy_deployment", TASK)
    assert not then.failed and shop.routing() == {"2": 1.0}
    assert len(shop.codedeploy.list_deployments(applicationName="app", deploymentGroupName="prod")["deployments"]) == 1


def test_a_task_that_was_killed_is_resumed(shop: LambdaShop) -> None:
    """A slice that nobody follows is a task that was killed."""
    killed = run_module("codedeploy_deployment", {**TASK, "follow": {"seconds": 1}})
    assert not killed["followed"]["done"]
    then = run_module("codedeploy_deployment", TASK)
    assert then["joined"] and not then.writes and shop.routing() == {"2": 1.0}
