# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment of the emulator, followed in slices on a terminal: how long after it happened something is on the screen."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from support.fleets import GROUP, Fleet
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.plugin_utils._execution import direct, follow
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import display
from slipway_emulator.clock import clock

SHOWN_WITHIN = 1.0  # seconds, for a task that looks every second
TASK = {
    "async_val": 0, "check_mode": False, "no_log": False, "run_once": False, "failed_when": [], "changed_when": [],
    "diff": False,
}  # fmt: skip


class Slice(t.NamedTuple):
    """One start of the module."""

    start: float
    end: float
    lines: list[str]


class Action(follow.FollowingAction):
    """The plugin of a deployment, whose module runs in this process."""

    def __init__(self, **options: t.Any) -> None:
        self._task = SimpleNamespace(**TASK, args=options)
        self._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        self.slices: list[Slice] = []

    def _execute_module(
        self, module_name: str | None = None, module_args: t.Any = None, **_more: t.Any
    ) -> dict[str, t.Any]:
        start = clock.now()
        result = run_module("codedeploy_deployment", module_args).result
        self.slices.append(Slice(start, clock.now(), result["followed"]["lines"]))
        return result

    def _remove_tmp_path(self, *_args: t.Any, **_more: t.Any) -> None:
        return None


class Terminal:
    """Stands in for Ansible's display, and knows when it showed what."""

    columns = 200
    verbosity = 0

    def __init__(self) -> None:
        self.shown: list[tuple[float, str]] = []

    def display(self, text: str, newline: bool = True, screen_only: bool = False) -> None:
        del newline, screen_only
        self.shown.append((clock.now(), text))

    def when(self, line: str) -> float:
        return next(moment for moment, text in self.shown if line in text)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    found = Terminal()
    for module in (follow, display):
        monkeypatch.setattr(module, "display", found)
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.now))
    monkeypatch.setattr(display, "MAIN_HAS_TERMINAL", True)
    monkeypatch.setattr(direct.ActionBase, "run", lambda *_args, **_more: {})
    for name in ("AWX_ISOLATED_DATA_DIR", "JOB_ID"):
        monkeypatch.delenv(name, raising=False)
    return found


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.launch(6)
    found.group(deploymentConfigName="CodeDeployDefault.HalfAtATime")
    return found


def test_news_is_on_the_screen_within_a_second_by_the_look_that_brought_it(fleet: Fleet, terminal: Terminal) -> None:
    action = Action(**GROUP, revision=fleet.revision(), wait_delay=1)
    deployed = action.run(task_vars={"inventory_hostname": "web", "ansible_play_batch": ["web"]})["deployment"]
    happened = ended(fleet, deployed["deployment_id"])
    assert len(happened) == 6
    late = {host: terminal.when(f"{host} succeeded") - moment for host, moment in happened.items()}
    assert all(0 <= seconds <= SHOWN_WITHIN for seconds in late.values()), late
    early = [one for one in action.slices if one.end - one.start < follow.SLICE]
    assert len(early) > 3 and all(one.lines for one in early)
    assert all(terminal.when(line) == one.end for one in early for line in one.lines)


def ended(fleet: Fleet, deployment: str) -> dict[str, float]:
    """When the emulator's hosts had the revision."""
    ids = fleet.codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    targets = fleet.codedeploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=ids)["deploymentTargets"]
    each = [target["instanceTarget"] for target in targets]
    return {one["targetId"]: one["lifecycleEvents"][-1]["endTime"].timestamp() for one in each}
