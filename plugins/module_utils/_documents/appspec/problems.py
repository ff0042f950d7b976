# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems of a server AppSpec (EC2 and on-premises), as the host agent would meet them."""

from __future__ import annotations

import collections.abc as c
import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import (
    bundle,
    permissions,
    ruby,
    scripts,
    sections,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import (
    ERROR,
    WARNING,
    Problem,
    by_line,
    errors,
)


def appspec_problems(
    text: str | bytes,
    *,
    files: c.Iterable[str] | None = None,
    os: str | None = None,
    read: scripts.Read | None = None,
) -> list[Problem]:
    """Everything wrong with an AppSpec, in the order of its lines.

    Problems of level `error` make the agent (1.8.x) refuse the file or, when the paths of the bundle are given as `files`,
    fail for what the bundle lacks; those of level `warning` are accepted and may surprise. `os`: what the hosts run.
    With `read` the scripts among the `files` are looked at too.
    """
    problems, spec = examine(text)
    seen = {problem.line for problem in errors(problems)}
    if spec is not None:
        # A value that could not be read is reported once, not again for what it should have been.
        problems += [problem for problem in _sections(spec, os) if problem.line not in seen]
        if files is not None:
            problems += bundle.missing(spec, files, read)
    return by_line([*_byte_order_mark(text, problems), *problems])


def examine(text: str | bytes) -> tuple[list[Problem], ruby.Item | None]:
    """The document as the agent's Ruby reads it, or None with the reason when it is no map at all."""
    try:
        document = tree.read(text)
    except tree.YamlError as err:
        return [_not_yaml(text, err)], None
    problems: list[Problem] = []
    root = None
    if document.root is not None:
        root = ruby.load(document.root, lambda line, path, why: problems.append(_refused(line, path, why)))
    if root is None or not isinstance(root.value, ruby.Table):
        return problems or [_not_a_map(root)], None
    if document.next_line:
        problems.append(_second_document(document.next_line))
    return problems, root


def _sections(spec: ruby.Item, os: str | None) -> list[Problem]:
    item = spec.value.item("os")
    system = item.value if item else None
    return [
        *sections.version(spec),
        *sections.operating_system(spec, os),
        *sections.files(spec),
        *sections.hooks(spec, system),
        *permissions.permissions(spec, system),
        *sections.file_exists_behavior(spec),
        *sections.unknown_keys(spec, "", (*sections.TOP_KEYS, *_of_other_platforms(spec))),
    ]


def _of_other_platforms(spec: ruby.Item) -> tuple[str, ...]:
    """With Resources it is an AppSpec for ECS or Lambda, which is said once and not key by key."""
    return ("Resources", "resources", "Hooks") if spec.value.get("Resources") or spec.value.get("resources") else ()


def _not_yaml(text: str | bytes, err: tree.YamlError) -> Problem:
    remedy = _missing_sign(text, err.line) or err.remedy
    if b"\t" in _line_of(text, err.line):
        remedy = "Indent with spaces: YAML does not allow tabs there."
    return Problem(err.line, "", f"The AppSpec is not readable as YAML: {err}.", remedy)


_SIGN_MISSING = (
    (re.compile(rb"\s*(?:-\s+)?[\w-]+:(?!//)[^\s:]"), "Put a space after the colon on line {}."),
    (re.compile(rb"\s*-\w[\w-]*:(?:\s|\Z)"), "Put a space after the dash on line {}."),
    (re.compile(rb"\s*(?:-\s+)?[A-Za-z_]\w*\s*\Z"), "Put a colon at the end of line {}."),
)


def _missing_sign(text: str | bytes, line: int | None) -> str:
    """A key that is none for want of a sign runs on into the next line: the parser stops there, or where it began."""
    for number in (line - 1, line) if line else ():
        for pattern, remedy in _SIGN_MISSING:
            if pattern.match(_line_of(text, number)):
                return remedy.format(number)
    return ""


def _line_of(text: str | bytes, line: int | None) -> bytes:
    lines = tree.to_bytes(text).split(b"\n")
    return lines[line - 1] if line and 0 < line <= len(lines) else b""


def _refused(line: int, path: str, why: str) -> Problem:
    remedy = "Put it in quotes." if "date" in why or "number" in why else "Write the value out."
    return Problem(line, path, f"{path or 'The AppSpec'} {why}.", remedy)


def _not_a_map(root: ruby.Item | None) -> Problem:
    if root is None or root.value is None or root.value is False:
        return Problem(root.line if root else 1, "", "The AppSpec is empty.", "Give at least version: 0.0 and os.")
    what = f"The AppSpec is {ruby.describe(root.value)}, but must be a map with version and os."
    return Problem(
        root.line, "", what, "Write version: 0.0 and os: linux on lines of their own, with a space after the colon."
    )


def _second_document(line: int) -> Problem:
    what = "Another YAML document begins here; the agent reads only the first."
    return Problem(line, "", what, "Keep one document.", WARNING)


def _byte_order_mark(text: str | bytes, problems: list[Problem]) -> c.Iterator[Problem]:
    """The mark counts as a column, so a map that begins on the first line ends before its second key."""
    if tree.to_bytes(text).startswith(tree.BYTE_ORDER_MARK):
        what = "The file begins with a byte order mark, with which the agent reads no more than the first key."
        level = ERROR if errors(problems) else WARNING
        yield Problem(1, "", what, "Save it as UTF-8 without a byte order mark.", level)
