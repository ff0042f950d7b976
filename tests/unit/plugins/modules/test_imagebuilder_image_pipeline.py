# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image_pipeline against the emulator: what a user sees, and which calls it took."""

from __future__ import annotations

import typing as t

import pytest
from moto.backends import get_backend
from support.imagebuilder import done, ingredients, life_of
from support.modules import run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_image_pipeline"
NOUN = "image_pipeline"
BASE: dict[str, t.Any] = {
    "name": "web",
    "description": "Builds web",
    "image_recipe": "web",
    "infrastructure_configuration": "web",
    "image_tags": {"cost_center": 7},
    "tags": {"Team": "shop"},
}
NIGHTLY = {"schedule_expression": "cron(0 2 * * ? *)", "pipeline_execution_start_condition": "EXPRESSION_MATCH_ONLY"}
ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012"


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def test_whole_life_with_check_mode_before_each_step() -> None:
    changed = {
        **BASE,
        "description": "",
        "distribution_configuration": "web",
        "schedule": NIGHTLY,
        "status": "DISABLED",
        "image_tests_configuration": {"image_tests_enabled": False},
        "image_tags": {},
        "tags": {"Team": "shop", "Stage": "prod"},
    }
    undone = {
        **BASE,
        "distribution_configuration": "",
        "schedule": {},
        "status": "ENABLED",
        "image_tests_configuration": {},
    }
    life_of(MODULE, NOUN, BASE, changed, undone)


def test_names_stand_for_arns_of_this_account() -> None:
    made = done(MODULE, BASE)[NOUN]
    assert made["image_recipe_arn"] == f"{ROOT}:image-recipe/web/x.x.x"
    assert made["infrastructure_configuration_arn"] == f"{ROOT}:infrastructure-configuration/web"
    pinned = done(MODULE, {"name": "web", "image_recipe": "web/1.0.x"})
    assert pinned.changed and pinned[NOUN]["image_recipe_arn"] == f"{ROOT}:image-recipe/web/1.0.x"
    assert not done(MODULE, {"name": "web", "image_recipe_arn": f"{ROOT}:image-recipe/web/1.0.x"}).changed


@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_arns_are_those_of_the_partition(region: str, partition: str) -> None:
    outcome = run_module(MODULE, {**BASE, "region": region})
    asked = [call.parameters for call in outcome.calls if call.operation == "CreateImagePipeline"]
    assert f"'arn:{partition}:imagebuilder:{region}:123456789012:image-recipe/web/x.x.x'" in str(asked)


@pytest.mark.parametrize("cron", ["cron(0 2 ? * sun)", "cron(0 2 * * * *)", "cron(0 2 ? * ? *)"])
def test_a_cron_expression_has_six_fields(cron: str) -> None:
    outcome = run_module(MODULE, {**BASE, "schedule": {"schedule_expression": cron}}, check_mode=True)
    assert outcome.failed and f"schedule_expression {cron} requires six fields" in outcome.msg


def test_an_expression_is_a_rate_or_cron() -> None:
    outcome = run_module(MODULE, {**BASE, "schedule": {"schedule_expression": "rate(1 week)"}}, check_mode=True)
    assert outcome.failed and "rate(1 week) is neither cron(...) nor rate(...)" in outcome.msg


def test_an_old_expression_that_a_pipeline_has_is_left_alone() -> None:
    made, old = done(MODULE, {**BASE, "schedule": NIGHTLY})[NOUN], {"schedule_expression": "cron(0 2 ? * sun)"}
    pipelines = get_backend("imagebuilder")["123456789012"]["eu-west-1"].resources
    pipelines[made["arn"]]["schedule"]["scheduleExpression"] = old["schedule_expression"]
    assert not done(MODULE, {**BASE, "schedule": old}).changed


def test_an_update_keeps_what_the_task_does_not_speak_of() -> None:
    """An update without status enables a pipeline, one without schedule deletes the schedule."""
    done(MODULE, {**BASE, "schedule": NIGHTLY, "status": "DISABLED"})
    after = done(MODULE, {"name": "web", "description": "other"})[NOUN]
    assert after["status"] == "DISABLED"
    assert after["schedule"]["schedule_expression"] == NIGHTLY["schedule_expression"]
    assert after["image_tags"] == {"cost_center": "7"}


def test_defaults_of_the_service_are_no_difference() -> None:
    done(MODULE, {**BASE, "schedule": {"schedule_expression": "rate(1 day)"}})
    spelled = {
        **BASE,
        "status": "ENABLED",
        "enhanced_image_metadata_enabled": True,
        "image_tests_configuration": {"image_tests_enabled": True, "timeout_minutes": 720},
        "schedule": {
            "schedule_expression": "rate(1 day)",
            "timezone": "UTC",
            "pipeline_execution_start_condition": "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE",
        },
    }
    assert not done(MODULE, spelled).changed


def test_runs_on_a_schedule_are_told_and_no_difference() -> None:
    always = {"schedule_expression": "rate(1 day)", "pipeline_execution_start_condition": "EXPRESSION_MATCH_ONLY"}
    given = {**BASE, "schedule": {**always, "auto_disable_policy": {"failure_count": 1}}}
    planned = done(MODULE, given)["image_pipeline"]["date_next_run"]
    clock.advance(1.2 * 86_400)
    ran = done(MODULE, given)
    told = ran["image_pipeline"]
    assert not ran.changed and (told["date_last_run"], told["last_run_status"]) == (planned, "AVAILABLE")
    joined = done("imagebuilder_image", {"image_pipeline": "web"}, check_mode=True)
    assert joined["reason"] == "web/1.0.0/1 has no record of its inputs", "a scheduled build does not tell them"
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance"})
    clock.advance(86_400)
    kept = done(MODULE, given)
    assert not kept.changed and kept["image_pipeline"]["status"] == "DISABLED", "only a task that says so enables it"
    assert done(MODULE, {**given, "status": "ENABLED"})["image_pipeline"]["consecutive_failures"] == 0


def test_it_cannot_go_from_images_to_containers() -> None:
    done(MODULE, BASE)
    outcome = run_module(MODULE, {"name": "web", "container_recipe": "web"}, check_mode=True)
    assert outcome.failed and "container_recipe_arn" in outcome.msg and "state=absent" in outcome.msg


def test_a_new_one_names_what_it_needs() -> None:
    outcome = run_module(MODULE, {"name": "other"}, check_mode=True)
    assert outcome.failed
    assert "a new image pipeline requires image_recipe_arn and infrastructure_configuration_arn" in outcome.msg


def test_what_is_no_name_is_refused_before_anything_is_asked() -> None:
    outcome = run_module(MODULE, {**BASE, "image_recipe": "web/one"})
    assert outcome.failed and "'web/one' is neither an ARN nor a valid" in outcome.msg
    assert outcome.writes == []
