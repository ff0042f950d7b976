# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back to what served before. Private to this collection.

A deployment that still runs is stopped with a rollback, which AWS carries out. After it has finished there is nothing that
AWS would roll back: what served before is deployed again, and it has to be known from what AWS keeps of the deployments.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import acts, calls, starting
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Wish
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import evidence, platforms
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOST_LISTED = 25  # deployments looked at, one batch
BY_AWS = "codeDeployRollback"


def roll_back(aws: Connection, wish: Wish, how: acts.How, options: Shape, check: bool) -> Shape:
    """Have the group serve what it served before its last deployment. `options` are those of `ecs` or `lambda`."""
    if how.follow_id:
        return _resumed(aws, wish, how)
    group = calls.read_group(aws, wish.application, wish.group)
    found = calls.read_deployments(aws, calls.list_deployments(aws, wish.application, wish.group, most=MOST_LISTED))
    if not found:
        raise Refused(
            f"nothing was deployed to {wish.place} yet, so it is not known what served before. {evidence.NAME_IT}"
        )
    newest = found[0]
    if newest["status"] in calls.ENDED and _is_rollback(newest) and newest["status"] == "Succeeded":
        reason = f"it was rolled back by {newest['deploymentId']} already"
        return {"changed": False, "reason": reason, "deployment": acts.told(newest)}
    if newest["status"] not in calls.ENDED:
        return _stopped(aws, how, newest, check)
    return _again(aws, wish, how, group.shape, newest, options, check)


def _resumed(aws: Connection, wish: Wish, how: acts.How) -> Shape:
    followed = calls.read_deployment(aws, str(how.follow_id))[0]
    if _is_rollback(followed):
        return acts.deploy(aws, wish, how)
    return _judged(acts.stop(aws, how, wish.place, None, True))


def _stopped(aws: Connection, how: acts.How, running: Shape, check: bool) -> Shape:
    """Stop the deployment with a rollback; join a rollback that is in progress."""
    name = running["deploymentId"]
    result = {"changed": True, "reason": f"{name} was in progress", "deployment": acts.told(running)}
    if check:
        return result
    if _is_rollback(running):
        return acts.follow(aws, how, name, {**result, "joined": True})
    starting.stop(aws, name, roll_back=True)
    if not how.wait:
        return {**result, "deployment": acts.told(calls.read_deployment(aws, name)[0])}
    return _judged(acts.stopped(aws, how, name, result))


def _judged(result: Shape) -> Shape:
    """A stop that was not rolled back is a failure here; in slices it is not known yet."""
    rollback = (result.get("rollback") or {}).get("deployment") or {}
    if "followId" in result or rollback.get("status") == "Succeeded" or result["deployment"]["status"] == "Succeeded":
        return result
    text = f"{result['deployment']['deploymentId']} was stopped. {acts.rollback_in_words(result.get('rollback') or {})}"
    raise Refused(f"{text} Run the task again: it returns to what served before.", **result)


def _again(
    aws: Connection, wish: Wish, how: acts.How, group: Shape, newest: Shape, options: Shape, check: bool
) -> Shape:
    """Deploy once more what served before the last deployment."""
    source = platforms.source_before(aws, group, newest, options)
    wish = wish._replace(source=source._replace(until=how.until, rollback_of=newest["deploymentId"]))
    return acts.foretell(aws, wish, how.kind) if check else acts.deploy(aws, wish, how)


def _is_rollback(deployment: Shape) -> bool:
    noted = evidence.noted(deployment)
    return deployment.get("creator") == BY_AWS or bool(noted and noted.rollback_of)
