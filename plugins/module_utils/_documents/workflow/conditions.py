# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions of a workflow document: the `if` of a step."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, below, last, repeated
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe

LISTS = ("and", "or")
COMPARISONS = (
    "booleanEquals",
    "stringEquals",
    "numberEquals",
    "numberGreaterThan",
    "numberGreaterThanEquals",
    "numberLessThan",
    "numberLessThanEquals",
)


def condition(value: Value, path: str, line: int) -> Problems:
    """One comparison with its `value`, or one logical operator."""
    if not isinstance(value.data, dict):
        what = f"{last(path)} is {describe(value.data)}, but must be a map with one operator."
        yield Problem(line, path, what, "Write a comparison such as stringEquals, or one of and, or, not.")
        return
    yield from repeated(value, path)
    operators = [key for key in value.data if key != "value"]
    if len(operators) != 1:
        named = f" ({', '.join(operators)})" if operators else ""
        what = f"A condition has {len(operators)} operators{named}, but must have one."
        yield Problem(line, path, what, "Join comparisons with and, or, not.")
        return
    yield from _operator(operators[0], value, below(path, operators[0]))


def _operator(name: str, value: Value, path: str) -> Problems:
    line, operand = value.line_of(name), value.get(name)
    if name == "not" and operand is not None:
        yield from condition(operand, path, line)
    elif name in LISTS and operand is not None:
        if not operand.items():
            what = f"{name} is {describe(operand.data)}, but must be a list of conditions."
            yield Problem(line, path, what, 'Begin each condition with "- ".')
        for number, item in enumerate(operand.items()):
            yield from condition(item, f"{path}[{number}]", item.line)
    elif name not in COMPARISONS:
        known = ", ".join((*COMPARISONS, *LISTS, "not"))
        yield Problem(line, path, f"{name} is not an operator.", f"Use one of {known}.")
    elif value.get("value") is None:
        yield Problem(line, path, f"{name} has nothing to compare with.", "Add value next to it.")
