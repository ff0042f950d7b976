# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The act of rolling a group's hosts onto a launch template: decide, start or join, follow, tell. Knows nothing of Ansible.

Private to this collection. It can be cut into slices: what a slice hands to the next is the id of the refresh.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import launch_versions as versions
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import refresh_options as options
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import (
    LEAST,
    MOST,
    Hosts,
    NoScalingGroup,
    find_group,
    hosts_of,
    read_hosts,
)
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_progress import Follower, Launches
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    FAILURES,
    Refused,
    may_have_happened,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Watched, limits, look_until, watch

NOTHING, JOIN, START = "nothing", "join", "start"
GOOD = {
    options.REFRESHED: ("Successful",),
    options.ROLLED_BACK: ("Successful", "RollbackSuccessful"),
    options.CANCELLED: ("Cancelled", "Successful", "Failed", "RollbackSuccessful", "RollbackFailed"),
}


class Decision(t.NamedTuple):
    """What to do, and why."""

    action: str
    reason: str
    hosts: Hosts
    refresh: Shape  # the one to join
    known: set[str]  # ids of the refreshes that were there before


def refreshed(aws: Connection, params: Shape, check_mode: bool, launches: Launches | None) -> Shape:
    """Bring every host of the group onto what is asked for, or what it launches at present. Returns what the task registers."""
    try:
        decision = decide(aws, params)
    except NoScalingGroup as problem:
        if check_mode:
            return _first(str(problem))
        raise
    return carried_out(aws, params, decision, check_mode, launches)


def carried_out(
    aws: Connection, params: Shape, decision: Decision, check_mode: bool, launches: Launches | None
) -> Shape:
    """Do what was decided, or tell it."""
    warnings: list[str] = []
    if decision.action == START:
        options.refuse_alarms(aws, params)
        if decision.hosts.aim:
            versions.refuse_image(aws, decision.hosts.aim.version)
        warnings = launches.refuse_active() if launches else []
    told = _told(aws, params, decision, warnings)
    if check_mode or decision.action == NOTHING:
        return {**told, "instance_refresh": to_result(decision.refresh)}
    return _begun(aws, params, decision, told, launches)


def decide(aws: Connection, params: Shape) -> Decision:
    """What a run would do. Three reads, one more for each further launch template of a mixed group or version to look for."""
    group = find_group(aws, params["name"])
    aim = versions.find_aim(aws, group, params)
    hosts = hosts_of(aws, group, aim)
    latest = scaling.latest_refreshes(aws, params["name"])
    known = {one["InstanceRefreshId"] for one in latest}
    running = next((one for one in latest if one["Status"] in scaling.RUNNING), None)
    if running:
        _refuse_another(running, aim)
        return Decision(JOIN, f"the instance refresh {in_flight(running)}", hosts, running, known)
    if params["force"] and hosts.members:
        return Decision(START, "force is set", hosts._replace(old=hosts.members), {}, known)
    if hosts.old:
        why = f"{len(hosts.old)} of {len(hosts.members)} hosts are not on {hosts.wanted}"
        return Decision(START, why, hosts, {}, known)
    if aim and not aim.is_own:
        return Decision(START, f"the group does not launch {hosts.wanted}", hosts, {}, known)
    why = f"every host is on {hosts.wanted}" if hosts.members else "the group has no hosts"
    return Decision(NOTHING, why, hosts, {}, known)


def in_flight(running: Shape) -> str:
    return f"{running['InstanceRefreshId']} is {running['Status']} ({running.get('PercentageComplete') or 0} %)"


def _refuse_another(running: Shape, aim: versions.Aim | None) -> None:
    """A refresh that brings something else can be neither joined nor replaced by another."""
    asked = versions.asked_of(running)
    if aim is None or (versions.is_asked(asked, aim.version) if asked else aim.is_own):
        return
    brings = f"version {asked.get('Version')} of another release" if asked else "what the group launches"
    text = f"the instance refresh {in_flight(running)}, and brings {brings}, not {versions.named(aim.version)}"
    raise Refused(
        f"{text}. Wait until it ends, or end it with state=rolled_back or state=cancelled, and run the task again."
    )


def _first(why: str) -> Shape:
    """What check mode can tell of a group that an earlier task would create."""
    plan = {"hosts": [], "problem": why}
    warnings = [f"In check mode nothing is known about a group that does not exist: {why}"]
    told = {
        "changed": False,
        "joined": False,
        "reason": "the group does not exist yet",
        "plan": plan,
        "warnings": warnings,
    }
    return {**told, "instance_refresh": {}, "diff": {"before": {}, "after": {}}}


def _told(aws: Connection, params: Shape, decision: Decision, warnings: list[str]) -> Shape:
    """What is known before anything is started."""
    hosts, joins = decision.hosts, decision.action == JOIN
    plan: Shape = {"hosts": [one["InstanceId"] for one in hosts.old], **hosts.described}
    if decision.action != NOTHING:
        said = decision.refresh.get("Preferences") or {} if joins else options.preferences(params)
        shares = {name: said.get(name, own) for name, own in hosts.shares.items()}
        plan.update(min_healthy_percentage=shares[LEAST], max_healthy_percentage=shares[MOST])
        plan.update(image_id=hosts.image(aws), hosts_at_a_time=hosts.at_a_time(shares))
        plan.update({"checkpoint_percentages": options.checkpoints(params)} if params["checkpoint_percentages"] else {})
        warnings = warnings + hosts.in_the_way
    return {
        "changed": decision.action != NOTHING,
        "joined": joins,
        "reason": decision.reason,
        "plan": plan,
        "unchecked": hosts.is_unchecked,
        "warnings": warnings,
        "diff": hosts.diff(),
    }


def _begun(aws: Connection, params: Shape, decision: Decision, told: Shape, launches: Launches | None) -> Shape:
    """Start or join, and wait when that is asked for."""
    if decision.action == JOIN:
        refresh_id = decision.refresh["InstanceRefreshId"]
    else:
        desired = _desired(aws, params, decision.hosts.aim, told["plan"])
        told["unchecked"] = _marked(aws, params, told["plan"].get("launch_template"))
        refresh_id, told["joined"] = _start(aws, params, decision.known, desired)
    if params["wait"]:
        return followed(aws, params, refresh_id, told, launches)
    refresh = scaling.read_refresh(aws, params["name"], refresh_id) or {"InstanceRefreshId": refresh_id}
    return {**told, "instance_refresh": to_result(refresh)}


def _desired(aws: Connection, params: Shape, aim: versions.Aim | None, plan: Shape) -> Shape | None:
    """The desired configuration, after its version was made; none where the group launches it already."""
    if aim is None or (aim.is_own and not params["auto_rollback"]):
        return None
    if params["state"] == options.REFRESHED:
        aim = versions.prepare(aws, params["name"], aim)
        plan["launch_template"] = versions.described(aim.version)
    return aim.configuration()


def _marked(aws: Connection, params: Shape, template: Shape | None) -> bool:
    """Whether the group is marked before hosts get what a check has still to pass, so that a later run knows of it."""
    if not params["mark_unchecked"] or not template:
        return False
    scaling.mark_unchecked(aws, params["name"], f"{template['launch_template_id']}:{template['version']}")
    return True


def _start(aws: Connection, params: Shape, known: set[str], desired: Shape | None) -> tuple[str, bool]:
    """Start a refresh; its id, and whether it is somebody else's who was faster."""
    name, preferences = params["name"], options.preferences(params)
    try:
        return scaling.start_refresh(aws, name, preferences, desired), False
    except is_boto3_error_code(scaling.IN_PROGRESS):
        running = scaling.running_refresh(aws, name)
        if running is None:
            raise
        return running["InstanceRefreshId"], True
    except FAILURES as problem:
        if not may_have_happened(problem):
            raise
        return _look_for(aws, name, known, problem), False


def _look_for(aws: Connection, name: str, known: set[str], problem: BaseException) -> str:
    """The refresh that the lost call started: one that was not there before. A list may lag behind."""

    def new() -> str | None:
        ids = (one["InstanceRefreshId"] for one in scaling.latest_refreshes(aws, name))
        return next((one for one in ids if one not in known), None)

    if found := look_until(new):
        return found
    text = "the response to the request was lost, and no new instance refresh has appeared. Run the task again: it joins the"
    raise Refused(f"{text} refresh if it exists after all, and otherwise starts it. ({problem})") from problem


def followed(aws: Connection, params: Shape, refresh_id: str, told: Shape, launches: Launches | None) -> Shape:
    """Watch the refresh to its end, to the end of the time, or of the slice."""
    follower = Follower(aws, params, refresh_id, launches)
    within = limits(params, options.TIMEOUT)
    seen = watch(follower.look, within)
    problem = _problem(aws, follower, seen, within.timeout)
    result = {**told, "instance_refresh": to_result(follower.refresh)}
    result["warnings"] = [*told.get("warnings", []), *(launches.warnings if launches else [])]
    told_of = {"launch_failures": launches.failures, "failed_targets": launches.failed} if launches else {}
    result.update({key: to_result(value) for key, value in told_of.items() if value is not None})
    if follower.rolled_back_to:
        result["rolled_back_to"] = follower.rolled_back_to
    if within.slice is not None:
        result["followed"] = {"id": refresh_id, "done": seen.done, "seen": seen.text, "lines": seen.lines}
    if problem:
        raise Refused(problem, **{key: value for key, value in result.items() if key != "diff"})
    return result


def _problem(aws: Connection, follower: Follower, seen: Watched, timeout: float) -> str | None:
    """Why the task fails; None when every host is on what the group launches, or the slice is over."""
    if follower.looping or follower.unhealthy:
        return follower.end()
    if not seen.done:
        return _out_of_time(follower, seen) if seen.seconds >= timeout else None
    if follower.rests:
        return None
    state = follower.params["state"]
    if follower.refresh["Status"] not in GOOD[state]:
        return follower.why_failed()
    if state == options.CANCELLED:
        return None
    left = read_hosts(aws, follower.name)
    if not left.old:
        return None
    ids = ", ".join(one["InstanceId"] for one in left.old[:5])
    text = f"the instance refresh {follower.refresh_id} succeeded, but {len(left.old)} of {len(left.members)} hosts are not on"
    return f"{text} {left.wanted}: {ids}. What the group launches was changed after the refresh had started; run the task again to replace them."


def _out_of_time(follower: Follower, seen: Watched) -> str:
    return (
        f"the instance refresh {follower.refresh_id} did not finish within wait_timeout: {seen.text}. It continues in AWS; run "
        "the task again to continue waiting, or raise wait_timeout."
    )
