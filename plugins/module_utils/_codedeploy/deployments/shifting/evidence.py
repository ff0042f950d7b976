# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What deployments brought, from what AWS keeps of them. Private to this collection.

Of an AppSpec AWS returns no more than the digest. The target of a Lambda deployment names both versions; of an ECS
deployment no task definition is named anywhere. So the description of a deployment says it, where there is room.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, notes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source, Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecs import services

NAME_IT = "Deploy the version or the task definition that you want back with state deployed."


def description(asked: str | None, source: Source, target: Target) -> str | None:
    """The user's comment and behind it what served before and after."""
    note = notes.Note(before=short(target.before), after=short(target.after), rollback_of=source.rollback_of)
    return notes.described(asked, note)


def short(place: Shape) -> str:
    """What serves there, without blanks: the version, or `family:revision`."""
    return str(place.get("version") or str(place.get("taskDefinition")).rpartition("/")[2])


def target_of(aws: Connection, deployment_id: str) -> Shape:
    """The one target of a deployment that moves traffic; empty before it has started."""
    ids = calls.target_ids(aws, deployment_id)
    found = calls.read_targets(aws, deployment_id, ids[:1]) if ids else []
    return found[0] if found else {}


def brings(aws: Connection, deployment_id: str, brought: Shape, target: Target) -> bool:
    """Whether a deployment in flight, by its target, leads to the same."""
    info = brought.get("lambdaFunctionInfo")
    if info:
        place = (info.get("functionName"), info.get("functionAlias"), info.get("targetVersion"))
        return place == tuple(target.after.get(name) for name in ("functionName", "functionAlias", "version"))
    if "taskSetsInfo" not in brought:
        return False
    service = services.read_service(aws, target.after["clusterName"], target.after["serviceName"]) or {}
    return any(
        one.get("externalId") == deployment_id and one.get("taskDefinition") == target.after["taskDefinition"]
        for one in service.get("taskSets") or []
    )
