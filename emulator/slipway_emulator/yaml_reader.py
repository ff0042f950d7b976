# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""YAML that users send, read within bounds.

A short text can ask for a great deal: aliases of aliases, merges of merges, lists in lists, numbers that Python refuses.
"""

from __future__ import annotations

from typing import Any

import yaml

DEEPEST = 100  # levels
MOST_NODES = 200_000  # aliases count as what they stand for
LONGEST_NUMBER = 1000  # characters
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class Loader(yaml.SafeLoader):
    """The safe loader of PyYAML with limits; what is beyond them is an error at its line."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._depth = self._nodes = 0
        self._sizes: dict[int, int] = {}  # of the nodes that are complete

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # PyYAML's own name
        super().fetch_flow_collection_start(TokenClass)
        self._refuse_if(self.flow_level > DEEPEST, "it is nested too deeply", self.tokens[-1])

    def compose_node(self, parent: Any, index: Any) -> Any:
        event, before = self.peek_event(), self._nodes
        self._depth += 1
        self._refuse_if(self._depth > DEEPEST, "it is nested too deeply", event)
        node: Any = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.AliasEvent):
            self._refuse_if(id(node) not in self._sizes, "an alias stands for what is not complete", event)
            self._nodes += self._sizes[id(node)]
        else:
            self._nodes += 1
            self._sizes[id(node)] = self._nodes - before
        self._refuse_if(self._nodes > MOST_NODES, "it holds too much", event)
        too_long = isinstance(node, yaml.ScalarNode) and node.tag in NUMBERS and len(node.value) > LONGEST_NUMBER
        self._refuse_if(too_long, "a number is too long", event)
        return node

    def flatten_mapping(self, node: Any) -> None:
        super().flatten_mapping(node)
        self._nodes += len(node.value)
        self._refuse_if(self._nodes > 2 * MOST_NODES, "its merges hold too much", node)

    def _refuse_if(self, wrong: bool, problem: str, at: Any) -> None:
        if wrong:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)


def load(text: str) -> Any:
    """The document as plain values. Raises yaml.YAMLError, also for a date that there is none of."""
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
    except (ValueError, OverflowError) as wrong:
        raise yaml.YAMLError(str(wrong)) from wrong
