# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group or a selection of hosts, and what is known of each without touching it. Only reads. Private to this collection.

What SSM may not be asked, or does not know, is `unknown` and said so; it never fails the survey.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import lifecycle_states, refreshes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import agent
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.command_targets import addresses
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    calls,
    history,
    planning,
    revisions,
    scaling,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import (
    Fleet,
    Selection,
    resolve,
    selection_of_group,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import TAG_FILTERS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import tag_filters
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, is_unreadable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given
from ansible_collections.slipway.aws.plugins.module_utils._ssm.nodes import inventory_of, managed_nodes

SELECTORS = ("ec2_tag_filters", "ec2_tag_set", "auto_scaling_groups", "instance_ids")
SELECTION_OPTIONS: dict[str, t.Any] = {
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    "ec2_tag_filters": TAG_FILTERS,
    "ec2_tag_set": {
        "type": "dict",
        "options": {"ec2_tag_set_list": {"type": "list", "elements": "list", "required": True}},
    },
    "auto_scaling_groups": {"type": "list", "elements": "str"},
    "instance_ids": {"type": "list", "elements": "str"},
}
SELECTION_RULES: dict[str, t.Any] = {
    "required_one_of": [("deployment_group_name", *SELECTORS)],
    "required_together": [("application_name", "deployment_group_name")],
    "mutually_exclusive": [
        ("ec2_tag_filters", "ec2_tag_set"),
        *(("deployment_group_name", name) for name in SELECTORS),
    ],
}


class Chosen(t.NamedTuple):
    """What a task selects, resolved."""

    group: Shape | None  # the deployment group, when one was named
    fleet: Fleet
    selected: list[str]  # Auto Scaling groups by name
    scaling_groups: list[str]  # those selected, and those that hosts selected by tags belong to
    refreshes: list[Shape]
    warnings: list[str]
    selection: Selection

    def problems(self, suspended: t.Container[str] = ()) -> list[Shape]:
        """What is wrong with the whole; `suspended` are the processes that a deployment holds still."""
        blocks = "InstanceRefresh" not in suspended
        found = [problem("instance_refresh", planning.refresh_in_words(one), blocks) for one in self.refreshes]
        if not self.fleet.hosts and not self.fleet.missing:
            found.append(problem("no_instances", "the selection matches no instance", True))
        return found


def choose(aws: Connection, params: Shape) -> Chosen:
    """Resolve the group or the selection of a task. Raises NoGroup when the group does not exist."""
    group: Shape | None = None
    warnings: list[str] = []
    chosen = _selection(params)
    if params["deployment_group_name"]:
        group = calls.read_group(aws, params["application_name"], params["deployment_group_name"]).shape
        chosen = selection_of_group(group)
    fleet = resolve(aws, chosen)
    _note_warm(aws, fleet.hosts, warnings)
    names = sorted({*chosen.auto_scaling_groups, *fleet.scaling_groups})
    running = readable(lambda: refreshes(aws, names), "Instance refreshes", warnings)
    return Chosen(group, fleet, chosen.auto_scaling_groups, names, running or [], warnings, chosen)


def _note_warm(aws: Connection, hosts: list[Shape], warnings: list[str]) -> None:
    """Tags choose the instances of a warm pool too, which are stopped. No call where every host runs."""
    halted = [one for one in hosts if one["state"] != "running" and one["autoScalingGroup"]]
    asked = [one["instanceId"] for one in halted if not one["lifecycleState"]]
    states = readable(lambda: lifecycle_states(aws, asked), "Auto Scaling instances", warnings) if asked else {}
    for one in halted:
        one["lifecycleState"] = one["lifecycleState"] or (states or {}).get(one["instanceId"])


def scaling_problems(aws: Connection, chosen: Chosen, warnings: list[str], suspends: bool = False) -> list[Shape]:
    """What is wrong with the selected Auto Scaling groups; what may not be read is warned of."""

    def read(call: t.Callable[[], t.Any], what: str) -> t.Any:
        return readable(call, what, warnings)

    return scaling.problems(aws, chosen.group or {}, chosen.selected, chosen.fleet.groups, read, suspends)


def look_up(aws: Connection, chosen: Chosen, inventory: bool, warnings: list[str]) -> list[Shape]:
    """Hosts with what SSM knows of them. Tags that say exactly what is selected spare calls."""
    tags = addresses(chosen.selection) or []
    return known_of(aws, chosen.fleet.hosts, tags[0] if len(tags) == 1 else None, inventory, warnings)


def known_of(
    aws: Connection, hosts: list[Shape], targets: list[Shape] | None, inventory: bool, warnings: list[str]
) -> list[Shape]:
    """Hosts with what SSM knows: `ssmPing`, and `agent` as inventory has it (all unknown without `inventory`)."""
    ids = [one["instanceId"] for one in hosts if one["state"] == "running"]
    nodes = readable(lambda: managed_nodes(aws, ids, targets), "Managed nodes of SSM", warnings) if ids else {}
    known = (
        readable(lambda: inventory_of(aws, ids, agent.PACKAGES), "The inventory of SSM", warnings) if inventory else {}
    )
    return [{**one, **_node(one, nodes), "agent": _from_inventory(one, known)} for one in hosts]


def readable(read: t.Callable[[], t.Any], what: str, warnings: list[str]) -> t.Any:
    """What `read` returns, or None with a warning where the caller may not ask or the service is out of reach."""
    try:
        return read()
    except FAILURES as denied:
        if not is_unreadable(denied):
            raise
        warnings.append(f"{what} could not be read, so the results are incomplete: {denied}")
        return None


def with_revisions(aws: Connection, group: Shape, hosts: list[Shape]) -> tuple[list[Shape], Shape]:
    """Hosts with the revision each one has, and what the group has: its live deployment and failing launches."""
    ids = [one["instanceId"] for one in hosts]
    deployments = history.past(aws, group)
    left = history.left_on(aws, deployments, ids)
    if len(left.succeeded) < len(ids):
        deployments = history.past(aws, group, whole=True)
        left = history.left_on(aws, deployments, ids)
    live = history.live_deployment(deployments) or {}
    told = {
        "revision": live.get("revision"),
        "deploymentId": live.get("deploymentId"),
        "launchFailures": history.launch_failures(deployments),
    }
    return [{**one, **_revision(one["instanceId"], left, live)} for one in hosts], told


def with_last_revisions(aws: Connection, group: Shape, hosts: list[Shape]) -> list[Shape]:
    """Hosts with the revision that the last deployments of the group brought: three calls for most groups of any size.

    It is only shown beside the verdict, so nothing is said of a host that none of them reached, or where nobody may ask.
    """
    try:
        left = history.left_on(aws, history.past(aws, group), [one["instanceId"] for one in hosts])
    except FAILURES:
        return hosts
    return [{**one, "revision": left.succeeded.get(one["instanceId"], {}).get("revision")} for one in hosts]


def _revision(host: str, left: history.Left, live: Shape) -> Shape:
    has, failed = left.succeeded.get(host, {}), left.failed.get(host)
    current = revisions.same_revision(has.get("revision"), live.get("revision")) and not failed
    return {
        "revision": has.get("revision"),
        "deploymentId": has.get("deploymentId"),
        "failedDeploymentId": failed["deploymentId"] if failed else None,
        "stale": not current if live else None,
    }


def _selection(params: Shape) -> Selection:
    sets = [tag_filters(params["ec2_tag_filters"])] if params["ec2_tag_filters"] else []
    sets += [tag_filters(one) for one in (params["ec2_tag_set"] or {}).get("ec2_tag_set_list") or []]
    return Selection(given(sets), params["auto_scaling_groups"] or [], params["instance_ids"] or [])


def _node(host: Shape, nodes: dict[str, Shape] | None) -> Shape:
    """What SSM knows of the host. It knows the platform from the host itself, EC2 only from the image."""
    if nodes is None:
        return {"ssmPing": "unknown", "ssmLastPing": None}
    node = nodes.get(host["instanceId"], {})
    return {
        "ssmPing": node.get("PingStatus"),
        "ssmLastPing": node.get("LastPingDateTime"),
        "platform": str(node["PlatformType"]).lower() if node.get("PlatformType") else host["platform"],
    }


def _from_inventory(host: Shape, known: dict[str, Shape] | None) -> Shape:
    if host["onPremises"]:
        return agent.nothing_known(
            "on_premises", "no AWS service tells whether the agent of an on-premises instance runs"
        )
    if known is None:
        return agent.nothing_known("inventory_denied", "the inventory of SSM could not be read")
    found = known.get(host["instanceId"])
    if found is None:
        return agent.nothing_known("inventory_missing", "no inventory was collected from it")
    version = agent.version_in(found["version"])
    status = "installed" if found["version"] else "absent"
    told = {"status": status, "version": version, "source": "inventory", "capturedAt": found["capturedAt"]}
    return {**agent.NOTHING, **told}


def describe(aws: Connection, params: Shape) -> Shape:
    """All that is known of a group or a selection: `fleet`, `hosts`, `warnings`. A missing group is an empty fleet."""
    try:
        chosen = choose(aws, params)
    except calls.NoGroup:
        return {"fleet": {}, "hosts": [], "warnings": []}
    hosts = look_up(aws, chosen, params["inventory"], chosen.warnings)
    told: Shape = {
        "autoScalingGroups": chosen.scaling_groups,
        "instanceRefreshes": chosen.refreshes,
        "missing": chosen.fleet.missing,
        "problems": [*chosen.problems(), *scaling_problems(aws, chosen, chosen.warnings)],
    }
    if chosen.group:
        hosts, about = with_revisions(aws, chosen.group, hosts)
        names = {key: chosen.group[key] for key in ("applicationName", "deploymentGroupName")}
        told = {**names, **about, **told}
    for one in hosts:
        one["agent"].pop("cause", None)  # no verdict here, so no cause of one
    return {"fleet": told, "hosts": hosts, "warnings": chosen.warnings}
