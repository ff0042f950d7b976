# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The validator of Image Builder component documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.component_documents import HEAD, found, steps

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import document_digest
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors

GOOD = """\
name: Agent
description: Everything that a document may hold
schemaVersion: 1.0
parameters:
  - Version:
      type: string
      default: "1"
      description: Which one
constants:
  - Home: {type: string, value: /opt}
phases:
  - name: build
    steps:
      - name: Fetch
        action: WebDownload
        maxAttempts: 3
        inputs:
          - source: https://example.com/{{ Version }}
            destination: '{{ Home }}/agent'
            checksum: "0f"
            algorithm: SHA256
      - name: Install
        action: ExecuteBash
        timeoutSeconds: -1
        onFailure: Continue
        inputs:
          commands:
            - |
              set -e
              sh {{ build.Fetch.outputs[0].destination }}
            - echo {{ build.Fetch.inputs[0].source }}
      - name: Write
        action: CreateFile
        loop: {name: each, forEach: [a, b]}
        inputs:
          - path: '/tmp/{{ loop.value }}{{ each.index }}'
            content: ''
      - name: Count
        action: CreateFolder
        loop: {for: {start: 5, end: 1, updateBy: -2}}
        inputs:
          - path: '/tmp/{{ loop.index }}'
            permissions: "0755"
      - name: Split
        action: DeleteFile
        loop: {forEach: {list: "a,b", delimiter: ","}}
        inputs: [{path: '{{ loop.value }}'}]
      - name: Boot
        action: Reboot
      - name: Update
        action: UpdateOS
        inputs: {exclude: [kernel]}
  - name: validate
    steps:
      - name: Check
        action: Assert
        if:
          and:
            - fileExists: /a
            - not: {stringEquals: a, value: b}
          then: Execute
          else: Abort
        inputs: {stringEquals: '{{ build.Install.outputs.stdout }}', value: x}
  - name: test
    steps:
      - name: Nested
        action: ExecuteDocument
        timeoutSeconds: -1
        maxAttempts: 1
        inputs:
          document: file:///tmp/x.yml
          parameters: [{name: a, value: 1}]
"""


def test_a_good_document_has_no_problems() -> None:
    assert found(GOOD, "Linux") == []


def bash(extra: str = "", commands: str = "[ls]") -> str:
    return steps(f"- name: A\n  action: ExecuteBash\n  inputs: {{commands: {commands}}}\n{extra}")


@pytest.mark.parametrize(
    ("text", "line", "path", "what"),
    [
        ("", 1, "", "The document is empty."),
        ("just text\n", 1, "", 'The document is the text "just text", but must be a map.'),
        (GOOD.replace("schemaVersion: 1.0\n", ""), 1, "schemaVersion", "schemaVersion is missing."),
        (GOOD.replace("schemaVersion: 1.0", "schemaVersion: 2"), 3, "schemaVersion", "schemaVersion is the number 2."),
        ("schemaVersion: 1.0\n", 1, "phases", "phases is missing."),
        ("schemaVersion: 1.0\nphases: []\n", 2, "phases", "phases is empty, but must be a list."),
        (HEAD[:-11] + "    steps: []\n", 4, "phases[0].steps", "steps is empty, but must be a list."),
        (
            bash().replace("name: build", "name: first"),
            2,
            "phases",
            "No phase is named build, validate or test, so Image Builder runs nothing.",
        ),
        (bash() + "  - name: build\n    steps: [{name: B, action: Reboot}]\n", 8, "phases[1]", "is used on line 3"),
        (bash("- {name: A, action: Reboot}"), 8, "phases[0].steps[1]", 'The step name "A" is used on line 5 already.'),
        (bash("- {action: Reboot}"), 8, "phases[0].steps[1].name", "name is missing."),
        (bash("- {name: B}"), 8, "phases[0].steps[1].action", "action is missing."),
        (bash().replace("ExecuteBash", "executeBash"), 6, "phases[0].steps[0].action", "executeBash is not an action."),
        (bash("  timeoutSeconds: 0"), 8, "phases[0].steps[0].timeoutSeconds", "timeoutSeconds is the number 0"),
        (bash("  timeoutSeconds: -2"), 8, "phases[0].steps[0].timeoutSeconds", "timeoutSeconds is the number -2"),
        (bash('  timeoutSeconds: "9"'), 8, "phases[0].steps[0].timeoutSeconds", 'timeoutSeconds is the text "9"'),
        (bash("  maxAttempts: 0"), 8, "phases[0].steps[0].maxAttempts", "maxAttempts is the number 0"),
        (bash("  onFailure: Stop"), 8, "phases[0].steps[0].onFailure", 'onFailure is the text "Stop".'),
        (steps("- name: A\n  action: ExecuteBash"), 5, "phases[0].steps[0].inputs", "ExecuteBash has no inputs."),
        (
            bash(commands="ls"),
            7,
            "phases[0].steps[0].inputs.commands",
            'commands is the text "ls", but must be a list.',
        ),
        (
            bash(commands="[[ls]]"),
            7,
            "phases[0].steps[0].inputs.commands[0]",
            "commands[0] is a list, but must be text.",
        ),
        (
            steps("- name: A\n  action: ExecuteBash\n  inputs:\n    - commands: [ls]"),
            7,
            "phases[0].steps[0].inputs",
            "The inputs of ExecuteBash are a list, but must be a map.",
        ),
        (
            steps("- name: A\n  action: S3Download\n  inputs: {source: s, destination: d}"),
            7,
            "phases[0].steps[0].inputs",
            "The inputs of S3Download are a map, but must be a list of maps.",
        ),
        (
            steps("- name: A\n  action: S3Download\n  inputs:\n    - source: s"),
            8,
            "phases[0].steps[0].inputs[0].destination",
            "destination is missing.",
        ),
        (
            steps("- name: A\n  action: ExecutePowerShell\n  inputs: {commands: [x], file: y}"),
            7,
            "phases[0].steps[0].inputs",
            "ExecutePowerShell takes exactly one of commands and file; 2 are given.",
        ),
        (
            steps("- name: A\n  action: WebDownload\n  inputs:\n    - {source: s, destination: d, checksum: x}"),
            8,
            "phases[0].steps[0].inputs[0]",
            "checksum and algorithm belong together; only checksum is given.",
        ),
        (
            steps("- name: A\n  action: ExecuteDocument\n  timeoutSeconds: 5\n  inputs: {document: x}"),
            7,
            "phases[0].steps[0].timeoutSeconds",
            "An ExecuteDocument step cannot have a time limit.",
        ),
        (
            steps("- name: A\n  action: ExecuteDocument\n  maxAttempts: 2\n  inputs: {document: x}"),
            7,
            "phases[0].steps[0].maxAttempts",
            "An ExecuteDocument step is tried only once.",
        ),
        (GOOD.replace("Home:", "Version:"), 10, "constants[0].Version", 'name "Version" is used on line 5 already.'),
        (
            GOOD.replace("name: Fetch", "name: Fetch it"),
            14,
            "phases[0].steps[0].name",
            'name "Fetch it" contains characters other than letters, digits, hyphens and underscores.',
        ),
        (
            GOOD.replace("name: Fetch", 'name: "Fetch\\n"'),
            14,
            "phases[0].steps[0].name",
            "contains characters other than",
        ),
        (
            GOOD.replace("name: Boot", "name: 1.5"),
            48,
            "phases[0].steps[5].name",
            'name "1.5" contains characters other',
        ),
        (GOOD.replace("name: Boot", "name: Bööt"), 48, "phases[0].steps[5].name", "contains characters other than"),
        (
            GOOD.replace("- name: test", "- name: test.it"),
            64,
            "phases[2].name",
            'name "test.it" contains characters other',
        ),
        (
            GOOD.replace("{name: each,", "{name: each one,"),
            34,
            "phases[0].steps[2].loop.name",
            "contains characters other",
        ),
        (GOOD.replace("  - Home:", "  - The Home:"), 10, "constants[0].The Home", '"The Home" cannot be a name.'),
        (GOOD.replace("  - Version:", "  - V1:"), 5, "parameters[0].V1", '"V1" cannot be a name.'),
        (GOOD.replace("type: string, value: /opt", "type: string"), 10, "constants[0].Home.value", "value is missing."),
        (
            GOOD.replace("- Version:", "- Other: {type: string}\n    Version:"),
            5,
            "parameters[0]",
            "one key",
        ),
        (bash("  loop: {}"), 8, "phases[0].steps[0].loop", "A loop takes exactly one of for and forEach; 0 are given."),
        (bash("  loop: {forEach: []}"), 8, "phases[0].steps[0].loop.forEach", "forEach is empty, but must be a list."),
        (
            bash("  loop: {for: {start: 1, end: 3, updateBy: -1}}"),
            8,
            "phases[0].steps[0].loop.for.updateBy",
            "The loop never ends: steps of -1 do not lead from 1 to 3.",
        ),
        (
            bash("  loop: {forEach: {list: 'a|b', delimiter: '|'}}"),
            8,
            "phases[0].steps[0].loop.forEach.delimiter",
            'delimiter is the text "|".',
        ),
        (
            bash("  loop: {name: x, forEach: [a]}\n- {name: B, action: Reboot, loop: {name: x, forEach: [a]}}"),
            9,
            "phases[0].steps[1].loop",
            'The loop name "x" is used on line 8 already.',
        ),
        (bash("  if: {}"), 8, "phases[0].steps[0].if", "A condition has 0 operators, but must have one."),
        (bash("  if: x"), 8, "phases[0].steps[0].if", 'if is the text "x", but must be a map with one operator.'),
        (
            bash("  if: {stringEquals: a}"),
            8,
            "phases[0].steps[0].if.stringEquals",
            "stringEquals has nothing to compare with.",
        ),
        (bash("  if: {fileExists: a, then: Go}"), 8, "phases[0].steps[0].if.then", 'then is the text "Go".'),
        (bash("  if: {and: {fileExists: a}}"), 8, "phases[0].steps[0].if.and", "and is a map, but must be a list"),
        (
            bash("  if: {not: {not: {not: {not: {not: {fileExists: a}}}}}}"),
            8,
            "phases[0].steps[0].if.not.not.not.not.not",
            "Conditions are nested more than 4 levels deep.",
        ),
        (bash(commands="['{{ Nope }}']"), 7, "phases[0].steps[0].inputs.commands[0]", "is neither a parameter nor"),
        (
            bash(commands="['{{ build.B.outputs.stdout }}']", extra="- {name: B, action: Reboot}"),
            7,
            "phases[0].steps[0].inputs.commands[0]",
            "{{ build.B.outputs.stdout }} refers to a later step.",
        ),
        (bash(commands="['{{ build.A.outputs.stdout }}']"), 7, "phases[0].steps[0].inputs.commands[0]", "its own step"),
        (bash(commands="['{{ build.X.outputs.stdout }}']"), 7, "phases[0].steps[0].inputs.commands[0]", "not exist."),
        (bash(commands="['{{ each.value }}']", extra="  loop: {forEach: [a]}"), 7, "commands[0]", "names a loop that"),
        (
            bash("- name: B\n  action: ExecuteBash\n  inputs: {commands: ['{{ build.A.inputs.file }}']}"),
            10,
            "phases[0].steps[1].inputs.commands[0]",
            "{{ build.A.inputs.file }} reads the input file that the step does not have.",
        ),
        (
            bash(
                "- {name: B, action: Reboot, loop: {for: {start: '{{ build.A.outputs.stdout }}', end: 2, updateBy: 1}}}"
            ),
            8,
            "phases[0].steps[1].loop.for.start",
            "bounds a loop, which needs numbers before it starts.",
        ),
        (
            GOOD.replace("file:///tmp/x.yml", "'{{ build.Install.outputs.stdout }}'"),
            71,
            "phases[2].steps[0].inputs.document",
            "refers to the build phase, but the test phase runs on another instance.",
        ),
        ("a: b: c\n", 1, "", "The document cannot be read as YAML: mapping values are not allowed in this context."),
        ("path: {{ Version }}\n", 1, "", "The document cannot be read as YAML: a key is not text."),
        ("a: x\0\n", 1, "", "The document cannot be read as YAML: it holds the control character U+0000."),
        ("a: &x [*x]\n", 1, "", "the alias *x refers to something that is not complete."),
        (
            f"a: {'b' * 16_001}\n",
            None,
            "",
            "The document has 16005 characters, but Image Builder accepts at most 16000",
        ),
    ],
)
def test_what_is_refused(text: str, line: int | None, path: str, what: str) -> None:
    refused = [(item.line, item.path, item.what) for item in errors(component_document_problems(text))]
    assert any(item[0] == line and item[1].endswith(path) and what in item[2] for item in refused), refused


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD.replace("name: Agent", "title: Agent"), 1, "title is not a known key here."),
        (GOOD.replace("name: test", "name: later"), 64, "Image Builder does not run a phase with the name later."),
        (bash("  comment: x"), 8, "comment is not a known key here."),
        (bash("  if: {shining: sun}"), 8, "shining is not a known operator."),
        (bash(commands="['{{.Names}}']"), 7, "{{ .Names }} is not a valid reference in a component document."),
        (bash(commands="['{{ loop.value }}']"), 7, "{{ loop.value }} is not replaced, because the step has no loop."),
        (GOOD.replace('permissions: "0755"', "permissions: 0755"), 43, "permissions is the number 493 in YAML"),
        (steps("- {name: A, action: Reboot, timeoutSeconds: 5}"), 5, "The time limit of a Reboot step has no effect."),
        (bash("  onFailure: Abort\n  onFailure: Ignore"), 9, "onFailure appears twice in one map"),
        (GOOD + "---\n{}\n", 73, "Another YAML document begins here."),
    ],
)
def test_what_is_only_warned_of(text: str, line: int, what: str) -> None:
    (problem,) = component_document_problems(text)
    assert (problem.line, problem.level) == (line, "warning")
    assert problem.what.startswith(what)


def test_the_line_within_a_block_of_commands_is_named() -> None:
    text = steps(
        "- name: A\n  action: ExecuteBash\n  inputs:\n    commands:\n      - |\n        ls\n        {{ Nope }}"
    )
    assert [line for line, _path, _what in found(text)] == [11]


@given(st.one_of(st.text(), st.binary(), st.text("phasestepn:-[]{}'\"&*!|>#%01 \n\t")))
def test_no_text_makes_it_raise(text: str | bytes) -> None:
    assert all(problem.what.endswith(".") for problem in component_document_problems(text))
    assert len(document_digest(text)) == 64


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_any_value_in_place_of_a_part_is_survived(value: object) -> None:
    shown = str(value).replace("None", "~").replace("\x00", "")
    for key in ("phases", "parameters", "constants", "schemaVersion"):
        assert component_document_problems(f"{key}: {shown}\n")
    for key in ("inputs", "if", "loop", "action", "name"):
        assert isinstance(component_document_problems(steps(f"- {key}: {shown}")), list)


def test_a_loop_may_run_once() -> None:
    assert component_document_problems(bash("  loop: {for: {start: 2, end: 2, updateBy: 1}}")) == []


def test_aliases_are_read_but_cannot_make_it_endless() -> None:
    text = (
        bash().replace("{commands: [ls]}", "&in {commands: [ls]}")
        + "      - {name: B, action: ExecuteBash, inputs: *in}\n"
    )
    assert found(text) == []
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    (problem,) = component_document_problems(bomb)
    assert "its aliases make it too large" in problem.what


def test_a_document_in_s3_may_be_longer() -> None:
    long = GOOD + f"# {'x' * 16_000}\n"
    assert [problem.line for problem in component_document_problems(long)] == [None]
    assert component_document_problems(long, inline=False) == []


def test_without_pyyaml_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_tree, "HAS_YAML", False)
    assert found(GOOD) == [(None, "", "The document cannot be read as YAML: PyYAML is missing.")]
