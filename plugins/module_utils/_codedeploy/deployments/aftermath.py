# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on the hosts after a deployment and its rollback both failed. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, history, revisions
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def left(aws: Connection, deployment: Shape, rollback: Shape) -> list[Shape]:
    """Hosts by what they have: `{revision, complete, targetIds}`; not complete where the last deployment failed.

    It is told beside the cause of the failure and not worth losing that: where something may not be read, nothing is told.
    """
    try:
        return _grouped(*_read(aws, deployment, rollback))
    except FAILURES:
        return []


def _read(aws: Connection, deployment: Shape, rollback: Shape) -> tuple[list[str], history.Left]:
    hosts = {host for one in (deployment, rollback) for host in calls.target_ids(aws, one["deploymentId"])}
    group = calls.read_group(aws, deployment["applicationName"], deployment["deploymentGroupName"]).shape
    return sorted(hosts), history.left_on(aws, history.past(aws, group, whole=True), hosts)


def _grouped(hosts: list[str], found: history.Left) -> list[Shape]:
    groups: dict[tuple[str, bool], Shape] = {}
    for host in hosts:
        revision, complete = found.succeeded.get(host, {}).get("revision"), host not in found.failed
        key = (revisions.in_words(revision), complete)
        groups.setdefault(key, {"revision": revision, "complete": complete, "targetIds": []})["targetIds"].append(host)
    return sorted(groups.values(), key=lambda one: not one["complete"])
