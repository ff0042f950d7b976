# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the deployments of a group left on its hosts. Private to this collection.

What a deployment group says of its last successful deployment is no statement about hosts: after a scale-out or an
instance refresh they are others. So hosts are matched with the targets of the deployments themselves.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import style
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

# A launch deployment does not tell its host but by a call of its own: with more of them than this, the rest is unknown.
MOST_READ = 100
MOST_LISTED = 200  # deployments looked at beyond those since the last success
LOOP = 3  # launches that fail in a row before it is called a loop


class Left(t.NamedTuple):
    """What the deployments left on hosts, by instance id."""

    succeeded: dict[str, Shape]  # the newest deployment that succeeded there
    failed: dict[str, Shape]  # one that failed there after it, if any


class Live(t.NamedTuple):
    """Whether a revision is live on hosts: then `reason` is None and `deployment` the group's last one."""

    deployment: Shape | None
    reason: str | None


def past(aws: Connection, group: Shape, whole: bool = False) -> list[Shape]:
    """Deployments of the group, newest first: from the last successful one on, or further back too."""
    last = group.get("lastSuccessfulDeployment") or {}
    narrowed: Shape = {"createTimeRange": {"start": last["createTime"]}} if last.get("createTime") else {}
    names = (group["applicationName"], group["deploymentGroupName"])
    ids = calls.list_deployments(aws, *names, **narrowed)
    if narrowed and whole:
        ids = list(dict.fromkeys([*ids, *calls.list_deployments(aws, *names, most=MOST_LISTED)]))
    found = calls.read_deployments(aws, ids)
    if narrowed and not whole and not any(is_of_group(one) for one in found):
        return past(aws, group, whole=True)  # the last success was the launch of one host
    return found


def live_deployment(deployments: t.Iterable[Shape]) -> Shape | None:
    """The newest deployment that succeeded, launches of single hosts left out; its revision is the live one."""
    return next((one for one in deployments if is_of_group(one) and one["status"] == "Succeeded"), None)


def left_on(aws: Connection, deployments: list[Shape], hosts: t.Iterable[str]) -> Left:
    """What is on each host, from deployments newest first. Hosts that none reached are in neither map."""
    left, missing, reads = Left({}, {}), set(hosts), 0
    for one in deployments:
        for status, found in (("Succeeded", left.succeeded), ("Failed", left.failed)):
            if missing and reads < MOST_READ and calls.counts(one).get(status):
                reads += 1
                for host in missing.intersection(reached(aws, one, status)):
                    found.setdefault(host, one)
        missing -= left.succeeded.keys()
    return left


def live(aws: Connection, group: Shape, revision: Shape, hosts: list[str]) -> Live:
    """Whether the revision is live on every one of these hosts, and if not, why in words.

    Live means: the group's last deployment succeeded, no target of it failed, and every host got this revision in it,
    in a launch deployment or an automatic update since, or in deployments of the same revision right before.
    A blue/green deployment that gave no new host traffic counts for nothing.
    """
    deployments = past(aws, group)
    last = next((one for one in deployments if is_of_group(one) and not style.left_hosts_alone(one)), None)
    reason = _unlike(last, revision)
    if reason:
        return Live(last, reason)
    bare = set(hosts) - _covered(aws, deployments, revision, set(hosts))
    if bare and last and _is_partial(last):
        bare -= _covered(aws, past(aws, group, whole=True), revision, bare)
    reason = f"{len(bare)} of {len(hosts)} hosts never got it: {', '.join(sorted(bare)[:5])}" if bare else None
    return Live(last, reason)


def reached(aws: Connection, deployment: Shape, status: str) -> list[str]:
    """Hosts that a deployment brought its revision to, or failed to; the other fleet of a blue/green one left out."""
    return calls.target_ids(aws, deployment["deploymentId"], status, label=style.label(deployment))


def launch_failures(deployments: t.Iterable[Shape]) -> Shape:
    """Launch deployments that failed since the last one that succeeded, newest first.

    A host whose launch deployment fails is ended and replaced, and the next one fails the same way: a loop that never
    ends by itself. From three failures in a row `looping` is true.
    """
    failed: list[Shape] = []
    for one in deployments:
        if one.get("creator") == calls.LAUNCH and one["status"] == "Succeeded":
            break
        if one.get("creator") == calls.LAUNCH and one["status"] == "Failed":
            failed.append(one)
    newest = failed[0] if failed else {}
    return {
        "count": len(failed),
        "looping": len(failed) >= LOOP,
        "deploymentIds": [one["deploymentId"] for one in failed],
        "revision": newest.get("revision"),
        "errorInformation": newest.get("errorInformation"),
        "since": failed[-1]["createTime"] if failed else None,
    }


def _unlike(last: Shape | None, revision: Shape) -> str | None:
    """Why the group's last deployment says that the revision is not live."""
    if last is None:
        return "nothing was deployed to the group yet"
    name = f"the last deployment, {last['deploymentId']},"
    if last["status"] != "Succeeded":
        return f"{name} is {last['status']}"
    if calls.counts(last).get("Failed"):
        return f"{name} succeeded, but failed on {calls.counts(last)['Failed']} hosts"
    if not revisions.same_revision(last.get("revision"), revision):
        return f"{name} brought {revisions.in_words(last.get('revision'))}"
    return None


def _covered(aws: Connection, deployments: list[Shape], revision: Shape, hosts: set[str]) -> set[str]:
    """Hosts that got the revision since the group has it, without interruption."""
    found: set[str] = set()
    for reads, one in enumerate(_unbroken(deployments, revision)):
        if hosts <= found or reads >= MOST_READ:
            break
        found |= hosts.intersection(reached(aws, one, "Succeeded"))
    return found


def _unbroken(deployments: list[Shape], revision: Shape) -> t.Iterator[Shape]:
    """Deployments of the revision that reached hosts, newest first, until the group had another one or failed."""
    for one in deployments:
        mine = revisions.same_revision(one.get("revision"), revision)
        if style.left_hosts_alone(one):
            continue
        if is_of_group(one) and not (mine and one["status"] == "Succeeded" and not calls.counts(one).get("Failed")):
            return
        if mine and calls.counts(one).get("Succeeded"):
            yield one


def _is_partial(deployment: Shape) -> bool:
    """Whether it left out hosts that had the revision already."""
    return bool(deployment.get("updateOutdatedInstancesOnly")) or deployment.get("creator") == "CodeDeployAutoUpdate"


def is_of_group(deployment: Shape) -> bool:
    """Whether it went to the group, not to one host that an Auto Scaling group launches or ends."""
    return deployment.get("creator") not in (calls.LAUNCH, calls.TERMINATION)
