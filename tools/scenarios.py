# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: scenarios.py [SCENARIO...]: molecule's scenarios, each against a fresh emulator, from the current folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import processes
from emulators import NotReady, emulator

SCENARIOS = Path("extensions/molecule")
SPEED = 300  # emulated seconds in a second: a build of an image is over in five


def main(wanted: list[str]) -> int:
    processes.interrupt_on_signals()
    there = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    names = wanted or there
    failed = [name for name in names if not passes(name)]
    print(f"{len(names)} scenarios, failed: {', '.join(failed) or 'none'}")
    return int(bool(failed))


def passes(name: str) -> bool:
    print(f"==== {name}", flush=True)
    started = time.monotonic()
    try:
        # What molecule remembers of a run, such as that it prepared, is over with the emulator of that run.
        with emulator(speed=SPEED) as running, tempfile.TemporaryDirectory(prefix="molecule-") as state:
            environment = os.environ | {
                "AWS_ENDPOINT_URL": running.address,
                "ANSIBLE_PIPELINING": "true",
                "MOLECULE_EPHEMERAL_DIRECTORY": state,
                "NO_COLOR": "1",
            }
            return subprocess.run(["molecule", "test", "-s", name], env=environment, check=False).returncode == 0
    except NotReady:
        return False
    finally:
        print(f"==== {name} took {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
