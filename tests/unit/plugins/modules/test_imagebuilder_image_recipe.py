# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image_recipe against the emulator: versions, parents, pipelines that follow, removal."""

from __future__ import annotations

import base64
import typing as t

import pytest
from support.imagebuilder import HELLO, PARENT, client, done, instance_profile
from support.modules import four_steps, run_module

MODULE = "imagebuilder_image_recipe"
BASE: dict[str, t.Any] = {
    "name": "web",
    "description": "Web servers",
    "parent_image": PARENT,
    "components": [{"component": "hello"}, {"component_arn": "aws:update-linux"}],
    "block_device_mappings": [
        {"device_name": "/dev/xvda", "ebs": {"volume_size": 20, "volume_type": "gp3", "encrypted": True}},
        {"device_name": "/dev/sdb", "no_device": True},
    ],
    "ami_tags": {"cost_center": 7},
    "tags": {"Team": "shop"},
}
CHANGED = {**BASE, "components": [{"component": "hello"}], "ami_tags": {"cost_center": 7, "Purpose": "web"}}
ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012:image-recipe/web"


@pytest.fixture(autouse=True)
def _component(world: None) -> None:
    done("imagebuilder_component", {"name": "hello", "platform": "Linux", "data": HELLO})


def test_changed_content_gives_exactly_one_new_version() -> None:
    told, made, told_again, again = four_steps(MODULE, BASE)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert made["image_recipe"]["arn"] == f"{ROOT}/1.0.0" and made["image_recipe"]["tags"] == {"Team": "shop"}
    assert made["image_recipe"]["ami_tags"] == {"cost_center": "7"}
    assert [call.operation for call in again.calls if call.service == "imagebuilder"] == ["GetImageRecipe"]
    told, made, told_again, again = four_steps(MODULE, CHANGED)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert made["image_recipe"]["arn"] == f"{ROOT}/1.0.1"
    assert [call.operation for call in made.writes] == ["CreateImageRecipe"]
    assert done(MODULE, BASE)["image_recipe"]["arn"] == f"{ROOT}/1.0.2"  # change undone: content of its own again
    told, gone, told_again, again = four_steps(MODULE, {"name": "web", "state": "absent"})
    assert [each.changed for each in (told, gone, told_again, again)] == [True, True, False, False]
    assert told["diff"] == gone["diff"] and len(gone["removed"]) == 3


def test_order_of_devices_means_nothing_and_order_of_components_does() -> None:
    done(MODULE, BASE)
    assert not done(MODULE, {**BASE, "block_device_mappings": BASE["block_device_mappings"][::-1]}).changed
    assert done(MODULE, {**BASE, "components": BASE["components"][::-1]}).changed


def test_what_is_not_given_is_taken_from_the_version_before() -> None:
    done(MODULE, BASE)
    made = done(MODULE, {"name": "web", "working_directory": "/var/tmp"})
    assert made.changed and made["image_recipe"]["ami_tags"] == {"cost_center": "7"}
    assert (
        made["image_recipe"]["parent_image"] == "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x"
    )
    assert not done(MODULE, {"name": "web", "working_directory": "/var/tmp"}).changed


def test_a_fixed_version_cannot_take_other_content() -> None:
    done(MODULE, {**BASE, "semantic_version": "2.0.0"})
    assert not done(MODULE, {**BASE, "semantic_version": "2.0.0"}).changed
    outcome = run_module(MODULE, {**CHANGED, "semantic_version": "2.0.0"}, check_mode=True)
    assert outcome.failed and "ami_tags, components" in outcome.msg and "2.0.x" in outcome.msg
    assert done(MODULE, CHANGED)["image_recipe"]["arn"] == f"{ROOT}/2.0.1"
    assert done(MODULE, {**CHANGED, "semantic_version": "1.0.x"})["image_recipe"]["arn"] == f"{ROOT}/1.0.0"


def test_tags_change_in_place() -> None:
    done(MODULE, BASE)
    retagged = done(MODULE, {**BASE, "tags": {"Stage": "prod"}, "purge_tags": False})
    assert [call.operation for call in retagged.writes] == ["TagResource"]
    assert retagged["image_recipe"]["tags"] == {"Team": "shop", "Stage": "prod"}


def pipelines() -> None:
    instance_profile()
    done("imagebuilder_infrastructure_configuration", {"name": "web", "instance_profile_name": "image-builder"})
    for name, recipe in (("pinned", "web/1.0.0"), ("following", "web")):
        params = {"name": name, "image_recipe": recipe, "infrastructure_configuration": "web", "status": "DISABLED"}
        done("imagebuilder_image_pipeline", params)


def recipe_of(pipeline: str) -> dict[str, t.Any]:
    arn = f"arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/{pipeline}"
    return dict(client().get_image_pipeline(imagePipelineArn=arn)["imagePipeline"])


def test_pipelines_on_just_the_version_before_go_on_to_the_new_one() -> None:
    done(MODULE, BASE)
    pipelines()
    made = done(MODULE, CHANGED)
    assert [call.operation for call in made.writes] == ["CreateImageRecipe", "UpdateImagePipeline"]
    assert recipe_of("pinned")["imageRecipeArn"] == f"{ROOT}/1.0.1"
    assert recipe_of("pinned")["status"] == "DISABLED"
    assert recipe_of("following")["imageRecipeArn"] == f"{ROOT}/x.x.x"


def test_pipelines_stay_when_asked_to() -> None:
    done(MODULE, BASE)
    pipelines()
    done(MODULE, {**CHANGED, "repoint_pipelines": False})
    assert recipe_of("pinned")["imageRecipeArn"] == f"{ROOT}/1.0.0"


def test_versions_in_use_are_kept_and_named() -> None:
    done(MODULE, BASE)
    pipelines()
    done(MODULE, {**CHANGED, "repoint_pipelines": False})
    done(MODULE, {**BASE, "repoint_pipelines": False})
    one = run_module(MODULE, {"name": "web", "semantic_version": "1.0.0", "state": "absent"})
    assert one.failed and "used by image pipeline pinned" in one.msg
    told, gone = (done(MODULE, {"name": "web", "state": "absent"}, check_mode=check) for check in (True, False))
    assert told["removed"] == gone["removed"] == [f"{ROOT}/1.0.1"]
    assert gone["kept"] == [
        {"arn": f"{ROOT}/1.0.2", "reason": "used by image pipeline following"},
        {"arn": f"{ROOT}/1.0.0", "reason": "used by image pipeline pinned"},
    ]


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        ("ami-0123456789abcdef0", "the AMI ami-0123456789abcdef0 is not in eu-west-1"),
        ("ssm:/no/such/parameter", "there is no SSM parameter /no/such/parameter in eu-west-1"),
        (
            "aws:amazon-linux-1923-x86",
            "no available image in eu-west-1 matches arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-1923-x86",
        ),
        ("self:base/1.x.x", "image/base/1.x.x. Use"),
        ("ubuntu", "ubuntu is not a valid parent image"),
    ],
)
def test_an_unknown_parent_is_refused_before_anything_is_written(parent: str, said: str) -> None:
    for check_mode in (True, False):
        outcome = run_module(MODULE, {**BASE, "parent_image": parent}, check_mode=check_mode)
        assert outcome.failed and said in outcome.msg and "Use the id of an AMI" in outcome.msg
        assert outcome.writes == []


def test_a_parent_by_parameter() -> None:
    ami = "ami-12c6146b"  # one of the public ones
    client("ssm").put_parameter(Name="/base/ami", Value=ami, Type="String")
    made = done(MODULE, {"name": "web", "parent_image": "ssm:/base/ami"})
    assert made["image_recipe"]["parent_image"] == "ssm:/base/ami"
    client("ssm").put_parameter(Name="/base/ami", Value="ami-0123456789abcdef0", Type="String", Overwrite=True)
    assert not done(MODULE, {"name": "web", "parent_image": "ssm:/base/ami"}).changed  # looked at only when it changes


def test_a_parent_by_a_version_of_a_parameter() -> None:
    for value in ("ami-12c6146b", "ami-0123456789abcdef0"):
        client("ssm").put_parameter(Name="/base/pinned", Value=value, Type="String", Overwrite=True)
    made = done(MODULE, {"name": "pinned", "parent_image": "ssm:/base/pinned:1"})
    assert made["image_recipe"]["parent_image"] == "ssm:/base/pinned:1"
    outcome = run_module(MODULE, {"name": "lost", "parent_image": "ssm:/base/pinned:2"})
    assert outcome.failed and "ami-0123456789abcdef0" in outcome.msg


def test_a_new_one_needs_a_parent() -> None:
    outcome = run_module(MODULE, {"name": "web"}, check_mode=True)
    assert outcome.failed and "a new recipe requires parent_image" in outcome.msg


SCRIPT = "#!/bin/bash\nmkdir -p /var/bb/\n"
ENCODED = base64.b64encode(SCRIPT.encode()).decode()


def with_user_data(text: str) -> dict[str, t.Any]:
    return {"name": "web", "parent_image": PARENT, "additional_instance_configuration": {"user_data_override": text}}


@pytest.mark.parametrize("text", [SCRIPT, ENCODED, f"{ENCODED}\n"])
def test_user_data_is_text_or_base64(text: str) -> None:
    told, made, told_again, again = four_steps(MODULE, with_user_data(text))
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    live = client().get_image_recipe(imageRecipeArn=made["image_recipe"]["arn"])["imageRecipe"]
    assert live["additionalInstanceConfiguration"]["userDataOverride"] == ENCODED


def test_text_and_its_base64_are_the_same_user_data() -> None:
    done(MODULE, with_user_data(ENCODED))
    assert not done(MODULE, with_user_data(SCRIPT)).changed
    assert done(MODULE, with_user_data(f"{SCRIPT}touch /var\n")).changed


@pytest.mark.parametrize("encode", [str, lambda text: base64.b64encode(text.encode()).decode()])
@pytest.mark.parametrize("check_mode", [True, False])
def test_too_much_user_data_is_refused(encode: t.Callable[[str], str], check_mode: bool) -> None:
    refused = run_module(MODULE, with_user_data(encode("#!" + "x" * 16_383)), check_mode=check_mode)
    assert refused.failed and "user_data_override has 16385 bytes, but AWS accepts at most 16 KB" in refused.msg
    assert refused.writes == []
    assert done(MODULE, with_user_data(encode("#!" + "x" * 16_381))).changed or check_mode
