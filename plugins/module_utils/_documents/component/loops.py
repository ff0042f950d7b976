# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loops of a component document."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe

DELIMITERS = (".", ",", ";", ":", "\n", "\t", " ", "-", "_")
KINDS = ("for", "forEach")
_BOUNDS = ("start", "end", "updateBy")


def loop(value: Value, path: str, line: int) -> Problems:
    """Exactly one of `for` and `forEach`."""
    yield from _LOOP(value, path, line)
    if not isinstance(value.data, dict):
        return
    given = [kind for kind in KINDS if kind in value.data]
    if len(given) != 1:
        what = f"A loop takes exactly one of {' and '.join(KINDS)}; {len(given)} are given."
        yield Problem(line, path, what, "Use one of them.")


def _for(value: Value, path: str, line: int) -> Problems:
    yield from _RANGE(value, path, line)
    bounds = [value.get(key) for key in _BOUNDS]
    numbers = [bound.data for bound in bounds if bound and isinstance(bound.data, int)]
    if len(numbers) < len(_BOUNDS):
        return
    start, end, step = numbers
    if step == 0 or (end - start) * step < 0:
        what = f"The loop never ends: steps of {step} do not lead from {start} to {end}."
        yield Problem(
            value.line_of("updateBy"), below(path, "updateBy"), what, "Change updateBy, or swap start and end."
        )


def _for_each(value: Value, path: str, line: int) -> Problems:
    rule = _SPLIT if isinstance(value.data, dict) else rules.list_of(rules.text)
    yield from rule(value, path, line)


def _delimiter(value: Value, path: str, line: int) -> Problems:
    if value.data not in DELIMITERS:
        what = f"delimiter is {describe(value.data)}."
        yield Problem(line, path, what, 'Use one of . , ; : - _ a space, "\\n" or "\\t".')


_LOOP = Shape({"name": rules.identifier, "for": _for, "forEach": _for_each})
_RANGE = Shape({key: rules.whole_number() for key in _BOUNDS}, _BOUNDS)
_SPLIT = Shape({"list": rules.text, "delimiter": _delimiter}, ("list",))
