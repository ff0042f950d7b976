# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The act of answering a workflow step that waits: find it, wait for it, resume or stop it. Knows nothing of Ansible. Private."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn, tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import IN_FLIGHT, status
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import MISSING, SERVICE, read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed

TIMEOUT = 21_600  # seconds; as long as a build may take
WAIT = "WaitForAction"
ACTIONS = {"resumed": "RESUME", "stopped": "STOP"}


def answer(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have a step resumed or stopped. Returns what the task registers."""
    arn, action = full_arn(aws, "image", params["image_build_version_arn"]), ACTIONS[params["state"]]
    step = _waiting(aws, params, arn)
    if step is None:
        answered = _answered(aws, params, arn)
        if answered:
            return _settled(answered, action)
        step = _awaited(aws, params, arn, check_mode)
    told = {
        "changed": True,
        "workflow_step": to_result(step),
        "diff": {"before": {"state": "waiting"}, "after": {"state": params["state"]}},
    }
    if check_mode:
        return told
    reason = {"reason": params["reason"]} if params["reason"] else {}
    aws.client(SERVICE).send_workflow_step_action(
        stepExecutionId=step["stepExecutionId"], imageBuildVersionArn=arn, action=action, **reason
    )
    return {**told, "workflow_step": to_result(_whole(aws, step))}


def waiting_steps(aws: Connection, image: t.Optional[str], name: t.Optional[str]) -> t.List[Shape]:
    """The steps that wait for an answer: of one image or of all, of that name where one is given."""
    arn = full_arn(aws, "image", image) if image else None
    return [
        step
        for step in listed(aws, "list_waiting_workflow_steps", "steps")
        if arn in (None, step["imageBuildVersionArn"]) and name in (None, step["name"])
    ]


def _waiting(aws: Connection, params: Shape, arn: str) -> t.Optional[Shape]:
    """The step that waits for an answer; several need a name."""
    steps = waiting_steps(aws, arn, params["name"])
    if len(steps) > 1:
        names = ", ".join(sorted(step["name"] for step in steps))
        raise Refused(f"several steps of {tail(arn)} wait: {names}. Set name to one of them")
    return steps[0] if steps else None


def _answered(aws: Connection, params: Shape, arn: str) -> t.Optional[Shape]:
    """The last step of that name which got an answer."""
    found = None
    try:
        runs = listed(aws, "list_workflow_executions", "workflowExecutions", imageBuildVersionArn=arn)
    except is_boto3_error_code(MISSING):
        return None
    for run in runs:
        asked = {"workflowExecutionId": run["workflowExecutionId"]}
        for step in listed(aws, "list_workflow_step_executions", "steps", **asked):
            if step.get("action") == WAIT and params["name"] in (None, step["name"]) and _said(step):
                found = step
    return found


def _said(step: Shape) -> str:
    """RESUME or STOP; empty for a step that got no answer."""
    try:
        return str(json.loads(step.get("outputs") or "{}").get("action") or "")
    except (ValueError, AttributeError):
        return ""


def _settled(step: Shape, action: str) -> Shape:
    if _said(step) != action:
        other = {said: state for state, said in ACTIONS.items()}.get(_said(step), _said(step))
        raise Refused(f"the step {step['name']} was {other} already, which cannot be undone. Start another build")
    return {"changed": False, "workflow_step": to_result(step), "diff": {"before": {}, "after": {}}}


def _awaited(aws: Connection, params: Shape, arn: str, check_mode: bool) -> Shape:
    """The step once it waits, as long as the build goes on."""
    steps: t.List[Shape] = []

    def look() -> Look:
        found = _waiting(aws, params, arn)
        steps.extend([found] if found else [])
        state = status(read(aws, "image", arn) or {})
        return Look(state, done=bool(steps) or state not in IN_FLIGHT)

    seen = watch(look, limits({**params, "follow": None}, TIMEOUT)) if params["wait"] and not check_mode else None
    if steps:
        return steps[0]
    step = f"the step {params['name']}" if params["name"] else "a step"
    state = seen.text if seen else look().text
    if not state:
        raise Refused(f"there is no image {tail(arn)} in {aws.region}. Check name, version and build number")
    if steps:
        return steps[0]
    if state in IN_FLIGHT:
        raise Refused(f"{step} of {tail(arn)} does not wait yet; the image is {state}. Run the task again later")
    raise Refused(f"{step} of {tail(arn)} never waited for an answer; the image is {state}. Check the name of the step")


def _whole(aws: Connection, step: Shape) -> Shape:
    answer = aws.client(SERVICE).get_workflow_step_execution(stepExecutionId=step["stepExecutionId"])
    return {key: value for key, value in answer.items() if key not in ("ResponseMetadata", "requestId")}
