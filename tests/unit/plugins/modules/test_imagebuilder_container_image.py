# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image with container recipes: built once, in the repositories of every Region, removed from there."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import client, done, ingredients
from support.modules import run_module
from support.nouns import DOCKERFILE, NOUNS

MODULE = "imagebuilder_image"
RECIPE = {**NOUNS["imagebuilder_container_recipe"], "name": "web"}
REPOSITORY = RECIPE["target_repository"]["repository_name"]
DIRECT = {"container_recipe": "web", "infrastructure_configuration": "web", "wait_delay": 600}
HERE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}"


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()
    client("ecr").create_repository(repositoryName=REPOSITORY)
    done("imagebuilder_container_recipe", RECIPE)


def distribute(*regions: str) -> None:
    target = {"target_repository": {"service": "ECR", "repository_name": REPOSITORY}, "container_tags": ["stable"]}
    entries = [{"region": region, "container_distribution_configuration": target} for region in regions]
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": entries})


def tags(region: str = "eu-west-1") -> list[str]:
    return sorted(each["imageTag"] for each in client("ecr", region).list_images(repositoryName=REPOSITORY)["imageIds"])


def test_builds_once_and_not_again() -> None:
    told = done(MODULE, DIRECT, check_mode=True)
    assert told.changed and told.writes == [] and told["image_uris"] == {}
    assert told["reason"] == "there is no available image of container recipe web/1.0.0 yet"
    first = done(MODULE, DIRECT)
    assert first.changed and first["image"]["type"] == "DOCKER" and first["image_ids"] == {}
    assert first["image_uris"] == {"eu-west-1": [f"{HERE}:1.0.0-1"]} and tags() == ["1.0.0-1"]
    again = done(MODULE, DIRECT)
    assert not again.changed and again.writes == [] and again["image_uris"] == first["image_uris"]
    done("imagebuilder_container_recipe", {"name": "web", "dockerfile_template_data": f"{DOCKERFILE}EXPOSE 80\n"})
    told = done(MODULE, DIRECT, check_mode=True)
    assert told["reason"] == "web/1.0.0/1 was built with another recipe"


def test_a_pipeline_builds_it_for_every_region() -> None:
    distribute("eu-west-1")
    configurations = {"infrastructure_configuration": "web", "distribution_configuration": "web"}
    done("imagebuilder_image_pipeline", {"name": "web", "container_recipe": "web", **configurations})
    pipeline = {"image_pipeline": "web", "wait_delay": 600}
    assert done(MODULE, pipeline).changed and not done(MODULE, pipeline).changed
    distribute("eu-west-1", "us-east-1")
    outcome = run_module(MODULE, pipeline)
    assert outcome.failed and "Region us-east-1, account 123456789012, copy FAILED: The repository" in outcome.msg
    assert "state=retried" not in outcome.msg, "AWS continues only builds of AMIs"
    client("ecr", "us-east-1").create_repository(repositoryName=REPOSITORY)
    built = done(MODULE, pipeline)
    assert built["reason"] == "web/1.0.0/1 is not in us-east-1 of account 123456789012"
    assert sorted(built["image_uris"]) == ["eu-west-1", "us-east-1"] and tags("us-east-1") == ["1.0.0-3", "stable"]


@pytest.mark.parametrize("role", [None, "image-builder"])
def test_removal_takes_the_images_along_with_a_role(role: str | None) -> None:
    arn = done(MODULE, DIRECT)["image"]["arn"]
    wanted: dict[str, t.Any] = {"container_recipe": "web", "state": "absent", "delete_resources": True}
    gone = done(MODULE, {**wanted, "execution_role": role})
    assert gone["removed"] == [arn] and tags() == ([] if role else ["1.0.0-1"])
    reasons = [each["reason"] for each in gone["left"]]
    assert reasons == ([] if role else ["execution_role is not set. Set it, or remove the image in Amazon ECR"])
    assert not done(MODULE, {**wanted, "execution_role": role}).changed
