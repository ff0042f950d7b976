# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References in a component document: {{ parameter }}, {{ phase.step.outputs.name }}, {{ loop.value }}."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import re

from ansible_collections.slipway.aws.plugins.module_utils._documents.component.actions import ACTIONS
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, strings
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

# The build stage is over, and the instance gone, when a test instance starts from the image.
TEST_PHASES = ("test", "container-host-test")
MOST_DIGITS = 9  # of an index
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_CHAINED = re.compile(r"([^.\s]+)\.([^.]+)\.(inputs|outputs)(?:\[(\d+)\])?\.([\w-]+)")
_LOOPED = re.compile(r"([A-Za-z0-9_-]+)\.(?:index|value)")


@dataclasses.dataclass(frozen=True)
class Step:
    phase: str
    name: str
    value: Value
    path: str
    number: int  # in the order in which they run


class Order:
    """Where the steps of a name stand: a name is looked up for every reference, of which a document may be full."""

    def __init__(self, every: list[Step]) -> None:
        self._first = {(step.phase, step.name): step for step in reversed(every)}
        self._last = {(step.phase, step.name): step for step in every}

    def before(self, step: Step, phase: str, name: str) -> Step | None:
        """The first step of a name, if it runs before another."""
        found = self._first.get((phase, name))
        return found if found and found.number < step.number else None

    def is_later(self, step: Step, phase: str, name: str) -> bool:
        """Whether a step of a name runs after another."""
        found = self._last.get((phase, name))
        return found is not None and found.number > step.number


def steps(document: Value) -> list[Step]:
    """All steps in the order in which they run."""
    found: list[Step] = []
    for number, phase in enumerate(_items(document, "phases")):
        for place, step in enumerate(_items(phase, "steps")):
            path = f"phases[{number}].steps[{place}]"
            found.append(Step(phase.text("name"), step.text("name"), step, path, len(found)))
    return found


def _items(value: Value, key: str) -> list[Value]:
    found = value.get(key)
    return found.items() if found else []


def names(document: Value) -> set[str]:
    """The parameters and constants."""
    return {name for key in ("parameters", "constants") for item in _items(document, key) for name in _keys(item)}


def _keys(value: Value) -> list[str]:
    return list(value.data) if isinstance(value.data, dict) else []


def references(document: Value) -> Problems:
    """References that nothing answers."""
    known, every = names(document), steps(document)
    order = Order(every)
    for step in every:
        for key in ("inputs", "if", "loop"):
            value = step.value.get(key)
            if value is not None:
                yield from _in_part(value, key, step, known, order)


def _in_part(value: Value, key: str, step: Step, known: set[str], order: Order) -> Problems:
    bounds = f"{below(step.path, 'loop')}.for."
    for text, path in strings(value, below(step.path, key)):
        for name, lines in in_text(text.data):
            place = text.line + 1 + lines if text.literal else text.line
            for what, remedy, level in _unanswered(name, path.startswith(bounds), step, known, order):
                yield Problem(place, path, what, remedy, level)


def in_text(text: str) -> c.Iterator[tuple[str, int]]:
    """What stands in double braces, and how many lines come before. Each character is looked at once."""
    lines = read = 0
    start = text.find("{{")
    while start >= 0 and (end := text.find("}}", start + 2)) >= 0:
        lines += text.count("\n", read, start)
        yield text[start + 2 : end].strip(), lines
        read, start = start, text.find("{{", end + 2)


Finding = tuple[str, str, str]


def _unanswered(name: str, bound: bool, step: Step, known: set[str], order: Order) -> c.Iterator[Finding]:
    chained = _CHAINED.fullmatch(name)
    if chained:
        if bound:
            yield _refused(name, "bounds a loop, which needs numbers before it starts", "Write the number instead.")
        else:
            yield from _chained(chained, step, order)
    elif _NAME.fullmatch(name):
        if name not in known:
            yield _refused(name, "is neither a parameter nor a constant", "Declare it, or fix its spelling and case.")
    elif _LOOPED.fullmatch(name):
        yield from _looped(name, step)
    else:
        what = f"{{{{ {shown_short(name)} }}}} is not a valid reference in a component document."
        yield what, "If a program needs this text unchanged, put it in a file that the step runs.", WARNING


def _refused(name: str, why: str, remedy: str) -> Finding:
    return f"{{{{ {shown_short(name)} }}}} {why}.", remedy, "error"


def _looped(name: str, step: Step) -> c.Iterator[Finding]:
    loop = step.value.get("loop")
    prefix = name.partition(".")[0]
    if loop is None:
        what = f"{{{{ {name} }}}} is not replaced, because the step has no loop."
        yield what, "Add a loop to the step, or remove the reference.", WARNING
    elif prefix not in ("loop", loop.text("name")):
        yield _refused(name, "names a loop that the step does not have", "Use loop, or the name of the loop.")


def _chained(found: re.Match[str], step: Step, order: Order) -> c.Iterator[Finding]:
    phase, name, kind, index, variable = found.groups()
    target = order.before(step, phase, name)
    if target is None:
        yield _missing(found.group(0), phase, name, step, order)
    elif (phase in TEST_PHASES) != (step.phase in TEST_PHASES):
        why = f"refers to the {phase} phase, but the {step.phase} phase runs on another instance"
        yield _refused(found.group(0), why, "Repeat the step in this phase.")
    elif kind == "outputs":
        yield from _output(found.group(0), target, variable)
    else:
        yield from _input(found.group(0), target, index, variable)


def _missing(name: str, phase: str, step_name: str, step: Step, order: Order) -> Finding:
    if (phase, step_name) == (step.phase, step.name):
        return _refused(name, "refers to its own step", "Refer to an earlier step.")
    if order.is_later(step, phase, step_name):
        return _refused(name, "refers to a later step", "Move that step before this one.")
    return _refused(name, f"refers to a step {step_name} of phase {phase} that does not exist", "Fix the names.")


def _output(name: str, target: Step, variable: str) -> c.Iterator[Finding]:
    action = ACTIONS.get(target.value.text("action"))
    if action and variable not in action.outputs:
        outputs = ", ".join(action.outputs) or "none"
        yield (
            f"{{{{ {name} }}}} reads an output that is not known.",
            f"{target.value.text('action')} has these outputs: {outputs}.",
            WARNING,
        )


def _input(name: str, target: Step, index: str | None, variable: str) -> c.Iterator[Finding]:
    inputs = target.value.get("inputs")
    if inputs is None or (index and (len(index) > MOST_DIGITS or int(index) >= len(inputs.items()))):
        yield _refused(name, "reads inputs that the step does not have", "Fix the index, which starts at 0.")
        return
    holder = inputs.items()[int(index)] if index else inputs
    if isinstance(holder.data, dict) and variable not in holder.data:
        yield _refused(name, f"reads the input {variable} that the step does not have", "Fix its name.")
