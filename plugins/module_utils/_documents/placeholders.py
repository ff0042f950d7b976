# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that something else replaces before a deployment: pipelines, templates and guides leave them in documents."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import ERROR, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Rule, last
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

PLACEHOLDER = "placeholder"  # a level that becomes a warning, or an error where the text is deployed as it is
# The signs of templates: <NAME>, ${name}, $(name), {{ name }}, {name}, $NAME, %NAME%, @NAME@, [name], an ellipsis, xxxx.
_MARKED = re.compile(
    r"<[^<>]*>|\$[{(]|\{\{|\{[A-Za-z_][A-Za-z0-9_.]*\}|\$(?!LATEST\b)[A-Za-z_]|%[A-Za-z_]+%|@[A-Za-z_]+@|\[[^\[\]]*\]|\.\.\.|\u2026|(?i:placeholder)|[xX]{4,}"
)
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]+(?:[_-][A-Z0-9]+)*")
_OF_GUIDES = re.compile(r"[a-z]+-of-|EXAMPLE")  # AWS's own: version-of-the-lambda-function-to-deploy, EXAMPLE2b8b9ed71e
# Without quotes, braces are maps and lists to YAML. Angle brackets of the same length are nothing to it.
_BRACES = re.compile(r"\$\{[^{}\n]*\}|\{\{[^{}\n]*\}\}")


def placeholder(rule: Rule) -> Rule:
    """The rule for a value, which a placeholder need not keep."""

    def check(value: Value, path: str, line: int) -> Problems:
        text = value.data if isinstance(value.data, str) else ""
        found = list(rule(value, path, line))
        wrong = any(problem.level == ERROR for problem in found)
        if _MARKED.search(text) or (wrong and (_in_capitals(text) or _OF_GUIDES.search(text))):
            found = [left(text, path, line)]
        yield from found

    return check


def left(text: str, path: str, line: int | None) -> Problem:
    what = f'{last(path)} is the placeholder "{shown_short(text)}".'
    return Problem(line, path, what, "Replace it with the real value.", PLACEHOLDER)


def settled(problems: t.Iterable[Problem], level: str) -> list[Problem]:
    """With the level that placeholders have in a document."""
    return [one._replace(level=level) if one.level == PLACEHOLDER else one for one in problems]


def _in_capitals(text: str) -> bool:
    """Also in a part of an ARN."""
    return any(_CAPITALS.fullmatch(part) for part in re.split(r"[:/]", text) if part != "$LATEST")


def without_braces(text: str) -> str:
    """The text of a template as a reader of YAML can take it, with every line and column where it was."""
    return _BRACES.sub(lambda found: f"<{re.sub(r'[^A-Za-z0-9_.]', '-', found.group()[1:-1])}>", text)
