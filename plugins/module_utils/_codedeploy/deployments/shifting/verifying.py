# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what a deployment brought does serve. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import Follower
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import (
    evidence,
    functions,
    services,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecs import services as ecs
from ansible_collections.slipway.aws.plugins.module_utils._elb import listeners
from ansible_collections.slipway.aws.plugins.module_utils._lambda import aliases
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line, some

MOST_NAMED = 3  # unhealthy tasks in a message


def problem(aws: Connection, follower: Follower, result: Shape) -> str | None:
    """Why it does not, in a sentence. `result` gets `traffic`, what serves now."""
    target = getattr(follower, "target", None) or evidence.target_of(aws, follower.deployment_id)
    info = target.get("lambdaFunctionInfo")
    if info:
        return _of_alias(aws, follower.deployment_id, info, result)
    return _of_service(aws, result) if "taskSetsInfo" in target else None


def _of_alias(aws: Connection, deployment_id: str, info: Shape, result: Shape) -> str | None:
    function, name, wanted = info["functionName"], info["functionAlias"], info["targetVersion"]
    alias = aliases.read_alias(aws, function, name)
    shares = aliases.shares(alias) if alias else {}
    result["traffic"] = [{"version": version, "percent": share} for version, share in shares.items()]
    if list(shares) == [wanted]:
        return None
    now = functions.shares_in_words(shares) or "it does not exist"
    return (
        f"{deployment_id} succeeded according to AWS, but the alias {name} of {function} does not send all traffic to version "
        f"{wanted}: {now}. Check who else changes the alias, and run the task again."
    )


def _of_service(aws: Connection, result: Shape) -> str | None:
    """AWS calls a deployment a success whose new tasks die after the traffic moved."""
    deployment = result["deployment"]
    names = (deployment["applicationName"], deployment["deploymentGroupName"])
    place = services.find(aws, calls.read_group(aws, *names).shape)
    sets = place.service.get("taskSets") or []
    result["traffic"] = [_served(place, one) for one in sets if one.get("status") != "DRAINING"]
    name, primary = deployment["deploymentId"], place.primary
    if primary.get("externalId") not in (None, name):
        return f"{name} succeeded according to AWS, but the task set of {primary['externalId']} serves. Run the task again."
    if place.shares is not None and place.shares.get(ecs.target_group(primary), 0.0) < 100:
        share = place.shares.get(ecs.target_group(primary), 0.0)
        return (
            f"{name} succeeded according to AWS, but its tasks have {share:g} % of the traffic. Check who else changes the listener, "
            "and run the task again."
        )
    unhealthy = _unhealthy(aws, primary)
    if not unhealthy:
        return None
    return f"{name} succeeded according to AWS, but {unhealthy}. Check the log of the tasks, and fix or roll back."


def _unhealthy(aws: Connection, primary: Shape) -> str:
    """What is wrong with the tasks that serve; nothing where their health may not be read."""
    wanted, running = primary.get("computedDesiredCount") or 0, primary.get("runningCount") or 0
    if running < wanted:
        return f"only {running} of {wanted} new tasks are running"
    arn = ecs.target_group(primary)
    found = if_readable(lambda: listeners.health(aws, arn)) if arn else None
    sick = [one for one in found or [] if one["TargetHealth"]["State"] == "unhealthy"]
    if not sick:
        return ""
    told = [f"{one['Target']['Id']} ({one['TargetHealth'].get('Reason') or 'no reason given'})" for one in sick]
    return shown_line(f"{len(sick)} of {len(found or [])} new tasks are unhealthy: {some(told, MOST_NAMED)}")


def _served(place: services.Place, task_set: Shape) -> Shape:
    shares = place.shares or {}
    return {
        "taskSet": task_set["id"],
        "status": task_set.get("status"),
        "taskDefinition": task_set["taskDefinition"],
        "runningCount": task_set.get("runningCount"),
        "percent": shares.get(ecs.target_group(task_set), 0.0),
    }
