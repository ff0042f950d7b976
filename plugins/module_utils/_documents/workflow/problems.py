# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems of an Image Builder workflow document (schema 1.0)."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem, by_line
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.stepped import (
    listed,
    opened,
    schema_version,
    unknown_action,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe, strings
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.actions import (
    ACTIONS,
    EVERYWHERE,
    Action,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.conditions import condition

MOST_STEPS = 15
TYPES = ("string", "integer", "boolean", "stringList")
ON_FAILURE = ("Abort", "Continue")
_STEP_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,99}")
_REFERENCE = re.compile(r"\$\.([A-Za-z]+)(?:\.([A-Za-z0-9_-]+))?(?:\.([A-Za-z0-9_-]+))?")
_INSIDE = re.compile(r"\{\{\s*(\$\.[^{}\s]+)\s*\}\}")  # a reference in a longer text
ROOTS = ("parameters", "stepOutputs", "imagebuilder", "workflowOutputs")
Steps = list[tuple[Value, str]]


def workflow_document_problems(text: str | bytes, kind: str | None = None, inline: bool = True) -> list[Problem]:
    """Everything wrong with a workflow document, in the order of its lines.

    Level `error` is what the service refuses or what fails every build, `warning` what it is believed to accept.
    `kind`: BUILD, TEST or DISTRIBUTION, to find actions that make no sense there.
    """
    found, document = opened(text, inline, "schemaVersion and steps")
    if document is None:
        return found
    found += _document(document, "", document.line)
    if isinstance(document.data, dict):
        steps = list(listed(document, "steps"))
        found += [*_names(document, steps), *_steps(steps, kind), *_references(document, steps)]
    return by_line(found)


def _step_name(value: Value, path: str, line: int) -> Problems:
    if not isinstance(value.data, str) or not _STEP_NAME.fullmatch(value.data):
        what = f"name is {describe(value.data)}, which cannot be the name of a step."
        remedy = "Use 2 to 100 letters, digits, hyphens and underscores, and begin with a letter."
        yield Problem(line, path, what, remedy)


def _switch(value: Value, path: str, line: int) -> Problems:
    if not isinstance(value.data, bool):
        what = f"{rules.last(path)} is {describe(value.data)}, but must be true or false."
        yield Problem(line, path, what, "Write true or false without quotes.")


def _parameter(value: Value, path: str, line: int) -> Problems:
    yield from _PARAMETER(value, path, line)
    kind, default = value.text("type"), value.get("default")
    fits = {"integer": int, "boolean": bool, "stringList": list}.get(kind)
    if default is None or fits is None:
        return
    if not isinstance(default.data, fits) or (kind == "integer" and isinstance(default.data, bool)):
        what = f"default is {describe(default.data)}, but the type of the parameter is {kind}."
        yield Problem(value.line_of("default"), below(path, "default"), what, "Change the value or the type.")


_PARAMETER = Shape(
    {
        "name": rules.identifier,
        "type": rules.one_of(*TYPES),
        "default": rules.anything,
        "description": rules.optional_text,
    },
    ("name", "type"),
)
_STEP = Shape(
    {
        "name": _step_name,
        "action": rules.text,
        "description": rules.optional_text,
        "if": condition,
        "onFailure": rules.one_of(*ON_FAILURE),
        "rollbackEnabled": _switch,
        "timeoutSeconds": rules.whole_number(1),
        # Checked with the action, which says what they are.
        "inputs": rules.anything,
    },
    ("name", "action"),
)
_OUTPUT = Shape({"name": rules.identifier, "value": rules.anything}, ("name", "value"))
_document = Shape(
    {
        "name": rules.optional_text,
        "description": rules.optional_text,
        "schemaVersion": schema_version,
        "parameters": rules.list_of(_parameter),
        "steps": rules.list_of(_STEP),
        "outputs": rules.list_of(_OUTPUT),
    },
    ("schemaVersion", "steps"),
)


def _names(document: Value, steps: Steps) -> Problems:
    parameters = listed(document, "parameters")
    yield from rules.duplicates(
        ((one.text("name"), one.line_of("name"), path) for one, path in parameters), "parameter"
    )
    yield from rules.duplicates(((one.text("name"), one.line_of("name"), path) for one, path in steps), "step")
    if len(steps) > MOST_STEPS:
        what = f"The workflow has {len(steps)} steps, but Image Builder accepts at most {MOST_STEPS}."
        yield Problem(steps[MOST_STEPS][0].line, steps[MOST_STEPS][1], what, "Split it into several workflows.")


def _steps(steps: Steps, kind: str | None) -> Problems:
    for step, path in steps:
        name = step.text("action")
        action = ACTIONS.get(name)
        line = step.line_of("action")
        if name and action is None:
            yield unknown_action(name, ACTIONS, line, below(path, "action"))
        if action is None:
            continue
        if kind in EVERYWHERE and kind not in action.types:
            what = f"{name} is made for workflows of type {' and '.join(action.types)}, not {kind}."
            yield Problem(line, below(path, "action"), what, "Use another action, or another type.", WARNING)
        yield from _inputs(name, action, step, below(path, "inputs"))


def _inputs(name: str, action: Action, step: Value, path: str) -> Problems:
    """An input is given by its name, or by its name and `.$` where its value refers to something."""
    inputs, line = step.get("inputs"), step.line_of("inputs")
    if inputs is not None and inputs.data is not None and not isinstance(inputs.data, dict):
        yield Problem(line, path, f"inputs is {describe(inputs.data)}, but must be a map.", 'Remove the "- ".')
        return
    given = inputs.data if inputs and inputs.data else {}
    named = {key.removesuffix(".$") for key in given}
    for key in action.required:
        if key not in named:
            yield Problem(line, path, f"{name} has no {key}.", f"Add {key} or {key}.$ to its inputs.")
    for key, entry in given.items():
        yield from _input(name, action, key, entry.value, below(path, key), entry.line)


def _input(name: str, action: Action, key: str, value: Value, path: str, line: int) -> Problems:
    known = action.inputs
    refers = isinstance(value.data, str) and value.data.startswith("$.")
    if known is not None and key.removesuffix(".$") not in known:
        yield Problem(line, path, f"{name} has no input {key}.", f"Use one of {', '.join(known)}.", WARNING)
    if refers and not key.endswith(".$"):
        what = f"{value.data} is taken as it stands, because {key} does not end with .$."
        yield Problem(line, path, what, f"Write {key}.$.", WARNING)
    if key.endswith(".$") and not refers and not _INSIDE.search(str(value.data)):
        what = f"{key} is {describe(value.data)}, but must be a reference."
        yield Problem(line, path, what, "Begin it with $., or leave .$ out of the name.")


def _references(document: Value, steps: Steps) -> Problems:
    """Parameters that are declared, and outputs of steps that ran before."""
    parameters = {one.text("name") for one, _path in listed(document, "parameters")}
    before: dict[str, str] = {}
    for step, path in steps:
        for key in ("if", "inputs"):
            value = step.get(key)
            for found, place in strings(value, below(path, key)) if value else ():
                yield from _in_text(found, place, parameters, before)
        before[step.text("name")] = step.text("action")
    outputs = document.get("outputs")
    for found, place in strings(outputs, "outputs") if outputs else ():
        yield from _in_text(found, place, parameters, before)


def _in_text(value: Value, path: str, parameters: set[str], before: dict[str, str]) -> Problems:
    """A text that is a reference, or has some inside."""
    for text in (value.data, *_INSIDE.findall(value.data)):
        match = _REFERENCE.fullmatch(text)
        if match:
            yield from _reference(match, value, path, parameters, before)


def _reference(match: re.Match[str], value: Value, path: str, parameters: set[str], before: dict[str, str]) -> Problems:
    where, name, output = match.groups()
    if where == "parameters" and name not in parameters:
        what = f"There is no parameter {name}."
        yield Problem(
            value.line, path, what, f"Use one of {', '.join(sorted(parameters)) or 'those that you declare'}."
        )
    elif where == "stepOutputs" and name not in before:
        what = f"No step before this one is named {name}."
        yield Problem(value.line, path, what, f"Use one of {', '.join(before) or 'the steps that come before'}.")
    elif where == "stepOutputs":
        action = ACTIONS.get(before[str(name)])
        if action and action.outputs is not None and output not in action.outputs:
            what = f"{before[str(name)]} has no output {output}."
            yield Problem(value.line, path, what, f"Use one of {', '.join(action.outputs)}.", WARNING)
    elif where not in ROOTS:
        what = f"{match.group(0)} refers to nothing that is known."
        yield Problem(value.line, path, what, f"Use one of {', '.join(f'$.{root}' for root in ROOTS)}.", WARNING)
