# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments by what a task asks for, with their targets on wish. Only reads. Private to this collection."""

from __future__ import annotations

import datetime

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, failures, history
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

STATUSES = [*calls.ACTIVE, *calls.ENDED]
CREATORS = [
    "user",
    "autoscaling",
    "codeDeployRollback",
    "CodeDeploy",
    "CodeDeployAutoUpdate",
    "CloudFormation",
    "CloudFormationRollback",
    "autoscalingTermination",
]
MISSING = ("ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException")


def find(aws: Connection, params: Shape) -> Shape:
    """`deployments`, newest first, and for a group `launchFailures`."""
    found = calls.read_deployments(aws, _ids(aws, params))
    told: Shape = {"launchFailures": history.launch_failures(found)} if params["deployment_group_name"] else {}
    if params["creators"]:
        found = [one for one in found if one.get("creator") in params["creators"]]
    return {"deployments": [_detailed(aws, one, params) for one in found], **told}


def _ids(aws: Connection, params: Shape) -> list[str]:
    if params["deployment_ids"] is not None:
        return list(params["deployment_ids"])
    narrowed: Shape = {"includeOnlyStatuses": params["statuses"]} if params["statuses"] else {}
    window = {"start": _moment(params, "created_after"), "end": _moment(params, "created_before")}
    if any(window.values()):
        narrowed["createTimeRange"] = {name: moment for name, moment in window.items() if moment}
    try:
        return calls.list_deployments(aws, params["application_name"], params["deployment_group_name"], **narrowed)
    except is_boto3_error_code(MISSING):
        return []


def _detailed(aws: Connection, deployment: Shape, params: Shape) -> Shape:
    wanted, name = params["targets"], deployment["deploymentId"]
    if wanted == "failed":
        return {**deployment, "failedTargets": failures.failed_targets(aws, name, params["log_tail"])}
    if wanted == "all":
        targets = failures.read(aws, name, calls.target_ids(aws, name))
        return {**deployment, "targets": [_shown(one, params["log_tail"]) for one in targets]}
    return deployment


def _shown(target: Shape, with_log: bool) -> Shape:
    """The target with the output of its scripts capped, or left out."""
    events = []
    for event in target.get("lifecycleEvents") or []:
        said = dict(event.get("diagnostics") or {})
        log = said.pop("logTail", None)
        if with_log and log is not None:
            said["logTail"] = log[-failures.LOG_TAIL :]
        events.append({**event, "diagnostics": said})
    return {**target, "lifecycleEvents": events}


def _moment(params: Shape, option: str) -> datetime.datetime | None:
    if not params[option]:
        return None
    try:
        moment = datetime.datetime.fromisoformat(params[option].strip().replace("Z", "+00:00"))
    except ValueError as problem:
        text = f"{option} {params[option]!r} is not a time in ISO 8601 format. Use a format like 2026-11-23T17:00:00Z."
        raise Refused(text) from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)
