# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: run.py [CHECK...]: the role codedeploy_agent against a booted Debian host. Needs root; ends with `N passed, N failed`."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parents[1]
sys.path[:0] = [str(TESTS), str(ROOT / "tools")]

import checks  # noqa: E402 - found through the line above
import processes  # noqa: E402
from debian import booted, check_machine  # noqa: E402
from installer import serving  # noqa: E402
from playbook import Playbooks  # noqa: E402
from rootfs import Missing, prepared  # noqa: E402

FOLDER = ROOT / "build" / "host"


def main(wanted: list[str]) -> int:
    processes.interrupt_on_signals()
    unknown = set(wanted) - {check.__name__ for check in checks.ALL}
    if unknown:
        print(f"There is no check {', '.join(sorted(unknown))}.")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        check_machine()
        with serving() as bucket, booted(prepared(FOLDER), FOLDER) as host:
            playbooks = Playbooks(ROOT, FOLDER, host, bucket)
            results = [passes(check, playbooks) for check in checks.ALL if not wanted or check.__name__ in wanted]
    except Missing as problem:
        print(f"NOT RUN: {problem}")
        print("0 passed, 1 failed")
        return 1
    except KeyboardInterrupt:
        print("Interrupted: the host is gone.")
        return 130
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return int(not all(results))


def passes(check: checks.Check, playbooks: Playbooks) -> bool:
    """Every check starts from what the one before left: they are one story."""
    started = time.monotonic()
    playbooks.forget()
    try:
        check(playbooks)
    except AssertionError:
        print(f"FAILED {check.__name__}\n{traceback.format_exc()}{playbooks.told()}", flush=True)
        return False
    print(f"ok     {check.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
