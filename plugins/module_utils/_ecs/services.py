# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ECS services, their task sets and tasks. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "ecs"
PRIMARY = "PRIMARY"


def read_service(aws: Connection, cluster: str, service: str) -> Shape | None:
    """The service; None when it, or its cluster, does not exist, or the service was deleted."""
    try:
        answer = aws.client(SERVICE).describe_services(cluster=cluster, services=[service])
    except is_boto3_error_code("ClusterNotFoundException"):
        return None
    found: list[Shape] = [one for one in answer["services"] if one.get("status") != "INACTIVE"]
    return found[0] if found else None


def controller(service: Shape) -> str:
    """What deploys to the service: ECS itself where it does not say."""
    return (service.get("deploymentController") or {}).get("type") or "ECS"


def primary(service: Shape) -> Shape | None:
    """The task set that serves."""
    return next((one for one in service.get("taskSets") or [] if one.get("status") == PRIMARY), None)


def target_group(task_set: Shape) -> str:
    """The ARN of the target group that the tasks are in."""
    return next((one.get("targetGroupArn") or "" for one in task_set.get("loadBalancers") or []), "")


def stopped_tasks(aws: Connection, cluster: str, task_set_id: str, most: int) -> list[Shape]:
    """Tasks of a task set that stopped; ECS keeps them for an hour."""
    client = aws.client(SERVICE)
    asked = {"cluster": cluster, "startedBy": task_set_id, "desiredStatus": "STOPPED", "maxResults": most}
    arns = client.list_tasks(**asked)["taskArns"]
    found: list[Shape] = client.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
    return found
