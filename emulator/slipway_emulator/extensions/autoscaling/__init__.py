# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Auto Scaling: launches as their template says, lifecycle hooks, health, instance refresh, activities."""

from __future__ import annotations

from . import activities, balancing, groups, health, hooks, launches, refresh_api, settings, warm_pool


def extend() -> None:
    """Put the corrections onto moto's Auto Scaling."""
    for part in (launches, hooks, health, activities, balancing, groups, settings, refresh_api, warm_pool):
        part.extend()
