# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Checks of a request against the service model that clients leave to the service: patterns, enums and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moto.core.utils import get_service_model

from .exceptions import InvalidParameterValueException, InvalidRequestException

BOUNDED = {"string", "list", "map"}


def check(operation: str, parameters: dict[str, Any]) -> None:
    """Raise InvalidParameterValueException for the first member that breaks its shape's constraints."""
    shape = get_service_model("imagebuilder").operation_model(operation).input_shape
    for path, why in _problems(shape, parameters, ""):
        if path is None:
            raise InvalidRequestException(why)
        raise InvalidParameterValueException(path, why)


def _problems(shape: Any, value: Any, path: str) -> Iterator[tuple[str | None, str]]:
    if shape.type_name == "structure":
        yield from _structure(shape, value, path)
        return
    name = path.rpartition(".")[2]
    yield from ((path, why) for why in _own(shape, value, name))
    if shape.type_name == "list":
        for index, item in enumerate(value):
            yield from _problems(shape.member, item, f"{path}[{index}]")
    if shape.type_name == "map":
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{path}.key")
            yield from _problems(shape.value, item, f"{path}.{key}")


def _structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[tuple[str | None, str]]:
    for member in shape.required_members:
        if value.get(member) is None:
            yield None, f"Missing required parameter in request: '{_joined(path, member)}'."
    for member, given in value.items():
        if given is not None and member in shape.members:
            yield from _problems(shape.members[member], given, _joined(path, member))


def _joined(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _own(shape: Any, value: Any, name: str) -> Iterator[str]:
    limits = shape.metadata
    allowed = limits.get("enum")
    if allowed and value not in allowed:
        yield f"{name} must be one of {', '.join(allowed)}."
    pattern = limits.get("pattern")
    if pattern and not re.fullmatch(pattern, str(value)):
        yield f"{name} must match pattern {pattern}"
    size = len(value) if shape.type_name in BOUNDED else value
    unit = {"string": " characters", "list": " items", "map": " entries"}.get(shape.type_name, "")
    if "min" in limits and size < limits["min"]:
        yield (
            f"{name} must have at least {limits['min']}{unit}." if unit else f"{name} must be at least {limits['min']}."
        )
    if "max" in limits and size > limits["max"]:
        yield f"{name} must have at most {limits['max']}{unit}." if unit else f"{name} must be at most {limits['max']}."
