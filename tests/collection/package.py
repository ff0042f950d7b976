# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as data, for the tests beside this file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


class Loader(yaml.SafeLoader):
    """Plain YAML and the one tag of Ansible's that examples and defaults need."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load(path: str | Path) -> Any:
    return parse((ROOT / path).read_text())


def parse(text: str) -> Any:
    return yaml.load(text, Loader)  # noqa: S506 - the loader is a safe one


@dataclass(frozen=True)
class Module:
    """A module file: its documentation parsed, its code as a tree."""

    name: str
    documentation: dict[str, Any]
    examples: list[dict[str, Any]] | None
    returns: dict[str, Any] | None
    tree: ast.Module

    @property
    def fragments(self) -> list[str]:
        return list(self.documentation.get("extends_documentation_fragment", []))


def modules() -> list[Module]:
    return [_module(path) for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))]


def _module(path: Path) -> Module:
    tree = ast.parse(path.read_text())
    texts = {
        node.targets[0].id: parse(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN")
    }
    return Module(path.stem, texts["DOCUMENTATION"], texts.get("EXAMPLES"), texts.get("RETURN"), tree)


def roles() -> list[Path]:
    return sorted(path.parent.parent for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))


def tasks(listed: list[dict[str, Any]] | None) -> Iterator[dict[str, Any]]:
    """The tasks of a list and of its blocks; of a playbook, its plays and theirs."""
    for task in listed or []:
        yield task
        for part in ("block", "rescue", "always", "pre_tasks", "tasks", "handlers", "post_tasks"):
            yield from tasks(task.get(part))


def keyword_of_call(tree: ast.AST, name: str) -> list[Any]:
    """The constants given for a keyword in any call, `supports_check_mode=True` for one."""
    return [
        keyword.value.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == name and isinstance(keyword.value, ast.Constant)
    ]
