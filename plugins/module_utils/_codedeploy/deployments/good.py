# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which revision was good on every host, by what deployments did. Private to this collection.

A deployment group only names its last success, which may have failed on some hosts, or have been taken back since.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    calls,
    history,
    notes,
    revisions,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import resolve, selection_of_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import some

BY_AWS = "codeDeployRollback"
NAME_IT = "Set revision to the one that you want instead."
MOST_NAMED = 3  # hosts in a message


def is_good(deployment: Shape) -> bool:
    """Whether it brought its revision to every host that it had to reach."""
    reached = calls.counts(deployment)
    return deployment["status"] == "Succeeded" and bool(reached.get("Succeeded")) and not reached.get("Failed")


def taken_back(deployment: Shape) -> str | None:
    """The deployment that this one is the rollback of, None when it is no rollback; empty where AWS does not tell."""
    if deployment.get("creator") == BY_AWS:
        return str((deployment.get("rollbackInfo") or {}).get("rollbackTriggeringDeploymentId") or "")
    note = notes.noted(deployment)
    return note.rollback_of if note else None


def before(deployments: t.Sequence[Shape]) -> Shape | None:
    """The deployment that brought the last good revision before the newest deployment; None when there is none.

    What was taken back by a rollback is not good, unless it was deployed again after that. `deployments`: newest first.
    """
    newest, bad, rolled_back = deployments[0], [], {taken_back(deployments[0])}
    if is_good(newest):
        bad.append(newest.get("revision"))
    for one in deployments[1:]:
        if one["deploymentId"] in rolled_back:
            bad.append(one.get("revision"))
        elif is_good(one) and not any(_alike(one.get("revision"), other) for other in bad):
            return one
        if one["status"] == "Succeeded":
            rolled_back.add(taken_back(one))
    return None


def on_every_host(aws: Connection, application: str, group: str) -> tuple[Shape, int]:
    """The deployment that brought the revision which every host of a group has, and the number of hosts. Raises Refused."""
    found = calls.read_group(aws, application, group).shape
    place = f"{application}/{group} in {aws.region}"
    hosts = _hosts(aws, found, place)
    past = history.past(aws, found, whole=True)
    active = next((one for one in past if history.is_of_group(one) and one["status"] in calls.ACTIVE), None)
    if active:
        text = f"{active['deploymentId']} is {active['status']} in {place}, so its hosts are changing"
        raise Refused(f"{text}. Run the task again when it has finished.")
    left = history.left_on(aws, past, hosts)
    unknown = sorted(set(hosts) - left.succeeded.keys())
    for ids, text in ((sorted(left.failed), "the last deployment failed on"), (unknown, "nothing is known of")):
        if ids:
            raise Refused(f"{text} {len(ids)} of {len(hosts)} hosts of {place}: {some(ids, MOST_NAMED)}. {NAME_IT}")
    return _one_for_all(left.succeeded, place), len(hosts)


def _hosts(aws: Connection, group: Shape, place: str) -> list[str]:
    if (group.get("computePlatform") or "Server") != "Server":
        text = f"{place} deploys to {group['computePlatform']}, and from_group looks at hosts"
        raise Refused(f"{text}. Set lambda or ecs to what you want to deploy.")
    hosts = [one["instanceId"] for one in resolve(aws, selection_of_group(group)).targets]
    if not hosts:
        raise Refused(f"{place} selects no host, so nothing is live there. {NAME_IT}")
    return hosts


def _one_for_all(succeeded: t.Mapping[str, Shape], place: str) -> Shape:
    """The newest deployment, when those of all hosts brought the same revision."""
    brought: dict[str, list[str]] = {}
    for host, one in sorted(succeeded.items()):
        brought.setdefault(revisions.in_words(one.get("revision")), []).append(host)
    newest: Shape = max(succeeded.values(), key=lambda one: one["createTime"])
    if all(_alike(one.get("revision"), newest.get("revision")) for one in succeeded.values()):
        return newest
    told = "; ".join(f"{words} on {some(hosts, MOST_NAMED)}" for words, hosts in brought.items())
    raise Refused(f"the hosts of {place} have different revisions: {told}. {NAME_IT}")


def _alike(one: Shape | None, other: Shape | None) -> bool:
    return revisions.same_revision(one, other) or revisions.same_revision(other, one)
