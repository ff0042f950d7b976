# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of a group: to cancel a refresh, or to return its hosts to the version that served last. Private to this collection.

Nothing is remembered between two runs. What served before is told by the refreshes of the group, and by the versions of
its launch template.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import launch_versions as versions
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import refresh_options as options
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.launch_versions import Aim
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh import (
    JOIN,
    NOTHING,
    START,
    Decision,
    carried_out,
    followed,
    in_flight,
    refreshed,
)
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import (
    Hosts,
    find_group,
    hosts_of,
)
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_progress import FORWARD, Launches
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result

# What a way back does without: it is not tried step by step, and the alarm that asks for it may be on.
FOR_THE_WAY_THERE = (
    "auto_rollback", "mark_unchecked", "alarm_specification", "checkpoint_percentages", "checkpoint_delay", "bake_time",
)  # fmt: skip
HALFWAY = ("Cancelled", "Failed", "RollbackFailed")  # endings that leave hosts on what the group does not launch


class Way(t.NamedTuple):
    """Where to go back to, and how that is known; no version where nothing is to be done."""

    version: Shape | None
    why: str


def run(aws: Connection, params: Shape, check_mode: bool, launches: Launches | None) -> Shape:
    """Do what the state of the task says. Returns what the task registers."""
    options.check(params)
    if params["state"] == options.ROLLED_BACK:
        params = {**params, **dict.fromkeys(FOR_THE_WAY_THERE), "wait_until": "finished"}
    follow = params["follow"] or {}
    if follow.get("id"):
        return followed(aws, params, follow["id"], {"changed": True}, launches)
    if params["state"] == options.CANCELLED:
        return _cancelled(aws, params, check_mode)
    if params["state"] == options.CHECKED:
        return _checked(aws, params, check_mode)
    if params["state"] == options.ROLLED_BACK:
        return _rolled_back(aws, params, check_mode, launches)
    return refreshed(aws, params, check_mode, launches)


def _cancelled(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """End the refresh in progress, and leave hosts as they are."""
    find_group(aws, params["name"])
    running = scaling.running_refresh(aws, params["name"])
    told: Shape = {"changed": running is not None, "joined": False, "diff": {"before": {}, "after": {}}}
    if running is None:
        return {**told, "reason": "no instance refresh is in progress", "instance_refresh": {}}
    told["reason"] = f"the instance refresh {in_flight(running)}"
    if check_mode:
        return {**told, "instance_refresh": to_result(running)}
    if running["Status"] != "Cancelling":
        scaling.cancel_refresh(aws, params["name"])
    if params["wait"]:
        return followed(aws, params, running["InstanceRefreshId"], told, None)
    again = scaling.read_refresh(aws, params["name"], running["InstanceRefreshId"]) or running
    return {**told, "instance_refresh": to_result(again)}


def _checked(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Take the mark off that a check has still to pass."""
    version = scaling.unchecked(find_group(aws, params["name"]))
    if version and not check_mode:
        scaling.mark_checked(aws, params["name"])
    before = {"unchecked": version} if version else {}
    reason = f"{version} was not checked yet" if version else "nothing is left to check"
    told: Shape = {"changed": bool(version), "joined": False, "unchecked": False, "reason": reason}
    return {**told, "instance_refresh": {}, "diff": {"before": before, "after": {}}}


def _rolled_back(aws: Connection, params: Shape, check_mode: bool, launches: Launches | None) -> Shape:
    decision, turns = _decide(aws, params)
    running = decision.refresh
    if not check_mode and turns and not scaling.roll_back_refresh(aws, params["name"]):
        now = scaling.read_refresh(aws, params["name"], running["InstanceRefreshId"]) or running
        if not now["Status"].startswith("Rollback"):  # it was over a moment before
            decision, _turns = _decide(aws, params)
    return carried_out(aws, params, decision, check_mode, launches)


def _decide(aws: Connection, params: Shape) -> tuple[Decision, bool]:
    """What is to be rolled back: a refresh in progress, or the last one that ended. And whether the one in progress has to turn."""
    group = find_group(aws, params["name"])
    asked = versions.specification(group)
    own = scaling.read_template(aws, asked)
    here = Aim(own, own, group.get("MixedInstancesPolicy"), asked.get("Version") or "$Default")
    hosts = hosts_of(aws, group, here)
    latest = scaling.latest_refreshes(aws, params["name"])
    known = {one["InstanceRefreshId"] for one in latest}
    if latest and latest[0]["Status"] in scaling.RUNNING:
        running = latest[0]
        back = _version_in_progress(aws, here, latest)
        if back is None:
            _refuse_irreversible(running, here)
        goes = hosts_of(aws, group, here._replace(version=back)) if back else hosts
        joined = Decision(JOIN, f"the instance refresh {in_flight(running)}", goes, running, known)
        return joined, back is None and running["Status"] in FORWARD
    way = _way(aws, here, hosts, latest)
    if way.version is None:
        return Decision(NOTHING, way.why, hosts, {}, known), False
    there = here._replace(version=way.version)
    return Decision(START, way.why, hosts_of(aws, group, there), {}, known), False


def _version_in_progress(aws: Connection, here: Aim, latest: list[Shape]) -> Shape | None:
    """The version to which the refresh in progress returns the hosts already; None where it has to turn."""
    if latest[0]["Status"] not in FORWARD:
        return None
    if len(latest) > 1 and not versions.asked_of(latest[0]) and _left_hosts(latest[1], here.own):
        return here.own
    return _brought_back(aws, here, latest)


def _brought_back(aws: Connection, here: Aim, latest: list[Shape]) -> Shape | None:
    """The version that the newest refresh was to bring back; None where it is no way back. A run may have been cut short."""
    asked = versions.asked_of(latest[0])
    try:
        version = way_back(here.own, _listed(aws, here.own), latest[1:]).version if asked else None
    except Refused:
        return None
    return version if version and versions.is_asked(asked, version) else None


def _refuse_irreversible(running: Shape, here: Aim) -> None:
    """In words, before AWS does: what it can neither roll back nor stop to roll back."""
    if running["Status"] == "Cancelling":
        raise Refused(f"the instance refresh {in_flight(running)}. Wait until it is canceled, and run the task again.")
    if running["Status"] in FORWARD and (not running.get("DesiredConfiguration") or here.moves):
        why = f"the group launches {here.follows}" if here.moves else "it has no desired configuration"
        text = f"the instance refresh {in_flight(running)}, and AWS cannot roll it back, because {why}"
        raise Refused(f"{text}. Cancel it with state=cancelled, and run the task again.")


def _way(aws: Connection, here: Aim, hosts: Hosts, latest: list[Shape]) -> Way:
    own, last = here.own, latest[0]["Status"] if latest else ""
    if last and last != "Successful":
        if back := _brought_back(aws, here, latest):
            return Way(back, f"the instance refresh that was to bring back {versions.named(back)} ended as {last}")
        said = f"the last instance refresh ended as {last}, and"
        if hosts.old:
            return Way(own, f"{said} {len(hosts.old)} of {len(hosts.members)} hosts are not on {versions.named(own)}")
        return Way(None, f"{said} every host is on {versions.named(own)}")
    if len(latest) > 1 and not versions.asked_of(latest[0]) and _left_hosts(latest[1], own):
        return Way(None, f"the last instance refresh returned the hosts to {versions.named(own)}")
    return way_back(own, _listed(aws, own), latest)


def _left_hosts(refresh: Shape, own: Shape) -> bool:
    """Whether a refresh to another version than the group's own ended half-way, so that the next one is its way back."""
    asked = versions.asked_of(refresh)
    return refresh["Status"] in HALFWAY and bool(asked) and not versions.is_asked(asked, own)


def _listed(aws: Connection, own: Shape) -> dict[int, Shape]:
    return {one["VersionNumber"]: one for one in versions.versions(aws, own["LaunchTemplateId"])}


def way_back(own: Shape, listed: dict[int, Shape], latest: list[Shape]) -> Way:
    """From the version that the group launches to the one that served before, by what AWS still knows."""
    number = own["VersionNumber"]
    served = [found for one in _successful(latest) if (found := _number(one, own)) is not None]
    if len(served) > 1 and served[0] == number < served[1]:
        text = f"the last instance refresh returned the hosts from version {served[1]} to {versions.named(own)}"
        return Way(None, text)
    before = versions.replaced(own)
    if before in listed:
        return Way(listed[before], f"version {number} was made in place of {versions.named(listed[before])}")
    earlier = next((one for one in served if one < number and one in listed), None)
    if earlier is not None:
        return Way(listed[earlier], f"the instance refresh before brought {versions.named(listed[earlier])}")
    return _by_number(own, listed, latest)


def _by_number(own: Shape, listed: dict[int, Shape], latest: list[Shape]) -> Way:
    """Nobody tells; then the newest version before with another AMI, if no refresh to it failed."""
    failed = {_number(one, own) for one in latest} - {_number(one, own) for one in _successful(latest)}
    image, number = versions.image_of(own), own["VersionNumber"]
    fit = [n for n, one in listed.items() if n < number and n not in failed and versions.image_of(one) != image]
    if not fit:
        text = f"nothing tells what served before {versions.named(own)}: its launch template has no earlier version with another AMI"
        raise Refused(f"{text}. Name one with state=refreshed and desired_configuration or image_id.")
    return Way(listed[max(fit)], f"{versions.named(listed[max(fit)])} is the newest version before with another AMI")


def _successful(latest: list[Shape]) -> list[Shape]:
    return [one for one in latest if one["Status"] == "Successful"]


def _number(refresh: Shape, own: Shape) -> int | None:
    """The version that a refresh brought, if it named one of this launch template."""
    asked = versions.asked_of(refresh)
    if (asked.get("LaunchTemplateId") or asked.get("LaunchTemplateName")) not in (
        own["LaunchTemplateId"], own["LaunchTemplateName"],
    ):  # fmt: skip
        return None
    version = str(asked.get("Version") or "")
    return int(version) if version.isascii() and version.isdigit() else None
