# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of CodeDeploy about deployments and their targets. Private to this collection."""

from __future__ import annotations

import datetime
import typing as t
from email.utils import parsedate_to_datetime

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "codedeploy"
BATCH = 25  # deployments, and targets, in one batch read
ACTIVE = ["Created", "Queued", "InProgress", "Baking", "Ready"]
ENDED = ("Succeeded", "Failed", "Stopped")
DEFAULT_CONFIG = "CodeDeployDefault.OneAtATime"
PREDEFINED: dict[str, Shape] = {
    DEFAULT_CONFIG: {"type": "MOST_CONCURRENCY", "value": 1},
    "CodeDeployDefault.HalfAtATime": {"type": "FLEET_PERCENT", "value": 50},
    "CodeDeployDefault.AllAtOnce": {"type": "FLEET_PERCENT", "value": 0},
}
LAUNCH = "autoscaling"  # creator of a deployment to one host that an Auto Scaling group launches
TERMINATION = "autoscalingTermination"


class NoGroup(Refused):
    """The application or the deployment group does not exist."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what


class Group(t.NamedTuple):
    """A deployment group, and what time it was for AWS when it was read."""

    shape: Shape
    read_at: datetime.datetime


def read_group(aws: Connection, application: str, group: str) -> Group:
    """The deployment group; a missing one is refused in words."""
    asked = {"applicationName": application, "deploymentGroupName": group}
    try:
        answer = aws.client(SERVICE).get_deployment_group(**asked)
        return Group(answer["deploymentGroupInfo"], aws_time(answer))
    except is_boto3_error_code("ApplicationDoesNotExistException") as problem:
        remedy = "Correct application_name or region, or create it with slipway.aws.codedeploy_application."
        raise NoGroup(f"there is no application {application} in {aws.region}", remedy) from problem
    except is_boto3_error_code("DeploymentGroupDoesNotExistException") as problem:
        text = f"the application {application} has no deployment group {group} in {aws.region}"
        remedy = "Correct deployment_group_name or region, or create it with slipway.aws.codedeploy_deployment_group."
        raise NoGroup(text, remedy) from problem


def host_config(aws: Connection, name: str) -> Shape:
    """A configuration for hosts; of those of AWS only what there is to know."""
    return {"minimumHealthyHosts": PREDEFINED[name]} if name in PREDEFINED else read_config(aws, name)


def read_config(aws: Connection, name: str) -> Shape:
    """A deployment configuration; a missing one is refused in words."""
    try:
        return aws.client(SERVICE).get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    except is_boto3_error_code("DeploymentConfigDoesNotExistException") as problem:
        text = f"there is no deployment configuration {name} in {aws.region}. Correct deployment_config_name, or create"
        raise Refused(f"{text} it with slipway.aws.codedeploy_deployment_config.") from problem


def read_deployment(aws: Connection, deployment_id: str) -> tuple[Shape, datetime.datetime]:
    """The deployment, and what time it is for AWS; an unknown one is refused in words."""
    try:
        answer = aws.client(SERVICE).get_deployment(deploymentId=deployment_id)
    except is_boto3_error_code("DeploymentDoesNotExistException") as problem:
        text = f"there is no deployment {deployment_id} in {aws.region}. Correct deployment_id or region."
        raise Refused(text) from problem
    return answer["deploymentInfo"], aws_time(answer)


def aws_time(answer: Shape) -> datetime.datetime:
    """When AWS answered, by its own clock, which the controller's may differ from."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(date) if date else datetime.datetime.now(datetime.timezone.utc)


def read_deployments(aws: Connection, ids: list[str]) -> list[Shape]:
    """Deployments by id, newest first; ids that AWS does not know are left out."""
    client, found = aws.client(SERVICE), []
    for start in range(0, len(ids), BATCH):
        found += client.batch_get_deployments(deploymentIds=ids[start : start + BATCH])["deploymentsInfo"]
    return sorted(found, key=lambda one: one["createTime"], reverse=True)


def list_deployments(
    aws: Connection, application: str | None, group: str | None, most: int | None = None, **narrowed: t.Any
) -> list[str]:
    """Ids of the deployments of a group, or of all when both are None. `narrowed` in the API's members."""
    named = {"applicationName": application, "deploymentGroupName": group} if application else {}
    return items(aws, SERVICE, "list_deployments", "deployments", most, **named, **narrowed)


def active_deployments(aws: Connection, application: str, group: str) -> list[Shape]:
    """Deployments of a group that are not over, newest first; those to single hosts being launched or ended left out."""
    found = read_deployments(aws, list_deployments(aws, application, group, includeOnlyStatuses=ACTIVE))
    return [one for one in found if one.get("creator") not in (LAUNCH, TERMINATION)]


def target_ids(aws: Connection, deployment_id: str, *statuses: str, label: str | None = None) -> list[str]:
    """Ids of the targets of a deployment, of some statuses or of all, of one fleet or both. None yet before it has started."""
    asked: Shape = {"deploymentId": deployment_id}
    narrowed = {"TargetStatus": list(statuses), "ServerInstanceLabel": [label] if label else []}
    if any(narrowed.values()):
        asked["targetFilters"] = {name: wanted for name, wanted in narrowed.items() if wanted}
    try:
        return items(aws, SERVICE, "list_deployment_targets", "targetIds", **asked)
    except is_boto3_error_code("DeploymentNotStartedException"):
        return []


def read_targets(aws: Connection, deployment_id: str, ids: list[str]) -> list[Shape]:
    """Instance targets with their lifecycle events, in the order they were last heard of."""
    client, found = aws.client(SERVICE), []
    for start in range(0, len(ids), BATCH):
        asked = {"deploymentId": deployment_id, "targetIds": ids[start : start + BATCH]}
        found += client.batch_get_deployment_targets(**asked)["deploymentTargets"]
    plain: list[Shape] = [next((v for k, v in one.items() if k.endswith("Target")), {}) for one in found]
    never = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
    return sorted(plain, key=lambda one: one.get("lastUpdatedAt") or never)


def counts(deployment: Shape) -> dict[str, int]:
    """Targets by status, from the counters that come with the deployment; empty before it has started."""
    return {status: n for status, n in (deployment.get("deploymentOverview") or {}).items() if n}
