# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every act that takes long: runs the module in slices, shows live lines and how it ended.

Each slice is the ordinary module, so delegation, `environment:`, credentials and assumed roles work as for any task and
are renewed between slices; in a fork of the worker (`direct`) one costs next to nothing. The module comes back with
`followed: {id, done, seen, lines, alerts}` as soon as there is news or the slice is over; all state lives in AWS, so an
interrupted task leaves nothing behind but what it started there.

Ansible prints the result of a failed task as JSON in one line. So a failure is shown as a report, and the result that
Ansible prints after it is short: it names things, and an `_info` module tells the rest. Where nobody reads along
(machine-readable output, `no_log`, `failed_when: false` of a play that goes on by itself) the result has all the facts.
"""

from __future__ import annotations

import time
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction, Result
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.display import (
    AlreadyShown,
    Progress,
    Screen,
    display,
    screen_of,
)

SLICE = 15  # seconds
MOST_KEPT = 10  # items of a list in a result that Ansible prints
EVERYTHING = 3  # from this verbosity on Ansible shows tracebacks and whole results, and so do we
NEEDED = ("changed", "msg")


class FollowingAction(DirectAction):
    """Base of the action plugins; a subclass exists under the name of its module and says what there is to show."""

    KEPT: t.ClassVar[t.Mapping[str, t.Sequence[str]]] = {}  # members of maps and lists that stay in a printed failure

    def headline(self, result: t.Mapping[str, t.Any]) -> str:
        """What failed, in a sentence."""
        return str(result.get("msg") or "")

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        """The report on a failure; nothing where the message says it all."""
        return []

    def news(self, result: Result, width: int) -> t.List[str]:
        """What is to be shown of a task that did not fail."""
        return []

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> Result:
        return self._ended(super().run(tmp, task_vars), screen_of(self._task, task_vars or {}))

    def _act(self, task_vars: t.Dict[str, t.Any]) -> Result:
        if self._in_slices():
            return self._follow(screen_of(self._task, task_vars), task_vars)
        result = super()._act(task_vars)
        result.pop("followed", None)
        return result

    def _ended(self, result: Result, screen: Screen) -> Result:
        """Show what there is to show. A failure that was shown comes back short."""
        if not result.get("failed"):
            screen.show(self.news(result, screen.width))
            return result
        if screen.silent or is_off(self._task.failed_when) or display.verbosity >= EVERYTHING or _crashed(result):
            return result
        warn(result.pop("warnings", []))
        screen.show(self.failure(result, screen.width))
        raise AlreadyShown(self.headline(result), result=brief({**result, "msg": self.headline(result)}, self.KEPT))

    def _in_slices(self) -> bool:
        """Under `async` the module waits by itself; in check mode and with `wait: false` there is nothing to wait for."""
        waits = boolean(self._task.args.get("wait", True), strict=False)
        return waits and not self._task.async_val and not self._task.check_mode

    def _follow(self, screen: Screen, task_vars: t.Dict[str, t.Any]) -> Result:
        progress = Progress(screen)
        try:
            return self._slices(progress, task_vars)
        finally:
            progress.clear()

    def _slices(self, progress: Progress, task_vars: t.Dict[str, t.Any]) -> Result:
        start = moved = time.monotonic()
        told = False  # that nothing moves
        result: Result = {}
        followed: Result = {}
        while True:
            quiet = -1 if told else int(time.monotonic() - moved)
            args = self._slice_args(followed, time.monotonic() - start, quiet)
            one = self._execute_module(module_args=args, task_vars=task_vars)
            seen_before, followed = followed.get("seen"), one.pop("followed", None) or {"done": True}
            result = merge(result, one)
            lines, seen = followed.get("lines") or [], followed.get("seen") or ""
            alerts = followed.get("alerts") or []
            if followed.get("done", True) or one.get("failed"):
                progress.end(lines, seen, alerts, bool(one.get("failed")))
                return result
            progress.show(lines, seen, alerts)
            if followed.get("seen") != seen_before:
                moved, told = time.monotonic(), False
            elif lines:
                told = True
            progress.heartbeat(seen)

    def _slice_args(self, followed: t.Mapping[str, t.Any], spent: float, quiet: int) -> t.Dict[str, t.Any]:
        """The task's options, and what the module must know of earlier slices; only it knows its default time limit."""
        follow = {"seconds": SLICE, "spent": int(spent), "quiet": quiet, "seen": followed.get("seen") or ""}
        if followed.get("id"):
            follow["id"] = followed["id"]
        return {**self._args(), "follow": follow}


def _crashed(result: t.Mapping[str, t.Any]) -> bool:
    """Whether the module did not end by itself. Ansible tells then what it has: an exception instead of a message, or output."""
    return "module_stdout" in result or not result.get("msg")


def warn(warnings: t.Iterable[t.Any]) -> None:
    """Up to ansible-core 2.19 the warnings of a task are in its result, and an action that raises has to show them."""
    for one in warnings:
        display.warning(str(getattr(getattr(one, "event", None), "msg", one)))


def is_off(conditions: t.Any) -> bool:
    """Whether a task says `failed_when: false` or `changed_when: false`."""
    return list(conditions or []) == [False]


def brief(result: t.Mapping[str, t.Any], kept: t.Mapping[str, t.Sequence[str]]) -> Result:
    """What Ansible needs, and of the rest the members in `kept`; `a.b` is a member one level below."""
    short = {name: result[name] for name in NEEDED if name in result}
    for name, value in result.items():
        if value and name in kept:
            items = [_members(one, kept[name]) for one in value[:MOST_KEPT]] if isinstance(value, list) else None
            short[name] = _members(value, kept[name]) if items is None else items
    return short


def _members(value: t.Any, names: t.Sequence[str]) -> t.Any:
    if not isinstance(value, dict):
        return value
    found: Result = {}
    for name in names:
        own, _dot, below = name.partition(".")
        if below:
            found.setdefault(own, {}).update(_members(value.get(own) or {}, [below]))
        elif value.get(own) is not None:
            found[own] = value[own]
    return {name: one for name, one in found.items() if one != {}}


def merge(earlier: t.Mapping[str, t.Any], later: t.Mapping[str, t.Any]) -> Result:
    """What the task registers after one more slice: it changed something if any slice did, warnings add up."""
    merged = {**earlier, **later}
    if "changed" in earlier or "changed" in later:
        merged["changed"] = bool(earlier.get("changed")) or bool(later.get("changed"))
    for key in ("warnings", "deprecations"):
        both = [*(earlier.get(key) or []), *(later.get(key) or [])]
        if both:
            merged[key] = [item for i, item in enumerate(both) if item not in both[:i]]
    return merged
