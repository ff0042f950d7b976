# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rooms of the plugins: imports go down, never up or round."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.imports import Graph, circles_in, imports_of, upward_in

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
UTILS = "module_utils"
# The lowest first. A service may use those below it: CodeDeploy works on hosts that the others know.
FLOORS = [
    [f"{UTILS}._text"],
    [f"{UTILS}._documents", f"{UTILS}._core"],
    [f"{UTILS}._bundle", f"{UTILS}._cloudwatch", f"{UTILS}._ecr"],
    [f"{UTILS}.{service}" for service in ("_autoscaling", "_ecs", "_elb", "_iam", "_lambda", "_ssm")],
    [f"{UTILS}._codedeploy", f"{UTILS}._imagebuilder"],
    ["plugin_utils._screen"],
    ["plugin_utils._execution", "plugin_utils._files"],
    ["doc_fragments", "modules", "action", "filter", "lookup"],
]
APART = (
    "_documents", "_core", "_bundle", "_ecr", "_autoscaling", "_cloudwatch", "_ecs", "_elb", "_iam", "_lambda", "_ssm",
    "_codedeploy", "_imagebuilder",
)  # fmt: skip


@pytest.fixture(scope="module")
def imports() -> Graph:
    return imports_of(PLUGINS, "ansible_collections.slipway.aws.plugins")


def test_no_import_goes_up(imports: Graph) -> None:
    assert upward_in(imports, FLOORS) == []


def test_no_import_goes_round(imports: Graph) -> None:
    assert circles_in(imports) == []


def test_rooms_of_one_floor_know_nothing_of_each_other(imports: Graph) -> None:
    """Documents know no AWS, the core knows no service, and no service knows one that stands beside it."""
    room = {module: module.split(".")[1] for module in imports if module.startswith(UTILS)}
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    beside = [
        f"{module} imports {other}"
        for module, imported in imports.items()
        for other in imported
        if module in room and other in room and room[module] != room[other] and room[module] in APART
        if floor[f"{UTILS}.{room[module]}"] == floor[f"{UTILS}.{room[other]}"]
    ]
    assert beside == []


@pytest.mark.parametrize("module", ["modules", "action", "filter", "lookup"])
def test_what_users_run_imports_none_of_its_kind(imports: Graph, module: str) -> None:
    kind = {name: imported for name, imported in imports.items() if name.startswith(f"{module}.")}
    assert kind
    assert [f"{name} imports {other}" for name, others in kind.items() for other in others if other in kind] == []
