# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""From a workflow's document to the steps that a build runs: parameters, references, conditions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from slipway_emulator import yaml_reader

from .executions import Execution, Step
from .store import Item

SHORT_STEP_SECONDS = 30.0
WAIT_SECONDS = 3 * 86_400.0  # that a WaitForAction step waits, unless it says otherwise
WAIT = "WaitForAction"
NUMBERS: dict[str, Callable[[Any, Any], bool]] = {
    "numberEquals": operator.eq,
    "numberGreaterThan": operator.gt,
    "numberGreaterThanEquals": operator.ge,
    "numberLessThan": operator.lt,
    "numberLessThanEquals": operator.le,
}
STATUSES = {  # of the image, by the kind of the workflow, and by the action where it has one of its own
    "BUILD": {"LaunchInstance": "CREATING", "": "BUILDING"},
    "TEST": {"": "TESTING"},
    "DISTRIBUTION": {"ApplyImageConfigurations": "INTEGRATING", "": "DISTRIBUTING"},
}
# (kind of the workflow or "", action) -> seconds, and what happens at the end
Effects = dict[tuple[str, str], tuple[float, Callable[[], Item | None]]]


def execution(workflow: Item, use: Item, effects: Effects, system: Item) -> Execution:
    """A run of a workflow as an image uses it; `system`: what `$.imagebuilder` stands for."""
    kind = workflow["type"]
    declared = yaml_reader.load(workflow["data"])["steps"]
    steps = [_step(kind, one, effects) for one in declared]
    return Execution(workflow, steps, use=use, parameters=values(workflow, use), system=system)


def _step(kind: str, declared: Item, effects: Effects) -> Step:
    action = declared["action"]
    seconds, effect = effects.get((kind, action)) or effects.get(("", action)) or (SHORT_STEP_SECONDS, _nothing)
    limit = declared.get("timeoutSeconds")
    if action == WAIT:
        seconds = float(limit or WAIT_SECONDS)
    return Step(
        declared["name"],
        action,
        STATUSES[kind].get(action) or STATUSES[kind][""],
        seconds,
        effect,
        on_failure=declared.get("onFailure", "Abort"),
        condition=declared.get("if"),
        wanted=declared.get("inputs") or {},
        timeout=limit,
    )


def _nothing() -> None:
    return None


def values(workflow: Item, use: Item) -> Item:
    """The parameters of a run by name, each of its type."""
    given = {one["name"]: one["value"] for one in use.get("parameters", [])}
    found = {}
    for parameter in workflow.get("parameters", []):
        texts = given.get(parameter["name"], parameter.get("defaultValue", []))
        found[parameter["name"]] = _typed(parameter["type"], texts)
    return found


def _typed(kind: str, texts: list[str]) -> Any:
    if kind == "stringList":
        return texts
    text = texts[0] if texts else ""
    return text == "true" if kind == "boolean" else int(text or 0) if kind == "integer" else text


def problems(workflow: Item, use: Item) -> list[str]:
    """What is wrong with the parameters that an image gives a workflow."""
    known = {parameter["name"]: parameter for parameter in workflow.get("parameters", [])}
    given = [one["name"] for one in use.get("parameters", [])]
    found = [f"The workflow has no parameter '{name}'." for name in given if name not in known]
    missing = [name for name, one in known.items() if name not in given and "defaultValue" not in one]
    return found + [f"The workflow's parameter '{name}' needs a value." for name in missing]


def inputs(run: Execution, step: Step) -> Item:
    """The inputs of a step with the values of what they refer to."""
    found = {}
    for name, value in step.wanted.items():
        found[name.removesuffix(".$")] = _referred(run, value) if name.endswith(".$") else value
    return found


def _referred(run: Execution, text: Any) -> Any:
    """What `$.parameters.NAME`, `$.imagebuilder.NAME` and `$.stepOutputs.STEP.NAME` stand for; else it stands for itself."""
    parts = str(text).split(".")
    if parts[:2] == ["$", "imagebuilder"] and len(parts) == 3:
        return run.system.get(parts[2])
    if parts[:2] == ["$", "parameters"] and len(parts) == 3:
        return run.parameters.get(parts[2])
    if parts[:2] == ["$", "stepOutputs"] and len(parts) == 4:
        return next((step.outputs.get(parts[3]) for step in run.steps if step.name == parts[2]), None)
    return text


def applies(run: Execution, condition: Any) -> bool:
    """Whether the `if` of a step holds."""
    if not isinstance(condition, dict):
        return True
    if "not" in condition:
        return not applies(run, condition["not"])
    for name, join in (("and", all), ("or", any)):
        if name in condition:
            return join(applies(run, each) for each in condition[name])
    return _compared(run, condition)


def _compared(run: Execution, condition: Item) -> bool:
    left = _referred(run, condition.get("value"))
    for name, right in condition.items():
        if name in ("stringEquals", "booleanEquals"):
            return bool(str(left).lower() == str(right).lower())
        if name in NUMBERS:
            return NUMBERS[name](float(left), float(right))
    return True
