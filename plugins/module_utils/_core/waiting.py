# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one loop that waits: counters first, new events, stalls, a limit; throttling is not a failure. Private.

It knows nothing of what is polled. A module runs it for as long as it may (`async`, `wait` without live lines), or in
slices: then it comes back as soon as there is something new to show, and the action plugin starts the next slice.
"""

from __future__ import annotations

import random
import time
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, throttled

FIRST_PAUSE = 2.0  # seconds; grows to the wait_delay of the task
GROWTH = 1.5
GRACE = 60.0  # seconds; what began in time may be read to its end
LAGS = (1, 2, 4, 8)  # seconds before each look at a list that may lag behind what was written

Found = t.TypeVar("Found")

WAIT_OPTIONS: dict[str, t.Any] = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int"},
    "wait_delay": {"type": "int", "default": 15},
}
FOLLOW_OPTION: dict[str, t.Any] = {
    "follow": {
        "type": "dict",
        "options": {
            "id": {"type": "str"},
            "seconds": {"type": "int", "default": 15},
            "seen": {"type": "str", "default": ""},
            "quiet": {"type": "int", "default": 0},
            "spent": {"type": "int", "default": 0},
        },
    },
}


def look_until(
    look: t.Callable[[], Found], enough: t.Callable[[Found], t.Any] = bool, pauses: t.Sequence[float] = LAGS
) -> Found:
    """The first answer that is enough, else the last one: lists of AWS show what was written some seconds later."""
    for pause in pauses:
        time.sleep(pause)
        found = look()
        if enough(found):
            break
    return found


class Look(t.NamedTuple):
    """What one poll told."""

    text: str  # the counters, in one line; a change of it is progress
    done: bool = False  # a terminal state was reached
    events: tuple[str, ...] = ()  # lines about what is new since the poll before
    alerts: tuple[str, ...] = ()  # those of them that no log may lack


class Watched(t.NamedTuple):
    """How the watching ended."""

    done: bool
    text: str
    lines: list[str]  # everything worth showing, in order
    seconds: float
    alerts: list[str]  # those of the lines that no log may lack


class Limits(t.NamedTuple):
    """How long and how often to look; seconds."""

    timeout: float
    delay: float = 15.0
    slice: float | None = None  # come back at the first news, or after so long
    seen: str = ""  # what was shown last, in slices
    quiet: float = 0.0  # for how long nothing moved already, in slices; negative when that was told
    stall: float = 60.0  # without progress for so long, ask what is stuck


def limits(params: t.Mapping[str, t.Any], timeout: int) -> Limits:
    """The limits a task's options give, less what earlier slices took of the time; `timeout` where the task gives none."""
    follow = params.get("follow") or {}
    wanted = params.get("wait_timeout")
    return Limits(
        timeout=max(0, (timeout if wanted is None else wanted) - (follow.get("spent") or 0)),
        delay=params.get("wait_delay", 15),
        slice=follow.get("seconds"),
        seen=follow.get("seen") or "",
        quiet=follow.get("quiet") or 0,
    )


def deadline(params: t.Mapping[str, t.Any]) -> float | None:
    """When a task has to stop reading, by time.monotonic(); None where it has no time limit of its own."""
    if params.get("wait_timeout") is None:
        return None
    return time.monotonic() + limits(params, 0).timeout + GRACE


def watch(look: t.Callable[[], Look], within: Limits, stuck: t.Callable[[float], str | None] | None = None) -> Watched:
    """Look until done, out of time, or (in slices) until there is news. `stuck(seconds)` may say what holds things up."""
    start = time.monotonic()
    moved, asked = start - max(0.0, within.quiet), within.quiet < 0
    pause, text = min(FIRST_PAUSE, within.delay), within.seen
    lines: list[str] = []
    alerts: list[str] = []
    while True:
        seen = _look(look)
        now = time.monotonic()
        if seen is not None and (seen.text != text or seen.events):
            lines += [*seen.events, *([seen.text] if seen.text != text else [])]
            alerts += seen.alerts
            text, moved, asked = seen.text, now, False
        elif stuck and not asked and now - moved >= within.stall:
            told, asked = list(filter(None, [stuck(now - moved)])), True
            lines, alerts = lines + told, alerts + told
        done = seen is not None and seen.done
        if done or now - start >= _end(within, bool(lines)):
            return Watched(done, text, lines, now - start, alerts)
        time.sleep(min(pause * random.uniform(0.8, 1.0), max(0.01, _end(within, False) - (now - start))))
        pause = min(pause * GROWTH, within.delay)


def _end(within: Limits, news: bool) -> float:
    """Seconds after which to come back."""
    if within.slice is None:
        return within.timeout
    return 0.0 if news else min(within.timeout, within.slice)


def _look(look: t.Callable[[], Look]) -> Look | None:
    """One poll; None when AWS only asked to come back later."""
    try:
        return look()
    except FAILURES as problem:
        if throttled(problem):
            return None
        raise
