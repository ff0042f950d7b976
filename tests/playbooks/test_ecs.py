# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of ECS that somebody made, as users deploy to it: by playbooks. One story, in order."""

from __future__ import annotations

import typing as t

import pytest
from support.awx import Awx
from support.ecs_served import NAMES, group_of, served
from support.ecs_shop import EcsWorld
from support.plays import Emulator, Player


@pytest.fixture(scope="module")
def world(account: Emulator) -> t.Iterator[EcsWorld]:
    with pytest.MonkeyPatch.context() as patch:
        yield served(account, patch)


@pytest.fixture(scope="module")
def given(world: EcsWorld) -> dict[str, t.Any]:
    return group_of(world)


def serves(world: EcsWorld) -> tuple[str, dict[str, int]]:
    primary = next(one for one in world.described()["taskSets"] if one["status"] == "PRIMARY")
    return primary["taskDefinition"].rpartition("/")[2], world.weights(world.production)


def test_a_service_is_checked_before_anything_is_made(play: Player, given: dict[str, t.Any]) -> None:
    wrong = {**given, "slipway_image": "nginx:2", "slipway_service": "wab", "ecs_deployment_target_groups": "one,three"}
    failed = play("slipway.aws.deploy_ecs", wrong, code=2)
    assert not failed.writes and failed.published["slipway_verdict"] == "not_ready"
    assert "There is no service wab in the cluster shop" in failed.output


def test_an_image_is_deployed_in_steps_and_only_once(play: Player, world: EcsWorld, given: dict[str, t.Any]) -> None:
    release = {**given, "slipway_image": "nginx:2"}
    foretold = play("slipway.aws.deploy_ecs", release, check=True)
    assert not foretold.writes and "Would deploy a new revision of web to the service web" in foretold.output
    done = play("slipway.aws.deploy_ecs", {**release, "ecs_deployment_wait_until": "traffic_moved"})
    assert done.our_writes == [
        "CreateApplication",
        "CreateDeploymentGroup",
        "RegisterTaskDefinition",
        "CreateDeployment",
    ]
    assert serves(world) == ("web:2", {"one": 0, "two": 100}) and "new tasks: 2 of 2 running" in done.output
    assert done.published["slipway_verdict"] == "deployed" and done.published["slipway_task_definition"].endswith(
        "web:2"
    )
    again = play("slipway.aws.deploy_ecs", {**release, "ecs_deployment_wait_until": "traffic_moved"})
    assert not again.writes and again.published["slipway_verdict"] == "already live"


def test_the_names_of_the_group_are_enough(play: Player, account: Emulator, world: EcsWorld) -> None:
    """Nothing that somebody set in the group is changed by a play that does not name it."""
    codedeploy = account.client("codedeploy")
    named = {"applicationName": "shop", "deploymentGroupName": "web"}
    codedeploy.update_deployment_group(
        applicationName="shop",
        currentDeploymentGroupName="web",
        alarmConfiguration={"enabled": False, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}]},
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"]},
    )
    before = codedeploy.get_deployment_group(**named)["deploymentGroupInfo"]
    retired = {**NAMES, "slipway_image": "nginx:2", "ecs_deployment_retire": "true"}
    assert play("slipway.aws.deploy_ecs", retired).our_writes in (["ContinueDeployment"], [])
    after = codedeploy.get_deployment_group(**named)["deploymentGroupInfo"]
    assert {name: after[name] for name in before if not name.startswith("last")} == {
        name: before[name] for name in before if not name.startswith("last")
    }
    changed = {**retired, "ecs_deployment_task_definition": "web:1", "slipway_image": ""}
    foretold = play("slipway.aws.deploy_ecs", {**changed, "ecs_deployment_manage_group": "false"}, check=True)
    assert not foretold.writes and "web:2 -> web:1" in foretold.output
    assert "10 % at once, 100 % after 5 minutes" in foretold.output


def test_a_bad_image_is_rolled_back_and_its_tasks_are_named(play: Player, account: Emulator, world: EcsWorld) -> None:
    account.control(
        "faults", kind="task-fails-to-start", image="nginx:none", message="CannotPullContainerError: nginx:none"
    )
    bad = {**NAMES, "slipway_image": "nginx:none", "ecs_deployment_wait_delay": 1}
    failed = play("slipway.aws.deploy_ecs", bad, code=2)
    account.control("faults", "DELETE")
    assert failed.published["slipway_verdict"] == "rolled back" and serves(world)[0] == "web:2"
    assert "A task stopped: CannotPullContainerError" in failed.output and "Rolled back to web:2" in failed.output


def test_awx_shows_the_plan_and_hands_on_what_was_deployed(play: Player, world: EcsWorld) -> None:
    """With a session token under the name that AWX gives it, and the empty answers of a survey."""
    keys = {
        "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "emulated",
        "AWS_SECURITY_TOKEN": "emulated-token",
    }
    dictionaries = ("task_definition_options", "settings", "hooks", "traffic_routing", "group_options", "options")
    answers = {
        **NAMES, **{f"ecs_deployment_{name}": "" for name in (*dictionaries, "alarms", "termination_wait")},
        "slipway_image": "nginx:4", "slipway_tags": "", "ecs_deployment_retire": "true", "ecs_deployment_wait_delay": "1",
    }  # fmt: skip
    awx = Awx(play, answers, {**keys, "AWS_ENDPOINT_URL": play.emulator.address})
    foretold = awx.run("slipway.aws.deploy_ecs", "--check")
    assert not foretold.writes and "Would deploy a new revision of web to the service web" in foretold.output
    done = awx.run("slipway.aws.deploy_ecs")
    handed_on = done.result("Publish the facts as stats")["ansible_stats"]["data"]
    assert handed_on["slipway_verdict"] == "deployed"
    assert handed_on["slipway_task_definition"].rpartition("/")[2] == serves(world)[0] != "web:2"


def test_a_release_is_rolled_back_by_a_playbook_once(play: Player, world: EcsWorld) -> None:
    done = play("slipway.aws.rollback", {**NAMES, "ecs_deployment_wait_until": "traffic_moved"})
    assert done.published["slipway_verdict"] == "rolled back" and serves(world)[0] == "web:2"
    assert any(said.startswith("Going back: ") and "web:2 served before" in said for said in done.messages)
    again = play("slipway.aws.rollback_ecs", {**NAMES, "ecs_deployment_wait_until": "traffic_moved"})
    assert not again.writes
