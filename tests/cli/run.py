# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Try the `aws` command line against the emulator, as a user would: `python tests/cli/run.py [scenario ...]`.

Every scenario has an emulator of its own, whose clock it steps; two run at a time. The last line tells how many checks
passed and failed; the exit status is 0 when none failed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import baking
import commanding
import deploying
import fleets
import packaging
import program
import replacing
import shifting
from terminal import Broken, Terminal, terminal

SCENARIOS: dict[str, tuple[Callable[[Terminal], None], str]] = {
    "deploying": (deploying.scenario, deploying.REGION),
    "baking": (baking.scenario, baking.REGION),
    "fleets": (fleets.scenario, fleets.REGION),
    "commanding": (commanding.scenario, commanding.REGION),
    "packaging": (packaging.scenario, packaging.REGION),
    "shifting": (shifting.scenario, shifting.REGION),
    "replacing": (replacing.scenario, replacing.REGION),
}
# The emulator runs by the Python that this was started with; this goes on by the one that has the program.
PYTHON = "EMULATOR_PYTHON"


def played(name: str) -> list[tuple[str, bool, str]]:
    """The checks of one scenario; one that could not go on has failed one more."""
    scenario, region = SCENARIOS[name]
    with terminal(name, region, os.environ[PYTHON]) as at:
        try:
            scenario(at)
        except Broken as broken:
            at.check("every command does its work", False, broken)
    return at.checks


def main(names: list[str]) -> int:
    unknown = set(names) - set(SCENARIOS)
    if unknown:
        print(f"There is no scenario {', '.join(sorted(unknown))}; there are: {', '.join(SCENARIOS)}.", file=sys.stderr)
        return 2
    if PYTHON not in os.environ:
        python = str(program.interpreter())
        os.execve(python, [python, *sys.argv], {**os.environ, PYTHON: sys.executable})
    chosen = names or list(SCENARIOS)
    passed = failed = 0
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, checks in zip(chosen, pool.map(played, chosen), strict=True):
            wrong = [(title, seen) for title, held, seen in checks if not held]
            for title, seen in wrong:
                print(f"FAILED {name}: {title}: {seen}")
            passed, failed = passed + len(checks) - len(wrong), failed + len(wrong)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
