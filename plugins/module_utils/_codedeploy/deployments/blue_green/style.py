# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a blue/green deployment to hosts is, by its own settings or those of its group. Pure. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.calls import (
    LAUNCH,
    TERMINATION,
    counts,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

COPY, DISCOVER = "COPY_AUTO_SCALING_GROUP", "DISCOVER_EXISTING"
GREEN, BLUE = "Green", "Blue"
# Deployments to hosts of one fleet, whatever the style of the group.
OF_ONE_FLEET = (LAUNCH, TERMINATION, "CodeDeployAutoUpdate")
ROLLBACK = "codeDeployRollback"


def is_blue_green(shape: Shape) -> bool:
    """Whether a group deploys to hosts so, or a deployment did."""
    style = (shape.get("deploymentStyle") or {}).get("deploymentType")
    on_hosts = (shape.get("computePlatform") or "Server") == "Server"
    return style == "BLUE_GREEN" and on_hosts and shape.get("creator") not in OF_ONE_FLEET


def provisioning(shape: Shape) -> str:
    """Where the green hosts come from."""
    block = shape.get("blueGreenDeploymentConfiguration") or {}
    return (block.get("greenFleetProvisioningOption") or {}).get("action") or DISCOVER


def label(deployment: Shape) -> str | None:
    """Which fleet has the revision of the deployment: a rollback gives the blue hosts their traffic back."""
    if not is_blue_green(deployment):
        return None
    return BLUE if deployment.get("creator") == ROLLBACK else GREEN


def left_hosts_alone(deployment: Shape) -> bool:
    """Whether it ended before a green host got traffic: the hosts of the group are as they were before it."""
    ended_badly = deployment["status"] in ("Failed", "Stopped")
    return is_blue_green(deployment) and ended_badly and not counts(deployment).get("Succeeded")


def has_moved(deployment: Shape) -> bool:
    """Whether a deployment that goes on has moved all traffic, and only waits to end the blue hosts."""
    return is_blue_green(deployment) and bool(deployment.get("instanceTerminationWaitTimeStarted"))


def refuse_unfit(asked: Shape, group: Shape, place: str) -> None:
    """Refuse options that do not fit the deployment group."""
    chosen, blue_green = asked.get("targetInstances"), is_blue_green(group)
    if asked.get("deploymentMode") == "RESTART" and blue_green:
        raise Refused(f"{place} deploys blue/green, and deployment_mode RESTART restarts hosts in place. Remove it.")
    if chosen and not blue_green:
        raise Refused(f"{place} deploys in place, to the hosts of the deployment group. Remove target_instances.")
    if chosen and provisioning(group) == COPY:
        raise Refused(f"{place} copies its Auto Scaling group to get new hosts. Remove target_instances.")
    if blue_green and not group.get("blueGreenDeploymentConfiguration"):
        text = f"{place} deploys blue/green, and has no blue_green_deployment_configuration"
        raise Refused(f"{text}. Set it with slipway.aws.codedeploy_deployment_group.")
    if blue_green and not chosen and provisioning(group) == DISCOVER:
        text = (
            f"{place} deploys to existing hosts that replace the present ones, and target_instances does not say which"
        )
        raise Refused(f"{text}. Set tag_filters, ec2_tag_set or auto_scaling_groups in it.")
