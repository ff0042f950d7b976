# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every call of a task with every fault, and a task that is killed after every write.

Each strike has a copy of this process, so that the world before it is the same for all and costs nothing to make.
"""

from __future__ import annotations

import os
import pickle
import traceback
import typing as t
from collections import Counter
from unittest import mock

from slipway_emulator import gate
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.ledger import Call
from support.every_fault import FAULTS, NEVER_AGAIN, PASSES, is_a_sentence
from support.modules import Outcome, run_module

Options = dict[str, t.Any]
NEXT_STEPS = ("un the task again", "Run it again", "Grant the caller this permission", "Allow s3:")


class Task(t.NamedTuple):
    """A task, the world in which it does something, and what is known of it."""

    module: str
    options: Options
    before: t.Callable[[], object]
    once: frozenset[str] = frozenset()  # writes that are not repeated when the answer is lost
    settles: int = 0  # seconds after which what the task has begun is over


class Killed(BaseException):
    """The process is gone: nothing of the task runs any more."""


def forked(act: t.Callable[[], t.Any]) -> t.Any:
    """What a function returns that is run in a copy of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:  # whatever happens, the copy never goes on with the tests of the process that asked
            with os.fdopen(writing, "wb") as stream:
                pickle.dump(_told(act), stream)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer, trouble = pickle.load(stream)  # noqa: S301  # written by ourselves
    os.waitpid(child, 0)
    assert not trouble, trouble
    return answer


def _told(act: t.Callable[[], t.Any]) -> tuple[t.Any, str]:
    try:
        return act(), ""
    except BaseException:  # noqa: BLE001  # whatever it is, the process that asked tells it
        return None, traceback.format_exc()


class Good(t.NamedTuple):
    """What the task does when nothing befalls it."""

    outcome: Outcome
    held: t.Any


def good_run(task: Task, holdings: t.Callable[[], t.Any]) -> Good:
    """In a copy of this process."""

    def run() -> Good:
        outcome = run_module(task.module, task.options)
        clock.advance(task.settles)
        return Good(outcome, holdings())

    return forked(run)  # type: ignore[no-any-return]


def places(outcome: Outcome, whole: bool) -> list[tuple[str, int]]:
    """Every operation, and how many calls of it pass before the strike: none, or, for the whole, also all but the last."""
    counts = Counter(call.operation for call in outcome.calls)
    return [(name, skip) for name, count in counts.items() for skip in sorted({0, count - 1 if whole else 0})]


def struck(task: Task, good: Good, holdings: t.Callable[[], t.Any], operation: str, skip: int, fault: str) -> list[str]:
    """What is wrong with how the task takes a fault, and with the runs after it."""

    def run() -> list[str]:
        faults.add({**FAULTS[fault], "operation": operation, "skip": skip})
        outcome = run_module(task.module, task.options)
        faults.remove()
        return [*_said(task, outcome, operation, fault), *_after(task, good, holdings, outcome)]

    return [f"{operation} +{skip}, {fault}: {text}" for text in forked(run)]


def _said(task: Task, outcome: Outcome, operation: str, fault: str) -> t.Iterator[str]:
    """Where it fails, it says why and what to do; where asking again helps, it does not fail."""
    if not outcome.failed:
        return
    if fault in PASSES and not (operation in task.once and fault in NEVER_AGAIN):
        yield f"does not pass: {outcome.msg}"
    try:
        is_a_sentence(outcome.msg, "Failed to ")
    except AssertionError:
        yield f"is no sentence: {outcome.msg}"
    if not any(step in outcome.msg for step in NEXT_STEPS):
        yield f"does not say what to do: {outcome.msg}"


def _after(task: Task, good: Good, holdings: t.Callable[[], t.Any], outcome: Outcome | None) -> t.Iterator[str]:
    """What the next runs make of it, and what is there then."""
    clock.advance(task.settles)
    if outcome and not outcome.failed:
        if outcome.changed != good.outcome.changed:
            yield f"passes, and changed is {outcome.changed}"
    else:
        again = run_module(task.module, task.options)
        clock.advance(task.settles)
        if again.failed:
            yield f"the next run fails: {again.msg}"
    last = run_module(task.module, task.options)
    if last.failed or last.writes or last.changed:
        yield f"the run after it is not idle: {[call.operation for call in last.writes]} {last.msg}"
    yield from _differences(good.held, holdings())


def _differences(good: t.Any, found: t.Any) -> t.Iterator[str]:
    for key in good:
        if good[key] != found[key]:
            yield f"{key} is {found[key]}, and not {good[key]}"


def killed(task: Task, good: Good, holdings: t.Callable[[], t.Any], write: int, later: int) -> list[str]:
    """What is wrong with the runs after one that was killed behind its n-th write. `later`: seconds until the next run."""

    def run() -> list[str]:
        note, left = gate._note, [write]

        def dying(asked: t.Any, request: t.Any, reply: t.Any) -> None:
            note(asked, request, reply)
            if Call(asked.service, asked.operation, "", "", "").write:
                left[0] -= 1
                if not left[0]:
                    raise Killed

        with mock.patch.object(gate, "_note", dying):
            try:
                run_module(task.module, task.options)
            except Killed:
                clock.advance(later)
                return list(_after(task, good, holdings, None))
        return ["was not killed"]

    return [f"killed after write {write}, {later} seconds later: {text}" for text in forked(run)]
