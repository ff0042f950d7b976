# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything has an integration target, and the table of what a target proves on AWS is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collection.package import ROOT, modules, roles

INTEGRATION = ROOT / "tests" / "integration"
FOLDERS = {path.name: path for path in (INTEGRATION / "targets").iterdir()}
TARGETS = {name: path for name, path in FOLDERS.items() if not name.startswith("setup_")}
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_integration.rst").read_text()
ENTRIES, TABLE = (
    (ROOT / "docs" / "assumptions.md").read_text().split("\n## What the integration targets prove on AWS\n")
)
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.splitlines() if line.startswith("| ")][2:]


def aliases(target: Path) -> list[str]:
    return (target / "aliases").read_text().split()


def test_every_module_role_and_filter_has_a_target() -> None:
    filters = {path.stem for path in (ROOT / "plugins" / "filter").glob("*.py")}
    wanted = {module.name for module in modules()} | {f"role_{role.name}" for role in roles()} | filters
    carried = {name for path in TARGETS.values() for name in aliases(path)}
    assert wanted - set(TARGETS) - carried == set()


def test_no_target_has_the_name_of_a_role() -> None:
    """ansible-test would run the role in its place, on the controller."""
    assert set(FOLDERS) & {role.name for role in roles()} == set()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_target_is_left_out_of_a_run(name: str) -> None:
    given = aliases(TARGETS[name])
    needs_account = "aws_region" in "".join(path.read_text() for path in TARGETS[name].rglob("*.yml")) or any(
        "setup_account" in path.read_text() for path in TARGETS[name].glob("meta/main.yml")
    )
    assert ("cloud/aws" in given) == needs_account
    assert [
        alias for alias in given if re.match(r"disabled|unsupported|unstable|needs/|skip/|hidden|destructive", alias)
    ] == []


def test_setup_folders_are_used() -> None:
    named = {
        word
        for path in FOLDERS.values()
        for meta in path.glob("meta/main.yml")
        for word in re.findall(r"\bsetup_\w+", meta.read_text())
    }
    assert named == {name for name in FOLDERS if name.startswith("setup_")}


def test_the_table_names_every_target_and_no_other() -> None:
    assert {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])} == set(TARGETS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_an_assumption_of_the_table_is_one_of_the_list(row: list[str]) -> None:
    assumption, _targets, proves = row
    beginning = assumption.removesuffix(" …").removesuffix("**")
    assert assumption == "none of its own" or f"\n- {beginning}" in ENTRIES
    assert proves.endswith(".")


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_guide_tells_what_a_target_takes(name: str) -> None:
    assert f"``{name}``" in GUIDE.split("What it takes")[1].split("What it needs the right to do")[0]


STEP = """
import json, sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, {tools!r})
import integration

integration.toolenv.BUILD = Path.cwd().parent
integration.emulator = lambda speed: nullcontext(SimpleNamespace(address=""))
integration.provide_collections = lambda: None
integration.configure = lambda address: None
integration.actions = lambda address: []
integration.leftovers = lambda *_, **__: {left!r}

def run(targets):
    integration.RESULTS.mkdir(parents=True)
    path = integration.RESULTS / "integration-2026-11-23-17-00-00.json"
    path.write_text(json.dumps(dict(targets=dict.fromkeys({ran!r}))))
    return {status}

integration.run = run
sys.exit(integration.main([]))
"""


@pytest.mark.parametrize(
    ("ran", "status", "left", "code", "said"),
    [
        (["one", "two"], 0, [], 0, "2 targets; failed or left out: none"),
        (["one"], 0, [], 1, "2 targets; failed or left out: two"),
        (["one", "two"], 1, [], 1, "2 targets; failed or left out: none"),
        (["one", "two"], 0, ["iam list_roles: mine"], 1, "left behind: iam list_roles: mine"),
    ],
    ids=["all-pass", "one-is-skipped", "ansible-test-fails", "something-is-left"],
)
def test_the_step_fails_for_what_did_not_run_and_what_is_left(
    tmp_path: Path, ran: list[str], status: int, left: list[str], code: int, said: str
) -> None:
    for name in ("one", "two", "setup_shared"):
        (tmp_path / "copy" / "tests" / "integration" / "targets" / name).mkdir(parents=True)
    program = STEP.format(tools=str(ROOT / "tools"), ran=ran, status=status, left=left)
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path / "copy"
    )
    assert done.returncode == code, done.stderr
    assert said in done.stdout.splitlines()
