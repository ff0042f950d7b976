# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems of an Image Builder component document (AWSTOE, schema 1.0)."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.component import conditions
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.actions import (
    ACTIONS,
    EVERYWHERE,
    Action,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.loops import loop
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.references import references
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem, by_line
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.stepped import (
    listed,
    opened,
    schema_version,
    unknown_action,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe

PHASES = ("build", "validate", "test")
OTHER_PHASES = ("container-host-test",)
ON_FAILURE = ("Abort", "Continue", "Ignore")
_NAME = re.compile(r"[A-Za-z0-9_-]{3,128}")


def component_document_problems(text: str | bytes, platform: str | None = None, inline: bool = True) -> list[Problem]:
    """Everything wrong with a component document, in the order of its lines.

    Level `error` is what the service or its task executor refuses, `warning` what it is believed to accept or ignore.
    `platform`: Linux, Windows or macOS, to find actions that do not exist there. `inline`: whether the text is sent as
    `data`, which has a limit of its own, or lies in S3.
    """
    found, document = opened(text, inline, "schemaVersion and phases")
    if document is None:
        return found
    found += _document(document, "", document.line)
    if isinstance(document.data, dict):
        found += [*_names(document), *_phases(document, platform), *references(document)]
    return by_line(found)


def _type(value: Value, path: str, line: int) -> Problems:
    yield from rules.one_of("string", level=WARNING)(value, path, line)


def _single(shape: Shape) -> rules.Rule:
    """A map with one key, the name, over the description of what it names."""

    def rule(value: Value, path: str, line: int) -> Problems:
        if not isinstance(value.data, dict) or len(value.data) != 1:
            is_now = f"has {len(value.data)} keys" if isinstance(value.data, dict) else f"is {describe(value.data)}"
            what = f"{rules.last(path)} {is_now}, but must be a map with one key, the name."
            yield Problem(line, path, what, 'Write "- Name:" and the description indented below it.')
            return
        for name, entry in value.data.items():
            if not _NAME.fullmatch(name):
                what = f'"{name}" cannot be a name.'
                remedy = "Use 3 to 128 letters, digits, hyphens and underscores."
                yield Problem(entry.line, below(path, name), what, remedy)
            yield from shape(entry.value, below(path, name), entry.line)

    return rule


_PARAMETER = Shape({"type": _type, "default": rules.anything, "description": rules.anything}, ("type",))
_CONSTANT = Shape({"type": _type, "value": rules.anything}, ("type", "value"))
_STEP = Shape(
    {
        "name": rules.identifier,
        "action": rules.text,
        "timeoutSeconds": rules.whole_number(1, also=(-1,)),
        "onFailure": rules.one_of(*ON_FAILURE),
        "maxAttempts": rules.whole_number(1),
        "disableLogging": rules.flag,
        "if": conditions.step_condition,
        "loop": loop,
        # Checked with the action, which says what they are.
        "inputs": rules.anything,
    },
    ("name", "action"),
)
_PHASE = Shape({"name": rules.identifier, "steps": rules.list_of(_STEP)}, ("name", "steps"))
_document = Shape(
    {
        "name": rules.optional_text,
        "description": rules.optional_text,
        "schemaVersion": schema_version,
        "parameters": rules.list_of(_single(_PARAMETER)),
        "constants": rules.list_of(_single(_CONSTANT)),
        "phases": rules.list_of(_PHASE),
    },
    ("schemaVersion", "phases"),
)


def _names(document: Value) -> Problems:
    """Parameters and constants share one space of names."""
    named = [
        (name, entry.line, below(path, name))
        for key in ("parameters", "constants")
        for item, path in listed(document, key)
        if isinstance(item.data, dict)
        for name, entry in item.data.items()
    ]
    yield from rules.duplicates(named, "parameter or constant")


def _phases(document: Value, platform: str | None) -> Problems:
    phases = list(listed(document, "phases"))
    yield from rules.duplicates(((phase.text("name"), phase.line_of("name"), path) for phase, path in phases), "phase")
    if phases and not any(phase.text("name") in PHASES for phase, _path in phases):
        what = "No phase is named build, validate or test, so Image Builder runs nothing."
        yield Problem(document.line_of("phases"), "phases", what, "Use one of these names for a phase.")
    for phase, path in phases:
        yield from _phase(phase, path, platform)


def _phase(phase: Value, path: str, platform: str | None) -> Problems:
    name = phase.text("name")
    if name and name not in PHASES + OTHER_PHASES:
        what = f"Image Builder does not run a phase with the name {name}."
        remedy = f"Use {', '.join(PHASES)}; other names are only for documents that are run manually."
        yield Problem(phase.line_of("name"), below(path, "name"), what, remedy, WARNING)
    steps = [(step, f"{path}.{place}") for step, place in listed(phase, "steps")]
    yield from rules.duplicates(((step.text("name"), step.line_of("name"), place) for step, place in steps), "step")
    loops = [(step.get("loop"), below(place, "loop")) for step, place in steps]
    named = [(value.text("name"), value.line_of("name"), place) for value, place in loops if value]
    yield from rules.duplicates(named, "loop")
    for step, place in steps:
        yield from _action(step, place, platform)


def _action(step: Value, path: str, platform: str | None) -> Problems:
    name = step.text("action")
    if not name:
        return
    action = ACTIONS.get(name)
    if action is None:
        yield unknown_action(name, ACTIONS, step.line_of("action"), below(path, "action"))
        return
    if platform in EVERYWHERE and platform not in action.platforms:
        what = f"{name} does not exist on {platform}, only on {' and '.join(action.platforms)}."
        yield Problem(step.line_of("action"), below(path, "action"), what, "Use another action, or another platform.")
    yield from _limits(name, step, path)
    yield from _inputs(name, action, step, path)


def _limits(name: str, step: Value, path: str) -> Problems:
    """What a step may not say about time and attempts, depending on its action."""
    timeout, attempts = step.get("timeoutSeconds"), step.get("maxAttempts")
    if name == "ExecuteDocument" and timeout is not None and timeout.data != -1:
        what = "An ExecuteDocument step cannot have a time limit."
        yield Problem(step.line_of("timeoutSeconds"), below(path, "timeoutSeconds"), what, "Write timeoutSeconds: -1.")
    if name == "ExecuteDocument" and attempts is not None and attempts.data != 1:
        what = "An ExecuteDocument step is tried only once."
        yield Problem(step.line_of("maxAttempts"), below(path, "maxAttempts"), what, "Write maxAttempts: 1.")
    if name == "Reboot" and timeout is not None:
        what = "The time limit of a Reboot step has no effect."
        yield Problem(step.line_of("timeoutSeconds"), below(path, "timeoutSeconds"), what, "Remove it.", WARNING)


def _inputs(name: str, action: Action, step: Value, path: str) -> Problems:
    inputs, line, path = step.get("inputs"), step.line_of("inputs"), below(path, "inputs")
    if inputs is None or inputs.data is None:
        if not action.optional:
            yield Problem(line, path, f"{name} has no inputs.", f"Set {_wanted(action)}.")
        return
    if name == "Assert":
        yield from conditions.expression(inputs, path, line)
    elif isinstance(inputs.data, list) and action.form != "map":
        yield from _each_input(name, action, inputs, path)
    elif isinstance(inputs.data, dict) and action.form != "list":
        yield from _one_input(name, action, inputs, path, line)
    else:
        kind = "a list of maps" if action.form == "list" else "a map"
        what = f"The inputs of {name} are {describe(inputs.data)}, but must be {kind}."
        dash = 'Begin it with "- "' if action.form == "list" else 'Remove the "- "'
        yield Problem(line, path, what, f"{dash} and set {_wanted(action)}.")


def _wanted(action: Action) -> str:
    return ", ".join(action.required) or " or ".join(action.exactly_one or action.inputs) or "a condition"


def _each_input(name: str, action: Action, inputs: Value, path: str) -> Problems:
    if not inputs.data:
        yield Problem(inputs.line, path, f"{name} has no inputs.", f"Set {_wanted(action)}.")
    for number, item in enumerate(inputs.items()):
        yield from _one_input(name, action, item, f"{path}[{number}]", item.line)


def _one_input(name: str, action: Action, value: Value, path: str, line: int) -> Problems:
    yield from action.shape(value, path, line)
    if not isinstance(value.data, dict):
        return
    given = [key for key in action.exactly_one if key in value.data]
    if action.exactly_one and len(given) != 1:
        what = f"{name} takes exactly one of {' and '.join(action.exactly_one)}; {len(given)} are given."
        yield Problem(line, path, what, "Use one of them.")
    given = [key for key in action.together if key in value.data]
    if given and len(given) != len(action.together):
        what = f"{' and '.join(action.together)} belong together; only {given[0]} is given."
        yield Problem(value.line_of(given[0]), path, what, "Use both or neither.")
