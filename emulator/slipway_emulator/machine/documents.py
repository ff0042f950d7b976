# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Component documents: the steps of a phase, with parameters put in, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename
from typing import Any

from slipway_emulator import yaml_reader

from . import conditions, downloads, files, interpreter
from .powershell import PowerShell
from .state import FetchProblem, State

REFERENCE = re.compile(r"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")
SUBJECTS = ("fileExists", "folderExists", "binaryExists", "packageExists")


@dataclass(frozen=True)
class StepProblem:
    """A step of a component document that failed."""

    phase: str
    step: str
    action: str
    message: str


def steps_of(document: str, phase: str) -> list[dict[str, Any]]:
    """The steps of one phase of a component document; none when it has no such phase."""
    for each in yaml_reader.load(document)["phases"]:
        if each["name"] == phase:
            return list(each["steps"])
    return []


class DocumentRunner:
    """Runs phases of one document on a machine."""

    def __init__(self, machine: State, document: str, values: dict[str, str]) -> None:
        self.machine = machine
        self.document = document
        self.values = {**_declared(yaml_reader.load(document)), **values}

    def run(self, phase: str) -> StepProblem | None:
        """The problem that fails the phase: at once by default, at its end for steps that say Continue."""
        first = None
        for step in steps_of(self.document, phase):
            problem = self._step(phase, step)
            handling = step.get("onFailure", "Abort")
            if problem and handling == "Abort":
                return problem
            if problem and handling == "Continue":
                first = first or problem
        return first

    def _step(self, phase: str, step: dict[str, Any]) -> StepProblem | None:
        for values in self._rounds(step):
            inputs = _filled(step.get("inputs"), values)
            why = self._act(str(step["action"]), inputs)
            if why:
                return StepProblem(phase, str(step["name"]), str(step["action"]), why)
        return None

    def _rounds(self, step: dict[str, Any]) -> Iterator[dict[str, str]]:
        """The values of each turn of a loop over a list; one turn without."""
        loop = step.get("loop") or {}
        over = loop.get("forEach")
        listed = over.get("list", "").split(over.get("delimiter", ",")) if isinstance(over, dict) else over
        if not listed:
            yield self.values
            return
        for index, value in enumerate(listed):
            names = {"loop", str(loop.get("name", "loop"))}
            turn = {f"{name}.value": str(value) for name in names} | {f"{name}.index": str(index) for name in names}
            yield {**self.values, **turn}

    def _act(self, action: str, inputs: Any) -> str | None:
        if action == "ExecuteBash":
            problems = (interpreter.run(self.machine, str(command)) for command in inputs["commands"])
            return next((problem for problem in problems if problem), None)
        if action == "ExecutePowerShell":
            return PowerShell(self.machine).run("\n".join(map(str, inputs.get("commands") or [])))
        if action == "ExecuteBinary":
            shell = interpreter.Interpreter(self.machine)
            status = shell.call([str(inputs["path"]), *map(str, inputs.get("arguments") or [])])
            return (shell.problem or "exit status 1") if status.name == "FAILED" else None
        if action == "Assert":
            return None if _holds(self.machine, inputs) is not False else "The assertion is false."
        for entry in inputs if isinstance(inputs, list) else []:
            why = self._file(action, entry)
            if why:
                return why
        return None

    def _file(self, action: str, entry: dict[str, Any]) -> str | None:
        if action == "CreateFile":
            self.machine.files[str(entry["path"])] = str(entry.get("content") or "")
        if action not in ("WebDownload", "S3Download"):
            return None
        target = str(entry["destination"])
        source = str(entry["source"])
        if action == "S3Download" and self.machine.fetch and not downloads.about(source):
            return self._download(source, target, entry.get("expectedBucketOwner"))
        name = basename(str(entry["source"]) if target.endswith("/") else target)
        return interpreter.run(self.machine, f"curl -o '{name}' '{entry['source']}'")

    def _download(self, source: str, target: str, owner: Any) -> str | None:
        """An object, to the path or into the directory that is named; of several objects none is looked at."""
        if self.machine.fetch is None or source.endswith("*"):
            return None
        try:
            content = self.machine.fetch(source, None if owner is None else str(owner))
        except FetchProblem as problem:
            return str(problem)
        path = f"{target}{basename(source)}" if target.endswith("/") else target
        self.machine.objects[path], text = files.kept(source, content)
        self.machine.files[path] = text
        return None


def _declared(document: dict[str, Any]) -> dict[str, str]:
    """Constants, and parameters that have defaults."""
    values = {}
    for key, member in (("parameters", "default"), ("constants", "value")):
        for entry in document.get(key) or []:
            for name, about in entry.items():
                if about.get(member) is not None:
                    values[name] = str(about[member])
    return values


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return REFERENCE.sub(lambda match: values.get(match.group(1), match.group(0)), value)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    return value


def _holds(machine: State, expression: Any) -> bool | None:
    """An Assert expression, decided where it asks for the agent's files or package."""
    if not isinstance(expression, dict):
        return None
    for operator, operand in expression.items():
        if operator == "not":
            inner = _holds(machine, operand)
            return None if inner is None else not inner
        if operator in ("and", "or") and isinstance(operand, list):
            answers = [_holds(machine, each) for each in operand]
            decided = operator == "or"
            return decided if decided in answers else None if None in answers else not decided
        if operator in SUBJECTS and isinstance(operand, str):
            return conditions.exists(machine, operand)
    return None
