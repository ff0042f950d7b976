# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsed documents as values that remember their lines, whatever they were written in."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import math
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short


@dataclasses.dataclass
class Entry:
    """One key of a map with the line of the key."""

    line: int
    value: Value


@dataclasses.dataclass
class Value:
    """`data`: None, bool, int, float, str, a list of Values, or a dict from key to Entry.

    `repeated`: keys given twice. `literal`: a block of text that begins on the line after `line`.
    """

    line: int
    data: t.Any
    literal: bool = False
    repeated: list[tuple[str, int]] = dataclasses.field(default_factory=list)

    def get(self, key: str) -> Value | None:
        entry = self.data.get(key) if isinstance(self.data, dict) else None
        return entry.value if entry else None

    def line_of(self, key: str) -> int:
        """The line of a key, or of the map that lacks it."""
        entry = self.data.get(key) if isinstance(self.data, dict) else None
        return entry.line if entry else self.line

    def items(self) -> list[Value]:
        """The members of a list; empty for anything else."""
        return self.data if isinstance(self.data, list) else []

    def text(self, key: str) -> str:
        """The text below a key; empty when there is none."""
        value = self.get(key)
        return value.data if value and isinstance(value.data, str) else ""


def plain(value: Value) -> t.Any:
    """The structure alone, as JSON can hold it."""
    if isinstance(value.data, list):
        return [plain(item) for item in value.data]
    if isinstance(value.data, dict):
        return {key: plain(entry.value) for key, entry in value.data.items()}
    if isinstance(value.data, float) and not math.isfinite(value.data):
        return str(value.data)
    return value.data


def strings(value: Value, path: str) -> c.Iterator[tuple[Value, str]]:
    """All texts below a value, with their path."""
    if isinstance(value.data, str):
        yield value, path
    for number, item in enumerate(value.items()):
        yield from strings(item, f"{path}[{number}]")
    if isinstance(value.data, dict):
        for key, entry in value.data.items():
            yield from strings(entry.value, f"{path}.{shown_short(key)}")


def describe(data: t.Any) -> str:
    """A value in words for a message."""
    if data is None:
        return "empty"
    if isinstance(data, bool):
        return f"the truth value {str(data).lower()}"
    if isinstance(data, (int, float)):
        return f"the number {data}"
    if isinstance(data, list):
        return "a list"
    if isinstance(data, dict):
        return "a map"
    return f'the text "{shown_short(data)}"'
