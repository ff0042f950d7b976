# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Health checks of load balancers, as the clock and the faults have them."""

from __future__ import annotations

from dataclasses import dataclass

from ..clock import clock
from ..faults import faults

faults.declare(
    "target-unhealthy",
    "a target fails its health checks",
    ("region", "target_group", "load_balancer", "target_id", "port", "service", "family", "image", "task_definition"),
)


@dataclass(frozen=True)
class Checks:
    """Seconds between two checks, and how many in a row make a target healthy or unhealthy."""

    interval: int
    rise: int
    fall: int

    def outcome(self, begin: float, **facts: str) -> str:
        """`initial`, `healthy` or `unhealthy`, for checks that began then. A fault changes what they find, not when."""
        now = clock.now()
        if faults.find("target-unhealthy", **facts):
            return "unhealthy" if now >= begin + self.interval * self.fall else "initial"
        return "healthy" if now >= begin + self.interval * self.rise else "initial"
