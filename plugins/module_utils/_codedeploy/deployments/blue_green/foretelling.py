# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a blue/green deployment to hosts would do. Only reads. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.settings import left_behind
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import copies, waves
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.armed import waits
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green.style import (
    COPY,
    provisioning,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import Selection, resolve
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

NEW = "<deployment id>"  # AWS makes it


def green_hosts(aws: Connection, asked: Shape, group: Shape, blue: list[Shape] | None) -> list[Shape] | None:
    """The hosts that would be deployed to. A copy has as many as the Auto Scaling group has healthy ones, of the same kind."""
    if provisioning(group) != COPY:
        return resolve(aws, _selection(asked["targetInstances"])).targets
    return None if blue is None else [one for one in blue if one["state"] == "running" and one["autoScalingGroup"]]


def _selection(chosen: Shape) -> Selection:
    sets = [chosen["tagFilters"]] if chosen.get("tagFilters") else []
    sets += (chosen.get("ec2TagSet") or {}).get("ec2TagSetList") or []
    return Selection(sets, list(chosen.get("autoScalingGroups") or []), [])


def members(
    aws: Connection, group: Shape, blue: list[Shape] | None, green: list[Shape] | None, minimum: Shape
) -> Shape:
    """The members of a plan that only a blue/green deployment has."""
    copied, minutes = provisioning(group) == COPY, waits(group)
    sizes = waves.plan(minimum, {str(number): waves.UNKNOWN for number in range(len(green or []))}).waves
    told: Shape = {"provisioning": provisioning(group), "hostCount": len(green or []), "waveSizes": [*map(len, sizes)]}
    if copied:
        told |= _copy(aws, group)
    ends = (group.get("blueGreenDeploymentConfiguration") or {}).get("terminateBlueInstancesOnDeploymentSuccess") or {}
    return {
        "green": told,
        "blue": {"hosts": [one["instanceId"] for one in blue or []], "action": ends.get("action") or "TERMINATE"},
        "steps": list(_steps(copied, len(green or []), len(blue or []), minutes, ends.get("action") == "KEEP_ALIVE")),
        **minutes,
    }


def _copy(aws: Connection, group: Shape) -> Shape:
    sources = [one["name"] for one in group.get("autoScalingGroups") or []]
    made = copies.name_of(group["deploymentGroupName"], NEW)
    return (
        {"autoScalingGroup": made, "copyOf": sources[0], "notCopied": left_behind(aws, sources[0])} if sources else {}
    )


def _steps(copied: bool, green: int, blue: int, minutes: Shape, keeps: bool) -> t.Iterator[Shape]:
    """What happens, in order; `minutes` is how long a wait lasts at most."""
    if copied:
        yield _step("provision_green", green)
    yield _step("install_on_green", green)
    if minutes["readyWaitMinutes"] is not None:
        yield _step("wait_to_be_continued", None, minutes["readyWaitMinutes"])
    yield _step("allow_traffic_to_green", green)
    yield _step("block_traffic_to_blue", blue)
    if keeps:
        yield _step("keep_blue", blue)
        return
    if minutes["terminationWaitMinutes"]:
        yield _step("wait_to_terminate_blue", None, minutes["terminationWaitMinutes"])
    yield _step("terminate_blue", blue)


def _step(name: str, hosts: int | None, minutes: int | None = None) -> Shape:
    return {"step": name, "hosts": hosts, "minutes": minutes}
