# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow a build to its end: one GetImage a look, its workflow's steps now and then, and a failure in words. Private."""

from __future__ import annotations

import datetime

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    IN_FLIGHT,
    created,
    service_clock,
    status,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.logs import hint, log_of
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import MISSING, SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.waiting_steps import WAIT
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

RETRIED = ("TESTING", "DISTRIBUTING", "INTEGRATING")  # what AWS repeats of a build of an AMI that failed there
STEPS_EVERY = 60.0  # emulated or real seconds of the service's clock between two looks at the steps


class Build:
    """One build that is being watched."""

    def __init__(self, aws: Connection, arn: str) -> None:
        self.aws, self.arn = aws, arn
        self.image: Shape = {}
        self.age = 0.0  # seconds since the build began, by the service's clock
        self.steps = ""  # what it does at present
        self._steps_at: float | None = None

    def look(self) -> Look:
        """One poll. The steps are asked for when the state changed and once a minute; else it is one call."""
        before = status(self.image)
        self._read()
        state = status(self.image)
        if state not in IN_FLIGHT:
            return Look(f"{tail(self.arn)} {state}", done=True)
        if state != before or self._steps_at is None or self.age - self._steps_at >= STEPS_EVERY:
            self.steps, self._steps_at = running_steps(self.aws, self.arn), self.age
        return Look(": ".join(filter(None, (f"{tail(self.arn)} {state}", self.steps))))

    def _read(self) -> None:
        try:
            answer = self.aws.client(SERVICE).get_image(imageBuildVersionArn=self.arn)
        except is_boto3_error_code(MISSING):
            raise Refused(
                f"the image {tail(self.arn)} no longer exists. Run the task again to build a new image"
            ) from None
        self.image = answer["image"]
        now = service_clock(answer) or datetime.datetime.now(datetime.timezone.utc)
        self.age = (now - created(self.image)).total_seconds()


def running_steps(aws: Connection, arn: str) -> str:
    """What the build does at present, `build-image, ApplyBuildComponents (3 of 9 steps done)`; empty when not told."""
    return if_readable(lambda: _running_steps(aws, arn)) or ""  # a look at the steps is not worth a failed build


def _running_steps(aws: Connection, arn: str) -> str:
    client = aws.client(SERVICE)
    runs = client.list_workflow_executions(imageBuildVersionArn=arn).get("workflowExecutions", [])
    run = next((each for each in runs if each.get("status") == "RUNNING" and not each.get("retried")), None)
    if run is None:
        return ""
    steps = client.list_workflow_step_executions(workflowExecutionId=run["workflowExecutionId"]).get("steps", [])
    workflow = run["workflowBuildVersionArn"].split("/")[2]
    names = [_named(step) for step in steps if step.get("status") == "RUNNING"]
    count = f"({run.get('totalStepsSucceeded', 0)} of {run.get('totalStepCount', len(steps))} steps done)"
    return f"{', '.join([workflow, *names])} {count}"


def _named(step: Shape) -> str:
    """One that a person has to answer does not go on by itself."""
    waits = " (waits for slipway.aws.imagebuilder_workflow_step)" if step.get("action") == WAIT else ""
    return f"{step['name']}{waits}"


def why_failed(image: Shape) -> str:
    """Component, phase and step, or Region and account, of a failed build; and where its log is."""
    state = image.get("state") or {}
    context = state.get("failureContext") or {}
    failed = _component(context) or _distribution(context) or _step(context)
    reason = state.get("reason") or ("" if failed else "AWS gave no reason")
    what = ". ".join(part.rstrip(". ") for part in (failed, "" if reason in failed else reason) if part)
    group, stream = log_of(image)
    remedy = hint(what) or "Fix the problem"
    return f"{status(image)}: {shown_line(what)}. {remedy}, and {_next(image, context)}. The log is in log group {group}, stream {stream}"


def _next(image: Shape, context: Shape) -> str:
    """A build that got as far as its AMI need not begin again."""
    if image.get("type") == "DOCKER" or context.get("imageStatus") not in RETRIED:
        return "run the task again"
    return "continue this build with state=retried of imagebuilder_image, or run the task again to build a new image"


def _component(context: Shape) -> str:
    failure = context.get("componentFailure")
    if not failure:
        return ""
    action = f" ({failure['action']})" if failure.get("action") else ""
    place = f"phase {failure.get('phaseName')}, step {failure.get('stepName')}{action}"
    return f"component {tail(failure.get('componentArn', ''))} failed in {place}: {failure.get('errorMessage', '')}"


def _distribution(context: Shape) -> str:
    failure = context.get("distributionFailure")
    if not failure:
        return ""
    regions = [
        f"Region {each.get('region')}, account {each.get('targetAccountId')}, "
        f"{each.get('imageConfigurationStep') or 'copy'} {each.get('status')}: {each.get('errorMessage', '')}"
        for each in failure.get("regionFailures", [])
    ]
    return f"distribution failed. {'; '.join(regions) or failure.get('errorMessage', '')}"


def _step(context: Shape) -> str:
    step = context.get("failedStep")
    return f"step {step} of workflow {tail(context.get('workflowArn', '')) or 'unknown'} failed" if step else ""
