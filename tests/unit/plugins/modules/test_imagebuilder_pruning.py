# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`retain` and `prune` of components, recipes and workflows against the emulator: only what nothing uses goes."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import APPROVED, HELLO, client, done, ingredients
from support.modules import run_module

from slipway_emulator.clock import clock

COMPONENT, RECIPE, WORKFLOW = "imagebuilder_component", "imagebuilder_image_recipe", "imagebuilder_workflow"


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def hello(word: str) -> dict[str, t.Any]:
    return {"name": "app", "platform": "Linux", "data": HELLO.replace("hello", word)}


def tails(arns: t.Iterable[str]) -> list[str]:
    return [arn.rpartition(":")[2].partition("/")[2] for arn in arns]


def kept(outcome: t.Any) -> dict[str, str]:
    return {tails([one["arn"]])[0]: one["reason"] for one in outcome["used_versions"]}


def test_old_builds_of_a_component_are_told_and_then_deleted() -> None:
    for word in ("one", "two", "three"):
        done(COMPONENT, hello(word))
    done(
        RECIPE,
        {"name": "shop", "parent_image": "aws:amazon-linux-2023-x86", "components": [{"component": "app/1.0.0/2"}]},
    )
    told = done(COMPONENT, {**hello("three"), "retain": 1})
    assert not told.changed and told.writes == [] and not told["pruned"]
    assert tails(told["unused_versions"]) == ["app/1.0.0/1"]
    assert kept(told) == {"app/1.0.0/2": "used by image recipe shop/1.0.0"}
    pruned = {**hello("three"), "retain": 1, "prune": True}
    foretold, did = done(COMPONENT, pruned, check_mode=True), done(COMPONENT, pruned)
    assert foretold.changed and foretold.writes == [] and foretold["diff"] == did["diff"]
    assert did.changed and did["diff"]["before"]["unused_versions"] == ["app/1.0.0/1"]
    assert [call.operation for call in did.writes] == ["DeleteComponent"]
    again = done(COMPONENT, pruned)
    assert not again.changed and again["unused_versions"] == [] and list(kept(again)) == ["app/1.0.0/2"]


def test_the_version_that_a_run_creates_counts_among_the_newest() -> None:
    for word in ("one", "two"):
        done(COMPONENT, hello(word))
    third = {**hello("three"), "retain": 2, "prune": True}
    told, did = done(COMPONENT, third, check_mode=True), done(COMPONENT, third)
    assert tails(told["unused_versions"]) == tails(did["unused_versions"]) == ["app/1.0.0/1"]
    first = done(COMPONENT, {**hello("one"), "name": "new", "retain": 1, "prune": True}, check_mode=True)
    assert first["unused_versions"] == [] and first.changed


def test_a_version_that_the_task_names_is_none_of_the_old_ones() -> None:
    done(COMPONENT, {**hello("one"), "semantic_version": "1.0.0"})
    done(COMPONENT, {**hello("two"), "semantic_version": "2.0.0"})
    pinned = {**hello("one"), "semantic_version": "1.0.0", "retain": 1, "prune": True}
    assert done(COMPONENT, pinned)["unused_versions"] == []


def test_a_recipe_stays_while_there_is_an_image_of_it() -> None:
    wish = {"name": "web", "retain": 1, "prune": True}
    for folder in ("/opt", "/srv"):
        done(RECIPE, {"name": "web", "working_directory": folder})
    direct = {"image_recipe": "web/1.0.1", "infrastructure_configuration": "web"}
    done("imagebuilder_image", {**direct, "wait": False})
    clock.advance(3600)
    did = done(RECIPE, wish)
    assert tails(did["unused_versions"]) == ["web/1.0.0"] and kept(did) == {"web/1.0.1": "used by image web/1.0.1/1"}
    done("imagebuilder_image", {"image_build_version_arn": "web/1.0.1/1", "state": "absent"})
    assert tails(done(RECIPE, wish)["unused_versions"]) == ["web/1.0.1"]


def test_what_a_build_in_progress_runs_stays_until_it_is_over() -> None:
    done("imagebuilder_image", {"image_recipe": "web", "infrastructure_configuration": "web", "wait": False})
    newer = {"name": "web", "platform": "Linux", "data": HELLO.replace("hello", "bye"), "retain": 1}
    assert kept(done(COMPONENT, newer)) == {"web/1.0.0/1": "used by image web/1.0.0/1"}
    clock.advance(3600)
    assert tails(done(COMPONENT, newer)["unused_versions"]) == ["web/1.0.0/1"]


def test_workflows_have_it_too() -> None:
    wish = {"name": "approved", "type": "TEST", "data": APPROVED}
    done(WORKFLOW, wish)
    did = done(WORKFLOW, {**wish, "data": APPROVED.replace("Approve", "Agree"), "retain": 1, "prune": True})
    assert tails(did["unused_versions"]) == ["test/approved/1.0.0/1"] and did["pruned"]
    left = client().list_workflow_build_versions(workflowVersionArn=did["workflow"]["arn"].rpartition("/")[0])
    assert tails(one["arn"] for one in left["workflowSummaryList"]) == ["test/approved/1.0.0/2"]


@pytest.mark.parametrize(
    ("options", "why"),
    [({"prune": True}, "prune requires retain"), ({"retain": 0}, "retain must be at least 1")],
)
def test_what_makes_no_sense_is_refused(options: dict[str, t.Any], why: str) -> None:
    outcome = run_module(COMPONENT, {**hello("one"), **options})
    assert (
        outcome.failed and outcome.msg.startswith(f"Failed to prune the component app: {why}") and outcome.calls == []
    )
