# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions of a component document: the `if` of a step, and the inputs of the Assert action."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, below, repeated
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe

BRANCHES = ("then", "else")
OUTCOMES = ("Abort", "Execute", "Skip")
LISTS = ("and", "or")
UNARY = (
    "stringIsEmpty",
    "stringIsWhitespace",
    "binaryExists",
    "fileExists",
    "folderExists",
    "packageExists",
)
BINARY = (
    "stringEquals",
    "stringLessThan",
    "stringLessThanEquals",
    "stringGreaterThan",
    "stringGreaterThanEquals",
    "patternMatches",
    "numberEquals",
    "numberLessThan",
    "numberLessThanEquals",
    "numberGreaterThan",
    "numberGreaterThanEquals",
    "fileMD5Equals",
    "fileSHA1Equals",
    "fileSHA256Equals",
    "fileSHA512Equals",
)
MAX_NESTING = 4


def step_condition(value: Value, path: str, line: int) -> Problems:
    """The `if` of a step: an expression and what follows from it."""
    for branch in BRANCHES:
        chosen = value.get(branch)
        if chosen is not None and chosen.data not in OUTCOMES:
            what = f"{branch} is {describe(chosen.data)}."
            yield Problem(value.line_of(branch), below(path, branch), what, f"Use one of {', '.join(OUTCOMES)}.")
    yield from expression(value, path, line, besides=BRANCHES)


def expression(value: Value, path: str, line: int, besides: tuple[str, ...] = (), depth: int = 0) -> Problems:
    """One comparison or one logical operator."""
    if not isinstance(value.data, dict):
        what = f"{path.rpartition('.')[2]} is {describe(value.data)}, but must be a map with one operator."
        yield Problem(line, path, what, "Write a comparison such as stringEquals, or one of and, or, not.")
        return
    yield from repeated(value, path)
    operators = [key for key in value.data if key not in (*besides, "value")]
    if len(operators) != 1:
        named = f" ({', '.join(operators)})" if operators else ""
        what = f"A condition has {len(operators)} operators{named}, but must have one."
        yield Problem(line, path, what, "Join comparisons with and, or, not.")
        return
    yield from _operator(operators[0], value, below(path, operators[0]), depth)


def _operator(name: str, value: Value, path: str, depth: int) -> Problems:
    line = value.line_of(name)
    if name in LISTS or name == "not":
        yield from _logical(name, value, path, depth + 1)
    elif name in BINARY and value.get("value") is None:
        yield Problem(line, path, f"{name} has nothing to compare with.", "Add value next to it.")
    elif name not in BINARY and name not in UNARY:
        yield Problem(
            line, path, f"{name} is not a known operator.", f"Use one of {', '.join(UNARY + BINARY)}.", WARNING
        )


def _logical(name: str, value: Value, path: str, depth: int) -> Problems:
    line = value.line_of(name)
    operand = value.get(name)
    if depth > MAX_NESTING:
        what = f"Conditions are nested more than {MAX_NESTING} levels deep."
        yield Problem(line, path, what, "Split the condition over several steps.")
        return
    if operand is None:
        return
    if name == "not":
        yield from expression(operand, path, line, depth=depth)
        return
    if not operand.items():
        what = f"{name} is {describe(operand.data)}, but must be a list of conditions."
        yield Problem(line, path, what, 'Begin each condition with "- ".')
    for number, item in enumerate(operand.items()):
        yield from expression(item, f"{path}[{number}]", item.line, depth=depth)
