# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make contents`: write the tables of the README and the action group of meta/runtime.yml from the files that are there."""

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
  aws:
    - metadata:
        extend_group:
          - amazon.aws.aws
"""


def main() -> None:
    readme = ROOT / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text("".join([before, BEGIN, "\n\n", tables(), END, after]))
    names = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    (ROOT / "meta" / "runtime.yml").write_text(GROUP + "".join(f"    - {name}\n" for name in names))


def tables() -> str:
    kinds = {
        "Playbook": {f"slipway.aws.{path.stem}": heading(path) for path in sorted((ROOT / "playbooks").glob("*.yml"))},
        "Role": {
            path.parents[1].name: role(path) for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
        },
        "Module": {path.stem: documented(path) for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))},
        "Filter": {path.stem: filtered(path) for path in sorted((ROOT / "plugins" / "filter").glob("*.yml"))},
    }
    return "".join(table(kind, rows) for kind, rows in kinds.items() if rows)


def table(kind: str, rows: dict[str, str]) -> str:
    lines = [f"| {kind} | does |", "| --- | --- |", *(f"| `{name}` | {text} |" for name, text in rows.items())]
    return "\n".join([*lines, "", ""])


def heading(playbook: Path) -> str:
    return str(yaml.safe_load(playbook.read_text())[0]["name"])


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
