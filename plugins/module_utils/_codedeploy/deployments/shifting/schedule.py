# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When how much traffic moves, from the routing of a deployment configuration. Pure. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

ALL_AT_ONCE: Shape = {"type": "AllAtOnce"}
# What AWS named its own configurations after; they cannot be changed, so they need no call.
_PREDEFINED = re.compile(
    r"CodeDeployDefault\.(?:ECS|Lambda)(?:AllAtOnce|(Linear|Canary)(\d+)Percent(?:Every)?(\d+)Minutes?)"
)


class Step(t.NamedTuple):
    """From so many minutes after the first traffic moved, so much of it goes to the new tasks or version."""

    minutes: int
    percent: int


def predefined(name: str) -> Shape | None:
    """The routing of a configuration of AWS; None for any other name."""
    found = _PREDEFINED.fullmatch(name)
    if not found:
        return None
    kind, percent, minutes = found.groups()
    if kind is None:
        return ALL_AT_ONCE
    block = {f"{kind.lower()}Percentage": int(percent), f"{kind.lower()}Interval": int(minutes)}
    return {"type": f"TimeBased{kind}", f"timeBased{kind}": block}


def steps(routing: Shape) -> list[Step]:
    """The first step is taken at once; the last one is whatever is left."""
    canary, linear = routing.get("timeBasedCanary"), routing.get("timeBasedLinear")
    if routing.get("type") == "TimeBasedCanary" and canary:
        return [Step(0, canary["canaryPercentage"]), Step(canary["canaryInterval"], 100)]
    if routing.get("type") == "TimeBasedLinear" and linear:
        percent, interval = max(1, linear["linearPercentage"]), linear["linearInterval"]
        count = -(-100 // percent)
        return [Step(number * interval, min(100, (number + 1) * percent)) for number in range(count)]
    return [Step(0, 100)]
