# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ending a program together with everything it started, so that Ctrl-C leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path


def end(program: subprocess.Popen[bytes], patience: float = 5) -> None:
    """Ask politely, then insist. Ansible's workers have sessions of their own, so a process group does not reach them."""
    family = [program.pid, *descendants(program.pid)]
    _signal(family, signal.SIGTERM)
    try:
        program.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        family += descendants(program.pid)
    _signal(family[1:] if program.returncode is not None else family, signal.SIGKILL)
    program.wait()


def descendants(pid: int) -> list[int]:
    """The children of a process and theirs. Empty where there is no /proc; the direct child is ended there all the same."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended while we were looking
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = list(children.get(pid, []))
    for child in found:
        found.extend(children.get(child, []))
    return found


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def interrupt_on_signals() -> None:
    """make passes SIGTERM on, and a closed terminal sends SIGHUP: both unwind like Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
