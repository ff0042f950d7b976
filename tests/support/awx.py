# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run playbooks by ansible-runner, as AWX does."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

from support.plays import COLLECTIONS, Player, Run, tail


class Awx:
    """A private data directory, run as AWX runs one."""

    def __init__(self, play: Player, variables: dict[str, t.Any], keys: dict[str, str]) -> None:
        self.emulator, self.folder = play.emulator, play.folder / "awx"
        self.said: list[str] = []
        self._runs = 0
        clean = {n: v for n, v in play.environment().items() if n.startswith("ANSIBLE_") and "CALLBACK" not in n}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**clean, **keys, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PATH": path}
        (self.folder / "env").mkdir(parents=True)
        (self.folder / "inventory").mkdir()
        self.project.mkdir()
        (self.folder / "inventory" / "hosts").write_text("localhost\n")
        (self.folder / "env" / "envvars").write_text(json.dumps(environment))
        self._hand_over(variables)

    def _hand_over(self, variables: dict[str, t.Any]) -> None:
        (self.folder / "env" / "extravars").write_text(json.dumps(variables))

    @property
    def project(self) -> Path:
        """The working directory of plays; the environment's PWD is that of whoever started the runner."""
        return self.folder / "project"

    def run(self, playbook: str, *switches: str, variables: dict[str, t.Any] | None = None) -> Run:
        """Launch a template; `variables` are the answers to its survey from now on."""
        if variables is not None:
            self._hand_over(variables)
        self._runs += 1
        before, name = len(self.emulator.calls()), f"run-{self._runs}"
        argv = [sys.executable, "-m", "ansible_runner", "run", str(self.folder), "-p", playbook, "-i", name]
        (self.folder / "env" / "cmdline").write_text(shlex.join(switches))  # a switch would stay there for the next run
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=400)
        assert done.returncode == 0, tail(done.stdout + done.stderr)
        events = self._events(name)
        self.said = [event["stdout"] for event in events if event["event"] == "verbose"]
        results = [_as_recorded(event) for event in events if "res" in event.get("event_data", {})]
        return Run(done.returncode, done.stdout, results, self.emulator.calls()[before:])

    def _events(self, name: str) -> list[dict[str, t.Any]]:
        files = (self.folder / "artifacts" / name / "job_events").glob("*.json")
        return sorted((json.loads(path.read_text()) for path in files), key=lambda event: event["counter"])


def _as_recorded(event: dict[str, t.Any]) -> dict[str, t.Any]:
    """An event of ansible-runner in the shape that the tests' own callback plugin writes."""
    data = event["event_data"]
    kind = event["event"].removeprefix("runner_on_")
    ignored = data.get("ignore_errors", False)
    return {
        "event": kind, "task": data["task"], "action": data["resolved_action"], "result": data["res"], "ignored": ignored,
    }  # fmt: skip
