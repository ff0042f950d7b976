# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""One build of an image: its states on the clock, from PENDING to AVAILABLE, CANCELLED or FAILED."""

from __future__ import annotations

from functools import partial
from typing import Any

from slipway_emulator.clock import clock
from slipway_emulator.contents import Contents
from slipway_emulator.faults import faults

from . import notices, scanning, schedules, step_actions, workflow_runs
from .build_instances import BuildStage
from .distribution import Distributor
from .executions import Execution, Step, StepFailed
from .store import Item, Store

# Seconds of emulated time; a Linux build for one Region takes 20 minutes.
PENDING_SECONDS = 30.0
LAUNCH_SECONDS = 120.0
COMPONENTS_SECONDS = 420.0
CREATE_AMI_SECONDS = 90.0
TEST_SECONDS = 150.0
SCAN_SECONDS = 60.0
REGION_SECONDS = 120.0  # for each Region of the distribution
INTEGRATION_SECONDS = 30.0
CANCEL_SECONDS = 15.0

KINDS = ("BUILD", "TEST", "DISTRIBUTION")  # in this order
OVER = ("AVAILABLE", "CANCELLED", "FAILED", "DEPRECATED", "DISABLED", "DELETED")

faults.declare(
    "workflow-step-fails",
    "a step of a build's workflow (LaunchBuildInstance, CreateOutputAMI, ...) fails",
    ("image", "region", "step"),
    message="The step failed.",
)
faults.declare("build-slow", "a step of a build's workflow takes longer", ("image", "region", "step"), seconds=1800)


class Build:
    """Drives one image record; every change is an event on the clock."""

    managed_for = "image"  # ends the names of the workflows of Amazon

    def __init__(self, store: Store, record: Item, recipe: Item, pipeline: str | None = None) -> None:
        self.store = store
        self.record = record
        self.pipeline = pipeline
        self.contents = Contents()
        self._begin(recipe)
        self.executions: list[Execution] = []
        self.todo: list[tuple[Execution, Step]] = []
        self.findings: list[Item] = []  # of the scan
        self.dependencies: list[str] = []  # what the recipe referred to when the build began
        self.turn = 0  # an event of an earlier turn (before a cancel or a retry) is void

    def _begin(self, recipe: Item) -> None:
        self.stage = BuildStage(self.store, self.record, recipe)
        self.distributor = Distributor(self.store, self.record)

    def start(self) -> None:
        scanning.expect(self.record)
        self._plan(self._uses())
        self._enter("PENDING")
        self._later(PENDING_SECONDS, self._next)

    @property
    def over(self) -> bool:
        return str(self.record["state"]["status"]) in OVER

    def cancel(self) -> None:
        """Takes a moment; AMIs that exist stay."""
        self.turn += 1
        self._later(CANCEL_SECONDS, self._cancelled)

    def retry(self) -> None:
        """Again from the workflow that did not end well, on the AMI that the build made."""
        failed = [
            run for run in self.executions if run.status in ("FAILED", "CANCELLED", "PENDING") and not run.retried
        ]
        for run in failed:
            run.retried = True
        self._plan([run.use for run in failed])
        self.turn += 1
        scanning.expect(self.record)
        self._enter(self.todo[0][1].image_status)
        self._later(0.0, self._next)

    def _plan(self, uses: list[Item]) -> None:
        system = {
            "collectImageMetadata": self.record["enhancedImageMetadataEnabled"],
            "collectImageScanFindings": scanning.wanted(self.record),
        }
        flows = [(self.store.resolve(use["workflowArn"]), use) for use in uses]
        planned = [workflow_runs.execution(flow, use, self.effects, system) for flow, use in flows]
        planned.sort(key=lambda run: KINDS.index(run.workflow["type"]))
        self.executions += planned
        self.todo = [(run, step) for run in planned for step in run.steps]

    def _uses(self) -> list[Item]:
        """The workflows of the image, or those that Amazon provides."""
        own: list[Item] = self.record.get("workflows") or []
        verbs = {"build": "build", "test": "test", "distribution": "distribute"}
        managed = {kind: f"{verb}-{self.managed_for}" for kind, verb in verbs.items()}
        uses = own or [{"workflowArn": self._managed(kind, name)} for kind, name in managed.items()]
        tested = self.record["imageTestsConfiguration"]["imageTestsEnabled"]
        return [use for use in uses if tested or ":workflow/test/" not in use["workflowArn"]]

    def _managed(self, kind: str, name: str) -> str:
        own = self.store.arn(f"workflow/{kind}", name, "x.x.x")
        return str(own).replace(f":{self.store.account_id}:", ":aws:")

    @property
    def effects(self) -> workflow_runs.Effects:
        """What the actions of workflows do, and how long they take."""
        stage, distributor = self.stage, self.distributor
        return {
            ("", "LaunchInstance"): (LAUNCH_SECONDS, stage.launch),
            ("BUILD", "ExecuteComponents"): (COMPONENTS_SECONDS, stage.apply_components),
            ("TEST", "LaunchInstance"): (LAUNCH_SECONDS, self._launch_test),
            ("TEST", "ExecuteComponents"): (TEST_SECONDS, self._test),
            ("", "CollectImageScanFindings"): (SCAN_SECONDS, self._collect),
            ("BUILD", "CreateImage"): (CREATE_AMI_SECONDS, self._create_ami),
            ("BUILD", "RegisterImage"): (CREATE_AMI_SECONDS, self._create_ami),
            ("BUILD", "CreateImageFromIso"): (CREATE_AMI_SECONDS, self._create_ami),
            **dict.fromkeys(
                (("", "DistributeImage"), ("", "DistributeContainerImage")),
                (REGION_SECONDS * distributor.region_count, distributor.distribute),
            ),
            ("", "ApplyImageConfigurations"): (INTEGRATION_SECONDS, distributor.integrate),
        }

    def _launch_test(self) -> Item:
        launched = self.stage.launch()
        scanning.move(self.record, "SCANNING")
        return launched

    def _test(self) -> None:
        self.stage.run_tests()
        scanning.move(self.record, "COLLECTING")

    def _collect(self) -> None:
        self.findings = scanning.collect(self.store, self.record, self.stage.contents)

    def _create_ami(self) -> Item:
        ami_id = self.distributor.create_source(self.stage.parent_ami, self.stage.recipe, self.stage.taken())
        return {"imageId": ami_id}

    def _facts(self, step: Step) -> dict[str, str]:
        return {"image": self.record["name"], "region": self.store.region_name, "step": step.name}

    def _next(self) -> None:
        if not self.todo:
            self._enter("AVAILABLE")
            notices.tell(self.store, self.record)
            return
        run, step = self.todo[0]
        if not workflow_runs.applies(run, step.condition):
            step.end("SKIPPED")
            self.todo.pop(0)
            self._later(0.0, self._next)
            return
        self._enter(step.image_status)
        step.inputs = workflow_runs.inputs(run, step)
        step.begin()
        slow = faults.take("build-slow", **self._facts(step))
        over = self._timed_out if step.action == workflow_runs.WAIT else self._step_done
        self._later(step.seconds + (float(slow["seconds"]) if slow else 0.0), over)

    @property
    def waiting(self) -> tuple[Execution, Step] | None:
        """The step that waits for an answer."""
        run, step = self.todo[0] if self.todo else (None, None)
        return (run, step) if run and step and step.action == workflow_runs.WAIT and step.status == "RUNNING" else None

    def answer(self, action: str, reason: str | None) -> None:
        """RESUME lets a waiting step be complete, STOP lets it fail."""
        run, step = self.todo.pop(0)
        self.turn += 1  # it cannot time out any more
        step.outputs = {"action": action, "reason": reason or ""}
        if action == "STOP":
            self._failed(run, step, StepFailed(f"The step was stopped. {reason or ''}".strip()))
            return
        step.end("COMPLETED")
        self._later(0.0, self._next)

    def _timed_out(self) -> None:
        run, step = self.todo.pop(0)
        self._failed(run, step, StepFailed("The step timed out while it waited for an action."))

    def _step_done(self) -> None:
        run, step = self.todo.pop(0)
        try:
            fault = faults.take("workflow-step-fails", **self._facts(step))
            if fault:
                raise StepFailed(str(fault["message"]))
            act = step_actions.ACTIONS.get(step.action)
            step.outputs = (act(self.stage, step.inputs) if act else step.effect()) or {}
        except StepFailed as failure:
            self._failed(run, step, failure)
            return
        step.end("COMPLETED")
        self._next()

    def _failed(self, run: Execution, step: Step, failure: StepFailed) -> None:
        if step.on_failure == "Continue":
            step.end("FAILED", failure.message)
            self._later(0.0, self._next)
            return
        run.end("FAILED", failure.message)
        if step.status != "FAILED":
            step.end("FAILED", failure.message)
        if run.use.get("onFailure") == "CONTINUE":
            self.todo = [(other, one) for other, one in self.todo if other is not run]
            self._later(0.0, self._next)
            return
        self._fail_image(run, step, failure)

    def _fail_image(self, run: Execution, step: Step, failure: StepFailed) -> None:
        context = {
            "imageStatus": step.image_status,
            "workflowExecutionId": run.id,
            "workflowArn": run.workflow["arn"],
            "stepExecutionId": step.id,
            "failedStep": step.name,
            **failure.context,
        }
        reason = f"Workflow Execution ID: {run.id} failed with reason: {failure.message}"
        self._enter("FAILED", reason=reason[:1024], failureContext=context)
        notices.tell(self.store, self.record)

    def _cancelled(self) -> None:
        for run in self.executions:
            if run.status in ("RUNNING", "PENDING"):
                run.end("CANCELLED", "The image creation was cancelled.")
        self.todo = []
        self._enter("CANCELLED", reason="Image creation was cancelled by the user.")

    def _enter(self, status: str, **state: Any) -> None:
        self.record["state"] = {"status": status, **state}
        if status in OVER:
            scanning.move(self.record, "ABANDONED")
        notices.log(self.store, self.record)
        pipeline = self.store.resources.get(self.pipeline or "")
        if pipeline:
            schedules.note_run(pipeline, self.record)

    def _later(self, seconds: float, event: Any) -> None:
        clock.after(seconds, partial(self._in_turn, self.turn, event))

    def _in_turn(self, turn: int, event: Any) -> None:
        if turn == self.turn:
            event()
