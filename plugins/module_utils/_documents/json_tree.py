# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A JSON document as values that remember their lines.

Python's own reader tells no lines and drops keys that are given twice; a reader of YAML takes what is no JSON, and refuses
some of what is (tabs, long keys).
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Entry, Value
from ansible_collections.slipway.aws.plugins.module_utils._documents.yaml_tree import MAX_DEPTH, MAX_NUMBER, to_bytes
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

_BLANKS = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
_STRINGS = json.JSONDecoder()
_CONSTANTS = {"true": True, "false": False, "null": None}
_QUOTE = "Put keys and texts in double quotes."
# What people write who are used to other notations.
_HABITS = {
    "'": ("a single quote", _QUOTE),
    "/": ("a comment", "Remove it: JSON has no comments."),
    "#": ("a comment", "Remove it: JSON has no comments."),
    "\ufeff": ("a byte order mark", "Save the file as UTF-8 without a byte order mark."),
}


class JsonError(Exception):
    """The text is not JSON. `line` counts from 1; the text says what was found, `remedy` how to fix it."""

    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.line, self.remedy = line, remedy


def read_json(text: str | bytes) -> Value:
    """The document. Raises JsonError."""
    raw = to_bytes(text)
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        line = raw.count(b"\n", 0, bad.start) + 1
        raise JsonError(line, f"it is not UTF-8 text (byte 0x{raw[bad.start]:02x})", "Save it as UTF-8.") from bad
    return _Reader(decoded).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self._counted, self._line = 0, 1  # lines are counted once, from where the last one was asked for

    def document(self) -> Value:
        value = self.value(0)
        if self.next():
            raise self.wrong("the end of the document", "Keep one document, and close every brace once.")
        return value

    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def next(self) -> str:
        """The next character that is not blank, which is not yet taken; empty at the end."""
        found = _BLANKS.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def wrong(self, wanted: str, remedy: str) -> JsonError:
        char = self.next()
        word = _WORD.match(self.text, self.at)
        found = shown_short(word.group() if word else char) if char else "the end of the text"
        if char in _HABITS:
            found, remedy = _HABITS[char]
        return JsonError(self.line(), f"{found} stands where {wanted} should be", remedy)

    def value(self, depth: int) -> Value:
        char = self.next()
        if depth > MAX_DEPTH:
            raise JsonError(self.line(), f"it is nested more than {MAX_DEPTH} levels deep", "Remove levels.")
        line = self.line()
        if char == "{":
            return self.map(line, depth)
        if char == "[":
            return self.list(line, depth)
        return Value(line, self.string() if char == '"' else self.word())

    def map(self, line: int, depth: int) -> Value:
        value = Value(line, {})
        for _item in self.members("}"):
            self.next()
            key_line, key = self.line(), self.string()
            if self.next() != ":":
                raise self.wrong("a colon", "Write a colon between a key and its value.")
            self.at += 1
            if key in value.data:
                value.repeated.append((key, key_line))
            value.data[key] = Entry(key_line, self.value(depth + 1))
        return value

    def list(self, line: int, depth: int) -> Value:
        return Value(line, [self.value(depth + 1) for _item in self.members("]")])

    def members(self, end: str) -> t.Iterator[None]:
        """One for each member, which the caller reads; with the commas and the sign that ends them."""
        self.at += 1
        if self.next() == end:
            self.at += 1
            return
        while True:
            yield
            sign = self.next()
            if sign not in (",", end):
                raise self.wrong(f'a comma or "{end}"', "Write a comma between two members, and close every brace.")
            self.at += 1
            if sign == end:
                return
            if self.next() == end:
                raise JsonError(self.line(), f'a comma stands before "{end}"', "Remove the last comma.")

    def string(self) -> str:
        if self.next() != '"':
            raise self.wrong("a double quote", _QUOTE)
        try:
            text, self.at = _STRINGS.raw_decode(self.text, self.at)
        except json.JSONDecodeError as bad:
            self.at = bad.pos
            raise JsonError(self.line(), f"a text cannot be read ({bad.msg})", "Close and escape it.") from bad
        return str(text)

    def word(self) -> t.Any:
        found = _WORD.match(self.text, self.at)
        word = found.group() if found else ""
        number = _NUMBER.fullmatch(word)
        if not number and word not in _CONSTANTS:
            raise self.wrong("a value", _QUOTE)
        if len(word) > MAX_NUMBER:
            raise JsonError(self.line(), f"it holds a number of more than {MAX_NUMBER} characters", "Write less.")
        self.at += len(word)
        if number:
            return float(word) if any(number.groups()) else int(word)
        return _CONSTANTS[word]
