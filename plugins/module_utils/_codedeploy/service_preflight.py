# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether CodeDeploy can deploy to an ECS service. Only reads. Private to this collection.

What the caller may not read stands against nothing. Of the service itself it is told, because then next to nothing is checked.
"""

from __future__ import annotations

import functools
import json
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import services as shifting
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    AWS_FAILURES,
    FAILURES,
    if_allowed,
    if_readable,
    is_unreadable,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecr import images
from ansible_collections.slipway.aws.plugins.module_utils._ecs import services
from ansible_collections.slipway.aws.plugins.module_utils._ecs.task_definitions import find_task_definition
from ansible_collections.slipway.aws.plugins.module_utils._elb import listeners
from ansible_collections.slipway.aws.plugins.module_utils._iam.simulation import EXPLICIT, IMPLICIT, simulate

PRINCIPAL = "codedeploy.amazonaws.com"
TASKS = "ecs-tasks.amazonaws.com"
UNKNOWN: t.Any = {}  # what may not be read
Problems = t.List[Shape]


class Wanted(t.NamedTuple):
    """What is to be looked at; what is empty is not."""

    cluster: str
    service: str
    target_groups: list[str]  # names
    production: str | None  # ARN of the listener
    test: str | None
    role: str | None  # ARN
    images: list[str]
    config: str | None  # name of the deployment configuration


def wanted(aws: Connection, params: Shape) -> Wanted:
    """What the options name, and what they do not name as the deployment group has it. One call for the group."""
    group: Shape = {}
    if params["application_name"] and params["deployment_group_name"]:
        try:
            group = calls.read_group(aws, params["application_name"], params["deployment_group_name"]).shape
        except calls.NoGroup:
            group = {}
    named = (group.get("ecsServices") or [{}])[0]
    pairs = (group.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or [{}]
    return Wanted(
        params["cluster"] or named.get("clusterName") or "",
        params["service"] or named.get("serviceName") or "",
        params["target_groups"] or [one["name"] for one in pairs[0].get("targetGroups") or []],
        params["listener_arn"] or shifting.listener(group, "prodTrafficRoute"),
        params["test_listener_arn"] or shifting.listener(group, "testTrafficRoute"),
        params["service_role_arn"] or group.get("serviceRoleArn"),
        params["images"] or [],
        params["deployment_config_name"] or group.get("deploymentConfigName"),
    )


def examine(aws: Connection, asked: Wanted) -> Shape:
    """`verdict`, `problems`, and `service`: what serves now."""
    service = (
        if_allowed(lambda: services.read_service(aws, asked.cluster, asked.service), UNKNOWN) if asked.service else None
    )
    primary = services.primary(service) if service else None
    found = [*_service(aws, asked, service, primary), *_roles(aws, asked), *_images(aws, asked)]
    found += shifting.unfit_config(aws, asked.production, asked.config)
    if service and primary:
        found += [*_balancing(aws, asked, primary), *_scaling(aws, asked), *_passing(aws, asked, primary)]
    verdict = "not_ready" if causes.blocking(found) else "ready"
    return {"verdict": verdict, "problems": found, "service": _told(asked, service or {}, primary or {})}


def _told(asked: Wanted, service: Shape, primary: Shape) -> Shape:
    balanced: Shape = next(iter(primary.get("loadBalancers") or service.get("loadBalancers") or []), {})
    return {
        "clusterName": asked.cluster,
        "serviceName": asked.service,
        "deploymentController": services.controller(service) if service else None,
        "taskDefinition": primary.get("taskDefinition") or service.get("taskDefinition"),
        "containerName": balanced.get("containerName"),
        "containerPort": balanced.get("containerPort"),
        "desiredCount": service.get("desiredCount"),
    }


def _service(aws: Connection, asked: Wanted, service: Shape | None, primary: Shape | None) -> Problems:
    where = f"the service {asked.service} in the cluster {asked.cluster}"
    if service is None:
        return [causes.problem("service_missing", f"there is no {where.removeprefix('the ')} in {aws.region}", True)]
    if service is UNKNOWN:
        return [causes.problem("service_unreadable", f"{where} cannot be read, so it is not checked", False)]
    kind = services.controller(service)
    if kind != "CODE_DEPLOY":
        text = f"{where} has the deployment controller {kind}, not CODE_DEPLOY"
        return [{**causes.problem("controller_wrong", text, True), "remedy": f"{shifting.way_of(kind)}."}]
    if primary is None:
        return [causes.problem("primary_missing", f"{where} has no primary task set yet", True)]
    return []


def _balancing(aws: Connection, asked: Wanted, primary: Shape) -> Problems:
    """The listeners and target groups, and whether the tasks that serve are behind them."""
    arns = [arn for arn in (asked.production, asked.test) if arn]
    shares = {arn: if_allowed(functools.partial(listeners.read_shares, aws, arn), UNKNOWN) for arn in arns}
    found: Problems = [
        causes.problem("listener_missing", f"there is no listener {arn} in {aws.region}", True)
        for arn in arns
        if shares[arn] is None
    ]
    if len({arn.rpartition("/")[0] for arn in arns}) > 1:
        text = "the listeners of production and test traffic are of two load balancers"
        found.append(causes.problem("listeners_apart", text, True))
    mine = services.target_group(primary)
    behind = shares.get(asked.production or "", UNKNOWN)
    if behind is not UNKNOWN:
        found += shifting.not_behind(mine, behind)
    return found + _groups(aws, asked, listeners.name_of(mine), bool(primary.get("networkConfiguration")))


def _groups(aws: Connection, asked: Wanted, mine: str, own_interface: bool) -> Problems:
    if not asked.target_groups:
        return []
    known = if_allowed(lambda: listeners.target_groups(aws, asked.target_groups), None)
    missing = [] if known is None else [name for name in asked.target_groups if name not in known]
    found = [
        causes.problem("target_group_missing", f"there is no target group {one} in {aws.region}", True)
        for one in missing
    ]
    types = {name: one.get("TargetType") for name, one in (known or {}).items() if own_interface}
    found += [
        causes.problem("target_type_wrong", f"the target group {name} has the target type {kind}", True)
        for name, kind in types.items()
        if kind != "ip"
    ]
    if mine not in asked.target_groups:
        text = (
            f"the tasks that serve are in the target group {mine}, which is none of {' and '.join(asked.target_groups)}"
        )
        found.append(causes.problem("target_group_of_others", text, True))
    return found


def _roles(aws: Connection, asked: Wanted) -> Problems:
    """The service role: whether it is there, and trusts CodeDeploy."""
    if not asked.role:
        return []
    name = _last(asked.role)
    try:
        role = aws.client("iam").get_role(RoleName=name)["Role"]
    except FAILURES as problem:
        if not is_unreadable(problem) and "NoSuchEntity" in str(problem):
            return [causes.problem("service_role_missing", f"there is no role {name}", True)]
        return []
    trust = role.get("AssumeRolePolicyDocument")
    if PRINCIPAL in (trust if isinstance(trust, str) else json.dumps(trust)):
        return []
    return [causes.problem("service_role_untrusting", f"the role {name} does not trust {PRINCIPAL}", True)]


def _passing(aws: Connection, asked: Wanted, primary: Shape) -> Problems:
    """Whether the service role may hand on the roles of the tasks, by the task definition that serves."""
    if not asked.role:
        return []
    role = asked.role
    definition = if_allowed(functools.partial(find_task_definition, aws, primary["taskDefinition"]), None) or {}
    passed = [definition[member] for member in ("taskRoleArn", "executionRoleArn") if definition.get(member)]
    wanted = [("iam:PassRole", arn) for arn in passed]
    decisions = _decided(lambda: simulate(aws, role, wanted, PassedToService=TASKS)) if wanted else {}
    return [
        causes.problem("pass_role_denied", f"the role {_last(role)} may not pass {_last(arn)} to the tasks", True)
        for (_action, arn), decision in decisions.items()
        if decision in (EXPLICIT, IMPLICIT)
    ]


def _decided(ask: t.Callable[[], dict[tuple[str, str], str]]) -> dict[tuple[str, str], str]:
    """Nothing where IAM does not tell, for whatever reason: the role itself is looked at elsewhere."""
    try:
        return ask()
    except AWS_FAILURES:
        return {}


def _images(aws: Connection, asked: Wanted) -> Problems:
    """Images that are not in ECR, where ECR can be read; other registries are not asked."""
    asked_for = [image for image in asked.images if images.is_in_ecr(image)]
    digests = {image: if_allowed(functools.partial(images.find_digest, aws, image), "") for image in asked_for}
    return [
        causes.problem("image_missing", f"there is no image {image}", True)
        for image, digest in digests.items()
        if digest is None
    ]


def _scaling(aws: Connection, asked: Wanted) -> Problems:
    """Auto scaling that is at work while traffic moves: CodeDeploy waits for it, and then gives up."""
    name = f"service/{asked.cluster.rpartition('/')[2]}/{asked.service.rpartition('/')[2]}"
    client = aws.client("application-autoscaling")
    asked_for = {"ServiceNamespace": "ecs", "ResourceIds": [name]}
    found = if_readable(lambda: client.describe_scalable_targets(**asked_for)["ScalableTargets"]) or []
    active = [one for one in found if not all((one.get("SuspendedState") or {}).values() or [False])]
    text = f"Application Auto Scaling changes the number of tasks of {asked.service}"
    return [causes.problem("scaling_active", text)] if active else []


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
