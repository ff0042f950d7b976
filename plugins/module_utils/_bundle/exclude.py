# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patterns that leave paths out of a bundle.

A pattern without a slash is matched against a name at any depth; one with a slash against the whole path below the
root. C(*) and C(?) do not cross a slash, C(**) does, C([...]) is one character of a set, a slash at the end restricts
the pattern to directories. A directory that matches is left out with all it holds. Case counts, on every system.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

LONGEST = 1000  # characters of a pattern
_TOKENS = re.compile(r"/\*\*/|^\*\*/|/\*\*\Z|\*\*|\*|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
# A regular expression is the fastest way, but tries all ways in which wildcards can share a path: from three on too many.
FEW = 2


def compile_exclude(patterns: t.Sequence[str]) -> t.Callable[[str, bool], bool]:
    """Return ``excluded(path, is_directory)`` for relative, slash-separated paths."""
    return compile_parts([read_pattern(pattern) for pattern in patterns])


def compile_parts(read: t.Sequence[list[str]]) -> t.Callable[[str, bool], bool]:
    """The same of patterns that were read."""
    few = [parts for parts in read if _wildcards(parts) <= FEW]
    many = [parts for parts in read if _wildcards(parts) > FEW]
    matches = re.compile("|".join(f"(?:{as_regex(parts)})" for parts in few) or "(?!)", re.DOTALL).fullmatch

    def excluded(path: str, is_directory: bool) -> bool:
        text = path + "/" if is_directory else path
        return matches(text) is not None or any(walks(parts, text) for parts in many)

    return excluded


def read_pattern(pattern: str) -> list[str]:
    """The pattern as parts: wildcards by their name, everything else as the regular expression of one character."""
    body = pattern.rstrip("/")
    if not body or pattern.startswith("!") or ".." in body.split("/") or len(pattern) > LONGEST:
        raise BundleError(
            f"exclude pattern {shown_short(pattern)!r} is not supported: give a name or a path below src, without '!' and "
            f"'..', of {LONGEST} characters at most."
        )
    return read_parts(body, pattern.endswith("/"), _TOKENS)


def read_parts(body: str, only_directories: bool, tokens: re.Pattern[str]) -> list[str]:
    """The parts of a pattern without its slash at the end."""
    parts = [] if "/" in body else ["**/"]
    for found in tokens.findall(body.removeprefix("/")):
        parts += _token(found)
    return [*parts, "/" if only_directories else "/?"]


def _token(text: str) -> list[str]:
    if text in ("/**/", "/**"):
        return ["/", text[1:]]
    if len(text) == 2 and text.startswith("\\"):
        return [re.escape(text[1])]
    if len(text) > 2 and text.startswith("["):
        negate, members = ("^/", text[2:-1]) if text.startswith(("[!", "[^")) else ("", text[1:-1])
        return [_set("[" + negate + members.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") + "]", text)]
    return [text if text in _WILD else "[^/]" if text == "?" else re.escape(text)]


def _set(expression: str, text: str) -> str:
    """A set of characters; the text itself where it is none, like C([z-a])."""
    try:
        re.compile(expression)
    except re.error:
        return "".join(f"[{one}]" if one.isalnum() else re.escape(one) for one in text)
    return expression


def _wildcards(parts: t.Sequence[str]) -> int:
    return sum(part in _WILD for part in parts)


def as_regex(parts: t.Sequence[str]) -> str:
    return "".join(_WILD.get(part, part) for part in parts)


def walks(parts: t.Sequence[str], text: str) -> bool:
    """Whether the parts lead through the whole text.

    Bit i of `reached` says that the parts so far can end before character i. So each part is tried once, at all
    places together, whatever the ones before it matched.
    """
    end, slashes = 1 << len(text), _places("/", text)
    reached = 1
    for part in parts[:-1]:
        reached = _after(part, reached, text, slashes)
    with_slash = (reached & slashes) << 1
    return bool((with_slash | (reached if parts[-1] == "/?" else 0)) & end)


def _after(part: str, reached: int, text: str, slashes: int) -> int:
    if part not in _WILD:
        return (reached & _places(part, text)) << 1
    if part == "*":
        within = ((1 << len(text)) - 1) & ~slashes
        return ((within + (reached & within)) ^ within) | reached  # the carry of the sum runs to the next slash
    onwards = ((2 << len(text)) - (reached & -reached)) if reached else 0
    return onwards if part == "**" else reached | (onwards & slashes) << 1


@functools.lru_cache(maxsize=64)
def _places(part: str, text: str) -> int:
    """A bit for each character of the text that the part stands for."""
    return sum(1 << found.start() for found in re.finditer(part, text, re.DOTALL))
