# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traffic shifting: each call of such a deployment, with each fault: right or one clear sentence, and the next run converges."""

from __future__ import annotations

import typing as t

import pytest
from support.ecs_shop import EcsShop
from support.every_fault import FAULTS, PASSES, is_a_sentence, struck_deployment
from support.lambda_shop import LambdaShop
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.faults import faults

GROUP = {"application_name": "app", "deployment_group_name": "prod"}
RARELY = {"wait_delay": 150}  # polls are most of what a deployment costs here
FUNCTION = {**GROUP, **RARELY, "lambda": {"function_name": "fn", "alias": "live", "target_version": "2"}}
ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
BEFORE = ("GetDeploymentGroup", "ListDeployments")  # the deployment is created
AFTER = ("GetDeployment", "ListDeploymentTargets", "BatchGetDeploymentTargets")
EVERYWHERE = BEFORE + AFTER
OF_LAMBDA = (*EVERYWHERE, "GetAlias", "GetFunctionConfiguration")
OF_ECS = (*EVERYWHERE, "DescribeServices", "DescribeListeners", "DescribeTaskDefinition", "DescribeTargetHealth")
KILLED = {"follow": {"seconds": 1}}  # a slice that nobody follows is a task that was killed
LASTING = ("outage", "expired", "denied")
VERBS = {"continued": "continue", "stopped": "stop", "rolled_back": "roll back"}
# What only foresees a failure, or tells more of a success, is left out where it may not be read.
UNREADABLE = {"GetFunctionConfiguration", "DescribeListeners", "DescribeTaskDefinition", "DescribeTargetHealth"}


@pytest.fixture
def functions(world: None) -> LambdaShop:
    found = LambdaShop(CONNECTION["region"])
    found.lambda_group("LambdaCanary10Percent5Minutes", autoRollbackConfiguration=ROLLBACK)
    return found


@pytest.fixture
def services(world: None) -> EcsShop:
    found = EcsShop(CONNECTION["region"])
    found.ecs_group(termination=5, autoRollbackConfiguration=ROLLBACK)
    return found


def struck(operation: str, fault: str, options: dict[str, t.Any], verb: str = "deploy to") -> Outcome:
    return struck_deployment(operation, fault, options, verb, UNREADABLE)


def deployments(shop: LambdaShop) -> int:
    return len(shop.codedeploy.list_deployments(applicationName="app", deploymentGroupName="prod")["deployments"])


def tasks_of(shop: EcsShop) -> dict[str, t.Any]:
    asked = {"task_definition": shop.revision("nginx:2")}
    return {**GROUP, **RARELY, "ecs": asked, "wait_until": "traffic_moved"}


def served(shop: LambdaShop) -> bool:
    """Whether what was asked for has all traffic, by one deployment."""
    right = shop.weights(shop.production)["two"] == 100 if isinstance(shop, EcsShop) else shop.routing() == {"2": 1.0}
    return right and deployments(shop) == 1


def every_read_passes(shop: LambdaShop, task: dict[str, t.Any], reads: t.Iterable[str], fault: str) -> None:
    for operation in reads:
        faults.add({**FAULTS[fault], "operation": operation})
    done = run_module("codedeploy_deployment", task)
    assert not done.failed and not any(rule["times"] for rule in faults.as_json()), done.msg
    assert served(shop)


def converges(shop: LambdaShop, task: dict[str, t.Any], operations: t.Iterable[str], *named: str) -> None:
    """The task is run again and again, each time with a fault, and once without."""
    for operation in operations:
        for fault in named:
            struck(operation, fault, task)
            assert deployments(shop) <= 1
    then = run_module("codedeploy_deployment", task)
    assert not then.failed and served(shop), then.msg


@pytest.mark.parametrize("fault", sorted(PASSES))
def test_reads_of_a_shift_of_lambda_are_repeated(functions: LambdaShop, fault: str) -> None:
    every_read_passes(functions, FUNCTION, OF_LAMBDA, fault)


@pytest.mark.parametrize("fault", sorted(PASSES))
def test_reads_of_a_shift_of_tasks_are_repeated(services: EcsShop, fault: str) -> None:
    every_read_passes(services, tasks_of(services), OF_ECS, fault)


def test_a_read_of_lambda_that_fails_leaves_no_second_deployment(functions: LambdaShop) -> None:
    converges(functions, FUNCTION, BEFORE + ("GetAlias",) + AFTER, *LASTING)


def test_a_read_of_tasks_that_fails_leaves_no_second_deployment(services: EcsShop) -> None:
    converges(services, tasks_of(services), BEFORE + ("DescribeServices",) + AFTER, *LASTING)


@pytest.mark.parametrize("fault", LASTING)
def test_what_only_foresees_of_lambda_leaves_no_second_deployment(functions: LambdaShop, fault: str) -> None:
    converges(functions, FUNCTION, ("GetFunctionConfiguration",), fault)


@pytest.mark.parametrize("operation", sorted(UNREADABLE - {"GetFunctionConfiguration"}))
def test_what_only_foresees_of_tasks_leaves_no_second_deployment(services: EcsShop, operation: str) -> None:
    converges(services, tasks_of(services), (operation,), *LASTING)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_function_is_deployed_once_whatever_befalls_the_write(functions: LambdaShop, fault: str) -> None:
    converges(functions, FUNCTION, ("CreateDeployment",), fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_tasks_are_deployed_once_whatever_befalls_the_write(services: EcsShop, fault: str) -> None:
    converges(services, tasks_of(services), ("CreateDeployment",), fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stored_appspec_is_deployed_once_whatever_befalls_its_read(functions: LambdaShop, fault: str) -> None:
    functions.bundle("appspec", data=functions.appspec().encode())
    location = {"bucket": functions.bucket, "key": "appspec", "bundle_type": "YAML"}
    converges(
        functions,
        {**GROUP, **RARELY, "revision": {"revision_type": "S3", "s3_location": location}},
        ("GetObject",),
        fault,
    )


def act_with_faults(state: str, operation: str, status: str) -> None:
    """An act whose write fails, then is done with its answer lost, is done once: no more to do."""
    task = {**GROUP, "state": state}
    for fault in ("denied", "outage"):
        assert struck(operation, fault, task, VERBS[state]).failed
    done = struck(operation, "lost reply", task)
    assert done.changed and done["deployment"]["status"] == status
    again = run_module("codedeploy_deployment", task)
    assert not again.failed and not again.changed and not again.writes, again.msg


def test_the_wait_for_the_old_tasks_is_ended(services: EcsShop) -> None:
    run_module("codedeploy_deployment", tasks_of(services))
    act_with_faults("continued", "ContinueDeployment", "Succeeded")
    assert served(services)


@pytest.mark.parametrize(("state", "serves"), [("stopped", "two"), ("rolled_back", "one")])
def test_a_deployment_of_tasks_is_stopped_once(services: EcsShop, state: str, serves: str) -> None:
    run_module("codedeploy_deployment", tasks_of(services))
    act_with_faults(state, "StopDeployment", "Stopped")
    assert services.weights(services.production)[serves] == 100 and deployments(services) == 1


@pytest.mark.parametrize("state", ["stopped", "rolled_back"])
def test_a_shift_of_lambda_is_stopped_once(functions: LambdaShop, state: str) -> None:
    run_module("codedeploy_deployment", {**FUNCTION, **KILLED})
    act_with_faults(state, "StopDeployment", "Stopped")


def test_tasks_are_rolled_back_once(services: EcsShop) -> None:
    run_module("codedeploy_deployment", {**tasks_of(services), "wait_until": "finished"})
    act_with_faults("rolled_back", "CreateDeployment", "Succeeded")
    assert services.weights(services.production)["one"] == 100 and deployments(services) == 2


def test_a_function_is_rolled_back_once(functions: LambdaShop) -> None:
    run_module("codedeploy_deployment", FUNCTION)
    act_with_faults("rolled_back", "CreateDeployment", "Succeeded")
    assert functions.routing() == {"1": 1.0} and deployments(functions) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_an_alias_is_repaired_whatever_befalls_the_write(functions: LambdaShop, fault: str) -> None:
    shares = {"AdditionalVersionWeights": {"2": 0.1}}
    functions.functions.update_alias(FunctionName="fn", Name="live", RoutingConfig=shares)
    task = {**FUNCTION, "repair_alias": True}
    struck("UpdateAlias", fault, task)
    then = run_module("codedeploy_deployment", task)
    assert not then.failed and served(functions), then.msg


@pytest.mark.parametrize("fault", FAULTS)
def test_the_deployment_in_flight_is_found_whatever_befalls_the_read(functions: LambdaShop, fault: str) -> None:
    run_module("codedeploy_deployment", {**FUNCTION, **KILLED})
    struck("BatchGetDeployments", fault, FUNCTION)
    then = run_module("codedeploy_deployment", FUNCTION)
    assert not then.failed and not then.writes and served(functions), then.msg


def test_a_function_waits_for_nobody_to_continue_it(functions: LambdaShop) -> None:
    run_module("codedeploy_deployment", {**FUNCTION, **KILLED})
    task = {**GROUP, "state": "continued"}
    for operation in ("GetDeploymentGroup", "ListDeployments", "BatchGetDeployments", "ListDeploymentTargets"):
        for fault in ("throttled", "denied"):
            faults.add({**FAULTS[fault], "operation": operation})
            refused = run_module("codedeploy_deployment", task)
            faults.remove()
            assert not refused.writes
            is_a_sentence(refused.msg, "Failed to continue ")
            assert ("denied" if fault == "denied" else "does not wait") in refused.msg.lower(), refused.msg


def test_a_task_that_was_killed_is_resumed(functions: LambdaShop) -> None:
    killed = run_module("codedeploy_deployment", {**FUNCTION, **KILLED})
    assert not killed["followed"]["done"]
    then = run_module("codedeploy_deployment", FUNCTION)
    assert then["joined"] and not then.writes and functions.routing() == {"2": 1.0}


def test_a_play_that_was_killed_makes_no_second_revision_and_no_second_deployment(services: EcsShop) -> None:
    container = {"name": "web", "image": "nginx:2", "portMappings": [{"containerPort": 80}]}
    wanted = {
        "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "containerDefinitions": [container],
    }  # fmt: skip
    for changes in (True, False):
        made = run_module("ecs_task_definition_revision", {"family": "web", "task_definition": wanted})
        assert made.changed is changes, made.msg
        task = {**GROUP, "ecs": {"task_definition": made["task_definition"]["task_definition_arn"]}}
        killed = run_module("codedeploy_deployment", {**task, **KILLED})
        assert not killed["followed"]["done"]
    then = run_module("codedeploy_deployment", task)
    assert then["joined"] and not then.writes and services.weights(services.production)["two"] == 100
    assert deployments(services) == 1
    assert len(services.ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"]) == 2
