# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The _info modules of Image Builder against the emulator: by name, by filter, all pages, never a write."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import HELLO, PARENT_ARN, client, done, ingredients
from support.modules import run_module
from support.nouns import NOUNS as EVERY_NOUN

NOUNS = [
    *("component", "image_recipe", "infrastructure_configuration", "distribution_configuration", "image_pipeline"),
    *("lifecycle_policy", "container_recipe"),
]
ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012"


@pytest.fixture(autouse=True)
def _everything(world: None) -> None:
    ingredients()
    done("imagebuilder_image_pipeline", {"name": "web", "image_recipe": "web", "infrastructure_configuration": "web"})
    for noun in ("imagebuilder_lifecycle_policy", "imagebuilder_container_recipe"):
        done(noun, {**EVERY_NOUN[noun], "name": "web"})


def info(noun: str, **params: t.Any) -> list[dict[str, t.Any]]:
    outcome = done(f"imagebuilder_{noun}_info", params, check_mode=True)
    assert not outcome.changed and outcome.writes == []
    return list(outcome[f"{noun}s".replace("ys", "ies")])


@pytest.mark.parametrize("noun", NOUNS)
def test_one_by_name_by_arn_and_by_filter(noun: str) -> None:
    (one,) = info(noun, name="web")
    assert one["name"] == "web"
    assert info(noun, name=one["arn"]) == [one]
    assert [each["name"] for each in info(noun, filters={"name": "web"})] == ["web"]
    assert info(noun, filters={"name": ["w*"]}) == info(noun)
    assert info(noun, name="other") == [] == info(noun, filters={"name": "other"})


def test_asked_for_by_name_it_comes_whole() -> None:
    assert info("component", name="web")[0]["data"] == HELLO
    assert info("component", name="web/1.0.x")[0]["arn"] == f"{ROOT}:component/web/1.0.0/1"
    assert info("image_recipe", name="web")[0]["components"] == [{"component_arn": f"{ROOT}:component/web/x.x.x"}]
    assert info("distribution_configuration")[0]["regions"] == ["eu-west-1"]


def test_all_pages_are_read() -> None:
    for number in range(30):
        client().create_image_recipe(name=f"recipe-{number:02}", semanticVersion="1.0.0", parentImage=PARENT_ARN)
    assert len(info("image_recipe", filters={"name": "recipe-*"})) == 30


def test_filters_in_either_case() -> None:
    by_recipe = {"image_recipe_arn": f"{ROOT}:image-recipe/web/x.x.x"}
    assert [each["name"] for each in info("image_pipeline", filters=by_recipe)] == ["web"]
    assert info("image_pipeline", filters={"imageRecipeArn": "other"}) == []


def test_an_unknown_filter_is_said() -> None:
    outcome = run_module("imagebuilder_image_pipeline_info", {"filters": {"colour": "red"}})
    assert outcome.failed and "colour" in outcome.msg


def test_what_amazon_has() -> None:
    names = {each["name"] for each in info("component", owner="Amazon", by_name=True, filters={"platform": "Linux"})}
    assert "aws-codedeploy-agent-linux" in names
    assert "amazon-linux-2023-x86" in {each["name"] for each in info("image", owner="Amazon", by_name=True)}


def test_images() -> None:
    assert info("image") == [] == info("image", image_pipeline="web")
    arn = done("imagebuilder_image", {"image_pipeline": "web"})["image"]["arn"]
    assert [each["arn"] for each in info("image")] == [arn]
    assert [each["arn"] for each in info("image", image_pipeline="web")] == [arn]
    assert info("image", name="web")[0]["arn"] == info("image", name="web/1.0.0/1")[0]["arn"] == arn
    assert info("image", name="web")[0]["output_resources"]["amis"][0]["region"] == "eu-west-1"
