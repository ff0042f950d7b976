# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that says what to leave out of a bundle, in the form of .gitignore. Pure. Private to this collection.

A line is a pattern; empty ones and those that begin with C(#) are comments, a backslash takes the meaning from the character
behind it, blanks at the end do not count. The last line that matches decides, and one that begins with C(!) takes a path in
again, unless a directory above it is left out. As in a pattern of C(exclude), a slash at the beginning or inside means the
path from the root, and a slash at the end means a directory.
"""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import refuse
from ansible_collections.slipway.aws.plugins.module_utils._bundle.exclude import LONGEST, compile_parts, read_parts
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

NAME = ".slipwayignore"
_TOKENS = re.compile(r"/\*\*/|^\*\*/|/\*\*\Z|\*\*|\*|\?|\\.|\[[!^]?\]?[^\]/]*\]|.", re.DOTALL)
_BLANKS = re.compile(r"(?<!\\)[ \t]+\Z")


class Rule(t.NamedTuple):
    """A line: what it matches, and whether that is taken in again."""

    parts: list[str]
    again: bool


def compile_ignore(text: str, name: str) -> t.Callable[[str, bool], bool]:
    """Return ``ignored(path, is_directory)``. Raises BundleError that names every line that makes no sense."""
    lines = list(enumerate(text.removeprefix("\ufeff").splitlines(), 1))
    refuse([f"{name}, line {n}: {problem}" for n, line in lines if (problem := _problem(line))])
    rules = [rule for rule in (_rule(line) for _n, line in lines) if rule]
    runs = itertools.groupby(rules, lambda rule: rule.again)
    judges = [(not again, compile_parts([rule.parts for rule in run])) for again, run in runs][::-1]

    def ignored(path: str, is_directory: bool) -> bool:
        return next((verdict for verdict, matches in judges if matches(path, is_directory)), False)

    return ignored


def _problem(line: str) -> str | None:
    if len(line) > LONGEST:
        return f"the pattern {shown_short(line)} has more than {LONGEST} characters. Shorten it."
    if ".." in line.split("/") and not line.startswith("#"):
        return f"the pattern {shown_short(line)} has '..' in it, which matches nothing. Give a path below src."
    return None


def _rule(line: str) -> Rule | None:
    """None for a comment."""
    pattern = _BLANKS.sub("", line)
    if not pattern or pattern.startswith("#"):
        return None
    again = pattern.startswith("!")
    pattern = pattern[again:]
    body = pattern.rstrip("/")
    return Rule(read_parts(body, pattern.endswith("/"), _TOKENS), again) if body else None
