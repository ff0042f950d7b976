# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two acts on a deployment: have a revision deployed, have a deployment stopped. Private to this collection.

Each is one pass that can be cut into slices: what a slice hands to the next is the id of what it follows, all else is
read from AWS again. An id with `after:` before it is a deployment that has to end before ours can start.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    calls,
    failures,
    hints,
    planning,
    revisions,
    starting,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import words
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.kinds import SERVERS, Kind
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Decision, Wish
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import FINISHED, Follower
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Limits, Watched, watch
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

AFTER = "after:"
# What a task tells of a deployment, and of the one that rolled it back; an info module tells the rest.
TOLD = (
    "deploymentId", "applicationName", "deploymentGroupName", "deploymentConfigName", "status", "deploymentOverview",
    "errorInformation", "creator", "description", "createTime", "startTime", "completeTime", "revision",
)  # fmt: skip
TOLD_OF_ROLLBACK = ("deploymentId", "status", "deploymentOverview", "errorInformation", "revision")
TIMEOUT = 109 * 3600  # seconds; the longest that AWS lets a deployment run, one in place only for 12 hours


class How(t.NamedTuple):
    """How a task wants to wait and to be told."""

    wait: bool
    within: Limits
    follow_id: str | None = None
    with_log: bool = True
    strict: bool = False  # a success with failed targets is a failure
    kind: Kind = SERVERS
    until: str = FINISHED


def deploy(aws: Connection, wish: Wish, how: How) -> Shape:
    """Have the revision on every host of the group: nothing to do, joined, or deployed. Returns the task's result."""
    followed, spent = how.follow_id or "", 0.0
    lines: list[str] = []
    if followed and not followed.startswith(AFTER):
        return _follow(aws, how, followed, {"changed": True}, lines, spent)
    while True:
        if followed:
            other = _await(aws, how, followed[len(AFTER) :], spent)
            spent += other.seconds
            if not other.done:
                return _unfinished(how, followed, other, spent, {"changed": False}, lines)
            lines += other.lines
        decision = _started(aws, wish, how)
        result = _begun(decision, wish, how.kind)
        if decision.action in (planning.NONE, planning.REPAIR):
            return {**result, "lines": lines}
        if decision.action in (planning.CREATE, planning.JOIN):
            return _follow(aws, how, result["deployment"]["deploymentId"], result, lines, spent)
        followed = AFTER + _of(decision)["deploymentId"]


def foretell(aws: Connection, wish: Wish, kind: Kind = SERVERS) -> Shape:
    """What `deploy` would do, and the plan of the deployment. Only reads. A group that is missing may come to be before."""
    try:
        decision = kind.decide(aws, wish)
    except calls.NoGroup as problem:
        missing = causes.problem("group_missing", problem.what)
        plan = {"hosts": [], "waves": [], "problems": [missing]}
        warned = [f"In check mode there is no complete plan for a group that does not exist: {problem}"]
        return {"changed": True, "joined": False, "reason": "the deployment group does not exist yet", "deployment": {}, "plan": plan,
                "revision": wish.revision, "previousRevision": None, "warnings": warned}  # fmt: skip
    result = _begun(decision, wish, kind)
    if decision.action in (planning.NONE, planning.REPAIR):
        return result
    plan = kind.foretell(aws, wish, decision)
    if decision.action == planning.CREATE:
        planning.refuse(plan["problems"], plan=plan)
    return {**result, "plan": plan}


def stop(aws: Connection, how: How, place: str, deployment: Shape | None, roll_back: bool | None) -> Shape:
    """Have a deployment stopped; nothing to do when there is none, or when it is over."""
    if how.follow_id:
        return stopped(aws, how, how.follow_id, {"changed": True})
    if deployment is None or deployment["status"] in calls.ENDED:
        return over(place, deployment)
    changed = starting.stop(aws, deployment["deploymentId"], roll_back)
    if not how.wait:
        return {"changed": changed, "deployment": told(calls.read_deployment(aws, deployment["deploymentId"])[0])}
    result = {
        "changed": changed,
        "reason": f"{deployment['deploymentId']} was in progress",
        "deployment": told(deployment),
    }
    return stopped(aws, how, deployment["deploymentId"], result)


def over(place: str, deployment: Shape | None) -> Shape:
    """The result of an act on a deployment in progress, where there is none."""
    of_one = f"{deployment['deploymentId']} is {deployment['status']}" if deployment else ""
    reason = of_one or f"{place} has no deployment in progress"
    return {"changed": False, "reason": reason, "deployment": told(deployment or {})}


def stopped(aws: Connection, how: How, deployment_id: str, result: Shape) -> Shape:
    """Wait until a deployment that was stopped, and its rollback, are over."""
    follower = how.kind.follower(aws, deployment_id, how.within.seen, how.until)
    watched = watch(follower.look, how.within, follower.stuck)
    if not watched.done:
        return _unfinished(how, deployment_id, watched, watched.seconds, result, [])
    return {**result, **_ended(aws, follower, how), **_news(watched, [])}


def _started(aws: Connection, wish: Wish, how: How) -> Decision:
    """Decide, and start or stop what the decision says. A race that is lost leads to a new decision about the winner."""
    decision = how.kind.decide(aws, wish)
    if decision.action in (planning.CREATE, planning.REPAIR):
        try:
            started = how.kind.start(aws, wish, decision)
            return decision._replace(deployment=calls.read_deployment(aws, started)[0]) if started else decision
        except starting.Busy as busy:
            decision = how.kind.about_active(aws, wish, decision, busy.deployment)
    if decision.action in (planning.WAIT, planning.STOP) and not how.wait:
        raise Refused(f"{decision.reason}. Run the task again when it has finished, or set wait to true.")
    if decision.action == planning.STOP:  # without a rollback, which would only delay what comes instead
        starting.stop(aws, _of(decision)["deploymentId"], roll_back=False)
    return decision


def _of(decision: Decision) -> Shape:
    """The deployment a decision is about."""
    return decision.deployment or {}


def _begun(decision: Decision, wish: Wish, kind: Kind) -> Shape:
    deployment = _of(decision)
    return {
        **kind.begun(decision),
        **wish.tells,
        "changed": decision.action != planning.NONE,
        "joined": decision.action == planning.JOIN,
        "reason": decision.reason,
        "deployment": told(deployment),
        "revision": decision.revision or wish.revision or deployment.get("revision"),
        "previousRevision": previous_revision(decision),
        "warnings": list(decision.warnings),
    }


def previous_revision(decision: Decision) -> Shape | None:
    """What the group had before: its target revision, unless that is the deployment's own already."""
    deployment = _of(decision)
    if decision.action == planning.JOIN:
        return deployment.get("previousRevision")
    return decision.group.shape.get("targetRevision")


def _await(aws: Connection, how: How, deployment_id: str, spent: float) -> Watched:
    follower = how.kind.follower(aws, deployment_id, how.within.seen, FINISHED)
    return watch(follower.look, _left(how.within, spent), follower.stuck)


def follow(aws: Connection, how: How, deployment_id: str, result: Shape) -> Shape:
    """Wait for a deployment as the task asks."""
    return _follow(aws, how, deployment_id, result, [], 0.0)


def _follow(aws: Connection, how: How, deployment_id: str, result: Shape, lines: list[str], spent: float) -> Shape:
    if not how.wait:
        return {**result, "lines": lines}
    follower = how.kind.follower(aws, deployment_id, how.within.seen, how.until)
    watched = watch(follower.look, _left(how.within, spent), follower.stuck)
    if not watched.done:
        return _unfinished(how, deployment_id, watched, spent + watched.seconds, result, lines)
    result = {**result, **_ended(aws, follower, how), **_news(watched, lines)}
    problem = _problem(aws, follower, result, how)
    if problem:
        raise Refused(problem, **result)
    return result


def told(deployment: Shape) -> Shape:
    """A deployment as a task tells it."""
    found = {name: deployment[name] for name in TOLD if name in deployment}
    platform = deployment.get("computePlatform") or "Server"
    return found if platform == "Server" else {**found, "computePlatform": platform}


def _news(watched: Watched, before: list[str]) -> Shape:
    """What is to be shown live."""
    return {"lines": [*before, *watched.lines], "alerts": watched.alerts, "seen": watched.text}


def _left(within: Limits, spent: float) -> Limits:
    return within._replace(timeout=max(0.0, within.timeout - spent))


def _unfinished(how: How, follow_id: str, watched: Watched, spent: float, result: Shape, lines: list[str]) -> Shape:
    """Out of time fails, with all left running; in a slice there may be more time in the next one."""
    result = {**result, **_news(watched, lines)}
    if spent >= how.within.timeout:
        text = (
            f"it did not finish within wait_timeout: {watched.text}. It continues in AWS; run the task again to join it"
        )
        raise Refused(f"{text}, with a longer wait_timeout.", **result)
    return {**result, "followId": follow_id}


def _ended(aws: Connection, follower: Follower, how: How) -> Shape:
    """What is to be told of a deployment that is over, with its rollback."""
    deployment = follower.deployment
    result: Shape = {"deployment": told(deployment), "failedTargets": [], "rollback": {}}
    problems = failures.problems(aws, deployment)
    if problems:
        result["problems"] = problems
    result["failedTargets"] = how.kind.failed(aws, follower, how.with_log)
    error = deployment.get("errorInformation") or {}
    hint = _hint(result, error.get("code", ""))
    if hint:
        result["deployment"]["errorInformation"] = {**error, "hint": hint}
    info = deployment.get("rollbackInfo") or {}
    if follower.rollback:
        result["rollback"] = _rolled_back(aws, follower, follower.rollback, how)
    elif info.get("rollbackMessage"):
        result["rollback"] = {"message": info["rollbackMessage"]}
    return {**result, **how.kind.fleets(aws, follower, result)}


def _rolled_back(aws: Connection, follower: Follower, rollback: Follower, how: How) -> Shape:
    """The rollback, and after one that failed what is on the hosts now."""
    theirs = _ended(aws, rollback, how)
    found = {name: theirs["deployment"][name] for name in TOLD_OF_ROLLBACK if name in theirs["deployment"]}
    left = [] if is_complete(found) else how.kind.left(aws, follower.deployment, found)
    return {"deployment": found, "failedTargets": theirs["failedTargets"], "left": left}


def is_complete(deployment: Shape) -> bool:
    """Whether it succeeded on every host."""
    return deployment["status"] == "Succeeded" and not calls.counts(deployment).get("Failed")


def _problem(aws: Connection, follower: Follower, result: Shape, how: How) -> str | None:
    """Why the task fails, in sentences; None when the deployment brought what was asked for."""
    deployment, failed = result["deployment"], calls.counts(result["deployment"]).get("Failed", 0)
    if deployment["status"] not in ("Failed", "Stopped"):
        return how.kind.judge(aws, follower, result, how.strict)
    result.update(how.kind.now(aws, follower, result))
    error = deployment.get("errorInformation") or {}
    message = shown_line(str(error.get("message"))).rstrip(".")
    said = f" ({error['code']}: {message})" if error.get("code") else ""
    parts = [
        f"{deployment['deploymentId']} {deployment['status']}{said}.",
        failures.in_words(result["failedTargets"], failed),
    ]
    parts += causes.in_words(result["problems"]) if result.get("problems") else [error.get("hint", "")]
    replaced = result.get("blueGreen")
    parts += [rollback_in_words(result["rollback"]), words.in_words(replaced) if replaced else ""]
    return " ".join(filter(None, parts))


def _hint(result: Shape, code: str) -> str:
    """What the code of the error suggests to do; nothing where the problem was read, or is a host's own."""
    if result.get("problems") or (code in hints.GUESSED and result["failedTargets"]):
        return ""
    return hints.ERRORS.get(code, "")


def rollback_in_words(rollback: Shape) -> str:
    """What the rollback did, in a sentence."""
    deployment = rollback.get("deployment")
    if not deployment:
        return (
            f"No rollback: {shown_line(rollback['message'])}" if rollback.get("message") else "It was not rolled back."
        )
    by = f"to {revisions.in_words(deployment.get('revision'))} by {deployment['deploymentId']}"
    if is_complete(deployment):
        return f"It was rolled back {by}."
    failed = failures.in_words(rollback["failedTargets"], calls.counts(deployment).get("Failed", 0))
    return f"The rollback {by} is {deployment['status']}. {failed}".strip()
