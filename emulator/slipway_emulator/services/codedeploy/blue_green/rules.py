# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What `targetInstances` of a deployment may name."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import autoscaling_backends

from .. import fleet, validation
from ..entities import DeploymentGroup
from ..exceptions import CodeDeployException
from ..state import State


def _refused(why: str) -> CodeDeployException:
    return CodeDeployException("InvalidTargetInstancesException", why)


def check(state: State, group: DeploymentGroup, instances: dict[str, Any] | None) -> None:
    """They belong to blue/green deployments to hosts that are there, and only to those."""
    configuration = group.settings.get("blueGreenDeploymentConfiguration") or {}
    action = (configuration.get("greenFleetProvisioningOption") or {}).get("action")
    discovers = group.application.platform == "Server" and group.is_blue_green() and action != "COPY_AUTO_SCALING_GROUP"
    if instances and not discovers:
        raise _refused(
            "targetInstances can be specified only for a blue/green deployment of the Server compute platform"
            " with the action DISCOVER_EXISTING"
        )
    if discovers and configuration and not any((instances or {}).values()):
        raise _refused("The target instances of the replacement environment were not specified")
    if instances:
        _check_selection(state, instances)


def _check_selection(state: State, instances: dict[str, Any]) -> None:
    flat, sets = instances.get("tagFilters") or [], (instances.get("ec2TagSet") or {}).get("ec2TagSetList") or []
    if flat and sets:
        raise CodeDeployException(
            "InvalidEC2TagCombinationException", "tagFilters and ec2TagSet cannot be used in the same call"
        )
    for filters in [flat, *sets]:
        validation.tag_filters(filters, "InvalidTargetInstancesException")
        for one in filters:
            if not fleet.chosen(state, {"ec2TagFilters": [one]}):
                raise _refused(f"The tag {one} is not applied to any instance")
    known = autoscaling_backends[state.account_id][state.region_name].autoscaling_groups
    for name in instances.get("autoScalingGroups") or []:
        if name not in known:
            raise _refused(f"No Auto Scaling group found with the name: {name}")
