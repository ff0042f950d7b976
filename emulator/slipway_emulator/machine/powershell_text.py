# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The text of a PowerShell script: statements, blocks, words; quotes and brackets are never parted."""

from __future__ import annotations

import re
from collections.abc import Iterator

OPEN, CLOSE = "({[", ")}]"
GOES_ON = re.compile(r"(else|elseif|catch|finally)\b", re.IGNORECASE)  # with what the statement before it began
_COMMENT = re.compile(r"<#(?:.*?#>|.*)|(?:^|(?<=\s))#[^\n]*", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"`]|`.)*\"", re.DOTALL)


def statements(script: str) -> list[str]:
    """What newlines and semicolons part; `else` and `catch` stay with what they belong to."""
    found: list[str] = []
    for part in _parts(_uncommented(script.replace("`\n", " ")), "\n;"):
        if found and GOES_ON.match(part):
            found[-1] += f" {part}"
        elif part:
            found.append(part)
    return found


def parted(text: str, joint: str) -> list[str]:
    """The parts around an operator that stands by itself, outside of quotes and brackets."""
    if joint == "|":
        return list(_parts(text, "|"))
    found, start = [], 0
    standing = re.compile(rf"(?<=[\s)\]}}]){joint}(?=[\s(])", re.IGNORECASE)
    for place in _outside(text):
        if place >= start and standing.match(text, place):
            found.append(text[start:place].strip())
            start = place + len(joint)
    return [*found, text[start:].strip()]


def enclosed(text: str, opening: str, closing: str) -> tuple[str, str]:
    """What the first pair of brackets encloses, and what comes after it."""
    start = text.find(opening)
    if start < 0:
        return "", ""
    depth, bare = 0, _QUOTED.sub(lambda match: " " * len(match[0]), text)
    for place in range(start, len(text)):
        depth += (bare[place] == opening) - (bare[place] == closing)
        if depth == 0:
            return text[start + 1 : place], text[place + 1 :].strip()
    return text[start + 1 :], ""


def block_after(text: str) -> tuple[str, str]:
    return enclosed(text, "{", "}")


def words_of(text: str) -> list[str]:
    return [word for word in _parts(text, " \t\n") if word]


def _uncommented(script: str) -> str:
    """A # within quotes is no comment."""
    pieces, start = [], 0
    for match in re.finditer(f"{_QUOTED.pattern}|{_COMMENT.pattern}", script, re.DOTALL | re.MULTILINE):
        pieces.append(script[start : match.start()])
        pieces.append(match.group() if match.group()[0] in "'\"" else "")
        start = match.end()
    return "".join([*pieces, script[start:]])


def _parts(text: str, separators: str) -> Iterator[str]:
    start = 0
    for place in _outside(text):
        if text[place] in separators:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _outside(text: str) -> Iterator[int]:
    """The places outside of quotes and brackets."""
    depth, quote, escaped = 0, "", False
    for place, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "`" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in OPEN or letter in CLOSE:
            depth += 1 if letter in OPEN else -1
        elif depth == 0:
            yield place
