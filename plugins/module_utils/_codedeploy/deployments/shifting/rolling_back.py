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
        return _resumed(aws, wish, how, options)
    group = calls.read_group(aws, wish.application, wish.group)
    if group.shape.get("computePlatform") not in platforms.PLATFORMS:
        raise Refused(
            f"{wish.place} deploys to hosts. Set state to stopped with auto_rollback_enabled to roll back the deployment in progress, "
            "or deploy the revision that you want back"
        )
    found = calls.read_deployments(aws, calls.list_deployments(aws, wish.application, wish.group, most=MOST_LISTED))
    if not found:
        raise Refused(
            f"nothing was deployed to {wish.place} yet, so it is not known what served before. {evidence.NAME_IT}"
        )
    newest = found[0]
    if newest["status"] == "Succeeded" and _is_rollback(newest):
        reason = f"it was rolled back by {newest['deploymentId']} already"
        return {"changed": False, "reason": reason, "deployment": acts.told(newest)}
    if newest["status"] not in calls.ENDED:
        return _stopped(aws, wish, how, newest, options, check)
    source = platforms.source_before(aws, group.shape, newest, options)
    wish = wish._replace(source=source._replace(until=how.until, rollback_of=newest["deploymentId"]))
    return acts.foretell(aws, wish, how.kind) if check else acts.deploy(aws, wish, how)


def _resumed(aws: Connection, wish: Wish, how: acts.How, options: Shape) -> Shape:
    """One more slice of a task that follows a deployment that it stopped, or the rollback itself."""
    followed = calls.read_deployment(aws, str(how.follow_id))[0]
    if _is_rollback(followed):
        return acts.deploy(aws, wish, how)
    return _completed(aws, wish, how, acts.stop(aws, how, wish.place, None, True), options)


def _stopped(aws: Connection, wish: Wish, how: acts.How, running: Shape, options: Shape, check: bool) -> Shape:
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
    return _completed(aws, wish, how, acts.stopped(aws, how, name, result), options)


def _completed(aws: Connection, wish: Wish, how: acts.How, result: Shape, options: Shape) -> Shape:
    """AWS rolls nothing back without an earlier success, and a deployment may end before it is stopped: then it is done here."""
    rollback = (result.get("rollback") or {}).get("deployment") or {}
    if "followId" in result or rollback.get("status") == "Succeeded":
        return result
    if rollback:
        raise Refused(acts.rollback_in_words(result["rollback"]), **result)
    done = roll_back(aws, wish, how._replace(follow_id=None), options, False)
    if not done["changed"]:  # the stop alone was enough, so the task tells of the deployment that it stopped
        return {**done, **result}
    return {**result, **done}


def _is_rollback(deployment: Shape) -> bool:
    noted = evidence.noted(deployment)
    return deployment.get("creator") == BY_AWS or bool(noted and noted.rollback_of)
