# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documents of Image Builder have in common: one YAML text of limited size, a schema version, steps with actions."""

from __future__ import annotations

import collections.abc as c
import difflib

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._documents.yaml_values import read

# The service takes no more as `data`; a document in S3 may be longer.
MAX_INLINE_CHARACTERS = 16_000


def opened(text: str | bytes, inline: bool, wanted: str) -> tuple[list[Problem], Value | None]:
    """What is wrong with the text as a whole, and the document in it; None when there is none. `wanted`: what to add to an empty one."""
    found = list(_size(text)) if inline else []
    try:
        document, next_line = read(text)
    except tree.YamlError as err:
        return [*found, Problem(err.line, "", f"The document cannot be read as YAML: {err}.", err.remedy)], None
    if document is None or document.data is None:
        return [*found, Problem(1, "", "The document is empty.", f"Add at least {wanted}.")], None
    if next_line:
        what = "Another YAML document begins here."
        found.append(Problem(next_line, "", what, "Keep one document.", WARNING))
    return found, document


def _size(text: str | bytes) -> Problems:
    length = len(tree.to_bytes(text).decode("utf-8", "replace"))
    if length > MAX_INLINE_CHARACTERS:
        what = (
            f"The document has {length} characters, but Image Builder accepts at most {MAX_INLINE_CHARACTERS} inline."
        )
        yield Problem(None, "", what, "Store it in S3 and use its address, or split it into several.")


def schema_version(value: Value, path: str, line: int) -> Problems:
    """Image Builder knows one version only, as a number or as text."""
    if value.data not in (1.0, "1.0") or isinstance(value.data, bool):
        yield Problem(line, path, f"schemaVersion is {describe(value.data)}.", "Write schemaVersion: 1.0.")


def listed(value: Value, key: str) -> c.Iterator[tuple[Value, str]]:
    """The items of a list below a key, with their paths."""
    found = value.get(key)
    for number, item in enumerate(found.items() if found else []):
        yield item, f"{key}[{number}]"


def unknown_action(name: str, known: c.Iterable[str], line: int, path: str) -> Problem:
    """An action that does not exist, and the one that was probably meant."""
    names = list(known)
    same = [each for each in names if each.lower() == name.lower()]
    near = same or difflib.get_close_matches(name, names, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Use one of {', '.join(names)}."
    return Problem(line, path, f"{name} is not an action.", remedy)
