# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every act that takes long: runs the module in slices and shows live lines. Private.

Each slice is the ordinary module, so delegation, `environment:`, credentials and assumed roles work as for any task and
are renewed between slices. The module comes back with `followed: {id, done, seen, lines}` as soon as there is news or
the slice is over; all state lives in AWS, so an interrupted task leaves nothing behind but what it started there.
"""

from __future__ import annotations

import os
import sys
import time
import typing as t

from ansible import constants as C
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

display = Display()

SLICE = 15  # seconds
HEARTBEAT = 60.0  # seconds without a line after which the last one is repeated
MACHINE_READABLE = frozenset({"json", "jsonl", "ndjson", "oneline", "null"})  # stdout callbacks others parse
CLEAR = "\r\x1b[2K"  # the carriage return also makes a line-buffered stdout flush

# The strategy loads this class in the main process. The worker that runs it has lost the terminal: ask now.
MAIN_HAS_TERMINAL = bool(getattr(sys.stdout, "isatty", lambda: False)())


class Lines:
    """Plain lines; the last one repainted in place where one host has a terminal to itself."""

    def __init__(self, prefix: str, silent: bool, repaint: bool) -> None:
        self.prefix, self.silent, self.repaint = prefix, silent, repaint
        self.painted = False
        self.last_shown = time.monotonic()

    def show(self, lines: t.Sequence[str], counters: str) -> None:
        """Show what is new; `counters` is the line that later ones replace."""
        for line in [] if self.silent else lines:
            show = self._paint if self.repaint and line == counters else self._print
            show(shown_line(line))

    def heartbeat(self, counters: str) -> None:
        """Say that it still goes on, now and then."""
        if counters and not self.silent and time.monotonic() - self.last_shown >= HEARTBEAT:
            self.show([f"still: {counters}"], "")

    def clear(self) -> None:
        """Leave an empty line to whoever prints next."""
        if self.painted:
            display.display(CLEAR, newline=False, screen_only=True)
            self.painted = False

    def _print(self, line: str) -> None:
        self.clear()
        display.display(f"{self.prefix} {line}")
        self.last_shown = time.monotonic()

    def _paint(self, line: str) -> None:
        display.display(CLEAR + f"{self.prefix} {line}"[: display.columns - 1], newline=False, screen_only=True)
        self.painted, self.last_shown = True, time.monotonic()


class FollowingAction(ActionBase):
    """Base of the action plugins; a subclass only has to exist under the name of its module."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        if self._in_slices():
            result.update(self._follow(task_vars))
        else:
            result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
            result.pop("followed", None)
        if not self._task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _in_slices(self) -> bool:
        """Under `async` the module waits by itself; in check mode and with `wait: false` there is nothing to wait for."""
        waits = boolean(self._task.args.get("wait", True), strict=False)
        return waits and not self._task.async_val and not self._task.check_mode

    def _follow(self, task_vars: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
        lines = self._lines(task_vars)
        try:
            return self._slices(lines, task_vars)
        finally:
            lines.clear()

    def _slices(self, lines: Lines, task_vars: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
        start = moved = time.monotonic()
        told = False  # that nothing moves
        result: t.Dict[str, t.Any] = {}
        followed: t.Dict[str, t.Any] = {}
        while True:
            quiet = -1 if told else int(time.monotonic() - moved)
            args = self._slice_args(followed, time.monotonic() - start, quiet)
            one = self._execute_module(module_args=args, task_vars=task_vars)
            seen_before, followed = followed.get("seen"), one.pop("followed", None) or {"done": True}
            result = merge(result, one)
            lines.show(followed.get("lines") or [], followed.get("seen") or "")
            if followed.get("done", True) or one.get("failed"):
                return result
            if followed.get("seen") != seen_before:
                moved, told = time.monotonic(), False
            elif followed.get("lines"):
                told = True
            lines.heartbeat(followed.get("seen") or "")

    def _slice_args(self, followed: t.Mapping[str, t.Any], spent: float, quiet: int) -> t.Dict[str, t.Any]:
        """The task's options, and what the module must know of earlier slices; only it knows its default time limit."""
        follow = {"seconds": SLICE, "spent": int(spent), "quiet": quiet, "seen": followed.get("seen") or ""}
        if followed.get("id"):
            follow["id"] = followed["id"]
        return {**self._task.args, "follow": follow}

    def _lines(self, task_vars: t.Mapping[str, t.Any]) -> Lines:
        alone = len(task_vars.get("ansible_play_batch") or []) <= 1 or bool(self._task.run_once)
        # ansible-runner gives Ansible a terminal of its own, whose escape codes would end up in AWX's events
        under_runner = "AWX_ISOLATED_DATA_DIR" in os.environ or "JOB_ID" in os.environ
        callback = str(C.DEFAULT_STDOUT_CALLBACK).rsplit(".", maxsplit=1)[-1]
        return Lines(
            prefix=f"[{task_vars.get('inventory_hostname', 'localhost')}]",
            silent=callback in MACHINE_READABLE or bool(self._task.no_log),
            repaint=alone and MAIN_HAS_TERMINAL and not under_runner,
        )


def merge(earlier: t.Mapping[str, t.Any], later: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """What the task registers after one more slice: it changed something if any slice did, warnings add up."""
    merged = {**earlier, **later}
    if "changed" in earlier or "changed" in later:
        merged["changed"] = bool(earlier.get("changed")) or bool(later.get("changed"))
    for key in ("warnings", "deprecations"):
        both = [*(earlier.get(key) or []), *(later.get(key) or [])]
        if both:
            merged[key] = [item for i, item in enumerate(both) if item not in both[:i]]
    return merged
