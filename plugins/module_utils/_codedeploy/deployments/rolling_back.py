# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back to what served, or what the hosts had, before. Private to this collection.

A deployment that still runs is stopped with a rollback, which AWS carries out. After it has finished there is nothing that
AWS would roll back: what was there before is deployed again, and it has to be known from what AWS keeps of the deployments.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    acts,
    calls,
    good,
    history,
    revisions,
    starting,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import style
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.kinds import SERVERS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Wish
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import evidence, platforms
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOST_LISTED = 25  # deployments looked at, one batch; of hosts there are more, since each launch is one


def roll_back(aws: Connection, wish: Wish, how: acts.How, options: Shape, check: bool) -> Shape:
    """Have the group as it was before its last deployment. `options` are those of `ecs` or `lambda`."""
    if how.follow_id:
        return _resumed(aws, wish, how, options)
    group = calls.read_group(aws, wish.application, wish.group)
    on_hosts = group.shape.get("computePlatform") not in platforms.PLATFORMS
    how = how._replace(kind=SERVERS) if on_hosts else how
    found = _past(aws, wish, on_hosts)
    if not found:
        named = good.NAME_IT if on_hosts else evidence.NAME_IT
        raise Refused(f"nothing was deployed to {wish.place} yet, so it is not known what was there before. {named}")
    newest = found[0]
    if acts.is_complete(newest) and good.taken_back(newest) is not None:
        reason = f"it was rolled back by {newest['deploymentId']} already"
        return {"changed": False, "reason": reason, "deployment": acts.told(newest)}
    if style.left_hosts_alone(newest):
        return _nothing_moved(newest, "gave no new host traffic, so the hosts that serve are as they were")
    if newest["status"] not in calls.ENDED:
        return _stopped(aws, wish, how, found, options, check)
    if on_hosts:
        wish = _wish_before(aws, wish, found)
    else:
        source = platforms.source_before(aws, group.shape, newest, options)
        if source is None:
            return _nothing_moved(newest, "ended before it moved any traffic, so what serves is what served before it")
        wish = wish._replace(source=source._replace(until=how.until, rollback_of=newest["deploymentId"]))
    return acts.foretell(aws, wish, how.kind) if check else acts.deploy(aws, wish, how)


def _nothing_moved(newest: Shape, what: str) -> Shape:
    reason = f"{newest['deploymentId']} is {newest['status']} and {what}"
    return {"changed": False, "reason": reason, "deployment": acts.told(newest)}


def _past(aws: Connection, wish: Wish, on_hosts: bool) -> list[Shape]:
    """The deployments of the group, newest first; those to single hosts left out."""
    most = history.MOST_LISTED if on_hosts else MOST_LISTED
    found = calls.read_deployments(aws, calls.list_deployments(aws, wish.application, wish.group, most=most))
    return [one for one in found if history.is_of_group(one)]


def _wish_before(aws: Connection, wish: Wish, found: list[Shape]) -> Wish:
    """The last good revision before the newest deployment, as what is to be deployed. Raises Refused where there is none."""
    newest, before = found[0], good.before(found)
    name, brought = newest["deploymentId"], revisions.in_words(newest.get("revision"))
    if before is None:
        text = f"no deployment before {name} is known that brought a revision to every host and was not taken back"
        raise Refused(f"{text}. Deploy the revision that you want back with state deployed.")
    hosts, words = calls.counts(before)["Succeeded"], revisions.in_words(before["revision"])
    if style.is_blue_green(before):  # the counters are of both fleets
        hosts = len(history.reached(aws, before, "Succeeded"))
    why = (
        f"{name} brought {brought} and is {newest['status']}; before it, {before['deploymentId']} brought {words} "
        f"to all {hosts} hosts on {before['createTime']:%Y-%m-%d %H:%M} UTC"
    )
    like = {"fileExistsBehavior": before["fileExistsBehavior"]} if before.get("fileExistsBehavior") else {}
    back = {"deploymentId": before["deploymentId"], "revision": before["revision"], "hostCount": hosts}
    return wish._replace(
        asked={**like, **wish.asked, "revision": revisions.as_sent(before["revision"])},
        found=before,
        why=why,
        rollback_of=name,
        tells={"rollbackOf": name, "rollbackTo": back},
    )


def _resumed(aws: Connection, wish: Wish, how: acts.How, options: Shape) -> Shape:
    """One more slice of a task that follows a deployment that it stopped, or the rollback itself."""
    followed = calls.read_deployment(aws, str(how.follow_id))[0]
    how = how._replace(kind=SERVERS) if followed.get("computePlatform") not in platforms.PLATFORMS else how
    if good.taken_back(followed) is not None:
        return acts.deploy(aws, wish, how)
    return _completed(aws, wish, how, acts.stop(aws, how, wish.place, None, True), options)


def _stopped(aws: Connection, wish: Wish, how: acts.How, found: list[Shape], options: Shape, check: bool) -> Shape:
    """Stop the deployment with a rollback; join a rollback that is in progress."""
    running = found[0]
    name, last = running["deploymentId"], next((one for one in found[1:] if one["status"] == "Succeeded"), None)
    back = f", and AWS goes back to {revisions.in_words(last['revision'])} of {last['deploymentId']}" if last else ""
    reason = f"{name} was in progress{back if how.kind is SERVERS else ''}"
    result = {"changed": True, "reason": reason, "deployment": acts.told(running)}
    if check:
        return result
    if good.taken_back(running) is not None:
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
    try:
        done = roll_back(aws, wish, how._replace(follow_id=None), options, False)
    except Refused as problem:
        raise Refused(str(problem), **{**result, **problem.details}) from problem
    if not done["changed"]:  # the stop alone was enough, so the task tells of the deployment that it stopped
        return {**done, **result}
    return {**result, **done}
