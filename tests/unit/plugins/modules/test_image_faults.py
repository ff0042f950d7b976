# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module that makes and releases images: each call with each fault, and a run that is killed after each write.

The module does right or says why not, the next run brings the same about as one that nothing befell, and a third does
nothing: so nothing is built, distributed or refreshed twice. Some of each where WHOLE_STORY is not set.
"""

from __future__ import annotations

import gc
import itertools
import typing as t

import pytest
from support.every_fault import FAULTS
from support.every_module import is_whole
from support.holdings_of_images import everything
from support.image_tasks import BUILD, IMAGE, RECIPE, REFRESH, TASKS, VARIANTS, image, prepared, surroundings
from support.imagebuilder import done
from support.rolling import FAST
from support.struck import Options, forked, good_run, killed, places, struck

from slipway_emulator.clock import clock

PHASES = (0, 40, 300, 900, 2000, 7200)  # seconds after which the next run comes


@pytest.fixture(scope="module", autouse=True)
def _surroundings(shared_world: None) -> t.Iterator[None]:
    surroundings()
    everything()  # what moto makes at the first look is made once
    gc.freeze()  # a copy of the process shares what its collector leaves alone
    yield
    gc.unfreeze()


def some(found: t.Sequence[t.Any], turn: int, of: int) -> t.Sequence[t.Any]:
    """All of them, or one of so many, other ones at each turn."""
    return found if is_whole() else found[turn % min(of, len(found)) :: of]


def problems(turn: int, name: str) -> list[str]:
    task = prepared(name)
    good = good_run(task, everything)
    assert not good.outcome.failed, good.outcome.msg
    strikes = list(itertools.product(places(good.outcome, is_whole()), FAULTS))
    kills = list(itertools.product(range(1, len(good.outcome.writes) + 1), PHASES))
    found = [struck(task, good, everything, *place, fault) for place, fault in some(strikes, turn, 43)]
    found += [killed(task, good, everything, *place) for place in (some(kills, turn, 24) if kills else [])]
    return [problem for one in found for problem in one]


def chosen() -> t.Iterator[str]:
    """All tasks, or no variants and of each noun another task: other tests strike the creation and the deletion of every noun."""
    kinds: dict[str, list[str]] = {}
    for name in (name for name in TASKS if is_whole() or name not in VARIANTS):
        kinds.setdefault(name.partition(":")[0], []).append(name)
    for turn, (kind, names) in enumerate(kinds.items()):
        yield from names if is_whole() or not kind.startswith("imagebuilder_") else [names[turn % len(names)]]


@pytest.mark.parametrize(("turn", "name"), some(list(enumerate(chosen())), 0, 2))
def test_a_task_is_right_or_explained_and_never_does_it_twice(turn: int, name: str) -> None:
    assert forked(lambda: problems(turn, name)) == []


def begun_again(begin: Options, end: Options, module: str, seconds: int) -> t.Any:
    """What is there after something was begun, ended after so many seconds, and begun again; each as often as somebody might."""
    done(module, {**begin, "wait": False})
    clock.advance(seconds)
    for options in (end, end, begin, begin):
        last = done(module, options)
    assert not last.changed and last.writes == []
    return everything()


@pytest.mark.parametrize("seconds", [0, 20, 40, 300, 900] if is_whole() else [20])
def test_a_build_that_was_cancelled_is_begun_again_once(seconds: int) -> None:
    held = forked(lambda: begun_again(BUILD, {**RECIPE, "state": "cancelled"}, IMAGE, seconds))
    assert [state for _arn, state, *_rest in held["images"]] == ["CANCELLED", "AVAILABLE"]


@pytest.mark.parametrize("seconds", [0, 20, 40, 300] if is_whole() else [20])
@pytest.mark.parametrize("state", ["cancelled", "rolled_back"])
def test_a_release_that_was_ended_is_begun_again_once(state: str, seconds: int) -> None:
    held = forked(lambda: begun_again({**FAST, "image_id": image()}, {**FAST, "state": state}, REFRESH, seconds))
    assert held["shop"]["hosts"] == ["2", "2"] and held["shop"]["launches"] == "2"
