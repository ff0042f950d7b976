# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A refresh with MaxHealthyPercentage above 100 launches before it terminates: its group is larger for a while."""

from __future__ import annotations

import math
from typing import Any

from . import maintenance
from .health import retire
from .shared import COUNTED, reconcile


def allowed(group: Any, preferences: dict[str, Any]) -> int:
    """How many instances more than its desired capacity the group may have; 0 if it terminates first."""
    most, desired = maintenance.share(group, preferences, maintenance.MOST), group.desired_capacity or 0
    return max(1, math.floor(desired * most / 100) - desired) if most > 100 else 0


def launch(group: Any, number: int) -> None:
    group.surplus = number
    reconcile(group)


def launched(group: Any) -> int:
    return int(group.__dict__.get("surplus", 0))


def settle(group: Any) -> int:
    """Count the surplus as the group's own from now on; how many instances it replaces."""
    return int(group.__dict__.pop("surplus", 0))


def give_up(group: Any, before: set[str]) -> None:
    """End what was launched on top and has replaced nothing; `before` are the instances from before the refresh."""
    new = [s for s in group.instance_states if s.lifecycle_state in COUNTED and s.instance_id not in before]
    for state in new[len(new) - settle(group) :]:
        retire(group, state, "an instance was launched by an instance refresh that did not go on.")
