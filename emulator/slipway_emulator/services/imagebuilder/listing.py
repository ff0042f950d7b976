# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What all List operations share: filters, order and pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from .exceptions import InvalidPaginationTokenException, InvalidParameterValueException

PAGE = 25

Item = dict[str, Any]
Values = Callable[[Item], list[str]]


def member(name: str) -> Values:
    """The values of a filter that looks at one member of the resource, itself a string or a list of them."""

    def values(item: Item) -> list[str]:
        found = item.get(name)
        if found is None:
            return []
        return [str(value) for value in found] if isinstance(found, list) else [str(found)]

    return values


def members(*names: str) -> dict[str, Values]:
    return {name: member(name) for name in names}


def select(items: list[Item], filters: list[Item] | None, known: dict[str, Values]) -> list[Item]:
    """The items that fit every filter; a filter fits when any of its values does."""
    for index, rule in enumerate(filters or []):
        values = known.get(rule["name"])
        if values is None:
            names = ", ".join(sorted(known)) or "none"
            raise InvalidParameterValueException(
                f"filters[{index}].name", f"'{rule['name']}' is not a filter of this operation. Filters: {names}."
            )
        items = [item for item in items if _fits(values(item), rule)]
    return items


def _fits(values: list[str], rule: Item) -> bool:
    return any(_like(value, wanted, rule["name"]) for value in values for wanted in rule["values"])


def _like(value: str, wanted: str, name: str) -> bool:
    if name != "name" or not wanted.endswith("*"):
        return value == wanted
    if wanted.startswith("*"):
        return wanted.strip("*") in value
    return value.startswith(wanted[:-1])


def page(operation: str, key: str, items: list[Item], parameters: Item) -> Item:
    """One page of the answer to a List operation."""
    start = _start(operation, parameters.get("nextToken"))
    end = start + int(parameters.get("maxResults") or PAGE)
    answer: Item = {key: items[start:end]}
    if end < len(items):
        answer["nextToken"] = base64.b64encode(json.dumps([operation, end]).encode()).decode()
    return answer


def _start(operation: str, token: str | None) -> int:
    if token is None:
        return 0
    try:
        made_for, start = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise InvalidPaginationTokenException from None
    if made_for != operation or not isinstance(start, int):
        raise InvalidPaginationTokenException
    return start
