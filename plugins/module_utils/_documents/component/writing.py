# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A component document as text, from its structure. Pure. Private to this collection."""

from __future__ import annotations

import json
import re
import typing as t

INDENT = "  "
BLOCK = re.compile(r"(?! )[ -~\n]*[!-~]\n")  # whole lines, the first not indented
PLAIN = re.compile(r"[ !#-\[\]-~]")


def written(document: t.Mapping[str, t.Any]) -> str:
    """YAML that people can read: scripts as blocks of lines, every other text in quotes."""
    return "".join(f"{line}\n" for line in _map(document))


def _map(members: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for key, value in members.items():
        lines = list(_value(value))
        if isinstance(value, (dict, list)):
            yield f"{key}:"
            yield from (INDENT + line for line in lines)
        else:
            yield from _after(f"{key}: ", lines)


def _value(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        yield from _map(value)
    elif isinstance(value, list):
        for item in value:
            yield from _after("- ", list(_value(item)))
    elif isinstance(value, str) and BLOCK.fullmatch(value):
        yield "|"
        yield from value[:-1].split("\n")
    else:
        yield _quoted(value) if isinstance(value, str) else json.dumps(value)


def _after(start: str, lines: list[str]) -> t.Iterator[str]:
    """The first line behind what begins it, the others below."""
    yield start + lines[0]
    yield from (INDENT + line if line else "" for line in lines[1:])


def _quoted(text: str) -> str:
    """YAML has no pairs of surrogates, which JSON writes."""
    return '"' + "".join(one if PLAIN.fullmatch(one) else f"\\U{ord(one):08x}" for one in text) + '"'
