# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is armed for a deployment: its own settings where it has any, else those of its group. Pure. Private."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

# Member of the plan, the member of CreateDeployment that takes its place, and that of the group.
SETTINGS = (
    ("autoRollbackConfiguration", "autoRollbackConfiguration"),
    ("alarmConfiguration", "overrideAlarmConfiguration"),
)


def armed(asked: Shape, group: Shape) -> Shape:
    """When a deployment is rolled back, and which alarms stop it."""
    return {name: group.get(name) or {} if asked.get(own) is None else asked[own] for name, own in SETTINGS}


def waits(group: Shape) -> Shape:
    """For how many minutes it waits before traffic moves, and before what served ends. None where it does not."""
    configured = group.get("blueGreenDeploymentConfiguration") or {}
    ready = configured.get("deploymentReadyOption") or {}
    ends = configured.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    stops, keeps = ready.get("actionOnTimeout") == "STOP_DEPLOYMENT", ends.get("action") == "KEEP_ALIVE"
    return {
        "readyWaitMinutes": ready.get("waitTimeInMinutes") or 0 if stops else None,
        "terminationWaitMinutes": ends.get("terminationWaitTimeInMinutes") or 0 if ends and not keeps else None,
    }
