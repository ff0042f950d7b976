# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Auto Scaling groups that blue/green deployments make as copies. Pure. Private to this collection.

With each of them the deployment group goes over to the copy, and the Auto Scaling group that was copied may be gone. So a
task that still names the first one means the fleet that the deployment group has now.
"""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

_COPY = re.compile(r"CodeDeploy_(.+)_(d-[A-Z0-9]{9})")


def name_of(group: str, deployment_id: str) -> str:
    """What CodeDeploy calls the copy that a deployment makes."""
    return f"CodeDeploy_{group}_{deployment_id}"


def copied_by(group: str, name: str) -> str | None:
    """The deployment of a deployment group that made an Auto Scaling group; None for one that is no copy of its fleet."""
    found = _COPY.fullmatch(name)
    return found[2] if found and found[1] == group else None


def fleet(group: str, named: list[str] | None, live: list[str]) -> Shape | None:
    """The copy that took the place of the one Auto Scaling group that a task names; None where there is none."""
    if not named or len(named) != 1 or len(live) != 1 or named == live:
        return None
    deployment_id = copied_by(group, live[0])
    return {"named": named[0], "autoScalingGroup": live[0], "copiedBy": deployment_id} if deployment_id else None
