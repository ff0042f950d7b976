# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traffic shifting between task sets of ECS by the module: planned from the live service, made once, continued, failed and rolled back."""

from __future__ import annotations

import typing as t

import pytest
from support.ecs_shop import EcsShop
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

GROUP = {"application_name": "app", "deployment_group_name": "prod"}
ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}


@pytest.fixture
def shop(world: None) -> EcsShop:
    found = EcsShop(CONNECTION["region"])
    found.ecs_group("ECSCanary10Percent5Minutes", termination=5, autoRollbackConfiguration=ROLLBACK)
    return found


def deploy(definition: str, check: bool = False, hooks: dict[str, str] | None = None, **options: t.Any) -> Outcome:
    ecs = {"task_definition": definition, "hooks": hooks, **options.pop("ecs", {})}
    return run_module("codedeploy_deployment", {**GROUP, "ecs": ecs, **options}, check_mode=check)


def act(state: str, check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "state": state, **options}, check_mode=check)


def writes(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.writes]


def test_a_task_definition_is_deployed_once(shop: EcsShop) -> None:
    wanted = shop.revision("nginx:2")
    foretold = deploy(wanted, check=True)
    assert foretold.changed and not foretold.writes, foretold.msg
    plan = foretold["plan"]
    assert plan["traffic"] == [{"minutes": 0, "percent": 10}, {"minutes": 5, "percent": 100}]
    assert plan["copied"]["load_balancer_info"] == {"container_name": "web", "container_port": 80}
    assert (plan["ready_wait_minutes"], plan["termination_wait_minutes"]) == (None, 5)
    done = deploy(wanted)
    assert not done.failed and writes(done) == ["CreateDeployment"], done.msg
    assert done["diff"] == foretold["diff"] and done["diff"]["after"]["task_definition"] == wanted
    assert [(one["task_definition"], one["percent"]) for one in done["traffic"]] == [(wanted, 100.0)]
    for name in (wanted, "web:2", "web"):
        again = deploy(name)
        assert not again.changed and not again.writes and again["reason"] == "it has all traffic", name


def test_progress_tells_tasks_and_traffic(shop: EcsShop) -> None:
    wanted, follow, shown = shop.revision("nginx:2"), {"seconds": 15}, []
    while True:
        followed = deploy(wanted, follow=follow)["followed"]
        shown += followed["lines"]
        if followed["done"]:
            break
        follow = {"id": followed["id"], "seconds": 15, "seen": followed["seen"]}
    assert any("Install, new tasks: 0 of 2 running, 0 % of the traffic" in line for line in shown), shown
    moved = next(number for number, line in enumerate(shown) if "100 % of the traffic" in line)
    assert not any("waits to end the old tasks" in line for line in [*shown[:moved], shown[-1]]), shown
    assert any(
        "new tasks: 2 of 2 running, 10 % of the traffic, old tasks: 2 of 2 running, 90 %" in line for line in shown
    )
    assert any("waits to end the old tasks" in line for line in shown) and len(shown) < 16, shown


def test_a_play_need_not_wait_for_the_old_tasks(shop: EcsShop) -> None:
    wanted = shop.revision("nginx:2")
    done = deploy(wanted, wait_until="traffic_moved")
    assert not done.failed and done["deployment"]["status"] == "InProgress"
    assert shop.weights(shop.production) == {"one": 0, "two": 100}
    again = deploy(wanted, wait_until="traffic_moved")
    assert not again.changed and not again.writes and "waits to end the old tasks" in again["reason"]
    joined = deploy(wanted, wait=False)
    assert joined["joined"] and not joined.writes


def test_the_wait_for_the_old_tasks_is_ended_once(shop: EcsShop) -> None:
    deploy(shop.revision("nginx:2"), wait_until="traffic_moved")
    foretold = act("continued", check=True)
    assert foretold.changed and not foretold.writes
    done = act("continued")
    assert not done.failed and writes(done) == ["ContinueDeployment"] and done["deployment"]["status"] == "Succeeded"
    again = act("continued")
    assert not again.changed and not again.writes


def test_traffic_moves_after_somebody_looked(world: None) -> None:
    shop = EcsShop(CONNECTION["region"])
    shop.ecs_group(ready=30, test=True)
    wanted = shop.revision("nginx:2")
    ready = deploy(wanted, wait_until="ready")
    assert not ready.failed and ready["deployment"]["status"] == "Ready", ready.msg
    assert shop.weights(shop.production)["one"] == 100
    early = act("continued", deployment_wait_type="TERMINATION_WAIT")
    assert early.failed and "does not wait before the old tasks end" in early.msg and not early.writes
    done = act("continued", deployment_wait_type="READY_WAIT")
    assert not done.failed and done["deployment"]["status"] == "Succeeded", done.msg
    assert shop.weights(shop.production)["two"] == 100


def test_a_deployment_that_others_started_is_joined_by_its_tasks(shop: EcsShop) -> None:
    wanted = shop.revision("nginx:2")
    name = shop.swap(wanted, properties={"PlatformVersion": "1.4.0"})
    clock.advance(120)
    joined = deploy(wanted, wait=False)
    assert joined["joined"] and joined["deployment"]["deployment_id"] == name and not joined.writes


def test_a_running_deployment_is_rolled_back_even_after_traffic_moved(shop: EcsShop) -> None:
    deploy(shop.revision("nginx:2"), wait_until="traffic_moved")
    done = act("rolled_back")
    assert not done.failed and writes(done) == ["StopDeployment"], done.msg
    assert shop.weights(shop.production)["one"] == 100
    again = act("rolled_back")
    assert not again.changed and not again.writes and not again.failed, again.msg


def test_a_finished_deployment_is_rolled_back_by_what_served_before(shop: EcsShop) -> None:
    deploy(shop.revision("nginx:2"))
    foretold = act("rolled_back", check=True)
    assert foretold["target"]["task_definition"].endswith("web:1") and not foretold.writes
    done = act("rolled_back")
    assert not done.failed and writes(done) == ["CreateDeployment"], done.msg
    assert done["traffic"][0]["task_definition"].endswith("web:1")
    again = act("rolled_back")
    assert not again.changed and not again.writes and "rolled back" in again["reason"]


def test_what_served_before_is_not_guessed(shop: EcsShop) -> None:
    shop.swapped()
    refused = act("rolled_back")
    assert refused.failed and "Set ecs.task_definition" in refused.msg and not refused.writes
    named = act("rolled_back", ecs={"task_definition": "web:1"})
    assert not named.failed and named["traffic"][0]["task_definition"].endswith("web:1")


def test_new_tasks_that_do_not_start_are_told_with_their_reason(shop: EcsShop) -> None:
    faults.add({"kind": "task-fails-to-start", "service": "web", "message": "CannotPullContainerError: nginx:none"})
    failed = deploy(shop.revision("nginx:none"))
    assert failed.failed and shop.weights(shop.production)["one"] == 100
    (target,) = failed["failed_targets"]
    assert target["lifecycle_event_name"] == "Install" and target["stopped_tasks"], target
    assert "CannotPullContainerError" in str(target["stopped_tasks"]) and "nginx:none" in failed.msg


def test_settings_that_are_given_differ_from_those_that_serve(shop: EcsShop) -> None:
    same = deploy("web:1", ecs={"container_port": 80, "platform_version": "LATEST"}, check=True)
    assert not same.changed
    other = deploy("web:1", ecs={"container_name": "api"}, check=True)
    assert other.failed and "no container api" in other.msg
    assert deploy("web:1", force=True, check=True).changed


def test_a_service_that_ecs_deploys_itself_is_refused_with_its_own_strategies(world: None) -> None:
    shop = EcsShop(CONNECTION["region"])
    shop.ecs_group()
    shop.ecs.delete_service(cluster="shop", service="web", force=True)
    clock.advance(600)
    shop.service(controller="ECS")
    refused = deploy("web:1", check=True)
    assert refused.failed and "BLUE_GREEN" in refused.msg and not refused.writes


def test_a_primary_that_is_not_behind_the_listener_is_refused(shop: EcsShop) -> None:
    actions = [{"Type": "forward", "TargetGroupArn": shop.two}]
    shop.elbv2.modify_listener(ListenerArn=shop.production, DefaultActions=actions)
    refused = deploy(shop.revision("nginx:2"))
    assert refused.failed and "is not behind the production listener" in refused.msg and not refused.writes


def test_a_function_is_no_task_definition(shop: EcsShop) -> None:
    asked = {"function_name": "fn", "alias": "live", "target_version": "2"}
    refused = run_module("codedeploy_deployment", {**GROUP, "lambda": asked})
    assert refused.failed and "is for ECS" in refused.msg


def test_unhealthy_tasks_are_no_success(shop: EcsShop) -> None:
    """AWS looks at the tasks before the traffic moves, and not again."""
    wanted = shop.revision("nginx:2")
    deploy(wanted, wait_until="traffic_moved")
    faults.add({"kind": "target-unhealthy", "target_group": "two"})
    clock.advance(120)
    failed = deploy(wanted)
    assert failed.failed and "only 0 of 2 new tasks are running" in failed.msg
    assert failed["deployment"]["status"] == "Succeeded"


def test_steps_on_a_network_load_balancer_are_refused_before_anything_is_written(world: None) -> None:
    shop = EcsShop(CONNECTION["region"], kind="network")
    shop.ecs_group()
    refused = run_module(
        "codedeploy_deployment",
        {
            "application_name": "app",
            "deployment_group_name": "prod",
            "deployment_config_name": "CodeDeployDefault.ECSCanary10Percent5Minutes",
            "ecs": {"task_definition": shop.revision("nginx:2")},
        },
    )
    assert refused.failed and not refused.writes
    assert "CodeDeployDefault.ECSCanary10Percent5Minutes moves the traffic in steps" in refused.msg
    assert "CodeDeployDefault.ECSAllAtOnce" in refused.msg


def test_an_appspec_in_s3_is_deployed_once(shop: EcsShop) -> None:
    shop.bundle("web.yaml", data=shop.ecs_appspec(shop.revision("nginx:2")).encode())
    location = {"bucket": shop.bucket, "key": "web.yaml", "bundle_type": "YAML"}
    task = {**GROUP, "revision": {"revision_type": "S3", "s3_location": location}, "wait_delay": 60}
    done = run_module("codedeploy_deployment", task)
    assert not done.failed and shop.weights(shop.production)["two"] == 100, done.msg
    again = run_module("codedeploy_deployment", task)
    assert not again.changed and not again.writes


def test_a_task_definition_that_cannot_run_on_fargate_is_refused_before_anything_is_written(shop: EcsShop) -> None:
    container = {"name": "web", "image": "nginx:2", "memory": 128, "portMappings": [{"containerPort": 80}]}
    shop.ecs.register_task_definition(family="plain", containerDefinitions=[container])
    for check in (True, False):
        refused = run_module("codedeploy_deployment", {**GROUP, "ecs": {"task_definition": "plain"}}, check_mode=check)
        assert refused.failed and not refused.writes
        assert "the task definition plain:1 cannot run on Fargate" in refused.msg and "FARGATE" in refused.msg
