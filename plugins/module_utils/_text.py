# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from hosts, files and AWS as it can be shown. Private to this collection.

A terminal obeys what is written to it: escape sequences move the cursor, set the title, fill the clipboard; marks of
direction reorder what is read. Whatever is not a visible character is shown as its escape, `\\x1b` or `\\u202e`;
accents, CJK and emoji stay. Shown again, a text stays as it is.
"""

from __future__ import annotations

import re
import typing as t

DIGITS = 100  # of a number that are read: Python refuses to read more than 4,300
QUOTED = 60  # characters of a text that a message repeats

# The categories Cc (but newline and tab), Cf, Cs, Zl and Zp of Unicode, and the letters without ink. A list, because
# asking unicodedata about every character costs a tenth of a second in each module; a test holds it against unicodedata.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
_EMOJI = r"\u2190-\u2bff\U0001f000-\U0001faff"
# The zero-width joiner makes one picture of two emoji; anywhere else it only hides.
_NOT_SHOWN = re.compile(rf"[{_HIDDEN}]|(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")


def shown(text: str) -> str:
    """The text, safe to write to a terminal. Its lines stay lines."""
    return _NOT_SHOWN.sub(_escape, text.replace("\r\n", "\n"))


def shown_line(text: str) -> str:
    """The text in one line, for wherever a line of its own could be taken for one of ours."""
    return shown(text).replace("\n", "\\n")


def shown_short(text: str) -> str:
    """What a message quotes of a text of any length, in one line."""
    return shown_line(text if len(text) <= QUOTED else text[: QUOTED - 3] + "...")


def some(items: t.Sequence[str], most: int) -> str:
    """`a, b, c and 4 more`."""
    kept = ", ".join(items[:most])
    return f"{kept} and {len(items) - most} more" if len(items) > most else kept


def all_shown(value: t.Any) -> t.Any:
    """A value of a result with every text in it as it can be shown, the keys of maps as well."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {all_shown(key): all_shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_shown(item) for item in value]
    return value


def whole_number(digits: str) -> int:
    """The number that digits spell. What is too large for any purpose stays so, and is not exact."""
    return (-1 if digits.startswith("-") else 1) * int(digits.lstrip("+-0")[:DIGITS] or 0)


def is_older(version: str, minimum: str) -> bool:
    """Whether a version is below another, number by number."""
    return _numbers(version) < _numbers(minimum)


def _numbers(version: str) -> list[int]:
    numbers = [whole_number(part) for part in re.findall(r"[0-9]+", version)]
    return numbers + [0] * (4 - len(numbers))


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")
