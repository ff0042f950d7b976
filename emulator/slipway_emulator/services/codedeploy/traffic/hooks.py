# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Hook functions: Lambda functions that CodeDeploy invokes and that report their outcome by the API.

Functions are not run: a rule of a fault says what one reports, and where there is none it reports success.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import uuid4

from slipway_emulator.extensions.awslambda import functions
from slipway_emulator.faults import faults

from .. import limits
from ..deployment import Deployment, Event
from ..problem import Problem
from ..state import State

WHERE = ("function_name", "application_name", "deployment_group_name", "deployment_id", "event")
faults.declare("hook-silent", "a hook function never reports an outcome", WHERE)


@dataclass(frozen=True)
class Report:
    """What a hook function is going to report, and after how many seconds."""

    seconds: float
    status: str


def failure(event: str, function: str, why: str) -> Problem:
    text = f"The deployment failed because the hook function {function} of the lifecycle event {event} {why}."
    return Problem("HOOK_EXECUTION_FAILURE", text)


def invoke(state: State, deployment: Deployment, event: Event, function: str) -> Report | None:
    """Invoke the hook of the event that runs; None if it will not report by itself. Raises Problem if there is none."""
    execution_id = str(uuid4())
    payload = json.dumps({"DeploymentId": deployment.deployment_id, "LifecycleEventHookExecutionId": execution_id})
    call = functions.call(state.account_id, state.region_name, function, payload)
    if call is None:
        raise failure(event.name, function, "could not be invoked: there is no such function")
    deployment.hooks[execution_id] = event
    facts = {
        "function_name": call.function_name,
        "application_name": deployment.group.application.name,
        "deployment_group_name": deployment.group.name,
        "deployment_id": deployment.deployment_id,
        "event": event.name,
    }
    if call.raised or faults.take("hook-silent", **facts):
        return None
    slow, failed = faults.take("hook-slow", **facts), faults.take("hook-fails", **facts)
    if failed:
        call.log(str(failed["log"]))
    seconds = limits.SCRIPT_SECONDS + float(slow["seconds"] if slow else 0)
    return Report(seconds, "Failed" if failed else "Succeeded")
