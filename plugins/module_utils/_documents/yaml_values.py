# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A YAML document as values: plain words are what YAML 1.1 takes them for, and aliases what they stand for."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Entry, Value

if tree.HAS_YAML:
    import yaml

# Aliases can make a short text stand for an endless document.
MAX_VALUES = 20_000


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
