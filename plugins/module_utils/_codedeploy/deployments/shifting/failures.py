# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What failed in a deployment that moves traffic: which event, which hook function, which tasks. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import Follower
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import evidence, functions
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

HOOK_HINT = "The hook function {function} reported a failure, could not be invoked, or did not report. Its log group is {log_group}."


def failed_targets(aws: Connection, follower: Follower, hooks: t.Mapping[str, str]) -> list[Shape]:
    """The target with its failed event, as a list of none or one."""
    if follower.deployment.get("status") not in ("Failed", "Stopped"):
        return []
    target = if_readable(lambda: evidence.target_of(aws, follower.deployment_id)) or {}
    events = target.get("lifecycleEvents") or []
    event: Shape = next((one for one in events if one.get("status") == "Failed"), {})
    if not event:
        return []
    return [_failed(aws, target, event, hooks.get(event["lifecycleEventName"]))]


def _failed(aws: Connection, target: Shape, event: Shape, function: str | None) -> Shape:
    said = event.get("diagnostics") or {}
    found: Shape = {
        "targetId": target["targetId"],
        "status": target.get("status"),
        "lifecycleEventName": event["lifecycleEventName"],
        "errorCode": said.get("errorCode"),
        "message": said.get("message"),
        "functionName": function,
        "logGroup": functions.log_group(aws, function) if function else None,
        "cause": "hook_failed" if function else "unknown",
        "hint": "",
    }
    if function:
        found["hint"] = HOOK_HINT.format(function=function, log_group=found["logGroup"])
    return found
