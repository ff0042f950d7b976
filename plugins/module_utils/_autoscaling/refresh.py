# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The act of rolling a group's hosts onto its launch template: decide, start or join, follow, tell. Knows nothing of Ansible.

Private to this collection. It can be cut into slices: what a slice hands to the next is the id of the refresh.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import (
    Hosts,
    NoScalingGroup,
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

TIMEOUT = 3600  # seconds; AWS itself sets a refresh no limit
NOTHING, JOIN, START = "nothing", "join", "start"


class Decision(t.NamedTuple):
    """What to do, and why."""

    action: str
    reason: str
    hosts: Hosts
    refresh: Shape  # the one to join
    known: set[str]  # ids of the refreshes that were there before


def roll(aws: Connection, params: Shape, check_mode: bool, launches: Launches | None) -> Shape:
    """Bring every host of the group onto what it launches at present. Returns what the task registers."""
    _check_percentages(params)
    follow = params["follow"] or {}
    if follow.get("id"):
        return _followed(aws, params, follow["id"], {"changed": True}, launches)
    try:
        decision = decide(aws, params)
    except NoScalingGroup as problem:
        if check_mode:
            return _first(str(problem))
        raise
    warnings = launches.refuse_active() if launches and decision.action == START else []
    told = _told(aws, params, decision, warnings)
    if check_mode or decision.action == NOTHING:
        return {**told, "instance_refresh": to_result(decision.refresh)}
    return _begun(aws, params, decision, told, launches)


def decide(aws: Connection, params: Shape) -> Decision:
    """What a run would do. Three reads, one more for each further launch template of a mixed group."""
    hosts = read_hosts(aws, params["name"])
    latest = scaling.latest_refreshes(aws, params["name"])
    known = {one["InstanceRefreshId"] for one in latest}
    running = next((one for one in latest if one["Status"] in scaling.RUNNING), None)
    if running:
        done = running.get("PercentageComplete") or 0
        why = f"the instance refresh {running['InstanceRefreshId']} is {running['Status']} ({done} %)"
        return Decision(JOIN, why, hosts, running, known)
    if params["force"] and hosts.members:
        return Decision(START, "force is set", hosts._replace(old=hosts.members), {}, known)
    if hosts.old:
        why = f"{len(hosts.old)} of {len(hosts.members)} hosts are not on {hosts.wanted}"
        return Decision(START, why, hosts, {}, known)
    why = f"every host is on {hosts.wanted}" if hosts.members else "the group has no hosts"
    return Decision(NOTHING, why, hosts, {}, known)


def _check_percentages(params: Shape) -> None:
    least, most = params["min_healthy_percentage"], params["max_healthy_percentage"]
    if least is not None and not 0 <= least <= 100:
        raise Refused(f"min_healthy_percentage is {least}. Give 0 to 100.")
    if most is not None and least is None:
        raise Refused("max_healthy_percentage needs min_healthy_percentage. Give both or neither.")
    if most is not None and (not 100 <= most <= 200 or most - least > 100):
        text = f"max_healthy_percentage is {most} with a min_healthy_percentage of {least}"
        raise Refused(f"{text}. Give 100 to 200, and at most 100 more than min_healthy_percentage.")


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
        plan["image_id"] = hosts.image(aws)
        given = params["min_healthy_percentage"]
        plan["min_healthy_percentage"] = hosts.min_healthy_percentage if given is None else given
        warnings = warnings + hosts.in_the_way
    if joins:
        asked = decision.refresh.get("Preferences") or {}
        plan["min_healthy_percentage"] = asked.get("MinHealthyPercentage", plan["min_healthy_percentage"])
    return {
        "changed": decision.action != NOTHING,
        "joined": joins,
        "reason": decision.reason,
        "plan": plan,
        "warnings": warnings,
        "diff": hosts.diff(),
    }


def _begun(aws: Connection, params: Shape, decision: Decision, told: Shape, launches: Launches | None) -> Shape:
    """Start or join, and wait when that is asked for."""
    if decision.action == JOIN:
        refresh_id = decision.refresh["InstanceRefreshId"]
    else:
        refresh_id, told["joined"] = _start(aws, params, decision.known)
    if params["wait"]:
        return _followed(aws, params, refresh_id, told, launches)
    refresh = scaling.read_refresh(aws, params["name"], refresh_id) or {"InstanceRefreshId": refresh_id}
    return {**told, "instance_refresh": to_result(refresh)}


def _start(aws: Connection, params: Shape, known: set[str]) -> tuple[str, bool]:
    """Start a refresh; its id, and whether it is somebody else's who was faster."""
    name, preferences = params["name"], _preferences(params)
    try:
        return scaling.start_refresh(aws, name, preferences), False
    except is_boto3_error_code(scaling.IN_PROGRESS):
        running = scaling.running_refresh(aws, name)
        if running is None:
            raise
        return running["InstanceRefreshId"], True
    except FAILURES as problem:
        if not may_have_happened(problem):
            raise
        return _look_for(aws, name, known, problem), False


def _preferences(params: Shape) -> Shape:
    members = {
        "MinHealthyPercentage": params["min_healthy_percentage"],
        "MaxHealthyPercentage": params["max_healthy_percentage"],
        "InstanceWarmup": params["instance_warmup"],
        "SkipMatching": not params["force"],
    }
    return {name: value for name, value in members.items() if value is not None}


def _look_for(aws: Connection, name: str, known: set[str], problem: BaseException) -> str:
    """The refresh that the lost call started: one that was not there before. A list may lag behind."""

    def new() -> str | None:
        ids = (one["InstanceRefreshId"] for one in scaling.latest_refreshes(aws, name))
        return next((one for one in ids if one not in known), None)

    if found := look_until(new):
        return found
    text = "the response to the request was lost, and no new instance refresh has appeared. Run the task again: it joins the"
    raise Refused(f"{text} refresh if it exists after all, and otherwise starts it. ({problem})") from problem


def _followed(aws: Connection, params: Shape, refresh_id: str, told: Shape, launches: Launches | None) -> Shape:
    """Watch the refresh to its end, to the end of the time, or of the slice."""
    follower = Follower(aws, params["name"], refresh_id, launches)
    within = limits(params, TIMEOUT)
    seen = watch(follower.look, within)
    problem = _problem(aws, follower, seen, within.timeout)
    result = {**told, "instance_refresh": to_result(follower.refresh)}
    result["warnings"] = [*told.get("warnings", []), *(launches.warnings if launches else [])]
    told_of = {"launch_failures": launches.failures, "failed_targets": launches.failed} if launches else {}
    result.update({key: to_result(value) for key, value in told_of.items() if value is not None})
    if within.slice is not None:
        result["followed"] = {"id": refresh_id, "done": seen.done, "seen": seen.text, "lines": seen.lines}
    if problem:
        raise Refused(problem, **{key: value for key, value in result.items() if key != "diff"})
    return result


def _problem(aws: Connection, follower: Follower, seen: Watched, timeout: float) -> str | None:
    """Why the task fails; None when every host is on what the group launches, or the slice is over."""
    if follower.looping and follower.launches:
        return follower.end_loop(follower.launches)
    if not seen.done:
        return _out_of_time(follower, seen) if seen.seconds >= timeout else None
    if follower.refresh["Status"] != "Successful":
        return follower.why_failed()
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
