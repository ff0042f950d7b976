# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the traffic of a deployment group goes: which of its two target groups is live, and with what weight. Private.

CodeDeploy changes it with every deployment, so it is no setting of the group.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecs.services import primary, read_service, target_group
from ansible_collections.slipway.aws.plugins.module_utils._elb.listeners import read_shares

ROUTES = {"production": "prodTrafficRoute", "test": "testTrafficRoute"}


def with_traffic(aws: Connection, group: Shape) -> Shape:
    """The group with its `traffic`; the others say of no group which function they deploy, so there is none to read."""
    if group.get("computePlatform") != "ECS":
        return group
    services = [read_service(aws, one["clusterName"], one["serviceName"]) for one in group.get("ecsServices") or []]
    sets = [task_set for service in services for task_set in (service or {}).get("taskSets") or []]
    live = next((name_of(target_group(found)) for found in map(primary, filter(None, services)) if found), None)
    pairs = (group.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or []
    routes = {name: _shares(aws, (pairs[0] if pairs else {}).get(route) or {}) for name, route in ROUTES.items()}
    return {**group, "traffic": {"liveTargetGroup": live, **routes, "taskSets": [_task_set(one) for one in sets]}}


def _shares(aws: Connection, route: Shape) -> list[Shape]:
    listeners = [read_shares(aws, arn) or {} for arn in route.get("listenerArns") or []]
    return [{"targetGroup": name_of(arn), "weight": share} for found in listeners for arn, share in found.items()]


def _task_set(found: Shape) -> Shape:
    counts = {key: found.get(key, 0) for key in ("computedDesiredCount", "runningCount", "pendingCount")}
    said = {key: found.get(key) for key in ("id", "status", "stabilityStatus", "taskDefinition")}
    return {**said, **counts, "targetGroup": name_of(target_group(found))}


def name_of(arn: str) -> str:
    """The name of a target group, as deployment groups name it."""
    return arn.split("/")[1] if "/" in arn else arn
