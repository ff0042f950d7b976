# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure pushes against zipping with zipfile and uploading, in one run on one machine.

    python tests/benchmarks/push [--workloads a,b] [--runs 3] [--check] [--peer aws]

Only ratios mean something on another machine. Each variant runs in a process of its own, by turns, against a sink on
loopback; the median is shown. `--peer PATH` measures `aws deploy push` of that aws command too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))

from pushes import VARIANTS  # noqa: E402  # a program's own folder is not a package
from workload import WORKLOADS, Workload, generate  # noqa: E402

# Ratio to `plain` that must hold: (workload, variant) -> (measure, limit).
TARGETS = {
    ("a", "zip"): ("cpu", 1.2),
    ("b", "zip"): ("wall", 0.75),
    ("c", "zip"): ("wall", 0.6),
    ("a", "no-op"): ("cpu", 1.0),
    ("b", "no-op"): ("cpu", 0.22),
    ("c", "no-op"): ("cpu", 0.06),
    **{(name, "archive"): ("wall", limit) for name, limit in (("a", 1.0), ("b", 0.75), ("c", 0.6))},
    **{(name, "archive, no-op"): ("cpu", limit) for name, limit in (("a", 1.0), ("b", 0.22), ("c", 0.06))},
}


UNCHANGED = {"no-op": "zip", "archive, no-op": "archive"}  # a push, and the one before it


class Cost(NamedTuple):
    """Of one process: seconds, seconds, MiB, bytes sent, requests made."""

    wall: float
    cpu: float
    peak: float
    sent: int
    requests: int


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--workloads", default="a,b")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    options.add_argument("--peer", help="the aws command of awscli")
    options.add_argument("--check", action="store_true", help="fail when a target is missed")
    asked = options.parse_args()
    with sink() as endpoint:
        results = {name: measure(WORKLOADS[name], asked, endpoint) for name in asked.workloads.split(",")}
    missed = [line for name, costs in results.items() for line in report(WORKLOADS[name], costs)]
    told = {name: {variant: cost._asdict() for variant, cost in costs.items()} for name, costs in results.items()}
    (asked.folder / "push.json").write_text(json.dumps(told, indent=2) + "\n")
    if missed and asked.check:
        sys.exit("missed: " + "; ".join(missed))


def measure(workload: Workload, asked: argparse.Namespace, endpoint: str) -> dict[str, Cost]:
    """The median cost of every variant; by turns, so that what else the machine does hits all alike."""
    say(f"{workload.name}: {workload.what}, {asked.runs} runs ...")
    source = generate(workload, asked.folder)
    every = commands(source, endpoint, asked.peer)
    costs: dict[str, list[Cost]] = {}
    for _turn in range(asked.runs):
        for variant, command in every.items():
            ask(endpoint, "DELETE")
            if variant in UNCHANGED:
                run(every[UNCHANGED[variant]], endpoint)
            costs.setdefault(variant, []).append(run(command, endpoint))
    return {variant: Cost(*map(statistics.median, zip(*each))) for variant, each in costs.items()}


def commands(source: Path, endpoint: str, peer: str | None) -> dict[str, list[str]]:
    own = {name: [sys.executable, str(HERE / "pushes.py"), name, str(source), endpoint] for name in VARIANTS}
    if peer is None:
        return own
    target = ["--application-name", "bench", "--s3-location", "s3://bench/peer.zip", "--source", str(source)]
    return {**own, "aws deploy push": [peer, "deploy", "push", *target]}


def run(command: list[str], endpoint: str) -> Cost:
    """Run to the end; what the kernel counted for the process is its cost."""
    before = json.loads(ask(endpoint, "GET"))
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "eu-west-1"}
    collections = os.pathsep.join([str(ROOT / ".venv" / "collections"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": endpoint, "PYTHONPATH": collections}
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    after = json.loads(ask(endpoint, "GET"))
    sent, requests = (after[name] - before[name] for name in ("bytes", "requests"))
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, sent, requests)


@contextmanager
def sink() -> Iterator[str]:
    with subprocess.Popen([sys.executable, str(HERE / "sink.py")], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"  # type: ignore[union-attr]  # it is a pipe
        finally:
            process.terminate()


def ask(endpoint: str, method: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/", method=method)) as answer:  # noqa: S310  # loopback
        return answer.read()


def report(workload: Workload, costs: dict[str, Cost]) -> list[str]:
    """Print the table of one workload, and return the targets it missed."""
    say(f"\n{workload.name}: {workload.what}")
    say(f"{'':18}{'wall s':>8}{'ratio':>7}{'CPU s':>8}{'ratio':>7}{'MiB':>6}{'sent MB':>10}{'requests':>10}")
    base, missed = costs["plain"], []
    for variant, cost in costs.items():
        walls, cpus = cost.wall / base.wall, cost.cpu / base.cpu
        say(
            f"{variant:18}{cost.wall:8.2f}{walls:7.2f}{cost.cpu:8.2f}{cpus:7.2f}{cost.peak:6.0f}"
            f"{cost.sent / 1e6:10.2f}{cost.requests:10.0f}"
        )
        measure_, limit = TARGETS.get((workload.name, variant), ("cpu", 9.9))
        ratio = {"wall": walls, "cpu": cpus}[measure_]
        if ratio > limit:
            missed.append(f"{workload.name} {variant}: {measure_} ratio {ratio:.2f} over {limit}")
    return missed


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
