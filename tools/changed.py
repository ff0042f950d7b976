# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: changed.py: run the unit and emulator tests of what git says was changed, the nearest first, for little more than a minute.

Changed is what is not committed, or else what the last commit brought. Near are tests that name the changed module, then those
of its room, then those of the modules that import it, over as few others as possible.
"""

from __future__ import annotations

import subprocess
import sys
import time
import typing as t
from collections import deque
from pathlib import Path

import pytest

import toolenv
from imports import Graph, imports_of

SECONDS = 75
FAR = 100  # steps of tests that have nothing to do with it
PACKAGES = {"plugins": "ansible_collections.slipway.aws.plugins", "emulator/slipway_emulator": "slipway_emulator"}
SUITES = {"plugins": "tests/unit/plugins", "emulator/slipway_emulator": "tests/emulator"}
ROOMS = {"machine": "hosts", "hosts": "hosts"}  # of the emulator, whose tests have another name


class Limit:
    """Starts no test after the time is over, and says how many it left."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.left = 0

    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        if time.monotonic() < self.end:
            return None
        self.left += 1
        return True

    def pytest_terminal_summary(self, terminalreporter: t.Any) -> None:
        if self.left:
            terminalreporter.write_line(
                f"{self.left} tests that are less close to the changes were not run. make test STEPS='unit emulator' runs them all."
            )


def main() -> int:
    tests = tests_of(changed())
    if not tests:
        print("No unit or emulator test belongs to the changed files.")
        return 0
    print("\n".join(tests), flush=True)
    return pytest.main(["-q", "--color=no", *tests], plugins=[Limit(SECONDS)])


def changed() -> list[str]:
    """Paths below the checkout."""
    pending = [*_git("diff", "--name-only", "HEAD"), *_git("ls-files", "--others", "--exclude-standard")]
    return pending or _git("diff", "--name-only", "HEAD~1", "HEAD")


def tests_of(paths: list[str]) -> list[str]:
    """Test files, the nearest first."""
    found = [path for path in paths if _is_test(path) and (toolenv.ROOT / path).is_file()]
    for top in PACKAGES:
        modules = [path for path in paths if path.startswith(f"{top}/") and path.endswith(".py")]
        found += _near(top, [path.removeprefix(f"{top}/").removesuffix(".py") for path in modules])
    return list(dict.fromkeys(found))


def _is_test(path: str) -> bool:
    return path.startswith(tuple(SUITES.values())) and Path(path).name.startswith("test_")


def _near(top: str, modules: list[str]) -> list[str]:
    suite = toolenv.ROOT / SUITES[top]
    graph = imports_of(toolenv.ROOT / top, PACKAGES[top])
    tests = sorted(suite.rglob("test_*.py")) if modules else []
    nearness = ((min(_steps(test, suite, module, graph, top) for module in modules), test) for test in tests)
    return [str(test.relative_to(toolenv.ROOT)) for steps, test in sorted(nearness) if steps < FAR]


def _steps(test: Path, suite: Path, module: str, graph: Graph, top: str) -> int:
    """How far a test is from a module: 0 when it names it, 1 in its room, then by imports."""
    name = module.replace("/", ".")
    stem, text = module.rpartition("/")[2].lstrip("_"), test.read_text(encoding="utf-8")
    if stem in test.stem or f"{PACKAGES[top]}.{name}" in text:
        return 0
    if f'"{stem}"' in text or _room(module) == _room(test.relative_to(suite).as_posix()) != "modules":
        return 1
    about = [steps for other, steps in _importers(graph, name).items() if _names(test, other)]
    return 1 + min(about, default=FAR)


def _room(path: str) -> str:
    """`module_utils/_codedeploy`, `codedeploy`: where tests mirror what they are about."""
    parts = [part for part in Path(path).parent.parts if part not in ("services", "extensions")]
    return "/".join(ROOMS.get(part, part) for part in parts[:2])


def _names(test: Path, module: str) -> bool:
    """Whether a test is named after what users run."""
    kind, _dot, name = module.rpartition(".")
    return kind in ("modules", "action", "filter") and test.stem.startswith(f"test_{name}")


def _importers(graph: Graph, module: str) -> dict[str, int]:
    """All that imports a module, and over how many others."""
    found, ahead = {module: 0}, deque([module])
    while ahead:
        here = ahead.popleft()
        for other, imported in graph.items():
            if here in imported and other not in found:
                found[other] = found[here] + 1
                ahead.append(other)
    return found


def _git(*arguments: str) -> list[str]:
    listed = subprocess.run(["git", *arguments], cwd=toolenv.ROOT, capture_output=True, text=True, check=False)
    return listed.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
