# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins write to the screen, beside what Ansible writes itself.

Nothing is written where a program reads the output, or where the task says `no_log`. Elsewhere every line names its host,
because under ansible-runner the events of such lines do not.
"""

from __future__ import annotations

import os
import sys
import time
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ansible_collections.slipway.aws.plugins.module_utils._text import shown, shown_line
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import paragraph

display = Display()

HEARTBEAT = 60.0  # seconds without a line after which the last one is repeated
PAUSE = 15.0  # seconds between two lines of progress in a log; a terminal repaints one line instead
WIDEST = 120  # columns of a report
MACHINE_READABLE = frozenset({"json", "jsonl", "ndjson", "oneline", "null"})  # stdout callbacks others parse
CLEAR = "\r\x1b[2K"  # the carriage return also makes a line-buffered stdout flush

# The strategy loads the action class in the main process. The worker that runs it has lost the terminal: ask now.
MAIN_HAS_TERMINAL = bool(getattr(sys.stdout, "isatty", lambda: False)())


class AlreadyShown(AnsibleActionFail):
    """The task failed, and its report is on the screen. Ansible is left to print the short result, and not the error again."""

    @property
    def omit_exception_key(self) -> bool:
        return True


class Screen(t.NamedTuple):
    """Where a task may write."""

    prefix: str
    silent: bool
    repaint: bool

    @property
    def width(self) -> int:
        return min(int(display.columns), WIDEST)

    def show(self, lines: t.Sequence[str]) -> None:
        """A report, its first line behind the host: one event, so that nothing comes between its lines."""
        if lines and not self.silent:
            first = paragraph(lines[0], self.width, "", f"{self.prefix} ")
            display.display(shown("\n".join([*first, *lines[1:]])))


def screen_of(task: t.Any, task_vars: t.Mapping[str, t.Any]) -> Screen:
    """What the task may write. It has a line to repaint only with one host on a real terminal."""
    alone = len(task_vars.get("ansible_play_batch") or []) <= 1 or bool(task.run_once)
    # ansible-runner gives Ansible a terminal of its own, whose escape codes would end up in AWX's events
    under_runner = "AWX_ISOLATED_DATA_DIR" in os.environ or "JOB_ID" in os.environ
    callback = str(C.DEFAULT_STDOUT_CALLBACK).rsplit(".", maxsplit=1)[-1]
    return Screen(
        prefix=f"[{task_vars.get('inventory_hostname', 'localhost')}]",
        silent=callback in MACHINE_READABLE or bool(task.no_log),
        repaint=alone and MAIN_HAS_TERMINAL and not under_runner,
    )


class Progress:
    """Lines while the task runs: on a terminal all of them, the last one repainted; in a log only now and then."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.painted = False
        self.last_shown = time.monotonic()
        self.last_progress = -PAUSE

    def show(self, lines: t.Sequence[str], counters: str, alerts: t.Collection[str] = ()) -> None:
        """Show what is new; `counters` is the line that later ones replace, `alerts` are those that no log may lack."""
        due = self.screen.repaint or time.monotonic() - self.last_progress >= PAUSE
        self._all([line for line in lines if due or line in alerts], counters)
        if due and lines:
            self.last_progress = time.monotonic()

    def end(self, lines: t.Sequence[str], counters: str, alerts: t.Collection[str], failed: bool) -> None:
        """The last lines. After a failure the report follows, so a log has no more than how it ended."""
        brief = failed and not self.screen.repaint
        self._all([line for line in lines if not brief or line == counters or line in alerts], counters)

    def heartbeat(self, counters: str) -> None:
        """Say that it still goes on, now and then."""
        if counters and time.monotonic() - self.last_shown >= HEARTBEAT:
            self._all([f"still: {counters}"], "")

    def clear(self) -> None:
        """Leave an empty line to whoever prints next."""
        if self.painted:
            display.display(CLEAR, newline=False, screen_only=True)
            self.painted = False

    def _all(self, lines: t.Sequence[str], counters: str) -> None:
        for line in [] if self.screen.silent else lines:
            show = self._paint if self.screen.repaint and line == counters else self._print
            show(shown_line(line))

    def _print(self, line: str) -> None:
        self.clear()
        display.display(f"{self.screen.prefix} {line}")
        self.last_shown = time.monotonic()

    def _paint(self, line: str) -> None:
        text = CLEAR + f"{self.screen.prefix} {line}"[: display.columns - 1]
        display.display(text, newline=False, screen_only=True)
        self.painted, self.last_shown = True, time.monotonic()
