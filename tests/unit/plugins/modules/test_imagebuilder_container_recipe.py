# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_container_recipe against the emulator: versions, what AWS does not tell, templates of S3, removal."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import client, done, ingredients
from support.modules import four_steps, run_module
from support.nouns import DOCKERFILE, NOUNS

MODULE = "imagebuilder_container_recipe"
BASE: dict[str, t.Any] = {**NOUNS[MODULE], "name": "Web Image", "description": "A web server", "tags": {"Team": "shop"}}
CHANGED = {**BASE, "dockerfile_template_data": f"{DOCKERFILE}EXPOSE 80\n"}
ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/web-image"
NAMED = {"name": "web-image", "state": "absent"}


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def test_changed_content_gives_exactly_one_new_version() -> None:
    told, made, told_again, again = four_steps(MODULE, BASE)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert made["container_recipe"]["arn"] == f"{ROOT}/1.0.0"
    assert made["container_recipe"]["container_type"] == "DOCKER"
    told, made, told_again, again = four_steps(MODULE, CHANGED)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert [call.operation for call in made.writes] == ["CreateContainerRecipe"]
    assert made["container_recipe"]["arn"] == f"{ROOT}/1.0.1"
    told, gone, told_again, again = four_steps(MODULE, NAMED)
    assert [each.changed for each in (told, gone, told_again, again)] == [True, True, False, False]
    assert gone["removed"] == [f"{ROOT}/1.0.1", f"{ROOT}/1.0.0"]


def test_what_aws_does_not_tell_makes_no_version_by_itself() -> None:
    given = {**BASE, "platform_override": "Linux", "image_os_version_override": "Amazon Linux"}
    done(MODULE, given)
    assert not done(MODULE, given).changed
    assert not done(MODULE, {**given, "image_os_version_override": "Amazon Linux 2023"}).changed
    assert not done(MODULE, {"name": "Web Image", "platform_override": "Linux"}).changed
    other = done(MODULE, {"name": "Web Image", "description": "Other", "platform_override": "Linux"})
    assert other.changed and other["container_recipe"]["dockerfile_template_data"] == DOCKERFILE


def test_a_template_of_s3_is_compared_by_its_text() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="templates", Key="Dockerfile", Body=DOCKERFILE.encode())
    stored = {key: value for key, value in BASE.items() if key != "dockerfile_template_data"}
    stored["dockerfile_template_uri"] = "s3://templates/Dockerfile"
    assert done(MODULE, stored).changed and not done(MODULE, stored).changed
    assert not done(MODULE, BASE).changed
    s3.put_object(Bucket="templates", Key="Dockerfile", Body=f"{DOCKERFILE}EXPOSE 80\n".encode())
    assert done(MODULE, stored).changed and not done(MODULE, CHANGED).changed


def test_a_pipeline_goes_on_to_the_new_version() -> None:
    done(MODULE, BASE)
    pipeline = {"name": "web", "container_recipe": "web-image/1.0.0", "infrastructure_configuration": "web"}
    done("imagebuilder_image_pipeline", pipeline)
    changed = done(MODULE, CHANGED)
    assert [call.operation for call in changed.writes] == ["CreateContainerRecipe", "UpdateImagePipeline"]
    kept = done(MODULE, NAMED)
    assert kept["removed"] == [f"{ROOT}/1.0.0"]
    assert kept["kept"] == [{"arn": f"{ROOT}/1.0.1", "reason": "used by image pipeline web"}]
    fixed = run_module(MODULE, {**BASE, "semantic_version": "1.0.1"})
    assert fixed.failed and "AWS cannot change dockerfile_template_data of an existing version" in fixed.msg


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"name": "new", "parent_image": "web"}, "requires target_repository and dockerfile_template_data"),
        (
            {**BASE, "components": [{"component_arn": "aws:update-windows"}, {"component_arn": "web"}]},
            "only one platform",
        ),
        ({**BASE, "semantic_version": "newest"}, "semantic_version 'newest' is not valid"),
    ],
)
def test_what_is_refused(params: dict[str, t.Any], text: str) -> None:
    outcome = run_module(MODULE, params, check_mode=True)
    assert outcome.failed and text in outcome.msg
