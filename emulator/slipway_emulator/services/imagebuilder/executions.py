# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Workflow executions of a build and their steps, as far as they can be looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal import mock_random

from .store import Item, now

DEFAULT_STEP_TIMEOUT = 43_200  # seconds
OVER = ("FAILED", "CANCELLED", "COMPLETED")


@dataclass
class Step:
    """One step: how long it takes, and what happens at its end."""

    name: str
    action: str
    image_status: str  # of the image while the step runs
    seconds: float
    effect: Callable[[], Item | None]  # gives the step's outputs; raises StepFailed
    on_failure: str = "Abort"
    condition: Any = None
    wanted: Item = field(default_factory=dict)  # inputs as the document has them
    inputs: Item = field(default_factory=dict)
    timeout: int | None = None
    status: str = "PENDING"
    message: str | None = None
    started: str | None = None
    ended: str | None = None
    outputs: Item = field(default_factory=dict)
    id: str = field(default_factory=lambda: f"step-{mock_random.uuid4()}")

    def begin(self) -> None:
        self.status, self.started = "RUNNING", now()

    def end(self, status: str, message: str | None = None) -> None:
        self.status, self.message = status, message[:500] if message else None
        self.ended = now() if self.started else None

    def as_json(self) -> Item:
        return {
            "stepExecutionId": self.id,
            "name": self.name,
            "action": self.action,
            "status": self.status,
            "message": self.message,
            "inputs": json.dumps(self.inputs),
            "outputs": json.dumps(self.outputs) if self.outputs else None,
            "startTime": self.started,
            "endTime": self.ended,
            "attemptNumber": 1,
            "maxAttempts": 1,
        }


@dataclass
class Execution:
    """One run of a workflow."""

    workflow: Item  # as GetWorkflow answers
    steps: list[Step]
    use: Item = field(default_factory=dict)  # as the image names it
    parameters: Item = field(default_factory=dict)
    system: Item = field(default_factory=dict)  # the variables of `$.imagebuilder`
    ended: str | None = None  # where the run was brought to an end
    retried: bool = False
    message: str | None = None
    id: str = field(default_factory=lambda: f"wf-{mock_random.uuid4()}")

    @property
    def status(self) -> str:
        """How it was brought to an end; else how far the steps have come."""
        if self.ended:
            return self.ended
        states = {step.status for step in self.steps}
        if states == {"PENDING"}:
            return "PENDING"
        return "RUNNING" if states & {"PENDING", "RUNNING"} else "COMPLETED"

    def end(self, status: str, message: str) -> None:
        """Stop where it is: the running step gets the status, those to come are skipped."""
        for step in self.steps:
            if step.status == "RUNNING":
                step.end(status, message)
            elif step.status == "PENDING":
                step.end("CANCELLED" if status == "CANCELLED" else "SKIPPED")
        self.ended, self.message = status, message[:500]

    def count(self, status: str) -> int:
        return sum(step.status == status for step in self.steps)

    def as_json(self) -> Item:
        over = self.status in OVER
        return {
            "workflowBuildVersionArn": self.workflow["arn"],
            "workflowExecutionId": self.id,
            "type": self.workflow["type"],
            "status": self.status,
            "message": self.message,
            "totalStepCount": len(self.steps),
            "totalStepsSucceeded": self.count("COMPLETED"),
            "totalStepsFailed": self.count("FAILED"),
            "totalStepsSkipped": self.count("SKIPPED"),
            "startTime": min((step.started for step in self.steps if step.started), default=None),
            "endTime": max((step.ended for step in self.steps if step.ended), default=None) if over else None,
            "parallelGroup": self.use.get("parallelGroup"),
            "retried": self.retried or None,
        }


class StepFailed(Exception):
    """A step of a build went wrong; `context` are members of the image's failureContext."""

    def __init__(self, message: str, **context: Item) -> None:
        super().__init__(message)
        self.message = message
        self.context = context
