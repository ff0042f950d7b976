# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every module both ways with other versions of ansible-core too: those of tools/cores, each below build/cores.

The modules are entered by names of ansible-core that are not for others, and may change with every version of it. A version
is one package before those of .venv, which have all that it needs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import processes
import toolenv

PINNED = toolenv.ROOT / "tools" / "cores"
FOLDER = toolenv.BUILD / "cores"
TEST = "tests/playbooks/test_both_ways.py"


def main() -> int:
    processes.interrupt_on_signals()
    return max(judge(pinned) for pinned in sorted(PINNED.glob("*.txt")))


def judge(pinned: Path) -> int:
    version = pinned.read_text().split()[0].removeprefix("ansible-core==")
    environment = {**os.environ, "PYTHONPATH": str(installed(pinned, version))}
    asked = [sys.executable, "-c", "import ansible.release; print(ansible.release.__version__)"]
    found = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    print(f"ansible-core {found}", flush=True)
    if found != version:
        return 1
    return subprocess.run([sys.executable, "-m", "pytest", "-q", TEST], env=environment, check=False).returncode


def installed(pinned: Path, version: str) -> Path:
    """The folder that holds it. It is made anew unless it was completed before."""
    folder = FOLDER / version
    done = folder / "complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        switches = ["-q", "--disable-pip-version-check", "--no-deps", "--no-compile", "--require-hashes"]
        command = [sys.executable, "-m", "pip", "install", *switches, "--target", str(folder), "-r", str(pinned)]
        subprocess.run(command, check=True)
        done.touch()
    return folder


if __name__ == "__main__":
    sys.exit(main())
