# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs where: the hosts of all deployment groups of some Regions. Only reads. Private to this collection.

A Region is read as a whole, because its groups share hosts, and to ask for each of them costs more: its instances, its
Auto Scaling groups, and what SSM knows of the hosts. Only what a group's deployments left on its hosts is read by group.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import read_groups
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import agent, survey
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import names
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import (
    pick,
    read_on_premises,
    read_region,
    selection_of_group,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import read_infos
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight import memory
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, is_unreadable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm.commands import POWERSHELL_DOCUMENT, SHELL_DOCUMENT

PROBED = datetime.timedelta(hours=1)  # how old an answer of an agent may be to tell of it
DOCUMENTS = {"windows": POWERSHELL_DOCUMENT}

Hosts = t.Dict[str, Shape]


def take(aws: Connection, params: Shape) -> Shape:
    """`groups` and `hosts` of the Regions, a row for every group that a host belongs to, and `warnings`."""
    regions = list(dict.fromkeys(params["regions"] or [aws.region]))
    told: Shape = {"groups": [], "hosts": [], "warnings": []}
    unread = []
    for region in regions:
        try:
            _add_region(aws.in_region(region), params, told)
        except FAILURES as problem:
            if len(regions) == 1 or not is_unreadable(problem):
                raise
            unread.append(f"{region} could not be read, so the results are incomplete: {problem}")
    if not unread:
        _refuse_unknown(params["application_names"] or [], regions, told)
    return {**told, "warnings": [*unread, *told["warnings"]]}


def _refuse_unknown(wanted: list[str], regions: list[str], told: Shape) -> None:
    """An application without a group cannot be told from one that does not exist; neither has hosts."""
    unknown = sorted(set(wanted) - {one["applicationName"] for one in told["groups"]})
    if unknown:
        text = f"no deployment group was found of {', '.join(unknown)} in {', '.join(regions)}"
        raise Refused(f"{text}. Correct application_names, regions or the credentials.")


def _add_region(aws: Connection, params: Shape, told: Shape) -> None:
    wanted = params["application_names"] or names(aws, "list_applications", "applications")
    groups = [info for name in sorted(wanted) for info in read_infos(aws, name, None)]
    chosen = _hosts_of_groups(aws, groups)
    known = _known(aws, {one["instanceId"]: one for some in chosen for one in some}, params["inventory"], told)
    for group, some in zip(groups, chosen):
        # What a group adds to a host is its place in the group's Auto Scaling group.
        own = [{**known[one["instanceId"]], "lifecycleState": one["lifecycleState"]} for one in some]
        _add_group(aws, group, own, told)


def _hosts_of_groups(aws: Connection, groups: list[Shape]) -> list[list[Shape]]:
    selections = [selection_of_group(one) for one in groups]
    scaled = read_groups(aws, sorted({name for one in selections for name in one.auto_scaling_groups}))
    instances = read_region(aws) if any(one.tag_sets or one.auto_scaling_groups for one in selections) else {}
    return [pick(instances, scaled, one) + read_on_premises(aws, one.on_premises) for one in selections]


def _known(aws: Connection, hosts: Hosts, inventory: bool, told: Shape) -> Hosts:
    """The hosts with what SSM knows, and with the verdict on their agent."""
    found = survey.known_of(aws, list(hosts.values()), None, inventory, told["warnings"])
    probed = survey.readable(lambda: _probed(aws, found), "Earlier probes", told["warnings"]) or {}
    with_agents = [{**one, "agent": probed.get(one["instanceId"], one["agent"])} for one in found]
    return {one["instanceId"]: _judged(one) for one in with_agents}


def _probed(aws: Connection, hosts: list[Shape]) -> Hosts:
    """What agents answered to a probe of late: inventory tells that one is installed, not that it runs."""
    online = [one for one in hosts if one["ssmPing"] == "Online"]
    found: Hosts = {}
    for document in dict.fromkeys(DOCUMENTS.get(one["platform"], SHELL_DOCUMENT) for one in online):
        said = memory.answers(aws, document, {one["instanceId"] for one in online}, aws.now() - PROBED)
        found.update({i: _answer(one) for i, one in said.items()})
    up_since = {one["instanceId"]: one["launchTime"] for one in online}
    return {i: one for i, one in found.items() if one["status"] and one["at"] and one["at"] >= up_since[i]}


def _answer(invocation: Shape) -> Shape:
    at = agent.answered_at(invocation)
    return {**agent.said(invocation), "capturedAt": at.isoformat() if at else None, "at": at}


def _judged(host: Shape) -> Shape:
    verdict = agent.verdict(host, agent.MINIMUM)
    kept = {key: value for key, value in host["agent"].items() if key not in ("cause", "at")}
    return {**host, "agent": kept, "verdict": verdict.verdict, "reason": verdict.reason}


def _add_group(aws: Connection, group: Shape, hosts: list[Shape], told: Shape) -> None:
    place = {"region": aws.region, **{key: group[key] for key in ("applicationName", "deploymentGroupName")}}
    about = {"revision": None, "deploymentId": (group.get("lastSuccessfulDeployment") or {}).get("deploymentId")}
    if group.get("computePlatform", "Server") == "Server":
        hosts, about = survey.with_revisions(aws, group, hosts)
    about = {key: about[key] for key in ("revision", "deploymentId")}
    platform = {"computePlatform": group.get("computePlatform") or "Server"}
    told["groups"].append({**place, **platform, **about, **_counts(hosts)})
    told["hosts"] += [{**place, **one} for one in hosts]


def _counts(hosts: list[Shape]) -> Shape:
    return {
        "hostCount": len(hosts),
        "staleCount": sum(bool(one["stale"]) for one in hosts),
        "notReadyCount": sum(one["verdict"] == agent.NOT_READY for one in hosts),
        "imageIds": sorted({one["imageId"] for one in hosts if one["imageId"]}),
    }
