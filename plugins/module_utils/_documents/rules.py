# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that the parts of a document are made of: what a value must be, and the keys of a map."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

Problems = c.Iterator[Problem]
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+")
# A rule gets a value, its path and the line of its key.
Rule = c.Callable[[Value, str, int], Problems]


def last(path: str) -> str:
    """The key or index that a path ends with, as messages name it."""
    return path.rpartition(".")[2]


def anything(value: Value, path: str, line: int) -> Problems:
    yield from ()


def text(value: Value, path: str, line: int) -> Problems:
    """Text; a number or truth value is taken for its spelling."""
    if value.data is None or isinstance(value.data, (list, dict)):
        remedy = "Write text; put a reference such as {{ name }} in quotes."
        yield Problem(line, path, f"{last(path)} is {describe(value.data)}, but must be text.", remedy)
    elif value.data == "":
        yield Problem(line, path, f"{last(path)} is empty.", "Set a value.")


def identifier(value: Value, path: str, line: int) -> Problems:
    """Text that references can name."""
    yield from text(value, path, line)
    spelled = "" if isinstance(value.data, (list, dict)) or value.data is None else str(value.data)
    if spelled and not IDENTIFIER.fullmatch(spelled):
        what = f'{last(path)} "{shown_short(spelled)}" contains characters other than letters, digits, hyphens and underscores.'
        proposal = re.sub(r"[^A-Za-z0-9_-]+", "-", spelled).strip("-")
        yield Problem(line, path, what, f"Write {proposal}." if proposal else "Use another name.")


def optional_text(value: Value, path: str, line: int) -> Problems:
    if isinstance(value.data, (list, dict)):
        yield from text(value, path, line)


def strict_text(value: Value, path: str, line: int) -> Problems:
    """Text that loses something when YAML reads it as a number."""
    yield from text(value, path, line)
    if value.data is not None and not isinstance(value.data, (str, list, dict)):
        what = f"{last(path)} is {describe(value.data)} in YAML, but must be text."
        yield Problem(line, path, what, "Put it in quotes.", WARNING)


def flag(value: Value, path: str, line: int) -> Problems:
    if not isinstance(value.data, bool) and not _reference(value):
        what = f"{last(path)} is {describe(value.data)}, but must be true or false."
        yield Problem(line, path, what, "Write true or false without quotes.", WARNING)


def whole_number(low: int | None = None, also: tuple[int, ...] = ()) -> Rule:
    """A whole number from `low` up, or one of `also`."""

    def rule(value: Value, path: str, line: int) -> Problems:
        number = value.data
        whole = isinstance(number, int) and not isinstance(number, bool)
        if whole and (low is None or number >= low or number in also):
            return
        wanted = "" if low is None else f" of at least {low}" + "".join(f", or {other}" for other in also)
        what = f"{last(path)} is {describe(number)}, but must be a whole number{wanted}."
        yield Problem(line, path, what, "Write such a number without quotes.")

    return rule


def one_of(*choices: str, level: str = "error") -> Rule:
    def rule(value: Value, path: str, line: int) -> Problems:
        if value.data not in choices and not _reference(value):
            what = f"{last(path)} is {describe(value.data)}."
            yield Problem(line, path, what, f"Use {'one of ' if len(choices) > 1 else ''}{', '.join(choices)}.", level)

    return rule


def list_of(rule: Rule) -> Rule:
    """A list that is not empty."""

    def check(value: Value, path: str, line: int) -> Problems:
        if not isinstance(value.data, list) or not value.data:
            what = (
                f"{last(path)} is {'empty' if value.data in (None, []) else describe(value.data)}, but must be a list."
            )
            yield Problem(line, path, what, 'Begin each of its items with "- ".')
        for number, item in enumerate(value.items()):
            yield from rule(item, f"{path}[{number}]", item.line)

    return check


@dataclasses.dataclass(frozen=True)
class Shape:
    """A map: the rule of each key, and which keys must be there. Other keys are warned of unless `open`."""

    rules: t.Mapping[str, Rule]
    required: tuple[str, ...] = ()
    open: bool = False
    twice: str = WARNING  # the level of a key that is given twice

    def __call__(self, value: Value, path: str, line: int) -> Problems:
        if not isinstance(value.data, dict):
            what = f"{last(path) or 'The document'} is {describe(value.data)}, but must be a map."
            yield Problem(line, path, what, f"Write the keys {', '.join(self.required or self.rules)} below it.")
            return
        for key in self.required:
            if key not in value.data:
                yield Problem(value.line, below(path, key), f"{key} is missing.", f"Add {key} to this map.")
        for key, entry in value.data.items():
            yield from self._key(key, entry.value, below(path, key), entry.line)
        yield from repeated(value, path, self.twice)

    def _key(self, key: str, value: Value, path: str, line: int) -> Problems:
        if key in self.rules:
            yield from self.rules[key](value, path, line)
        elif not self.open:
            what = f"{key} is not a known key here."
            yield Problem(line, path, what, f"Use one of {', '.join(self.rules)}.", WARNING)


def repeated(value: Value, path: str, level: str = WARNING) -> Problems:
    for key, line in value.repeated:
        what = f"{key} appears twice in one map. Only this last one is used."
        yield Problem(line, below(path, key), what, "Merge the two keys.", level)


def duplicates(named: c.Iterable[tuple[str, int, str]], what: str) -> Problems:
    """`named`: name, line and path of things that must differ in name."""
    seen: dict[str, int] = {}
    for name, line, path in named:
        if name in seen:
            yield Problem(
                line, path, f'The {what} name "{name}" is used on line {seen[name]} already.', "Use another name."
            )
        elif name:
            seen[name] = line


def below(path: str, key: str) -> str:
    return f"{path}.{shown_short(key)}" if path else shown_short(key)


def _reference(value: Value) -> bool:
    return isinstance(value.data, str) and "{{" in value.data
