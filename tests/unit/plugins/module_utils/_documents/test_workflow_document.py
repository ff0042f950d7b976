# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The validator of Image Builder workflow documents."""

from __future__ import annotations

import pytest
from support.imagebuilder import APPROVED

from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.actions import ACTIONS
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.problems import (
    workflow_document_problems,
)
from slipway_emulator.services.imagebuilder import documents

GOOD = """\
name: build-image
description: Everything that a document may hold
schemaVersion: 1.0
parameters:
  - name: ask
    type: boolean
    default: true
    description: Whether to wait
  - {name: size, type: integer, default: 3}
  - {name: types, type: stringList, default: [t3.small]}
steps:
  - name: LaunchBuildInstance
    action: LaunchInstance
    description: With the agent
    inputs:
      waitFor: ssmAgent
      instanceTypesOverride.$: $.parameters.types
  - name: Check
    action: RunCommand
    timeoutSeconds: 600
    rollbackEnabled: false
    inputs:
      documentName: AWS-RunShellScript
      instanceId.$: $.stepOutputs.LaunchBuildInstance.instanceId
      parameters: {commands: ["true"]}
  - name: Apply
    action: ExecuteComponents
    inputs: {instanceId.$: $.stepOutputs.LaunchBuildInstance.instanceId}
  - name: Image
    action: CreateImage
    inputs: {instanceId.$: $.stepOutputs.LaunchBuildInstance.instanceId}
  - name: Approve
    action: WaitForAction
    onFailure: Abort
    if:
      and:
        - {booleanEquals: true, value: $.parameters.ask}
        - not: {stringEquals: failed, value: $.stepOutputs.Check.status}
outputs:
  - name: ImageId
    value: $.stepOutputs.Image.imageId
"""
INSTANCE = "instanceId.$: $.stepOutputs.LaunchBuildInstance.instanceId"


def told(text: str, kind: str | None = None) -> list[tuple[int | None, str, str]]:
    return [(problem.line, problem.level, problem.what) for problem in workflow_document_problems(text, kind)]


def test_good_documents_have_no_problems() -> None:
    assert told(GOOD, "BUILD") == [] == told(APPROVED, "TEST")
    inside = "documentName.$: 'Test-{{ $.workflowOutputs.ImageId }}-{{ $.parameters.size }}'"
    assert told(GOOD.replace("documentName: AWS-RunShellScript", inside), "BUILD") == []


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ("schemaVersion: 1.0\n", "", 1, "schemaVersion is missing."),
        ("schemaVersion: 1.0", "schemaVersion: 2.0", 3, "schemaVersion is the number 2.0."),
        ("type: boolean", "type: flag", 6, 'type is the text "flag".'),
        ("default: 3", "default: three", 9, 'default is the text "three", but the type of the parameter is integer.'),
        ("name: size", "name: ask", 9, 'The parameter name "ask" is used on line 5 already.'),
        ("name: Check", "name: 1st", 18, 'name is the text "1st", which cannot be the name of a step.'),
        ("name: Approve", "name: Image", 32, 'The step name "Image" is used on line 29 already.'),
        ("action: CreateImage", "action: createimage", 30, "createimage is not an action."),
        (f"    inputs: {{{INSTANCE}}}\n  - name: Image", "  - name: Image", 26, "ExecuteComponents has no instanceId."),
        ("onFailure: Abort", "onFailure: Ignore", 34, 'onFailure is the text "Ignore".'),
        ("timeoutSeconds: 600", "timeoutSeconds: 0", 20, "timeoutSeconds is the number 0, but must be a whole number of at least 1."),
        ("rollbackEnabled: false", "rollbackEnabled: no way", 21, 'rollbackEnabled is the text "no way", but must be true or false.'),
        ("$.parameters.ask", "$.parameters.who", 37, "There is no parameter who."),
        (f"{INSTANCE}\n", "instanceId.$: $.stepOutputs.Image.instanceId\n", 24, "No step before this one is named Image."),
        ('["true"]', '["echo {{ $.parameters.who }}"]', 25, "There is no parameter who."),
        (f"{INSTANCE}\n", "instanceId.$: i-0123\n", 24, 'instanceId.$ is the text "i-0123", but must be a reference.'),
        ("booleanEquals: true", "equals: true", 37, "equals is not an operator."),
        ("{stringEquals: failed, value: $.stepOutputs.Check.status}", "{stringEquals: failed}", 38, "stringEquals has nothing to compare with."),
        ("      and:\n", "      or: []\n      and:\n", 35, "A condition has 2 operators (or, and), but must have one."),
    ],
)  # fmt: skip
def test_what_is_refused_is_an_error_with_its_line(before: str, after: str, line: int, what: str) -> None:
    assert before in GOOD
    assert (line, "error", what) in told(GOOD.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "kind", "what"),
    [
        ("Override.$", "Override", "BUILD", "$.parameters.types is taken as it stands, because instanceTypesOverride does not end with .$."),
        ("waitFor: ssmAgent", "waitForAgent: true", "BUILD", "LaunchInstance has no input waitForAgent."),
        ("Image.imageId", "Image.id", "BUILD", "CreateImage has no output id."),
        ("$.stepOutputs.Image.imageId", "$.imagesBuilt.first", "BUILD", "$.imagesBuilt.first refers to nothing that is known."),
        ("", "", "TEST", "CreateImage is made for workflows of type BUILD, not TEST."),
        ("description: With the agent", "desc: With the agent", "BUILD", "desc is not a known key here."),
    ],
)  # fmt: skip
def test_what_may_surprise_is_a_warning(before: str, after: str, kind: str, what: str) -> None:
    assert [("warning", what)] == [found[1:] for found in told(GOOD.replace(before, after, 1), kind)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "The document is empty."),
        ("a: [", "The document cannot be read as YAML"),
        ("- steps", "The document is a list, but must be a map."),
        ("schemaVersion: 1.0\nsteps: []\n", "steps is empty, but must be a list."),
        ("schemaVersion: 1.0\nsteps:\n" + "  - {name: Go, action: WaitForAction}\n" * 16, "The workflow has 16 steps"),
        (GOOD + "#" * 16_000, "but Image Builder accepts at most 16000 inline."),
    ],
)
def test_what_is_no_workflow_at_all(text: str, what: str) -> None:
    assert any(what in found[2] for found in told(text))


def test_the_emulator_takes_what_is_found_good_and_knows_the_same_actions() -> None:
    assert [one["name"] for one in documents.workflow(GOOD)] == ["ask", "size", "types"]
    assert set(ACTIONS) == set(documents.WORKFLOW_ACTIONS)
