# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._execution import direct, follow
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import display

TASK_VARS = {"inventory_hostname": "web", "ansible_play_batch": ["web"]}


class Screen:
    """Stands in for Ansible's display."""

    columns = 80
    verbosity = 0

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.warned: list[str] = []

    def display(self, text: str, newline: bool = True, screen_only: bool = False) -> None:
        self.shown.append(text + ("\n" if newline else ""))

    def warning(self, text: str) -> None:
        self.warned.append(text)


class Action(follow.FollowingAction):
    """The plugin with the module's answers prepared, and a report on failures."""

    KEPT: t.ClassVar[t.Mapping[str, t.Sequence[str]]] = {"hosts": ("id", "event.name"), "deployment": ("id",)}

    def headline(self, result: t.Mapping[str, t.Any]) -> str:
        return f"in short: {result['msg']}"

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> list[str]:
        return ["report", f"  {result['msg']}"]

    def news(self, result: dict[str, t.Any], width: int) -> list[str]:
        return list(result.get("news", []))

    def __init__(
        self, answers: list[dict[str, t.Any]], seconds: list[float], clock: SimpleNamespace, **task: t.Any
    ) -> None:
        given = {
            "args": {}, "async_val": 0, "check_mode": False, "no_log": False, "run_once": False,
            "failed_when": [], "changed_when": [], "diff": False,
        }  # fmt: skip
        self._task = SimpleNamespace(**{**given, **task})
        self._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        self.answers, self.seconds, self.clock = answers, seconds, clock
        self.asked: list[dict[str, t.Any]] = []

    def _execute_module(
        self, module_name: str | None = None, module_args: dict[str, t.Any] | None = None, **more: t.Any
    ) -> dict[str, t.Any]:
        del module_name, more
        self.asked.append(dict(self._task.args if module_args is None else module_args))
        self.clock.now += self.seconds[len(self.asked) - 1] if self.seconds else 0
        return dict(self.answers[len(self.asked) - 1])

    def _remove_tmp_path(self, *_args: t.Any, **_more: t.Any) -> None:
        return None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    held = SimpleNamespace(now=1000.0)
    for module in (follow, display):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: held.now))
    return held


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    found = Screen()
    for module in (follow, display):
        monkeypatch.setattr(module, "display", found)
    monkeypatch.setattr(display, "MAIN_HAS_TERMINAL", False)
    monkeypatch.setattr(direct.ActionBase, "run", lambda *_args, **_more: {})
    for name in ("AWX_ISOLATED_DATA_DIR", "JOB_ID"):
        monkeypatch.delenv(name, raising=False)
    return found


def news(seen: str, *lines: str, done: bool = False, alerts: t.Sequence[str] = (), **result: t.Any) -> dict[str, t.Any]:
    followed = {"id": "d-1", "done": done, "seen": seen, "lines": list(lines), "alerts": list(alerts)}
    return {**result, "followed": followed}


def test_slices_follow_until_the_end(clock: SimpleNamespace, screen: Screen) -> None:
    answers = [
        news("1 of 2", "1 of 2", changed=True, reason="new"),
        news("1 of 2", changed=True),
        news("2 of 2", "i-2 succeeded", "2 of 2", done=True, changed=False, deployment={"status": "Succeeded"}),
    ]
    action = Action(answers, [], clock, args={"revision": "r"})
    result = action.run(task_vars=TASK_VARS)
    assert result == {"changed": True, "reason": "new", "deployment": {"status": "Succeeded"}}
    assert screen.shown == ["[web] 1 of 2\n", "[web] i-2 succeeded\n", "[web] 2 of 2\n"]
    assert "id" not in action.asked[0]["follow"] and action.asked[1]["follow"]["id"] == "d-1"
    assert action.asked[1]["follow"]["seen"] == "1 of 2" and action.asked[1]["revision"] == "r"


def test_time_spent_is_taken_off_and_stillness_is_told(clock: SimpleNamespace, screen: Screen) -> None:
    answers = [news("x", "x"), news("x"), news("x", "stuck"), news("x"), news("y", "y", done=True)]
    action = Action(answers, [5, 40, 40, 70, 1], clock, args={"wait_timeout": "200"})
    action.run(task_vars=TASK_VARS)
    assert [one["follow"]["spent"] for one in action.asked] == [0, 5, 45, 85, 155]
    assert {one["wait_timeout"] for one in action.asked} == {"200"}
    assert [one["follow"]["quiet"] for one in action.asked] == [0, 0, 40, -1, -1]
    assert screen.shown == ["[web] x\n", "[web] stuck\n", "[web] still: x\n", "[web] y\n"]


FAILED = {
    "failed": True,
    "changed": True,
    "msg": "no",
    "reason": "new",
    "deployment": {"id": "d-1", "revision": {"key": "a"}},
    "hosts": [{"id": f"i-{n}", "log": "x" * 2000, "event": {"name": "Install", "more": 1}} for n in range(12)],
    "plan": {"waves": []},
}


def test_a_failure_is_shown_and_its_printed_result_is_short(clock: SimpleNamespace, screen: Screen) -> None:
    answers = [
        news("x", "x", changed=True, warnings=["one"]),
        news("y", "i-0 succeeded", "i-1 failed", "y", alerts=["i-1 failed"], warnings=["one", "two"], **FAILED),
    ]
    with pytest.raises(display.AlreadyShown) as raised:
        Action(answers, [], clock).run(task_vars=TASK_VARS)
    assert screen.shown == ["[web] x\n", "[web] i-1 failed\n", "[web] y\n", "[web] report\n  no\n"]
    assert screen.warned == ["one", "two"]
    assert raised.value.message == "in short: no"
    assert raised.value.omit_exception_key  # Ansible would print the message once more, with the lines of the play
    assert raised.value.result == {
        "changed": True,
        "msg": "in short: no",
        "deployment": {"id": "d-1"},
        "hosts": [{"id": f"i-{n}", "event": {"name": "Install"}} for n in range(10)],
    }


@pytest.mark.parametrize("why", ["program", "no_log", "failed_when", "crash", "exception", "tracebacks"])
def test_where_the_failure_is_not_shown_the_result_is_whole(
    clock: SimpleNamespace, screen: Screen, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    task: dict[str, t.Any] = {"no_log": why == "no_log", "failed_when": [False] if why == "failed_when" else []}
    if why == "program":
        monkeypatch.setattr(display.C, "DEFAULT_STDOUT_CALLBACK", "ansible.posix.json")
    screen.verbosity = 3 if why == "tracebacks" else 0
    crashed = {"crash": {"module_stdout": "Traceback"}, "exception": {"msg": "", "exception": "KeyError"}}.get(why, {})
    ended = {**FAILED, **crashed}
    result = Action([news("", done=True, **ended)], [], clock, **task).run(task_vars=TASK_VARS)
    assert result == ended and screen.shown == []


@pytest.mark.parametrize(
    ("conditions", "off"), [([], False), (None, False), ([False], True), (["x.failed"], False), ([True], False)]
)
def test_only_a_literal_false_switches_a_condition_off(conditions: t.Any, off: bool) -> None:
    assert follow.is_off(conditions) is off


def test_news_of_a_task_that_did_well_is_one_event(clock: SimpleNamespace, screen: Screen) -> None:
    result = Action([news("", done=True, news=["plan", "  a\x1b[2J"])], [], clock).run(task_vars=TASK_VARS)
    assert result == {"news": ["plan", "  a\x1b[2J"]} and screen.shown == ["[web] plan\n  a\\x1b[2J\n"]


def test_a_log_has_progress_now_and_then_and_every_alert(clock: SimpleNamespace, screen: Screen) -> None:
    answers = [
        news("1", "i-1 succeeded", "1"),
        news("2", "i-2 succeeded", "i-3 failed", "2", alerts=["i-3 failed"]),
        news("3", "3"),
        news("4", "i-4 succeeded", "4"),
        news("5", "i-5 succeeded", "5", done=True),
    ]
    Action(answers, [5, 5, 5, 5, 5], clock).run(task_vars=TASK_VARS)
    said = [line.removeprefix("[web] ").rstrip("\n") for line in screen.shown]
    assert said == ["i-1 succeeded", "1", "i-3 failed", "i-4 succeeded", "4", "i-5 succeeded", "5"]


def test_a_terminal_has_all_progress(clock: SimpleNamespace, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "MAIN_HAS_TERMINAL", True)
    answers = [news("1", "i-1 succeeded", "1"), news("2", "i-2 succeeded", "2", done=True)]
    Action(answers, [1, 1], clock).run(task_vars=TASK_VARS)
    assert [line for line in screen.shown if "succeeded" in line] == ["[web] i-1 succeeded\n", "[web] i-2 succeeded\n"]


def test_a_line_stays_one_line_and_steers_no_terminal(clock: SimpleNamespace, screen: Screen) -> None:
    Action([news("x", "  | \x1b[2J\x9b\nok: [web]", "Zoë\u202e", done=True)], [], clock).run(task_vars=TASK_VARS)
    assert screen.shown == ["[web]   | \\x1b[2J\\x9b\\nok: [web]\n", "[web] Zoë\\u202e\n"]


@pytest.mark.parametrize("task", [{"async_val": 60}, {"check_mode": True}, {"args": {"wait": "no"}}])
def test_without_waiting_the_module_runs_once(clock: SimpleNamespace, screen: Screen, task: dict[str, t.Any]) -> None:
    action = Action([news("x", "x", changed=True)], [], clock, **task)
    assert action.run(task_vars=TASK_VARS) == {"changed": True}
    assert "follow" not in action.asked[0] and screen.shown == []


@pytest.mark.parametrize("callback", ["json", "ansible.posix.jsonl", "oneline"])
def test_machine_readable_output_stays_clean(
    clock: SimpleNamespace, screen: Screen, monkeypatch: pytest.MonkeyPatch, callback: str
) -> None:
    monkeypatch.setattr(display.C, "DEFAULT_STDOUT_CALLBACK", callback)
    Action([news("x", "x"), news("y", "y", done=True)], [70, 70], clock).run(task_vars=TASK_VARS)
    assert screen.shown == []


def test_no_log_shows_nothing(clock: SimpleNamespace, screen: Screen) -> None:
    Action([news("x", "x", done=True)], [], clock, no_log=True).run(task_vars=TASK_VARS)
    assert screen.shown == []


def test_one_host_with_a_terminal_sees_one_line(
    clock: SimpleNamespace, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "MAIN_HAS_TERMINAL", True)
    answers = [news("x", "x"), news("y", "i-1 succeeded", "y", done=True)]
    Action(answers, [], clock).run(task_vars=TASK_VARS)
    clear = display.CLEAR
    assert screen.shown == [f"{clear}[web] x", clear, "[web] i-1 succeeded\n", f"{clear}[web] y", clear]


@pytest.mark.parametrize("why", ["runner", "two hosts"])
def test_escape_codes_go_nowhere_else(
    clock: SimpleNamespace, screen: Screen, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(display, "MAIN_HAS_TERMINAL", True)
    batch = ["web", "db"] if why == "two hosts" else ["web"]
    if why == "runner":
        monkeypatch.setenv("AWX_ISOLATED_DATA_DIR", "somewhere")
    Action([news("x", "x", done=True)], [], clock).run(task_vars={**TASK_VARS, "ansible_play_batch": batch})
    assert screen.shown == ["[web] x\n"]


def test_an_interrupt_leaves_a_clean_line(
    clock: SimpleNamespace, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "MAIN_HAS_TERMINAL", True)
    action = Action([news("x", "x")], [], clock)
    real = action._execute_module

    def interrupted(**asked: t.Any) -> dict[str, t.Any]:
        if action.asked:
            raise KeyboardInterrupt
        return real(**asked)

    monkeypatch.setattr(action, "_execute_module", interrupted)
    with pytest.raises(KeyboardInterrupt):
        action.run(task_vars=TASK_VARS)
    assert screen.shown[-1] == display.CLEAR
