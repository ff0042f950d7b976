# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patterns that leave paths out of a bundle.

A pattern without a slash is matched against a name at any depth; one with a slash against the whole path below the
root. C(*) and C(?) do not cross a slash, C(**) does, C([...]) is one character of a set, a slash at the end restricts
the pattern to directories. A directory that matches is left out with all it holds. Case counts, on every system.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError

_TOKENS = re.compile(r"/\*\*/|^\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)
_MEANING = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def compile_exclude(patterns: t.Sequence[str]) -> t.Callable[[str, bool], bool]:
    """Return ``excluded(path, is_directory)`` for relative, slash-separated paths."""
    matches = re.compile("|".join(f"(?:{_translate(pattern)})" for pattern in patterns) or "(?!)", re.DOTALL).fullmatch
    return lambda path, is_directory: matches(path + "/" if is_directory else path) is not None


def _translate(pattern: str) -> str:
    body = pattern.rstrip("/")
    if not body or pattern.startswith("!") or ".." in body.split("/"):
        raise BundleError(
            f"exclude pattern {pattern!r} is not supported: give a name or a path below src, without '!' and '..'."
        )
    anywhere = "" if "/" in body else "(?:.*/)?"
    tail = "/" if pattern.endswith("/") else "/?"
    return anywhere + "".join(_token(found) for found in _TOKENS.findall(body.removeprefix("/"))) + tail


def _token(text: str) -> str:
    if text in _MEANING:
        return _MEANING[text]
    if len(text) > 2 and text.startswith("["):
        negate, members = ("^/", text[2:-1]) if text.startswith("[!") else ("", text[1:-1])
        return "[" + negate + members.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") + "]"
    return re.escape(text)
