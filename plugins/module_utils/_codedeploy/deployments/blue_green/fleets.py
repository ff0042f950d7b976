# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the two fleets of a blue/green deployment. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import copies
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green.style import (
    BLUE,
    COPY,
    GREEN,
    ROLLBACK,
    is_blue_green,
    provisioning,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOVED = ("InProgress", "Succeeded", "Failed")


def read(aws: Connection, deployment: Shape, rollback: Shape | None) -> Shape:
    """The hosts of both fleets, who has the traffic, and the Auto Scaling group of the green ones.

    It is told beside how the deployment ended: nothing is told where it may not be read, or where no fleet was replaced.
    """
    if not is_blue_green(deployment) or deployment.get("creator") == ROLLBACK:
        return {}
    return if_readable(lambda: _read(aws, deployment, rollback)) or {}


def _read(aws: Connection, deployment: Shape, rollback: Shape | None) -> Shape:
    name, over = deployment["deploymentId"], deployment["status"] in ("Failed", "Stopped")
    green, blue = (calls.target_ids(aws, name, label=label) for label in (GREEN, BLUE))
    found: Shape = {"greenHosts": sorted(green), "blueHosts": sorted(blue)}
    found["traffic"] = _traffic(aws, name, green, blue, rollback) if over else _of_success(deployment)
    copy = copies.name_of(deployment["deploymentGroupName"], name) if provisioning(deployment) == COPY else None
    there = copy and (not over or scaling.find_group(aws, copy))
    return {**found, "greenAutoScalingGroup": copy if there else None}


def _of_success(deployment: Shape) -> str:
    return (
        "green"
        if deployment["status"] == "Succeeded" or deployment.get("instanceTerminationWaitTimeStarted")
        else "blue"
    )


def _traffic(aws: Connection, name: str, green: list[str], blue: list[str], rollback: Shape | None) -> str:
    """Which hosts have traffic after a deployment that did not succeed: blue, green or both."""
    if (rollback or {}).get("status") == "Succeeded" or not _any(aws, name, green, "AllowTraffic"):
        return "blue"
    left = _any(aws, name, blue, "BlockTraffic")
    return "green" if left == len(blue) else "both"


def _any(aws: Connection, name: str, ids: list[str], event: str) -> int:
    """On how many of these hosts the event ran."""
    targets = calls.read_targets(aws, name, ids) if ids else []
    events = [{one["lifecycleEventName"]: one.get("status") for one in t.get("lifecycleEvents") or []} for t in targets]
    return sum(one.get(event) in MOVED for one in events)
