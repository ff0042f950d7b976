# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a command can end on a node, in words. Pure. Private to this collection.

Documents write the details of a status with blanks, answers without.
"""

from __future__ import annotations

import re

ENDINGS = {
    **dict.fromkeys(("Pending", "InProgress", "Delayed"), "{what} was not answered within wait_timeout"),
    "DeliveryTimedOut": "{what} did not reach {it} in time: its SSM agent is busy, hung or cut off",
    "ExecutionTimedOut": "{what} started on {it} and did not finish within {limit}",
    "Undeliverable": "{what} could not be delivered: the instance is not running or does not answer",
    "InvalidPlatform": "the document of {what} does not run on the platform of {it}",
    "AccessDenied": "SSM did not allow the caller to send {what} to {it}",
    **dict.fromkeys(("Cancelled", "Cancelling"), "someone canceled {what}"),
    "Terminated": "SSM terminated {what} before it reached {it}",
}


def details(shape: dict[str, str]) -> str:
    """The details of the status of a command or an invocation."""
    return str(shape.get("StatusDetails") or shape.get("Status") or "nothing").replace(" ", "")


def in_words(what: str, it: str, limit: str) -> dict[str, str]:
    """How `what`, sent to `it`, can end, by the details of its status; `limit` is its time to run."""
    words = {"{what}": what, "{it}": it, "{limit}": limit}
    return {ended: re.sub(r"\{\w+\}", lambda found: words[found[0]], text) for ended, text in ENDINGS.items()}
