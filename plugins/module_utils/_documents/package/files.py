# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The section `files` of a package manifest: names and checksums."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.placeholders import placeholder
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import ERROR, WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Rule, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

MOST_FILES = 20  # attachments of one document
NAME = re.compile(r"[A-Za-z0-9_.-]{3,128}")
DIGITS = {"sha256": 64, "md5": 32}  # the algorithms that the agent knows
_SUM = "Write the SHA-256 sum of the file as 64 hexadecimal digits."


def file_map(value: Value, path: str, line: int) -> Problems:
    """The names of all attachments over what is said of each."""
    if not isinstance(value.data, dict) or not value.data:
        is_now = "empty" if value.data == {} else describe(value.data)
        what = f"files is {is_now}, but must be a map with the name of every file."
        yield Problem(line, path, what, 'Write "NAME.zip": {"checksums": {"sha256": "..."}} for each file.')
        return
    if len(value.data) > MOST_FILES:
        what = f"files has {len(value.data)} files, but a package can have at most {MOST_FILES}."
        yield Problem(line, path, what, "Let several platforms share one file, or split the package.")
    for name, entry in value.data.items():
        yield from _name(name, below(path, name), entry.line)
        yield from _file(entry.value, below(path, name), entry.line)
    yield from rules.repeated(value, path, ERROR)


def _name(name: str, path: str, line: int) -> Problems:
    if not NAME.fullmatch(name):
        what = f'"{shown_short(name)}" cannot be the name of a file.'
        yield Problem(line, path, what, "Use 3 to 128 letters, digits, dots, hyphens and underscores, without spaces.")
    elif not name.lower().endswith(".zip"):
        yield Problem(line, path, f"{shown_short(name)} is not a .zip file.", "Attach a zip archive.", WARNING)


def _size(value: Value, path: str, line: int) -> Problems:
    """Nothing reads it for a package of one's own."""
    if isinstance(value.data, bool) or not isinstance(value.data, (int, str)):
        what = f"size is {describe(value.data)}, but must be a number of bytes."
        yield Problem(line, path, what, "Write the number, or remove it.", WARNING)


def _checksums(value: Value, path: str, line: int) -> Problems:
    if not isinstance(value.data, dict):
        what = f"checksums is {describe(value.data)}, but must be a map."
        yield Problem(line, path, what, 'Write "checksums": {"sha256": "..."}.')
        return
    if not value.data:
        yield Problem(line, path, "checksums is empty: the agent would install any file.", _SUM)
    elif not any(name in DIGITS for name in value.data):
        what = (
            f"The agent knows none of the algorithms {', '.join(map(shown_short, value.data))}, and refuses the file."
        )
        yield Problem(line, path, what, _SUM)
    elif "sha256" not in value.data:
        yield Problem(line, path, "The file has no SHA-256 sum.", _SUM, WARNING)
    for name, entry in value.data.items():
        yield from _sum(name, entry.value, below(path, name), entry.line)
    yield from rules.repeated(value, path, ERROR)


def _sum(name: str, value: Value, path: str, line: int) -> Problems:
    digits = DIGITS.get(name)
    if digits is None:
        what = f"The agent does not know the algorithm {shown_short(name)} and ignores its sum."
        meant = next((known for known in DIGITS if known == re.sub(r"[^a-z0-9]", "", name.lower())), "sha256")
        yield Problem(line, path, what, f"Write {meant}.", WARNING)
    else:
        yield from placeholder(_hexadecimal(digits))(value, path, line)


def _hexadecimal(digits: int) -> Rule:
    def rule(value: Value, path: str, line: int) -> Problems:
        if not isinstance(value.data, str) or not re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", value.data):
            what = (
                f"{rules.last(path)} is {describe(value.data)}, which is no such sum: every host would refuse the file."
            )
            yield Problem(line, path, what, f"Write {digits} hexadecimal digits.")

    return rule


_file = Shape(
    {"checksums": _checksums, "size": _size, "downloadLocation": rules.optional_text},
    ("checksums",),
    twice=ERROR,
)
