# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an Auto Scaling group a copy of it does not have. Only reads. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import SERVICE, find_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

OURS = "CodeDeploy-managed-"  # hooks of CodeDeploy itself, which puts its own on a copy
# What is told -> the operation, the list in its answer, and the name of an item.
PARTS = {
    "lifecycleHooks": ("describe_lifecycle_hooks", "LifecycleHooks", "LifecycleHookName"),
    "scalingPolicies": ("describe_policies", "ScalingPolicies", "PolicyName"),
    "scheduledActions": ("describe_scheduled_actions", "ScheduledUpdateGroupActions", "ScheduledActionName"),
}


def left_behind(aws: Connection, name: str) -> Shape:
    """Names of what the group has, by kind; kinds of which it has none are left out, and what may not be read is None.

    A call for each kind. A plan is not worth failing over one of them.
    """
    found: Shape = {kind: if_readable(_reader(aws, name, kind)) for kind in PARTS}
    group = if_readable(lambda: find_group(aws, name)) or {}
    found["metrics"] = sorted(one["Metric"] for one in group.get("EnabledMetrics") or [])
    found["warmPool"] = ["warm pool"] if group.get("WarmPoolConfiguration") else []
    return {kind: names for kind, names in found.items() if names or names is None}


def _reader(aws: Connection, name: str, kind: str) -> t.Callable[[], list[str]]:
    operation, listed, named = PARTS[kind]

    def read() -> list[str]:
        answer = getattr(aws.client(SERVICE), operation)(AutoScalingGroupName=name)
        return sorted({one[named] for one in answer[listed] if not str(one[named]).startswith(OURS)})

    return read
