# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Workflows of the user's: checked when they are created, run by builds, with steps that wait for an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.image_builder import Builder, refusal

from slipway_emulator.clock import clock
from slipway_emulator.contents import images
from slipway_emulator.faults import faults

BUILD = """\
name: own
schemaVersion: 1.0
parameters:
  - {name: ask, type: boolean, default: true}
  - {name: size, type: integer, default: 3}
steps:
  - {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}
  - name: Apply
    action: ExecuteComponents
    inputs: {instanceId.$: $.stepOutputs.Launch.instanceId}
  - name: Image
    action: CreateImage
    inputs: {instanceId.$: $.stepOutputs.Launch.instanceId}
  - name: Approve
    action: WaitForAction
    timeoutSeconds: 7200
    if:
      and:
        - {booleanEquals: true, value: $.parameters.ask}
        - {numberGreaterThan: 2, value: $.parameters.size}
  - {name: Stop, action: TerminateInstance, onFailure: Continue}
"""


class Flow:
    """A build with a workflow of one's own."""

    def __init__(self, builder: Builder, data: str = BUILD, kind: str = "BUILD", **use: Any) -> None:
        self.builder, self.client = builder, builder.client
        made = self.client.create_workflow(name="own", semanticVersion="1.0.0", type=kind, data=data)
        own = {"workflowArn": made["workflowBuildVersionArn"], **use}
        managed = {"workflowArn": builder.managed("workflow/build", "build-image")}
        workflows = [own] if kind == "BUILD" else [managed, own]
        self.image = builder.start(builder.recipe(), workflows=workflows, executionRole="builder")

    def waiting(self) -> list[dict[str, Any]]:
        return list(self.client.list_waiting_workflow_steps()["steps"])

    def until_waiting(self) -> dict[str, Any]:
        clock.run_until(lambda: bool(self.waiting()))
        return self.waiting()[0]

    def answer(self, action: str, **more: Any) -> None:
        step = self.waiting()[0]
        given = {"stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": self.image, **more}
        self.client.send_workflow_step_action(action=action, **given)

    def finished(self) -> dict[str, Any]:
        return self.builder.finished(self.image)

    def steps(self, number: int = 0) -> dict[str, dict[str, Any]]:
        run = self.client.list_workflow_executions(imageBuildVersionArn=self.image)["workflowExecutions"][number]
        listed = self.client.list_workflow_step_executions(workflowExecutionId=run["workflowExecutionId"])["steps"]
        return {step["name"]: step for step in listed}


def test_a_step_waits_until_it_is_approved(builder: Builder) -> None:
    flow = Flow(builder)
    step = flow.until_waiting()
    assert (step["name"], step["action"], step["imageBuildVersionArn"]) == ("Approve", "WaitForAction", flow.image)
    clock.advance(3600)
    assert builder.status(flow.image) == "BUILDING"
    flow.answer("RESUME", reason="looks good")
    assert flow.waiting() == []
    image = flow.finished()
    assert image["state"]["status"] == "AVAILABLE" and len(image["outputResources"]["amis"]) == 1
    steps = flow.steps()
    assert json.loads(steps["Approve"]["outputs"]) == {"action": "RESUME", "reason": "looks good"}
    launched = json.loads(steps["Launch"]["outputs"])["instanceId"]
    assert json.loads(steps["Apply"]["inputs"]) == {"instanceId": launched}
    assert [step["status"] for step in steps.values()] == ["COMPLETED"] * 5


def test_a_step_that_is_stopped_fails_the_build(builder: Builder) -> None:
    flow = Flow(builder)
    flow.until_waiting()
    flow.answer("STOP", reason="wrong packages")
    image = flow.finished()
    context = image["state"]["failureContext"]
    assert (context["failedStep"], context["imageStatus"]) == ("Approve", "BUILDING")
    assert "The step was stopped. wrong packages" in image["state"]["reason"]
    assert flow.steps()["Stop"]["status"] == "SKIPPED"


def test_nobody_answers(builder: Builder) -> None:
    flow = Flow(builder)
    flow.until_waiting()
    clock.advance(7201)
    assert "timed out" in builder.image(flow.image)["state"]["reason"]
    assert flow.waiting() == []


def test_a_condition_that_does_not_hold_skips_the_step(builder: Builder) -> None:
    flow = Flow(builder, parameters=[{"name": "size", "value": ["2"]}])
    assert flow.finished()["state"]["status"] == "AVAILABLE"
    assert flow.steps()["Approve"]["status"] == "SKIPPED"
    assert (
        flow.client.list_workflow_executions(imageBuildVersionArn=flow.image)["workflowExecutions"][0][
            "totalStepsSkipped"
        ]
        == 1
    )


def test_a_build_that_is_cancelled_waits_for_nobody(builder: Builder) -> None:
    flow = Flow(builder)
    step = flow.until_waiting()
    builder.client.cancel_image_creation(imageBuildVersionArn=flow.image)
    clock.advance(60)
    assert builder.status(flow.image) == "CANCELLED" and flow.waiting() == []
    given = {"stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": flow.image, "action": "RESUME"}
    code, message = refusal(builder.client.send_workflow_step_action, **given)
    assert code == "InvalidRequestException" and "does not wait for an action" in message


def test_an_answer_names_the_image_of_its_step(builder: Builder) -> None:
    flow = Flow(builder)
    step = flow.until_waiting()
    other = builder.arn("image", "web", "1.0.0", "9")
    given = {"stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": other, "action": "RESUME"}
    assert refusal(builder.client.send_workflow_step_action, **given)[0] == "InvalidParameterValueException"


def test_a_failing_step_and_a_failing_test_can_be_passed_over(builder: Builder) -> None:
    test = (
        "schemaVersion: 1.0\nsteps:\n  - {name: Check, action: RunCommand, onFailure: Continue}\n"
        "  - {name: Launch, action: LaunchInstance}\n"
    )
    flow = Flow(builder, test, "TEST", onFailure="CONTINUE")
    faults.add({"kind": "workflow-step-fails", "step": "Check"})
    faults.add({"kind": "workflow-step-fails", "step": "Launch"})
    image = flow.finished()
    assert image["state"]["status"] == "AVAILABLE"
    assert {name: step["status"] for name, step in flow.steps(1).items()} == {"Check": "FAILED", "Launch": "FAILED"}
    runs = flow.client.list_workflow_executions(imageBuildVersionArn=flow.image)["workflowExecutions"]
    assert [run["status"] for run in runs] == ["COMPLETED", "FAILED"]  # and nothing was distributed


ACTS = """\
schemaVersion: 1.0
steps:
  - {name: Launch, action: LaunchInstance}
  - name: Act
    action: ACTION
    inputs: INPUTS
  - {name: Image, action: RegisterImage}
"""
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:approve"


def acted(builder: Builder, action: str, **inputs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The image, and the outputs of a step with this action."""
    flow = Flow(builder, ACTS.replace("ACTION", action).replace("INPUTS", json.dumps(inputs)))
    image = flow.finished()
    return image, json.loads(flow.steps()["Act"].get("outputs", "{}"))


def test_a_command_runs_on_the_instance(builder: Builder) -> None:
    given = {"documentName": "AWS-RunShellScript", "parameters": {"commands": ["dnf install -y jq"]}}
    image, outputs = acted(builder, "RunCommand", **given)
    assert image["state"]["status"] == "AVAILABLE" and outputs["status"] == "Success"
    assert images.of(image["outputResources"]["amis"][0]["image"]).packages["jq"]


def test_a_state_machine_is_taken_to_succeed(builder: Builder) -> None:
    image, outputs = acted(builder, "ExecuteStateMachine", stateMachineArn=MACHINE, input='{"image": "web"}')
    assert image["state"]["status"] == "AVAILABLE"
    assert outputs["executionArn"].startswith(MACHINE.replace("stateMachine", "execution"))


@pytest.mark.parametrize(
    ("action", "inputs", "text"),
    [
        ("RunCommand", {}, "needs the input 'documentName'"),
        ("RunCommand", {"documentName": "Own-Patch"}, "Run Command refused the document 'Own-Patch'"),
        (
            "RunCommand",
            {"documentName": "AWS-RunShellScript"},
            "[commands] of document AWS-RunShellScript must be given",
        ),
        (
            "RunCommand",
            {"documentName": "AWS-RunShellScript", "parameters": {"commands": ["false"]}},
            "The command of the document 'AWS-RunShellScript' failed in step",
        ),
        ("RunSysPrep", {}, "Sysprep runs on Windows only"),
        ("ExecuteStateMachine", {"stateMachineArn": "approve"}, "'approve' is not the ARN of a state machine"),
    ],
)
def test_what_another_service_refuses_fails_the_step(
    builder: Builder, action: str, inputs: dict[str, Any], text: str
) -> None:
    image, _outputs = acted(builder, action, **inputs)
    context = image["state"]["failureContext"]
    assert (context["failedStep"], context["imageStatus"]) == ("Act", "BUILDING")
    assert text in image["state"]["reason"]


def test_parameters_have_to_be_those_of_the_workflow(builder: Builder) -> None:
    data = (
        "schemaVersion: 1.0\nparameters:\n  - {name: ask, type: boolean}\nsteps:\n  - {name: Go, action: RunCommand}\n"
    )
    made = builder.client.create_workflow(name="own", semanticVersion="1.0.0", type="BUILD", data=data)
    given = {"imageRecipeArn": builder.recipe(), "infrastructureConfigurationArn": builder.infrastructure()}
    ask, size = {"name": "ask", "value": ["true"]}, {"name": "size", "value": ["1"]}
    for parameters, text in (([], "parameter 'ask' needs a value"), ([ask, size], "no parameter 'size'")):
        use = {"workflowArn": made["workflowBuildVersionArn"]} | ({"parameters": parameters} if parameters else {})
        code, message = refusal(builder.client.create_image, **given, workflows=[use], executionRole="builder")
        assert code == "InvalidParameterValueException" and text in message


WRONG = [
    (("WaitForAction", "AskSomebody"), "'AskSomebody' is not an action"),
    (("$.stepOutputs.Launch", "$.stepOutputs.Image"), "'$.stepOutputs.Image' refers to nothing"),
    (("$.parameters.ask", "$.parameters.who"), "'$.parameters.who' refers to nothing"),
    (("type: boolean", "type: flag"), "must be one of string, integer, boolean, stringList"),
    (("onFailure: Continue", "onFailure: Ignore"), "onFailure must be Abort or Continue"),
    (("timeoutSeconds", "timeout"), "unknown key 'timeout'"),
    (("name: Stop", "name: Launch"), "the step 'Launch' appears more than once"),
]


def test_wrong_documents_are_refused_with_the_place(builder: Builder) -> None:
    for wrong, text in WRONG:
        given = {"name": "own", "semanticVersion": "1.0.0", "type": "BUILD", "data": BUILD.replace(*wrong, 1)}
        code, message = refusal(builder.client.create_workflow, **given)
        assert code == "InvalidParameterValueException" and text in message, message
