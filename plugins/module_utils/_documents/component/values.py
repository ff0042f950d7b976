# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A component document as values that remember their lines."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import math
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

if tree.HAS_YAML:
    import yaml

# Aliases can make a short text stand for an endless document.
MAX_VALUES = 20_000


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


class _Loader:
    def __init__(self) -> None:
        self._left = MAX_VALUES
        self._open: set[int] = set()  # nodes that are being read
        self._scalars = yaml.SafeLoader("")

    def load(self, node: tree.Node) -> Value:
        self._left -= 1
        if self._left < 0:
            raise tree.YamlError(node.line, "its aliases make it too large")
        if isinstance(node, tree.Alias):
            return self._alias(node)
        if isinstance(node, tree.Scalar):
            return Value(node.line, self._scalar(node), node.literal)
        self._open.add(id(node))
        value = self._list(node) if isinstance(node, tree.Sequence) else self._map(node)
        self._open.remove(id(node))
        return value

    def _alias(self, node: tree.Alias) -> Value:
        if node.target is None or id(node.target) in self._open:
            raise tree.YamlError(node.line, f"the alias *{node.anchor} refers to something that is not complete")
        return self.load(node.target)

    def _list(self, node: tree.Sequence) -> Value:
        return Value(node.line, [self.load(child) for child in node.items])

    def _map(self, node: tree.Mapping) -> Value:
        value = Value(node.line, {})
        for key_node, value_node in node.pairs:
            key = self._key(key_node)
            if key in value.data:
                value.repeated.append((key, key_node.line))
            value.data[key] = Entry(key_node.line, self.load(value_node))
        return value

    def _key(self, node: tree.Node) -> str:
        target = node.target if isinstance(node, tree.Alias) else node
        if not isinstance(target, tree.Scalar):
            raise tree.YamlError(node.line, "a key is not text", "Put a reference such as {{ name }} in quotes.")
        return target.value

    def _scalar(self, node: tree.Scalar) -> t.Any:
        if not node.plain:
            return node.value
        tag = self._scalars.resolve(yaml.ScalarNode, node.value, (True, False))
        if tag.rpartition(":")[2] not in ("null", "bool", "int", "float"):
            return node.value
        try:
            return self._scalars.construct_object(yaml.ScalarNode(tag, node.value))
        except ValueError:
            return node.value


def read(text: str | bytes) -> tuple[Value | None, int | None]:
    """The document, and the line where another one begins in the same text. Raises YamlError."""
    document = tree.read(text)
    return (None if document.root is None else _Loader().load(document.root)), document.next_line


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
