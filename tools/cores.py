# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: cores.py [--whole]: run modules both ways with other versions of ansible-core too: those of tools/cores, each below build/cores.

The modules are entered by names of ansible-core that are not for others, and may change with every version of it. A version
is one package before those of .venv, which have all that it needs. Some modules stand for all, which are
entered by the same names; --whole runs them all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import processes
import toolenv

PINNED = toolenv.ROOT / "tools" / "cores"
FOLDER = toolenv.BUILD / "cores"
TEST = "tests/playbooks/test_both_ways.py"


def main(*switches: str) -> int:
    """All at once: each has one task at a time."""
    processes.interrupt_on_signals()
    whole = "--whole" in switches
    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(lambda pinned: judge(pinned, whole), sorted(PINNED.glob("*.txt"))))
    for version, ended in ends:
        print(f"ansible-core {version}\n{ended.stdout}", flush=True)
    return max(ended.returncode for _version, ended in ends)


def judge(pinned: Path, whole: bool) -> tuple[str, subprocess.CompletedProcess[str]]:
    version = pinned.read_text().split()[0].removeprefix("ansible-core==")
    environment = {**os.environ, "PYTHONPATH": str(installed(pinned, version))}
    check = "import ansible.release, sys; sys.exit(ansible.release.__version__ != sys.argv[1])"
    subprocess.run([sys.executable, "-c", check, version], env=environment, check=True)
    tests = [sys.executable, "-m", "pytest", "-q", TEST]
    if whole:
        environment["WHOLE_STORY"] = "1"
    else:
        tests += ["-k", "codedeploy"]
    return version, subprocess.run(
        tests, env=environment, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


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
    sys.exit(main(*sys.argv[1:]))
