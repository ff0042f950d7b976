# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image against the emulator: what is built when, how it is followed, how it fails."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import HELLO, client, distributions, done, ingredients
from support.modules import run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_image"
PIPELINE = {"image_pipeline": "web", "wait_delay": 60}
DIRECT = {"image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web"}


@pytest.fixture(autouse=True)
def _pipeline(world: None) -> None:
    ingredients()
    done("imagebuilder_image_pipeline", {"name": "web", **DIRECT})


def operations(outcome: t.Any, name: str) -> int:
    return sum(call.operation == name for call in outcome.calls)


def test_builds_once_and_not_again() -> None:
    told = done(MODULE, PIPELINE, check_mode=True)
    assert told.changed and told.writes == [] and told["image_ids"] == {}
    assert told["reason"] == "there is no available image of image pipeline web yet"
    first = done(MODULE, PIPELINE)
    assert first.changed and not first["joined"] and first["digest"] == told["digest"]
    assert told["diff"] == first["diff"]
    assert first["image"]["state"]["status"] == "AVAILABLE"
    assert first["image"]["version"] == "1.0.0/1"
    ami = client("ec2").describe_images(ImageIds=[first["image_ids"]["eu-west-1"]])["Images"][0]
    assert ami["State"] == "available"
    again = done(MODULE, PIPELINE)
    assert not again.changed and again.writes == []
    assert again["image_ids"] == first["image_ids"]
    assert again["reason"] == "web/1.0.0/1 was built from the same inputs"


def test_builds_from_a_recipe_without_a_pipeline() -> None:
    first = done(MODULE, {**DIRECT, "tags": {"Team": "shop"}})
    assert first.changed and first["image"]["tags"]["Team"] == "shop"
    assert [call.operation for call in first.writes] == ["CreateImage"]
    assert not done(MODULE, DIRECT).changed


def test_another_document_of_a_component_is_baked_and_named() -> None:
    done(MODULE, PIPELINE)
    done("imagebuilder_component", {"name": "web", "data": HELLO.replace("echo hello", "echo goodbye")})
    told = done(MODULE, PIPELINE, check_mode=True)
    assert told["reason"] == "web/1.0.0/1 was built with another set of components"
    assert told["diff"]["before"]["components"] != told["diff"]["after"]["components"]
    assert told["diff"]["before"]["recipe"] == told["diff"]["after"]["recipe"]
    again = done(MODULE, PIPELINE)
    assert again.changed and again["image"]["version"] == "1.0.0/2"


def test_what_does_not_shape_the_image_is_not_baked() -> None:
    done(MODULE, PIPELINE)
    done("imagebuilder_infrastructure_configuration", {"name": "web", "key_pair": "ops", "description": "other"})
    assert not done(MODULE, PIPELINE).changed
    done("imagebuilder_infrastructure_configuration", {"name": "web", "instance_types": ["m7i.large"]})
    assert done(MODULE, PIPELINE, check_mode=True)["reason"].endswith("another infrastructure")


def test_a_region_that_has_no_ami_yet_is_a_reason() -> None:
    done(MODULE, PIPELINE)
    regions = distributions("eu-west-1", "us-east-1")
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": regions})
    told = done(MODULE, PIPELINE, check_mode=True)
    assert told.changed and "web/1.0.0/1 is not in us-east-1 of account 123456789012" in told["reason"]
    assert sorted(done(MODULE, PIPELINE)["image_ids"]) == ["eu-west-1", "us-east-1"]


def test_age_is_told_by_the_clock_of_the_service() -> None:
    done(MODULE, PIPELINE)
    assert not done(MODULE, {**PIPELINE, "max_age_days": 30}).changed
    clock.advance(31 * 86_400)
    told = done(MODULE, {**PIPELINE, "max_age_days": 30}, check_mode=True)
    assert told.changed and told["reason"] == "web/1.0.0/1 is 31 days old, more than 30"


def test_force_builds_again() -> None:
    done(MODULE, PIPELINE)
    assert done(MODULE, {**PIPELINE, "force": True})["reason"] == "force is set"


def test_a_build_in_flight_is_joined() -> None:
    started = done(MODULE, {**PIPELINE, "wait": False})
    assert started.changed and started["image"]["state"]["status"] != "AVAILABLE"
    told = done(MODULE, PIPELINE, check_mode=True)
    assert told["joined"] and told.writes == []
    joined = done(MODULE, PIPELINE)
    assert joined["joined"] and joined.writes == []
    assert joined["image"]["arn"] == started["image"]["arn"]
    assert joined["image"]["state"]["status"] == "AVAILABLE"


def test_a_wait_that_runs_out_keeps_the_build_and_says_so() -> None:
    outcome = run_module(MODULE, {**PIPELINE, "wait_timeout": 30})
    assert outcome.failed and "Run the task again to wait for it" in outcome.msg
    assert outcome["image"]["arn"].endswith("web/1.0.0/1")
    assert done(MODULE, PIPELINE)["joined"]


def test_a_build_that_never_ends_is_given_up_after_six_hours() -> None:
    faults.add({"kind": "build-slow", "seconds": 90_000})
    outcome = run_module(MODULE, {**PIPELINE, "wait_delay": 600})
    assert outcome.failed and "The build continues in AWS" in outcome.msg


def test_most_looks_are_one_call() -> None:
    outcome = done(MODULE, PIPELINE)
    assert operations(outcome, "GetImage") > 2 * operations(outcome, "ListWorkflowExecutions")
    assert 0 < operations(outcome, "ListWorkflowStepExecutions") <= operations(outcome, "ListWorkflowExecutions")


def test_slices_show_the_steps() -> None:
    params = {**PIPELINE, "follow": {"seconds": 60, "seen": ""}}
    lines: list[str] = []
    one = done(MODULE, params)
    assert one.changed and not one["followed"]["done"]
    while not one["followed"]["done"]:
        lines += one["followed"]["lines"]
        follow = {"id": one["followed"]["id"], "seconds": 60, "seen": one["followed"]["seen"]}
        one = done(MODULE, {**PIPELINE, "follow": follow})
        assert one.writes == []
    assert any("BUILDING: build-image" in line and "steps done" in line for line in lines)
    assert one["followed"]["lines"] == ["web/1.0.0/1 AVAILABLE"]
    assert one["image_ids"]


def test_a_failed_component_is_named_with_phase_and_step() -> None:
    faults.add({"kind": "step-fails", "component": "*", "step": "Hello", "message": "no such package"})
    outcome = run_module(MODULE, PIPELINE)
    assert outcome.failed
    for part in ("component web/1.0.0/1", "phase build", "step Hello", "no such package", "/aws/imagebuilder/web"):
        assert part in outcome.msg
    assert outcome["image"]["state"]["status"] == "FAILED"
    faults.remove()
    assert done(MODULE, PIPELINE).changed  # a failed image is not the newest available one


def test_a_cancelled_build_is_a_failure() -> None:
    started = done(MODULE, {**PIPELINE, "wait": False})
    client().cancel_image_creation(imageBuildVersionArn=started["image"]["arn"], clientToken="cancel")
    clock.advance(300)
    outcome = run_module(MODULE, {**PIPELINE, "follow": {"id": started["image"]["arn"]}})
    assert outcome.failed and "CANCELLED" in outcome.msg


def test_a_pipeline_that_is_not_there() -> None:
    outcome = run_module(MODULE, {"image_pipeline": "other"})
    assert outcome.failed and "there is no image pipeline other in eu-west-1" in outcome.msg
    told = done(MODULE, {"image_pipeline": "other"}, check_mode=True)
    assert told.changed and told["image_ids"] == {}


def test_removal_of_the_record_leaves_the_ami_and_says_so() -> None:
    built = done(MODULE, PIPELINE)
    absent = {**PIPELINE, "state": "absent"}
    told = done(MODULE, absent, check_mode=True)
    assert told.changed and told.writes == []
    gone = done(MODULE, absent)
    assert gone["removed"] == [built["image"]["arn"]] and told["diff"] == gone["diff"]
    assert [ami["image"] for ami in gone["left"]] == list(built["image_ids"].values())
    assert client("ec2").describe_images(ImageIds=list(built["image_ids"].values()))["Images"]
    assert not done(MODULE, absent).changed


def test_removal_with_the_amis_in_every_region() -> None:
    regions = distributions("eu-west-1", "us-east-1")
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": regions})
    built = done(MODULE, PIPELINE)
    gone = done(MODULE, {"image_recipe": "web", "state": "absent", "delete_resources": True})
    assert gone["left"] == [] and len(gone["deregistered"]) == 2
    for region, ami in built["image_ids"].items():
        assert client("ec2", region).describe_images(Filters=[{"Name": "image-id", "Values": [ami]}])["Images"] == []


def test_removal_by_the_service_with_an_execution_role() -> None:
    built = done(MODULE, PIPELINE)
    one = {"image_build_version_arn": "web/1.0.0/1", "state": "absent", "delete_resources": True}
    done(MODULE, {**one, "execution_role": "image-builder"})
    assert not client("ec2").describe_images(
        Filters=[{"Name": "image-id", "Values": list(built["image_ids"].values())}]
    )["Images"]
    assert not done(MODULE, {**one, "execution_role": "image-builder"}).changed


def test_an_image_that_is_being_built_is_not_removed() -> None:
    done(MODULE, {**PIPELINE, "wait": False})
    outcome = run_module(MODULE, {**PIPELINE, "state": "absent"}, check_mode=True)
    assert outcome.failed and "still being built" in outcome.msg
