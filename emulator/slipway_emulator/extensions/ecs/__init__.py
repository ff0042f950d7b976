# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""ECS: tasks that start and stop on the clock, services that keep as many as they should, task sets, deployments."""

from __future__ import annotations

from . import clusters, definitions, services, task_calls, task_sets, tasks


def extend() -> None:
    """Put the corrections onto moto's ECS."""
    for part in (clusters, definitions, tasks, task_calls, services, task_sets):
        part.extend()
