# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failed preflight in sentences that name hosts, reasons and remedies. Pure. Private."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import NOT_READY, UNKNOWN
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOST_NAMED = 10  # hosts told in the message
LEVELS = {"never": (), "not_ready": (NOT_READY,), "unknown": (NOT_READY, UNKNOWN)}


def problem(params: Shape, told: Shape) -> str | None:
    """Why the task fails at its level of `fail_on`, in sentences that name the hosts and the remedy; None if it does not."""
    found, bad = told["preflight"], LEVELS[params["fail_on"]]
    if found["probe"] != params["probe"]:  # check mode asks no host, so what it does not know is no failure
        bad = tuple(level for level in bad if level != UNKNOWN)
    if found["verdict"] not in bad:
        return None
    total = len(told["hosts"]) + sum(1 for one in found["notReady"] if one.get("missing"))
    named = found["notReady"] + (found["unknown"] if UNKNOWN in bad else [])
    blocking = causes.blocking(found["problems"])
    parts = causes.messages(blocking)
    if found["notReady"]:
        parts.append(f"{len(found['notReady'])} of {total} hosts are not ready.")
    if found["unknown"] and UNKNOWN in bad:
        parts.append(f"It is not known whether {len(found['unknown'])} of {total} hosts are ready.")
    through = causes.way_through(blocking) if blocking else ""
    return " ".join(filter(None, [*parts, *_hosts(named), *_remedies([*blocking, *named]), through]))


def unknown(told: Shape) -> str | None:
    """The hosts of which nothing is known, with reason and remedy; None when there are none."""
    named, total = told["preflight"]["unknown"], len(told["hosts"])
    if not named:
        return None
    text = f"It is not known whether {len(named)} of {total} hosts are ready."
    return " ".join([text, *_hosts(named), *_remedies(named)])


def _hosts(named: list[Shape]) -> list[str]:
    more = [f"And {len(named) - MOST_NAMED} more, see preflight."] if len(named) > MOST_NAMED else []
    return [*(f"{_place(one)}: {one['reason']}." for one in named[:MOST_NAMED]), *more]


def _remedies(told: list[Shape]) -> list[str]:
    """Each different remedy once."""
    return list(dict.fromkeys(one["remedy"] for one in told))


def _place(told: Shape) -> str:
    return f"{told['id']} ({told['privateIpAddress']})" if told["privateIpAddress"] else told["id"]
