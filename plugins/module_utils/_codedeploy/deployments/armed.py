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
