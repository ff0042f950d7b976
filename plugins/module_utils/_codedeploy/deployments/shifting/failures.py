# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What failed in a deployment that moves traffic: which event, which hook function, which tasks. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import Follower
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import evidence, hooks
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecs import services
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

MOST_TASKS = 10
HOOK_HINT = "The hook function {function} reported a failure, could not be invoked, or did not report. Its log group is {log_group}."
INSTALL_HINT = "New tasks did not start or did not become healthy. Check the reason of the stopped tasks, their log, and the health check."


def failed_targets(aws: Connection, follower: Follower, functions: t.Mapping[str, str]) -> list[Shape]:
    """The target with its failed event, as a list of none or one. `functions`: the hooks of the task by event."""
    if follower.deployment.get("status") not in ("Failed", "Stopped"):
        return []
    target = if_readable(lambda: evidence.target_of(aws, follower.deployment_id)) or {}
    events = target.get("lifecycleEvents") or []
    event: Shape = next((one for one in events if one.get("status") == "Failed"), {})
    if not event:
        return []
    name, said = event["lifecycleEventName"], event.get("diagnostics") or {}
    found = {
        "targetId": target["targetId"],
        "status": target.get("status"),
        "lifecycleEventName": name,
        "errorCode": said.get("errorCode"),
        "message": said.get("message"),
        "cause": "unknown",
        "hint": "",
    }
    return [{**found, **_of_hook(aws, functions.get(name)), **_of_tasks(aws, target, name)}]


def _of_hook(aws: Connection, function: str | None) -> Shape:
    if not function:
        return {}
    log_group = hooks.log_group(aws, function)
    hint = HOOK_HINT.format(function=function, log_group=log_group)
    return {"functionName": function, "logGroup": log_group, "cause": "hook_failed", "hint": hint}


def _of_tasks(aws: Connection, target: Shape, event: str) -> Shape:
    """Why new tasks stopped; they are those of the task set that the deployment made."""
    green = next((one for one in target.get("taskSetsInfo") or [] if one.get("taskSetLabel") == "Green"), None)
    if not green or event != "Install":
        return {}
    cluster = str(target["targetId"]).partition(":")[0]
    stopped = if_readable(lambda: services.stopped_tasks(aws, cluster, green["identifer"], MOST_TASKS)) or []
    return {"stoppedTasks": [_stopped(one) for one in stopped], "cause": "tasks_not_healthy", "hint": INSTALL_HINT}


def _stopped(task: Shape) -> Shape:
    containers = [
        {"name": one.get("name"), "exitCode": one.get("exitCode"), "reason": shown_line(one.get("reason") or "")}
        for one in task.get("containers") or []
        if one.get("reason") or one.get("exitCode")
    ]
    reason = shown_line(task.get("stoppedReason") or "")
    return {"taskId": task["taskArn"].rpartition("/")[2], "reason": reason, "containers": containers}
