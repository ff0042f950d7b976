# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""When which share of the traffic is on the new side."""

from __future__ import annotations

from typing import Any, NamedTuple

MINUTE = 60


class Step(NamedTuple):
    """From this second after the start of the shift, this percentage of the traffic is on the new side."""

    second: int
    share: int


def steps(routing: dict[str, Any]) -> list[Step]:
    """The first step is taken at once, every further one after the interval; the last one may be smaller."""
    kind = routing["type"]
    if kind == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return [Step(0, canary["canaryPercentage"]), Step(canary["canaryInterval"] * MINUTE, 100)]
    if kind == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        percentage, interval = linear["linearPercentage"], linear["linearInterval"] * MINUTE
        shares = [*range(percentage, 100, percentage), 100]
        return [Step(number * interval, share) for number, share in enumerate(shares)]
    return [Step(0, 100)]
