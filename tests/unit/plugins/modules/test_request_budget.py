# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it costs to ask for what is there already: at most two calls, three with tags, and no write among them."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from support.imagebuilder import client, done, ingredients
from support.nouns import NOUNS, TRUST, UNTAGGED

MODULES = Path(__file__).parents[4] / "plugins" / "modules"


@pytest.fixture(autouse=True)
def _surroundings(world: None) -> None:
    client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    done("codedeploy_application", {"name": "shop"})
    ingredients()


def costs(noun: str, asked: dict[str, t.Any]) -> list[str]:
    """The calls of a run that finds everything as asked."""
    done(noun, asked)
    again = done(noun, asked)
    assert not again.changed
    assert again.writes == []
    return [call.operation for call in again.calls]


def test_every_noun_has_its_budget() -> None:
    named = {path.stem for path in MODULES.glob("*.py")}
    assert set(NOUNS) == {name.removesuffix("_info") for name in named if name.endswith("_info")} - {
        "autoscaling_group_settings",
        "codedeploy_census",
        "codedeploy_deployment",
        "codedeploy_fleet",
        "codedeploy_revision",
        "iam_host_role",
        "imagebuilder_image",
        "imagebuilder_image_use",
        "imagebuilder_workflow_step",
        "ssm_distributor_package",
        "ssm_managed_node",
        "ssm_package_fleet",
    }


@pytest.mark.parametrize("noun", NOUNS)
def test_an_unchanged_noun_costs_two_calls_at_most(noun: str) -> None:
    assert 1 <= len(costs(noun, NOUNS[noun])) <= 2


@pytest.mark.parametrize("noun", sorted(set(NOUNS) - UNTAGGED))
def test_an_unchanged_noun_with_tags_costs_three_calls_at_most(noun: str) -> None:
    assert 1 <= len(costs(noun, {**NOUNS[noun], "tags": {"Team": "shop", "cost_center": 7}})) <= 3
