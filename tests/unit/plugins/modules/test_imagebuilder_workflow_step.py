# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_workflow_step against the emulator: steps that wait are resumed and stopped."""

from __future__ import annotations

import json
import typing as t

import pytest
from support.imagebuilder import APPROVED, done, ingredients
from support.modules import run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_workflow_step"
BUILD: dict[str, t.Any] = {
    "image_recipe": "web",
    "infrastructure_configuration": "web",
    "execution_role": "image-builder",
    "workflows": [{"workflow": "aws:build/build-image"}, {"workflow": "test/approved"}],
    "wait": False,
}
IMAGE = {"image_build_version_arn": "web/1.0.0/1", "wait_delay": 60}
RESUMED = {**IMAGE, "state": "resumed", "name": "Approve", "reason": "looks good"}


@pytest.fixture(autouse=True)
def _build(world: None) -> None:
    ingredients()
    done("imagebuilder_workflow", {"name": "approved", "type": "TEST", "data": APPROVED})
    done("imagebuilder_image", BUILD)


def state() -> str:
    (image,) = done("imagebuilder_image_info", {"name": "web/1.0.0/1"})["images"]
    return str(image["state"]["status"])


def test_a_step_is_waited_for_and_resumed_once() -> None:
    did = done(MODULE, RESUMED)
    assert did.changed and [call.operation for call in did.writes] == ["SendWorkflowStepAction"]
    step = did["workflow_step"]
    assert (step["name"], step["status"]) == ("Approve", "COMPLETED")
    assert json.loads(step["outputs"]) == {"action": "RESUME", "reason": "looks good"}
    again = done(MODULE, RESUMED)
    assert not again.changed and again.writes == []
    clock.advance(3600)
    assert state() == "AVAILABLE"
    assert not done(MODULE, RESUMED).changed


def test_who_waits_for_the_image_is_told_that_it_waits_for_an_answer() -> None:
    clock.advance(1200)
    waited = run_module("imagebuilder_image", {**BUILD, "wait": True, "wait_timeout": 60})
    assert waited.failed
    assert "is still TESTING, " in waited.msg
    assert (
        "seconds after the build began: approved, Approve (waits for slipway.aws.imagebuilder_workflow_step)"
        in waited.msg
    )


def test_check_mode_sends_nothing() -> None:
    clock.advance(1200)
    told = done(MODULE, {**IMAGE, "state": "stopped"}, check_mode=True)
    assert told.changed and told.writes == [] and told["workflow_step"]["name"] == "Approve"
    did = done(MODULE, {**IMAGE, "state": "stopped"})
    assert told["diff"] == did["diff"]
    clock.advance(60)
    assert state() == "FAILED"


def test_an_answer_cannot_be_taken_back() -> None:
    done(MODULE, RESUMED)
    outcome = run_module(MODULE, {**RESUMED, "state": "stopped"})
    assert outcome.failed and outcome.msg.startswith("Failed to stop the workflow step Approve of web/1.0.0/1:")
    assert "was resumed already, which cannot be undone" in outcome.msg


@pytest.mark.parametrize(
    ("params", "check_mode", "text"),
    [
        ({**RESUMED, "wait": False}, False, "does not wait yet; the image is PENDING"),
        (RESUMED, True, "does not wait yet"),
        ({**RESUMED, "image_build_version_arn": "web/1.0.0/9"}, False, "there is no image web/1.0.0/9 in eu-west-1"),
        (
            {**RESUMED, "name": "Approval", "wait_timeout": 1500},
            False,
            "the step Approval of web/1.0.0/1 does not wait yet",
        ),
    ],
)
def test_what_does_not_wait(params: dict[str, t.Any], check_mode: bool, text: str) -> None:
    outcome = run_module(MODULE, params, check_mode=check_mode)
    assert outcome.failed and text in outcome.msg and outcome.writes == []


def test_a_build_that_ends_without_the_step() -> None:
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance"})
    outcome = run_module(MODULE, RESUMED)
    assert outcome.failed and "never waited for an answer; the image is FAILED" in outcome.msg


def test_a_lost_answer_is_not_sent_twice() -> None:
    clock.advance(1200)
    faults.add({"kind": "lost-reply", "operation": "SendWorkflowStepAction", "times": 1})
    assert done(MODULE, RESUMED).changed
    assert not done(MODULE, RESUMED).changed


def test_a_denied_call_says_what_to_do() -> None:
    faults.add({"kind": "denied", "service": "imagebuilder", "operation": "ListWaitingWorkflowSteps"})
    outcome = run_module(MODULE, RESUMED)
    assert outcome.failed and "Grant the caller this permission" in outcome.msg


def test_what_waits_can_be_read() -> None:
    info = "imagebuilder_workflow_step_info"
    assert done(info, {})["workflow_steps"] == []
    clock.advance(1200)
    (step,) = done(info, {"image_build_version_arn": "web/1.0.0/1", "name": "Approve"})["workflow_steps"]
    assert (step["name"], step["image_build_version_arn"].rpartition(":")[2]) == ("Approve", "image/web/1.0.0/1")
    assert [len(done(info, {"name": name})["workflow_steps"]) for name in ("Approve", "Other")] == [1, 0]
    assert done(info, {"image_build_version_arn": "web/1.0.0/2"})["workflow_steps"] == []
