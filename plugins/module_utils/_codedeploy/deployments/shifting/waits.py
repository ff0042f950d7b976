# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two waits that a deployment can be configured with, and going on before they are over. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import acts, calls
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import style
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.kinds import SERVERS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import evidence
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.progress import (
    event_now,
    has_moved,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

READY, TERMINATION = "READY_WAIT", "TERMINATION_WAIT"
BEFORE = {READY: "traffic moves", TERMINATION: "the old tasks end"}


def go_on(
    aws: Connection, how: acts.How, place: str, deployment: Shape | None, asked: str | None, check: bool
) -> Shape:
    """End the wait that the deployment is in; nothing to do when that one is over."""
    if deployment is None or deployment["status"] in calls.ENDED:
        return acts.over(place, deployment)
    name = deployment["deploymentId"]
    on_hosts = how.kind is SERVERS
    target = {} if on_hosts else evidence.target_of(aws, name)
    now = _wait_now(deployment, target)
    if asked == READY and now != READY and (now == TERMINATION or _is_past_ready(target)):
        reason = f"{name} moves traffic already"
        return {"changed": False, "reason": reason, "deployment": acts.told(deployment)}
    wanted = asked or now
    if wanted is None or wanted != now:
        raise Refused(_refusal(deployment, target, wanted))
    before = "the blue hosts end" if on_hosts and wanted == TERMINATION else BEFORE[wanted]
    result = {"changed": True, "reason": f"{name} waited before {before}", "deployment": acts.told(deployment)}
    if check:
        return result
    _continue(aws, name, wanted)
    return acts.follow(aws, how, name, result)


def _wait_now(deployment: Shape, target: Shape) -> str | None:
    if deployment["status"] == "Ready":
        return READY
    if style.has_moved(deployment):
        return TERMINATION
    waits = deployment.get("instanceTerminationWaitTimeStarted") or has_moved(target)
    return TERMINATION if waits and "taskSetsInfo" in target else None


def _is_past_ready(target: Shape) -> bool:
    events = {one["lifecycleEventName"]: one.get("status") for one in target.get("lifecycleEvents") or []}
    return events.get("AllowTraffic") not in (None, "Pending")


def _refusal(deployment: Shape, target: Shape, wanted: str | None) -> str:
    before = f" before {BEFORE[wanted]}" if wanted else ""
    event = f" in {event_now(target)}" if event_now(target) else ""
    return (
        f"{deployment['deploymentId']} does not wait{before}: it is {deployment['status']}{event}. Run the task again when it does; "
        "a task with wait_until ready or traffic_moved ends at that moment."
    )


def _continue(aws: Connection, name: str, wanted: str) -> None:
    """Ask AWS to go on. A repeated request finds a deployment that waits no longer, which is what was asked for."""
    try:
        aws.client(calls.SERVICE).continue_deployment(deploymentId=name, deploymentWaitType=wanted)
    except is_boto3_error_code(("DeploymentAlreadyCompletedException", "DeploymentIsNotInReadyStateException")):
        return
