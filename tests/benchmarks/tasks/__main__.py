# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what tasks cost that change nothing, in a fork of Ansible's worker and each in a Python of its own.

    python tests/benchmarks/tasks [--runs 2] [--check]

By turns in one run, so that what else the machine does hits both alike; the median of the CPU seconds of ansible-playbook
and all that it started is shown. The last line is the two ratios, the only figures that mean something on another machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.main_job import JOB, variables  # a program's own folder is not a package
from support.plays import BUILD, ROOT, Emulator, Player, Rows, Server

TASKS = 20
SPEED = 300  # emulated seconds in a second, for the run that makes everything
TARGETS = {"20 tasks of one noun": 0.25, "the main job": 0.45}  # ratio that must hold
WAYS = {"in a fork": "true", "a Python each": "false"}

Job = tuple[str | Rows, dict[str, object]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=2)
    options.add_argument("--check", action="store_true", help="fail when a target is missed")
    asked = options.parse_args()
    with player() as play:
        ratios = {name: measure(play, name, job, asked.runs) for name, job in jobs().items()}
    say("CPU ratio: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))
    missed = [name for name, ratio in ratios.items() if ratio > TARGETS[name]]
    if missed and asked.check:
        sys.exit(f"over the target: {', '.join(missed)}")


def jobs() -> dict[str, Job]:
    noun = {"name": "storefront", "compute_platform": "Server", "tags": {"Team": "shop"}}
    tasks: Rows = [{"name": f"Task {number}", "slipway.aws.codedeploy_application": noun} for number in range(TASKS)]
    return dict(zip(TARGETS, ((tasks, {}), (JOB, variables(str(ROOT / "examples" / "storefront"))))))


@contextmanager
def player() -> Iterator[Player]:
    BUILD.mkdir(parents=True, exist_ok=True)
    server = Server()
    try:
        emulator = Emulator(server.address)
        emulator.reset(SPEED)
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            yield Player(emulator, Path(folder))
    finally:
        server.stop()


def measure(play: Player, name: str, job: Job, runs: int) -> float:
    """What a run costs that finds all as it should be: the ratio of the two ways."""
    say(f"{name}, {runs} runs each ...")
    run(play, job, "true")  # makes what the others find
    costs: dict[str, list[float]] = {way: [] for way in WAYS}
    for _turn in range(runs):
        for way, value in WAYS.items():
            costs[way].append(run(play, job, value))
    medians = {way: statistics.median(seconds) for way, seconds in costs.items()}
    for way, seconds in medians.items():
        say(f"  {way:14}{seconds:8.2f} CPU s")
    forked, ordinary = medians.values()
    return forked / ordinary


def run(play: Player, job: Job, way: str) -> float:
    """One run; what the kernel counted for it and all that it waited for is its cost."""
    playbook, given = job
    with tempfile.TemporaryDirectory(dir=play.folder) as name:
        folder = Path(name)
        environment = play.environment(PLAY_RECORD=os.devnull, SLIPWAY_DIRECT_EXECUTION=way)
        with open(folder / "output", "w+b") as output:
            process = subprocess.Popen(
                play.command(playbook, folder, given), cwd=folder, env=environment, stdout=output, stderr=output
            )
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                output.seek(0)
                sys.exit(f"ansible-playbook ended with {process.returncode}:\n{output.read().decode()}")
    return used.ru_utime + used.ru_stime


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
