# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demonstration plays on: playbooks run as a user runs them, the emulator's ledger, clock and faults."""

from __future__ import annotations

import json
import os
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import processes
from emulators import control
from toolenv import BUILD, ROOT

RESULTS = BUILD / "demo"


@dataclass(frozen=True)
class Played:
    """How a playbook ended: its exit code, what its tasks returned, the calls it made, real seconds."""

    code: int
    outcomes: list[dict[str, t.Any]]
    calls: list[dict[str, t.Any]]
    seconds: float

    @property
    def changed(self) -> int:
        return sum(bool(outcome["result"].get("changed")) for outcome in self.outcomes)

    @property
    def own_writes(self) -> list[dict[str, t.Any]]:
        """The write calls of this collection's modules; their user agent tells them from those of amazon.aws."""
        return [call for call in self.calls if call["write"] and "slipway.aws/" in call["user_agent"]]

    @property
    def probes(self) -> int:
        """Calls that only look, in spite of their name."""
        return sum(call["probe"] for call in self.calls)

    def last(self, module: str) -> dict[str, t.Any]:
        """What the last task of a module returned."""
        return next((o["result"] for o in reversed(self.outcomes) if o["module"] == f"slipway.aws.{module}"), {})


@dataclass(frozen=True)
class Stage:
    """One emulator, the variables every playbook is given, and a folder for what is written on the way."""

    address: str
    variables: dict[str, t.Any]
    folder: Path

    def play(self, playbook: str, **more: t.Any) -> Played:
        """Run a playbook with live output; only what changed or failed is shown of its tasks."""
        outcomes = self.folder / "outcomes.jsonl"
        outcomes.unlink(missing_ok=True)
        self.control("ledger", method="DELETE")
        start = time.monotonic()
        extra = json.dumps({**self.variables, **more})
        command = ["ansible-playbook", playbook, "--inventory", "localhost,", "--extra-vars", extra]
        with subprocess.Popen(command, cwd=ROOT, env=self._environment(outcomes), stdin=subprocess.DEVNULL) as program:
            try:
                program.wait()
            finally:
                processes.end(program)
        lines = outcomes.read_text(encoding="utf-8").splitlines() if outcomes.exists() else []
        calls = self.control("ledger")["calls"]
        return Played(program.returncode, [json.loads(line) for line in lines], calls, time.monotonic() - start)

    def control(self, name: str, method: str | None = None, **body: t.Any) -> t.Any:
        """Ask one of the emulator's control endpoints."""
        return control(self.address, name, method, **body)

    def _environment(self, outcomes: Path) -> dict[str, str]:
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": self.address,
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools" / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "outcomes",
            # amazon.aws announces the end of a return value that nothing here reads.
            "ANSIBLE_DEPRECATION_WARNINGS": "false",
            "ANSIBLE_STDOUT_CALLBACK": "told",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_DISPLAY_OK_HOSTS": "false",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
            "SLIPWAY_DEMO_OUTCOMES": str(outcomes),
        }
