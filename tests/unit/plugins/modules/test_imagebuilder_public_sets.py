# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Published sets: made by one call, found as they are, changed and changed back, and removed in any order."""

from __future__ import annotations

import collections
import random
import re
import typing as t

import pytest
from support.every_module import is_whole
from support.imagebuilder import client
from support.imagebuilder_sets import NOUNS, Published, published, surroundings
from support.modules import Outcome, run_module
from support.told import tells

from slipway_emulator.world import world as emulated_world

SETS = published()
FEWEST = {
    "component": 75,
    "workflow": 20,
    "image_recipe": 60,
    "container_recipe": 40,
    "infrastructure_configuration": 40,
    "distribution_configuration": 55,
    "image_pipeline": 60,
    "lifecycle_policy": 25,
}
AS_SAID = (
    "infrastructure_configuration",
    "distribution_configuration",
    "lifecycle_policy",
)  # others return documents and ARNs
PART = 1 if is_whole() else 6  # every sixth set, and all that these refer to
SEEDS = range(3 if is_whole() else 1)
MOST_ROUNDS = 4  # pipelines and policies, configurations and recipes, components
KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000"
CONTENT = {"component": {"kms_key_id": KEY}, "workflow": {"kms_key_id": KEY}}
USED = re.compile(r"used by (image pipeline|image recipe|container recipe) .+\. Change or remove what uses it")
ASSIGNED = ("arn", "version", "semantic_version", "date_created", "date_updated", "date_next_run")


class Living:
    """The chosen sets, in the emulator."""

    def __init__(self) -> None:
        self.chosen = [each for each in chosen() if not each.refused]
        self.alive = False

    def make(self) -> list[Published]:
        """Make each by one call, unless they are there."""
        for each in () if self.alive else self.chosen:
            ran(each, each.options, True, once=True)
        self.alive = True
        return self.chosen


@pytest.fixture(scope="module")
def living() -> t.Iterator[Living]:
    with emulated_world():
        surroundings(SETS)
        yield Living()


def chosen() -> list[Published]:
    """A part of the sets, with whatever these name of an earlier noun."""
    taken = set(range(0, len(SETS), PART))
    for number, each in reversed(list(enumerate(SETS))):
        names = texts([each.options, each.change]) if number in taken else set()
        taken |= {place for place, other in enumerate(SETS[:number]) if other.name.lower() in names}
    return [SETS[number] for number in sorted(taken)]


def texts(value: t.Any) -> set[str]:
    """All that stands in some options and may be the name of another resource, or the first part of `web/1.0.0`."""
    if isinstance(value, dict):
        return set().union(*map(texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(texts, value))
    return {part.lower() for part in str(value).split("/")}


def ran(each: Published, options: dict[str, t.Any], changes: bool, once: bool = False) -> dict[str, t.Any]:
    """What the module returns of the resource, after a run that changed it and wrote, or did neither; check mode foretells it."""
    told = run_module(each.module, options, check_mode=True) if is_whole() else None
    outcome = run_module(each.module, options)
    assert (outcome.failed, outcome.changed, bool(outcome.writes)) == (False, changes, changes), (each, outcome)
    assert not once or len(outcome.writes) == 1, (each, outcome)
    assert told is None or (told.changed, told.writes, told["diff"]) == (changes, [], outcome["diff"]), (each, told)
    return {key: value for key, value in outcome[each.noun].items() if key not in ASSIGNED}


def test_there_are_many_of_each_noun() -> None:
    counts = collections.Counter(each.noun for each in SETS)
    assert all(counts[noun] >= fewest for noun, fewest in FEWEST.items())
    assert len({(each.noun, re.sub("[ _]", "-", each.name.lower())) for each in SETS}) == len(SETS) > 230


@pytest.mark.parametrize("refused", [each for each in SETS if each.refused], ids=lambda each: each.name)
def test_what_the_service_does_not_take_is_refused(living: Living, refused: Published) -> None:
    outcome = run_module(refused.module, refused.options)
    assert outcome.failed and not outcome.writes
    assert refused.refused in outcome.msg


@pytest.mark.parametrize("noun", NOUNS)
def test_a_set_through_its_life(living: Living, noun: str) -> None:
    for each in [each for each in living.make() if each.noun == noun]:
        before = ran(each, each.options, False)
        assert noun not in AS_SAID or tells(before, each.options), (each, before)
        for changed, undone, again in changes(each):
            ran(each, changed, True)
            ran(each, changed, False)
            assert ran(each, undone, again) == before, each.name
            ran(each, undone, False)


def changes(each: Published) -> t.Iterator[tuple[dict[str, t.Any], dict[str, t.Any], bool]]:
    """Options that say something else, options that take it back, and whether that is a change: an old version is still there."""
    version = str(each.options.get("semantic_version", "x"))
    fixed = each.noun in NOUNS[2:4] and "x" not in version
    if each.change:
        yield {**each.options, **each.change}, each.options, True
    elif fixed:
        yield {**each.options, "semantic_version": "2100.0.0", "description": "changed"}, each.options, False
    else:
        change = CONTENT.get(each.noun, {"description": "changed"})
        yield {**each.options, **change}, {**dict.fromkeys(change, ""), **each.options}, True


def test_a_recipe_with_a_fixed_version_cannot_be_changed(living: Living) -> None:
    for each in living.make():
        if each.noun in NOUNS[2:4] and re.fullmatch(r"[0-9.]+", str(each.options.get("semantic_version", ""))):
            outcome = run_module(each.module, {**each.options, "description": "another"})
            assert outcome.failed and not outcome.writes
            assert "AWS cannot change description of an existing version. Set another semantic_version" in outcome.msg


@pytest.mark.parametrize("seed", SEEDS)
def test_sets_are_removed_in_any_order(living: Living, seed: int) -> None:
    """Until nothing is left; what something else still uses stays, and the module says what uses it."""
    left = list(living.make())
    living.alive = False
    random.Random(seed).shuffle(left)
    for _round in range(MOST_ROUNDS):
        left = [each for each in left if not is_removed(each)]
    assert left == []
    for operation, key in (
        ("list_components", "componentVersionList"),
        ("list_workflows", "workflowVersionList"),
        ("list_image_recipes", "imageRecipeSummaryList"),
        ("list_container_recipes", "containerRecipeSummaryList"),
        ("list_infrastructure_configurations", "infrastructureConfigurationSummaryList"),
        ("list_distribution_configurations", "distributionConfigurationSummaryList"),
        ("list_image_pipelines", "imagePipelineList"),
        ("list_lifecycle_policies", "lifecyclePolicySummaryList"),
    ):
        assert getattr(client(), operation)()[key] == []


def is_removed(each: Published) -> bool:
    """Whether the task removes all of it. If not, it says in one sentence what uses it."""
    absent = {key: each.options[key] for key in ("name", "type") if key in each.options}
    outcome = run_module(each.module, {**absent, "state": "absent"})
    if outcome.failed or outcome["kept" if "kept" in outcome.result else each.noun]:
        assert USED.search(said(outcome)), outcome.result
        return False
    assert outcome.changed and "warnings" not in outcome.result
    again = run_module(each.module, {**absent, "state": "absent"})
    assert not again.failed and not again.changed and not again.writes
    return True


def said(outcome: Outcome) -> str:
    return outcome.msg if outcome.failed else " ".join(outcome.result["warnings"])
