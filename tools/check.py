# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: check.py [--group NAME] [STEP...]: run the steps of steps.py, three at a time beside one that waits, and tell how each ended."""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree

import processes
import toolenv
import tree
from steps import STEPS, Step

LOGS = toolenv.BUILD / "test"
COPIES = toolenv.BUILD / "copies"
AT_A_TIME = 3  # for two processors: every step also waits for an emulator's clock, or for a process to start


class End(Enum):
    """How a step ended. A step that did not run is no success."""

    PASSED = "ok"
    FAILED = "FAILED"
    NOT_RUN = "NOT RUN"


@dataclass(frozen=True)
class Result:
    """The end of one step; `passed` and `failed` count its tests, or the step itself."""

    step: Step
    end: End
    reason: str = ""
    seconds: float = 0
    passed: int = 0
    failed: int = 0


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    processes.interrupt_on_signals()
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    runner = Runner(_chosen(options))
    try:
        results = runner.run()
    except KeyboardInterrupt:
        runner.stop()
        print("Interrupted: everything that was started has been ended.")
        return 130
    return summarize(results, time.monotonic() - started)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", help="only the steps of this group (lint, quick)")
    parser.add_argument("step", nargs="*", choices=[[], *(step.name for step in STEPS)], help="only these steps")
    return parser


def _chosen(options: argparse.Namespace) -> list[Step]:
    if options.group:
        return [step for step in STEPS if options.group in step.groups]
    return [step for step in STEPS if step.name in options.step or not (options.step or step.on_request)]


class Runner:
    """Workers that take steps from one queue. Output of a step goes to its log, and to the screen only if it failed."""

    def __init__(self, steps: list[Step]) -> None:
        self.busy: queue.SimpleQueue[Step] = queue.SimpleQueue()
        self.waiting: queue.SimpleQueue[Step] = queue.SimpleQueue()
        for step in steps:
            (self.waiting if step.waits else self.busy).put(step)
        self.expected = len(steps)
        self.done: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self.running: set[subprocess.Popen[bytes]] = set()
        self.stopping = False

    def run(self) -> list[Result]:
        for steps in (*[self.busy] * AT_A_TIME, self.waiting):
            threading.Thread(target=self._work, args=(steps,), daemon=True).start()
        results: list[Result] = []
        while len(results) < self.expected:
            results.append(self.done.get())
            announce(results[-1])
        return results

    def stop(self) -> None:
        self.stopping = True
        for program in list(self.running):
            processes.end(program)

    def _work(self, steps: queue.SimpleQueue[Step]) -> None:
        while not self.stopping:
            try:
                step = steps.get_nowait()
            except queue.Empty:
                return
            try:
                self.done.put(self._run(step))
            except OSError as problem:
                self.done.put(Result(step, End.FAILED, f"could not be started: {problem}", failed=1))

    def _run(self, step: Step) -> Result:
        missing = [pattern for pattern in step.inputs if not any(toolenv.ROOT.glob(pattern))]
        if missing:
            return Result(step, End.FAILED, f"nothing to check: there is no {', '.join(missing)}", failed=1)
        if step.needs_root and os.geteuid() != 0:
            return Result(step, End.NOT_RUN, "needs root, and this user is not root")
        started = time.monotonic()
        status = self._execute(step)
        return judge(step, status, time.monotonic() - started)

    def _execute(self, step: Step) -> int | None:
        folder = tree.copy_below(COPIES / step.name) if step.in_copy else toolenv.ROOT
        report(step).unlink(missing_ok=True)
        with log(step).open("wb") as output:
            program = subprocess.Popen(
                step.command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and we end it with all it started
            )  # fmt: skip
            self.running.add(program)
            if self.stopping:
                processes.end(program)
            status = self._wait(step, program)
            self.running.discard(program)
            return status

    def _wait(self, step: Step, program: subprocess.Popen[bytes]) -> int | None:
        try:
            return program.wait(step.limit)
        except subprocess.TimeoutExpired:
            processes.end(program)
            return None


def log(step: Step) -> Path:
    return LOGS / f"{step.name}.log"


def report(step: Step) -> Path:
    return LOGS / f"{step.name}.xml"


def judge(step: Step, status: int | None, seconds: float) -> Result:
    """A pytest step counts its tests; one that skips some has left a check out and fails. No status: it did not end."""
    if status is None:
        return Result(step, End.FAILED, f"ended after {step.limit} s, its limit", seconds, failed=1)
    if not step.is_pytest or not report(step).is_file():
        end = End.FAILED if status else End.PASSED
        return Result(step, end, f"status {status}" if status else "", seconds, int(not status), int(bool(status)))
    total, failed, skipped = count(report(step))
    reasons = [f"{failed} failed"] * bool(failed) + [f"{skipped} skipped"] * bool(skipped)
    if status and not reasons:
        reasons = [f"status {status}"]
    broken = failed + skipped or int(bool(status))
    passed = max(total - failed - skipped, 0)
    return Result(step, End.FAILED if reasons else End.PASSED, ", ".join(reasons), seconds, passed, broken)


def count(junit: Path) -> tuple[int, int, int]:
    """Tests in all, failed (errors included) and skipped."""
    # pytest wrote the file a moment ago: it is ours, not somebody's input.
    suites = list(ElementTree.parse(junit).iter("testsuite"))  # noqa: S314

    def sum_of(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    return sum_of("tests"), sum_of("failures", "errors"), sum_of("skipped")


def announce(result: Result) -> None:
    tests = f"{result.passed} tests" if result.step.is_pytest and result.passed else ""
    details = "  ".join(text for text in (tests, result.reason) if text)
    print(f"{result.end.value:8} {result.step.name:14} {result.seconds:6.1f} s  {details}".rstrip(), flush=True)
    if result.end is End.FAILED and log(result.step).is_file() and result.seconds:
        print(f"---- build/test/{result.step.name}.log")
        with log(result.step).open("rb") as output:
            sys.stdout.flush()
            shutil.copyfileobj(output, sys.stdout.buffer)
        print(f"---- end of {result.step.name}.log", flush=True)


def summarize(results: list[Result], seconds: float) -> int:
    """The last line is one that programs read: `N passed, N failed`."""
    failed = [result for result in results if result.end is End.FAILED]
    not_run = [result for result in results if result.end is End.NOT_RUN]
    print()
    for result in failed + not_run:
        print(f"{result.end.value:8} {result.step.name}: {result.reason}")
    passed_steps = len(results) - len(failed) - len(not_run)
    print(f"{passed_steps} of {len(results)} steps passed in {seconds:.0f} s; their logs are in build/test/")
    print(f"{sum(r.passed for r in results)} passed, {sum(r.failed for r in results)} failed", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
