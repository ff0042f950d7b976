# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make contents`: write what follows from the files that are there.

That is the tables of the README, the action group of meta/runtime.yml, and an action plugin for each module that has none
of its own.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import yaml

from toolenv import ROOT

BEGIN = "<!-- contents: written by `make contents` from the files -->"
END = "<!-- end of contents -->"
GROUP = """---
requires_ansible: ">=2.19.0"
action_groups:
  # The same modules. The roles set their Region by this group, so that defaults of the play for the group aws stay.
  role:
    - metadata:
        extend_group:
          - slipway.aws.aws
  aws:
    - metadata:
        extend_group:
          - amazon.aws.aws
"""

CONNECTING = "amazon.aws.common.modules"  # the fragment of what has defaults to share
ACTION = """# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction


class ActionModule(DirectAction):
    \"""Written by `make contents`.\"""
"""


def main() -> None:
    readme = ROOT / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text("".join([before, BEGIN, "\n\n", tables(), END, after]))
    modules = sorted((ROOT / "plugins" / "modules").glob("*.py"))
    names = [path.stem for path in modules if CONNECTING in docstring(path).get("extends_documentation_fragment", [])]
    (ROOT / "meta" / "runtime.yml").write_text(GROUP + "".join(f"    - {name}\n" for name in names))
    write_actions([path.stem for path in modules])


def write_actions(modules: list[str]) -> None:
    """Where a module runs is decided by the action plugin of its name; one written by hand stays, one without a module goes."""
    folder = ROOT / "plugins" / "action"
    for path in folder.glob("*.py"):
        if path.read_text() == ACTION and path.stem not in modules:
            path.unlink()
    for path in (folder / f"{name}.py" for name in modules):
        if not path.exists():
            path.write_text(ACTION)


def tables() -> str:
    kinds = {
        "Playbook": {f"slipway.aws.{path.stem}": heading(path) for path in sorted((ROOT / "playbooks").glob("*.yml"))},
        "Role": {
            path.parents[1].name: role(path) for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
        },
        "Module": {path.stem: documented(path) for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))},
        "Lookup": {path.stem: documented(path) for path in sorted((ROOT / "plugins" / "lookup").glob("*.py"))},
        "Filter": {path.stem: filtered(path) for path in sorted((ROOT / "plugins" / "filter").glob("*.yml"))},
    }
    return "".join(table(kind, rows) for kind, rows in kinds.items() if rows)


def table(kind: str, rows: dict[str, str]) -> str:
    lines = [f"| {kind} | does |", "| --- | --- |", *(f"| `{name}` | {text} |" for name, text in rows.items())]
    return "\n".join([*lines, "", ""])


def heading(playbook: Path) -> str:
    """What its last play does; one before it checks the inputs."""
    return str(yaml.safe_load(playbook.read_text())[-1]["name"])


def role(path: Path) -> str:
    return str(yaml.safe_load(path.read_text())["argument_specs"]["main"]["short_description"])


def documented(module: Path) -> str:
    return str(docstring(module)["short_description"])


def filtered(path: Path) -> str:
    return str(yaml.safe_load(path.read_text())["DOCUMENTATION"]["short_description"])


def docstring(module: Path) -> dict[str, Any]:
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            return dict(yaml.safe_load(ast.literal_eval(node.value)))
    raise ValueError(f"{module} has no DOCUMENTATION")


if __name__ == "__main__":
    main()
