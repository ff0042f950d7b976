# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image_distribution against the emulator: what is there goes elsewhere once, is joined, and is retried."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import client, distributions, done, ingredients
from support.modules import CONNECTION, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_image_distribution"
HOME, FAR = CONNECTION["region"], "us-east-1"
PROMOTION = {"distribution_configuration": "far", "execution_role": "image-builder", "wait_delay": 60}
WEB = {"source_image": "web", **PROMOTION}
OWN = {"region": FAR, "account_id": "123456789012", "image_id": None}


@pytest.fixture(autouse=True)
def image_id(world: None) -> str:
    """The AMI of an image that was built for one Region, and a configuration for another."""
    ingredients()
    goes_to(HOME, FAR)
    direct = {"image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web"}
    built = done("imagebuilder_image", {**direct, "wait": False})
    clock.advance(3600)
    made = client().get_image(imageBuildVersionArn=built["image"]["arn"])["image"]["outputResources"]["amis"]
    return str(made[0]["image"])


def goes_to(*regions: str) -> None:
    done("imagebuilder_distribution_configuration", {"name": "far", "distributions": distributions(*regions)})


def operations(outcome: t.Any) -> list[str]:
    return [call.operation for call in outcome.calls if call.service == "imagebuilder"]


def test_an_image_goes_to_a_region_once(image_id: str) -> None:
    told, did = done(MODULE, WEB, check_mode=True), done(MODULE, WEB)
    assert told.writes == [] and told.changed and told["diff"] == did["diff"]
    assert told["reason"] == "web is not in us-east-1 of account 123456789012"
    assert told["places"] == [{**OWN, "region": HOME, "image_id": image_id}, OWN]
    assert did["image"]["state"]["status"] == "AVAILABLE" and sorted(did["image_ids"]) == [HOME, FAR]
    assert did["image_ids"][HOME] == image_id
    again = done(MODULE, WEB)
    assert not again.changed and again.writes == [] and again["image"]["arn"] == did["image"]["arn"]
    assert again["places"][1]["image_id"] == did["image_ids"][FAR]
    assert again["diff"]["before"] == again["diff"]["after"] == did["diff"]["after"]
    assert len(operations(again)) == 3


def test_what_was_built_so_is_not_distributed() -> None:
    outcome = done(MODULE, {**WEB, "distribution_configuration": "web"})
    assert not outcome.changed and outcome["reason"] == "web/1.0.0/1 has been distributed so"


@pytest.mark.parametrize("form", ["ami", "ssm", "build"])
def test_the_same_image_by_another_name_is_the_same(image_id: str, form: str) -> None:
    client("ssm").put_parameter(Name="/golden/web", Value=image_id, Type="String")
    named = {"ami": image_id, "ssm": "ssm:/golden/web", "build": "web/1.0.0/1"}[form]
    first = done(MODULE, {**WEB, "source_image": named, "tags": {"Stage": 4}})
    assert first.changed and first["image"]["tags"]["Stage"] == "4"
    assert not done(MODULE, {**WEB, "source_image": image_id}).changed


def test_a_changed_configuration_is_a_reason_and_force_another() -> None:
    done(MODULE, WEB)
    shared = [{**one, "ami_distribution_configuration": {"name": "web {{ imagebuilder:buildDate }}", "launch_permission": {"user_ids": ["210987654321"]}}}
              for one in distributions(HOME, FAR)]  # fmt: skip
    done("imagebuilder_distribution_configuration", {"name": "far", "distributions": shared})
    told = done(MODULE, WEB, check_mode=True)
    assert told.changed and told["reason"] == "web has not been distributed by far as it is now"
    assert done(MODULE, WEB).changed and not done(MODULE, WEB).changed
    assert done(MODULE, {**WEB, "force": True}, check_mode=True)["reason"] == "force is set"


def test_a_distribution_is_joined_and_followed() -> None:
    started = done(MODULE, {**WEB, "wait": False})
    assert started["image"]["state"]["status"] == "PENDING"
    slices = {"seconds": 60, "seen": ""}
    joined = done(MODULE, {**WEB, "follow": slices})
    assert joined["joined"] and joined.writes == [] and joined["image"]["arn"] == started["image"]["arn"]
    follow = {**slices, "id": joined["followed"]["id"], "seconds": 3600, "seen": joined["followed"]["seen"]}
    lines = done(MODULE, {**WEB, "follow": follow})["followed"]["lines"]
    assert any("DISTRIBUTING: distribute-image, " in line for line in lines)


def test_a_region_that_failed_is_named_and_retried() -> None:
    faults.add({"kind": "distribution-fails", "region": FAR, "message": "snapshot limit exceeded", "times": 1})
    failed = run_module(MODULE, WEB)
    assert failed.failed and f"Region {FAR}, account 123456789012, copy FAILED: snapshot limit exceeded" in failed.msg
    told = done(MODULE, WEB, check_mode=True)
    assert told["reason"].endswith("is FAILED, so its distribution is retried")
    did = done(MODULE, WEB)
    assert did.changed and did["image"]["arn"] == failed["image"]["arn"] and FAR in did["image_ids"]
    assert [call.operation for call in did.writes] == ["RetryImage"]


def test_a_distribution_is_no_build(image_id: str) -> None:
    """Nothing tells from what a distributed image was built, so it must not make a pipeline bake again."""
    done(MODULE, WEB)
    direct = {"image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web"}
    again = done("imagebuilder_image", direct, check_mode=True)
    assert not again.changed and again["image_ids"] == {HOME: image_id}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"source_image": "none"}, "there is no image none/x.x.x in eu-west-1"),
        ({"source_image": "ami-0123456789abcdef0"}, "source_image: the AMI ami-0123456789abcdef0 is not in eu-west-1"),
        ({"source_image": "ssm:/none"}, "source_image: there is no SSM parameter /none in eu-west-1"),
        ({"distribution_configuration": "none"}, "there is no distribution configuration none in eu-west-1"),
    ],
)
def test_what_is_not_there_is_named(options: dict[str, str], why: str) -> None:
    outcome = run_module(MODULE, {**WEB, **options})
    assert outcome.failed and outcome.msg.startswith("Failed to distribute the image ") and why in outcome.msg
    assert outcome.writes == []


def test_check_mode_bears_what_earlier_tasks_would_create() -> None:
    told = done(MODULE, {**WEB, "distribution_configuration": "none"}, check_mode=True)
    assert told.changed and told["image_ids"] == {} and "no distribution configuration none" in told["reason"]
    assert told["source"]["arn"].endswith(":image/web/1.0.0/1")
    assert done(MODULE, {**WEB, "source_image": "none"}, check_mode=True)["source"] == {}


def test_an_image_that_has_not_passed_is_refused(image_id: str) -> None:
    for source in ("web", image_id):
        outcome = run_module(MODULE, {**WEB, "source_image": source, "required_tags": {"Approved": True}})
        assert (
            outcome.failed
            and "does not have the required tags Approved. Tag the image when it has passed" in outcome.msg
        )
        assert outcome.writes == []
    client().tag_resource(resourceArn=done(MODULE, WEB, check_mode=True)["source"]["arn"], tags={"Approved": "True"})
    assert done(MODULE, {**WEB, "required_tags": {"Approved": True}}).changed


def test_an_image_that_is_not_available_is_refused() -> None:
    done("imagebuilder_image", {"image_build_version_arn": "web/1.0.0/1", "state": "disabled"})
    outcome = run_module(MODULE, {**WEB, "source_image": "web/1.0.0/1"}, check_mode=True)
    assert outcome.failed and "web/1.0.0/1 is DISABLED, and AWS distributes only available images" in outcome.msg
