# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which module of a package imports which, read from the source: imports in functions, and for types only, are imports too."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

Graph = dict[str, set[str]]  # module -> the modules of the same package that it imports, named from below the package


def imports_of(folder: Path, package: str) -> Graph:
    """The modules in a folder that is imported as `package`. The name of a package in it stands for its `__init__`."""
    files = {_module(path.relative_to(folder)): path for path in sorted(folder.rglob("*.py"))}
    return {module: _imported(path, folder, package, files) - {module} for module, path in files.items()}


def circles_in(graph: Graph) -> list[str]:
    """Circles of modules, and of packages at any depth, in words."""
    deepest = max(module.count(".") for module in graph) + 1
    found = [_circle(_rooms(graph, depth)) for depth in range(1, deepest + 1)]
    return list(dict.fromkeys(" imports ".join(circle) for circle in found if circle))


def upward_in(graph: Graph, floors: Sequence[Sequence[str]]) -> list[str]:
    """Imports that go up, in words. A floor names modules and packages, the lowest floor is first; of names that fit, the longest counts."""
    levels = {name: level for level, names in enumerate(floors) for name in names}
    places = {module: _known(module, levels) for module in graph}
    lost = [f"{module} is on no floor" for module, place in places.items() if not place]
    return lost or [
        f"{module} imports {other}"
        for module, imported in graph.items()
        for other in sorted(imported)
        if levels[places[other]] > levels[places[module]]
    ]


def _module(path: Path) -> str:
    return ".".join(path.parent.parts if path.stem == "__init__" and path.parent.parts else path.with_suffix("").parts)


def _imported(path: Path, folder: Path, package: str, modules: Container[str]) -> set[str]:
    here = [*package.split("."), *path.relative_to(folder).parent.parts]
    names = (name.removeprefix(f"{package}.") for name in _names(path, here) if name.startswith(f"{package}."))
    return {_known(name, modules) for name in names} - {""}


def _names(path: Path, here: list[str]) -> Iterator[str]:
    """All that a file imports, by full names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def _known(name: str, names: Container[str]) -> str:
    """The longest of the names that this one is or lies within; empty when there is none."""
    parts = name.split(".")
    shorter = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((each for each in shorter if each in names), "")


def _rooms(graph: Graph, depth: int) -> Graph:
    """The same, with modules taken as one that share so many parts of their names."""
    rooms: Graph = {}
    for module, imported in graph.items():
        room = _room(module, depth)
        rooms[room] = rooms.get(room, set()) | {_room(other, depth) for other in imported} - {room}
    return rooms


def _room(module: str, depth: int) -> str:
    return ".".join(module.split(".")[:depth])


def _circle(graph: Graph) -> list[str]:
    """Modules of which each imports the next, and the last is the first again."""
    try:
        graphlib.TopologicalSorter({module: sorted(graph[module]) for module in sorted(graph)}).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []
