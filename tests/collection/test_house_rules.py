# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of CONTRIBUTING.md that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FILES = sorted(
    path.relative_to(ROOT)
    for top in ("plugins", "emulator", "tools", "tests")
    for path in (ROOT / top).rglob("*.py")
    if "__pycache__" not in path.parts
)
CODE = [path for path in PYTHON_FILES if path.parts[0] != "tests"]
FILE_LIMIT = 400
FUNCTION_LIMIT = 40
MODULE_LIMIT = 80
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
LATER = re.compile(r"\b(TODO|FIXME|XXX)\b")


def by_path(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=str)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def lines_of_code(text: str, tree: ast.Module) -> int:
    """Without blank lines, comments and the three documentation strings."""
    documentation = {
        number
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in DOCUMENTATION
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(text.splitlines(), start=1)
    return sum(1 for number, line in lines if number not in documentation and line.strip() and line.strip()[0] != "#")


@by_path(PYTHON_FILES)
def test_says_its_license(path: Path) -> None:
    """What belongs to the emulator can be given to moto, its tests too."""
    licenses = {"emulator": ("Apache-2.0",), "tests": ("Apache-2.0", "GPL-3.0-or-later")}
    head = (ROOT / path).read_text()[:500]
    if head:
        allowed = licenses.get(path.parts[0], ("GPL-3.0-or-later",))
        assert any(f"SPDX-License-Identifier: {name}\n" in head for name in allowed)


@by_path(CODE)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = (ROOT / path).read_text()
    tree = ast.parse(text)
    is_module = path.parts[:2] == ("plugins", "modules")
    lines = lines_of_code(text, tree) if is_module else len(text.splitlines())
    limit = MODULE_LIMIT if is_module else FILE_LIMIT
    long_functions = {
        node.name: node.end_lineno - node.lineno + 1
        for node in functions(tree)
        if node.end_lineno and node.end_lineno - node.lineno + 1 > FUNCTION_LIMIT
    }
    assert lines <= limit
    assert long_functions == {}


@by_path([path for path in PYTHON_FILES if path.name != Path(__file__).name])
def test_nothing_is_left_for_later(path: Path) -> None:
    assert not LATER.search((ROOT / path).read_text())


@by_path([path for path in CODE if path.parts[0] == "plugins" and path.parts[-2:] != ("_core", "errors.py")])
def test_what_is_told_leaves_by_the_shared_exits(path: Path) -> None:
    """There it is made safe to show, whoever wrote it: `errors.warn` for warnings, `errors.failure` for failures."""
    text = (ROOT / path).read_text()
    assert not re.search(r"module_utils\.common\.warnings|\.warn\(|\.fail_json\((?!\s*\*\*)|fail_json_aws", text)


@by_path([path for path in CODE if path.parts[0] == "plugins" and path.parts[-2:] != ("_core", "paging.py")])
def test_pages_are_read_by_the_shared_reader_only(path: Path) -> None:
    """It ends where botocore's paginators and a loop over tokens do not."""
    assert not re.search(r"get_paginator|\b[nN]extToken", (ROOT / path).read_text())


@by_path([path for path in CODE if path.parts[0] == "plugins"])
def test_plugins_never_import_the_emulator(path: Path) -> None:
    assert "slipway_emulator" not in (ROOT / path).read_text()


ANCHOR = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\$)")


def ends_before_a_newline(call: ast.Call) -> bool:
    """Whether a pattern holds `$`, which also fits before a newline at the end, unless lines are what it is about."""
    if "MULTILINE" in ast.unparse(call) or not call.args:
        return False
    texts = [node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)]
    patterns = [text.decode("latin-1") if isinstance(text, bytes) else str(text) for text in texts]
    return any(found[1] for pattern in patterns for found in ANCHOR.finditer(pattern))


@by_path(CODE)
def test_patterns_end_where_the_text_ends(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.Call)]
    of_re = [
        call for call in calls if ast.unparse(call.func).startswith("re.") and ast.unparse(call.func) != "re.escape"
    ]
    assert [ast.unparse(call) for call in of_re if ends_before_a_newline(call)] == []


@pytest.mark.parametrize("top", ["roles", "playbooks", "examples", "extensions"])
def test_conditions_end_where_the_text_ends(top: str) -> None:
    """With `match_type='fullmatch'` of the test `regex`: Jinja and YAML each have their own idea of a backslash."""
    files = [path for kind in ("yml", "j2") for path in (ROOT / top).rglob(f"*.{kind}")]
    lines = [line.strip() for path in files for line in path.read_text().splitlines()]
    assert files
    assert [line for line in lines if re.search(r"(?:match|search|regex)'?[(,].*\$['\"]", line)] == []
