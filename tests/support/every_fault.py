# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can befall a call: the rules of the emulator for it, and what a module has to make of them."""

from __future__ import annotations

import typing as t

from slipway_emulator.faults import faults
from support.modules import Outcome, run_module

OUTAGE = {"kind": "server-error", "code": "InternalServerError"}
EXPIRED = {
    "kind": "denied",
    "code": "ExpiredTokenException",
    "message": "The security token has expired",
    "status": 400,
}
FAULTS: dict[str, dict[str, t.Any]] = {
    "throttled": {"kind": "throttle", "times": 3},
    "short outage": {**OUTAGE, "times": 2},
    "outage": OUTAGE,
    "lost reply": {"kind": "lost-reply", "times": 1},
    "no reply": {"kind": "no-reply", "times": 1},
    "denied": {"kind": "denied"},
    "expired": EXPIRED,
}
PASSES = {"throttled", "short outage", "lost reply", "no reply"}  # by asking again
NEVER_AGAIN = {"short outage", "no reply"}  # a write that may have happened, and did not


def is_a_sentence(said: str, beginning: str) -> None:
    assert (
        said.startswith(beginning)
        and said.endswith((".", ")"))
        and len(said.splitlines()) == 1
        and "Traceback" not in said
    )


def struck_deployment(
    operation: str, fault: str, options: dict[str, t.Any], verb: str, unreadable: t.Collection[str]
) -> Outcome:
    """The outcome of a task with this fault on this call. `unreadable`: calls that only tell more, and may fail."""
    faults.add({**FAULTS[fault], "operation": operation})
    outcome = run_module("codedeploy_deployment", options)
    faults.remove()
    if fault in PASSES and not (operation == "CreateDeployment" and fault in NEVER_AGAIN):
        assert not outcome.failed, outcome.msg
    elif outcome.failed:
        is_a_sentence(outcome.msg, f"Failed to {verb} ")
    else:
        assert operation in unreadable
    return outcome
