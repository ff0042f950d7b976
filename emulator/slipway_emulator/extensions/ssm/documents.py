# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Command documents: what their steps run with which parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from moto.ssm.exceptions import InvalidDocument, SSMException

from slipway_emulator.numerals import is_number

from ...looking import only_looks

SHELL, POWERSHELL = "aws:runShellScript", "aws:runPowerShellScript"
PLATFORMS = {SHELL: "Linux", POWERSHELL: "Windows"}
_REFERENCE = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """One plugin of a command."""

    name: str
    action: str
    script: str
    timeout: float
    only_on: str | None = None  # the platform that its precondition names
    inputs: dict[str, str] = field(default_factory=dict)  # of a plugin that runs no script of the document

    @property
    def only_looks(self) -> bool:
        """Whether it changes nothing on a node."""
        return self.action in PLATFORMS and only_looks(self.script)

    def runs_on(self, platform: str) -> bool:
        """Shell runs on Linux and PowerShell on Windows, and a precondition can rule out more."""
        return self.only_on in (None, platform) and PLATFORMS.get(self.action, platform) == platform


def find(backend: Any, name: str, version: str | None, kinds: Collection[str] = ("Command",)) -> Any:
    """The document of this name or ARN and version, and of one of these kinds; $DEFAULT unless told."""
    document = backend._get_documents(name).find(version)
    if document.document_type not in kinds:
        raise InvalidDocument(f"Document type {document.document_type} is not supported by this operation")
    return document


def parameters(document: Any, given: dict[str, list[str]], filled: str | None = None) -> dict[str, list[str]]:
    """The given values, checked, and the defaults; every value is a list of strings. `filled`: what targets are put into."""
    declared = document.content_json.get("parameters") or {}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise _invalid(f"Parameter(s) [{', '.join(unknown)}] not defined in document {document.name}")
    values: dict[str, list[str]] = {}
    missing = []
    for name, shape in declared.items():
        if name in given:
            values[name] = _checked(name, shape, given[name])
        elif "default" in shape:
            values[name] = [v if isinstance(v, str) else json.dumps(v) for v in _listed(shape["default"])]
        elif name != filled:
            missing.append(name)
    if missing:
        raise _invalid(f"Parameter(s) [{', '.join(missing)}] of document {document.name} must be given")
    return values


def _checked(name: str, shape: dict[str, Any], values: list[str]) -> list[str]:
    if shape.get("type", "String") == "String" and len(values) != 1:
        raise _invalid(f"Parameter {name} is of type String and takes exactly one value")
    if len(values) < int(shape.get("minItems", 0)):
        raise _invalid(f"Parameter {name} takes at least {shape['minItems']} value(s)")
    if any(len(value) > int(shape.get("maxChars", len(value))) for value in values):
        raise _invalid(f"Parameter {name} takes at most {shape['maxChars']} characters")
    allowed, pattern = shape.get("allowedValues"), shape.get("allowedPattern")
    whole = str(pattern or ".*").strip("^$")
    for value in values:
        if allowed and value not in [str(a) for a in allowed]:
            raise _invalid(f"Parameter {name} must be one of {', '.join(map(str, allowed))}")
        if pattern and not re.fullmatch(whole, value):
            raise _invalid(f"Parameter {name} does not match the allowed pattern {pattern}")
    return values


def steps(document: Any, values: dict[str, list[str]]) -> list[Step]:
    """What the document runs, parameters filled in."""
    content = document.content_json
    if "mainSteps" in content:
        return [
            replace(
                _step(s.get("name", s["action"]), s["action"], s.get("inputs", {}), values),
                only_on=_platform(s.get("precondition")),
            )
            for s in content["mainSteps"]
        ]
    found = []
    for plugin, config in content.get("runtimeConfig", {}).items():
        for properties in _listed(config.get("properties", [])):
            found.append(_step(plugin, plugin, properties, values))
    return found


def _platform(precondition: dict[str, Any] | None) -> str | None:
    """`{"StringEquals": ["platformType", "Linux"]}`, in either order."""
    compared = [str(value) for value in (precondition or {}).get("StringEquals", [])]
    return next((value for value in compared if value != "platformType"), None) if "platformType" in compared else None


def _step(name: str, action: str, inputs: dict[str, Any], values: dict[str, list[str]]) -> Step:
    lines = [line for item in _listed(inputs.get("runCommand", [])) for line in _filled(str(item), values)]
    timeout = "".join(_filled(str(inputs.get("timeoutSeconds", "3600")), values))
    seconds = float(timeout) if is_number(timeout) else 3600.0
    return Step(name, action, "\n".join(lines), seconds, inputs=_inputs(action, inputs, values))


def _inputs(action: str, inputs: dict[str, Any], values: dict[str, list[str]]) -> dict[str, str]:
    if action in PLATFORMS:
        return {}
    return {name: "\n".join(_filled(text, values)) for name, text in inputs.items() if isinstance(text, str)}


def _filled(text: str, values: dict[str, list[str]]) -> list[str]:
    whole = _REFERENCE.fullmatch(text.strip())
    if whole:
        return values.get(whole[1], [])
    return [_REFERENCE.sub(lambda m: ",".join(values.get(m[1], [])), text)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _invalid(message: str) -> SSMException:
    return SSMException("InvalidParameters", message)
