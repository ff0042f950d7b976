# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""No import of the emulator goes up or round: what a module builds on can be read without it."""

from __future__ import annotations

from pathlib import Path

from tools.imports import circles_in, imports_of, upward_in

import slipway_emulator

GRAPH = imports_of(Path(slipway_emulator.__file__).parent, "slipway_emulator")
# The lowest first. A package stands for all in it that is not listed itself.
FLOORS = (
    ("__init__", "http_access", "clock", "contents", "faults", "ledger", "looking", "numerals", "protocol", "schedules", "signals", "unpacked", "yaml_reader"),
    ("machine.downloads", "machine.powershell_text", "machine.shell_text", "machine.systems", "machine.traces", "machine.userdata"),
    ("machine.software", "machine.state"),
    ("machine.running",),
    ("machine.files",),
    ("machine.commands", "machine.packages", "machine.powershell_commands", "machine.conditions"),
    ("machine.interpreter", "machine.powershell"),
    ("machine.documents",),
    ("machine",),
    ("hosts",),
    ("console", "console_commands", "console_files"),
    ("extensions", "services"),
    ("confinement", "control", "gate", "world"),
    ("server",),
    ("__main__",),
)  # fmt: skip


def test_no_import_goes_round() -> None:
    assert circles_in(GRAPH) == []


def test_no_import_goes_up() -> None:
    assert upward_in(GRAPH, FLOORS) == []


def test_imports_for_types_and_in_functions_count(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    (tmp_path / "low" / "__init__.py").write_text("from .state import State\n")
    (tmp_path / "low" / "state.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..high import run\n"
    )
    (tmp_path / "high.py").write_text("def run():\n    import package.low.state\n")
    graph = imports_of(tmp_path, "package")
    assert graph == {"high": {"low.state"}, "low": {"low.state"}, "low.state": {"high"}}
    assert circles_in(graph) == ["high imports low imports high", "high imports low.state imports high"]
    assert upward_in(graph, [["low"], ["high"]]) == ["low.state imports high"]
    assert upward_in(graph, [["low"]]) == ["high is on no floor"]
