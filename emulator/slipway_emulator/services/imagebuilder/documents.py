# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Component and workflow documents: parsed and checked as the service does when it takes them in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from slipway_emulator import yaml_reader

from .actions import ACTIONS, input_problems
from .exceptions import InvalidParameterValueException

PHASES = ("build", "validate", "test")
ON_FAILURE = ("Abort", "Continue", "Ignore")
NAME = re.compile(r"[A-Za-z0-9_-]{3,128}")
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+")  # phases, steps and loops
STEP_KEYS = {"name", "action", "timeoutSeconds", "onFailure", "maxAttempts", "if", "loop", "inputs", "description"} | {
    "disableLogging"  # a published sample of AWS has it, the guide does not
}
DOCUMENT_KEYS = {"name", "description", "schemaVersion", "parameters", "constants", "phases"}
MOST_STEPS = 15
WORKFLOW_TYPES = ("string", "integer", "boolean", "stringList")
WORKFLOW_STEP_KEYS = {"name", "action", "description", "if", "inputs", "onFailure", "rollbackEnabled", "timeoutSeconds"}
WORKFLOW_ACTIONS = frozenset(
    {"ApplyImageConfigurations", "BootstrapInstanceForContainer", "CollectImageMetadata", "CollectImageScanFindings"}
    | {"CreateImage", "DistributeImage", "ExecuteComponents", "ExecuteStateMachine", "LaunchInstance", "RegisterImage"}
    | {"ModifyImageAttributes", "RunCommand", "RunSysPrep", "SanitizeInstance", "TerminateInstance", "WaitForAction"}
    | {"WaitForSSMAgent", "CreateImageFromIso", "DistributeContainerImage"}
)
WORKFLOW_REFERENCE = re.compile(r"\$\.(parameters|stepOutputs)\.([A-Za-z0-9_-]+)")
WORKFLOW_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-_]{1,99}")


class _Problem(Exception):
    """Why a document is refused."""


@dataclass(frozen=True)
class Document:
    """A checked component document."""

    phases: list[dict[str, Any]]
    parameters: list[dict[str, Any]] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)

    def derived(self) -> dict[str, Any]:
        """What Get answers that was never given: a component is a test when it has nothing but a test phase."""
        tests = {phase["name"] for phase in self.phases} == {"test"}
        return {"type": "TEST" if tests else "BUILD", "parameters": self.parameters}


def component(text: str, platform: str) -> Document:
    """The parsed document; InvalidParameterValueException with the place of the first problem."""
    try:
        return _component(_loaded(text), platform)
    except _Problem as problem:
        raise InvalidParameterValueException("data", f"The component document is not valid: {problem}") from None


def workflow(text: str) -> list[dict[str, Any]]:
    """The parameters of a workflow document; InvalidParameterValueException as for components."""
    try:
        return _workflow(_loaded(text))
    except _Problem as problem:
        raise InvalidParameterValueException("data", f"The workflow document is not valid: {problem}") from None


def wrap_script(name: str, phase: str, script: str) -> str:
    """The document of one step that an imported shell script becomes."""
    step = {"name": "RunScript", "action": "ExecuteBash", "inputs": {"commands": [script]}}
    document = {"name": name, "schemaVersion": 1.0, "phases": [{"name": phase, "steps": [step]}]}
    return yaml.safe_dump(document, sort_keys=False)


def _loaded(text: str) -> dict[str, Any]:
    try:
        loaded = yaml_reader.load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise _Problem(f"it is not YAML{where}: {getattr(error, 'problem', None) or 'unreadable'}.") from None
    if not isinstance(loaded, dict):
        raise _Problem("it is not a mapping.")
    return loaded


def _component(loaded: dict[str, Any], platform: str) -> Document:
    unknown = sorted(str(key) for key in set(loaded) - DOCUMENT_KEYS)
    if unknown:
        raise _Problem(f"unknown key '{unknown[0]}'.")
    _schema_version(loaded)
    parameters, constants = _declared(loaded)
    phases = loaded.get("phases")
    if not isinstance(phases, list) or not phases:
        raise _Problem("'phases' must be a list with at least one phase.")
    names = [_phase(phase, f"phases[{index}]", platform) for index, phase in enumerate(phases)]
    _unique(names, "phase")
    if not set(names) & set(PHASES):
        raise _Problem("at least one of the phases build, validate and test is needed.")
    return Document(phases, parameters, constants)


def _schema_version(loaded: dict[str, Any]) -> None:
    if str(loaded.get("schemaVersion")) not in ("1.0", "1"):
        raise _Problem("'schemaVersion' must be 1.0.")


def _declared(loaded: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Parameters as the API lists them, and constants by name."""
    parameters, constants, names = [], {}, []
    for name, about in _single_keys(loaded.get("parameters"), "parameters"):
        names.append(name)
        parameters.append(_parameter(name, about))
    for name, about in _single_keys(loaded.get("constants"), "constants"):
        names.append(name)
        if about.get("type") != "string" or "value" not in about:
            raise _Problem(f"the constant '{name}' needs the type string and a value.")
        constants[name] = str(about["value"])
    _unique(names, "parameter or constant")
    return parameters, constants


def _single_keys(entries: Any, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if entries is None:
        return
    if not isinstance(entries, list):
        raise _Problem(f"'{key}' must be a list.")
    for entry in entries:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise _Problem(f"each of '{key}' must be a mapping with one name.")
        ((name, about),) = entry.items()
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise _Problem(f"'{name}' is not a name of 3 to 128 letters, digits, '_' and '-'.")
        if not isinstance(about, dict):
            raise _Problem(f"'{name}' must be a mapping.")
        yield name, about


def _parameter(name: str, about: dict[str, Any]) -> dict[str, Any]:
    if about.get("type") != "string":
        raise _Problem(f"the parameter '{name}' must be of type string.")
    detail: dict[str, Any] = {"name": name, "type": "String"}
    if about.get("default") is not None:
        detail["defaultValue"] = [str(about["default"])]
    if about.get("description"):
        detail["description"] = str(about["description"])
    return detail


def _unique(names: list[str], what: str) -> None:
    name, count = next(iter(Counter(names).most_common(1)), ("", 0))
    if count > 1:
        raise _Problem(f"the {what} '{name}' appears more than once.")


def _phase(phase: Any, where: str, platform: str) -> str:
    if not isinstance(phase, dict) or not isinstance(phase.get("name"), str):
        raise _Problem(f"{where} needs a name.")
    _identifier(phase["name"], where)
    steps = phase.get("steps")
    if not isinstance(steps, list) or not steps:
        raise _Problem(f"{where} '{phase['name']}' needs at least one step.")
    for index, step in enumerate(steps):
        _step(step, f"{where}.steps[{index}]", platform)
    _unique([step["name"] for step in steps], f"step of the phase '{phase['name']}'")
    return str(phase["name"])


def _step(step: Any, where: str, platform: str) -> None:
    if not isinstance(step, dict) or not isinstance(step.get("name"), str) or not step["name"]:
        raise _Problem(f"{where} needs a name.")
    _identifier(step["name"], where)
    loop = step.get("loop")
    if isinstance(loop, dict) and "name" in loop:
        _identifier(loop["name"], f"{where}.loop")
    unknown = sorted(str(key) for key in set(step) - STEP_KEYS)
    if unknown:
        raise _Problem(f"{where}: unknown key '{unknown[0]}'.")
    action = ACTIONS.get(str(step.get("action")))
    if action is None:
        raise _Problem(f"{where}: '{step.get('action')}' is not an action.")
    if platform not in action.platforms:
        raise _Problem(f"{where}: the action {step['action']} is not available on {platform}.")
    _limits(step, where)
    for problem in input_problems(action, step.get("inputs")):
        raise _Problem(f"{where}: {problem}")


def _identifier(name: Any, where: str) -> None:
    if not IDENTIFIER.fullmatch(str(name)):
        raise _Problem(f"{where}: the name '{name}' may have only letters, digits, '-' and '_'.")


def _limits(step: dict[str, Any], where: str) -> None:
    if step.get("onFailure", "Abort") not in ON_FAILURE:
        raise _Problem(f"{where}: onFailure must be one of {', '.join(ON_FAILURE)}.")
    seconds = step.get("timeoutSeconds", 1)
    if not _whole(seconds) or (int(seconds) < 1 and int(seconds) != -1):
        raise _Problem(f"{where}: timeoutSeconds must be -1 or a positive number.")
    attempts = step.get("maxAttempts", 1)
    if not _whole(attempts) or int(attempts) < 1:
        raise _Problem(f"{where}: maxAttempts must be a positive number.")


def _whole(value: Any) -> bool:
    return bool(re.fullmatch(r"-?[0-9]{1,10}", str(value)))


def _workflow(loaded: dict[str, Any]) -> list[dict[str, Any]]:
    _schema_version(loaded)
    parameters = [_workflow_parameter(entry) for entry in loaded.get("parameters") or []]
    _unique([parameter["name"] for parameter in parameters], "parameter")
    steps = loaded.get("steps")
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS:
        raise _Problem(f"'steps' must be a list with at least one and at most {MOST_STEPS} steps.")
    names: list[str] = []
    for index, step in enumerate(steps):
        _workflow_step(step, f"steps[{index}]", names, [parameter["name"] for parameter in parameters])
        names.append(step["name"])
    _unique(names, "step")
    return parameters


def _workflow_parameter(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise _Problem("each parameter needs a name.")
    kind = entry.get("type", "string")
    if kind not in WORKFLOW_TYPES:
        raise _Problem(f"the type of the parameter '{entry['name']}' must be one of {', '.join(WORKFLOW_TYPES)}.")
    detail = {"name": entry["name"], "type": kind, "description": entry.get("description")}
    if "default" in entry:
        default = entry["default"] if isinstance(entry["default"], list) else [entry["default"]]
        detail["defaultValue"] = [str(value).lower() if isinstance(value, bool) else str(value) for value in default]
    return detail


def _workflow_step(step: Any, where: str, before: list[str], parameters: list[str]) -> None:
    if not isinstance(step, dict) or not WORKFLOW_NAME.fullmatch(str(step.get("name"))):
        raise _Problem(f"{where} needs a name of 2 to 100 letters, digits, '-' and '_' that begins with a letter.")
    unknown = sorted(str(key) for key in set(step) - WORKFLOW_STEP_KEYS)
    if unknown:
        raise _Problem(f"{where}: unknown key '{unknown[0]}'.")
    if step.get("action") not in WORKFLOW_ACTIONS:
        raise _Problem(f"{where}: '{step.get('action')}' is not an action of workflows.")
    if step.get("onFailure", "Abort") not in ON_FAILURE[:2]:
        raise _Problem(f"{where}: onFailure must be Abort or Continue.")
    for kind, name in WORKFLOW_REFERENCE.findall(str({key: step.get(key) for key in ("if", "inputs")})):
        if name not in (parameters if kind == "parameters" else before):
            raise _Problem(f"{where}: '$.{kind}.{name}' refers to nothing.")
