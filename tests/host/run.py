# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: run.py [CHECK...]: the role codedeploy_agent against a booted Debian host. Needs root; ends with `N passed, N failed`."""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import checks
from debian import booted, check_machine
from installer import serving
from playbook import Playbooks
from rootfs import Missing, prepared, say

import processes
import toolenv

FOLDER = toolenv.BUILD / "host"


def main(wanted: list[str]) -> int:
    processes.interrupt_on_signals()
    unknown = set(wanted) - {check.__name__ for check in checks.ALL}
    if unknown:
        say(f"There is no check {', '.join(sorted(unknown))}.")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        check_machine()
        results = run([check for check in checks.ALL if not wanted or check.__name__ in wanted])
    except Missing as problem:
        say(f"NOT RUN: {problem}")
        say("0 passed, 1 failed")
        return 1
    except KeyboardInterrupt:
        say("Interrupted: the host is gone.")
        return 130
    say(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return int(not all(results))


def run(chosen: list[checks.Check]) -> list[bool]:
    """Whether each check passed."""
    with (
        tempfile.TemporaryDirectory(prefix="ssh-") as sockets,
        serving() as bucket,
        booted(prepared(FOLDER), FOLDER) as host,
    ):
        playbooks = Playbooks(toolenv.ROOT, FOLDER, Path(sockets), host, bucket)
        return [passes(check, playbooks) for check in chosen]


def passes(check: checks.Check, playbooks: Playbooks) -> bool:
    """Every check starts from what the one before left: they are one story."""
    started = time.monotonic()
    playbooks.forget()
    try:
        check(playbooks)
    except AssertionError:
        say(f"FAILED {check.__name__}\n{traceback.format_exc()}{playbooks.told()}")
        return False
    say(f"ok     {check.__name__} ({time.monotonic() - started:.1f} s)")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
