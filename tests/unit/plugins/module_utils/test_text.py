# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of others as it can be shown."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown, is_older, shown, shown_line, some

EVERY = [chr(number) for number in range(sys.maxunicode + 1)]
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
JOINER = "\u200d"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b]52;c;ZWNobyBoaQ==\x07", r"\x1b]52;c;ZWNobyBoaQ==\x07"),  # fills the clipboard
        ("\x1b]0;title\x1b\\", r"\x1b]0;title\x1b" + "\\"),
        ("\x1b[2J\x1b[H", r"\x1b[2J\x1b[H"),
        ("\x9b2J\x9d0;x\x9c", r"\x9b2J\x9d0;x\x9c"),  # the same in C1
        ("safe\u202egpj.exe", r"safe\u202egpj.exe"),
        ("a\u2066b\u2069c\u200fd", r"a\u2066b\u2069c\u200fd"),
        ("pass\b\b\b\bfail", r"pass\x08\x08\x08\x08fail"),
        ("failed\rok: [localhost]", r"failed\rok: [localhost]"),
        ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
        ("one\u2028two\u2029three\x85four", r"one\u2028two\u2029three\x85four"),
        ("\ud800 \udcff \x7f \x00", r"\ud800 \udcff \x7f \x00"),
        ("tag \U000e0041\U000e007f", r"tag \U000e0041\U000e007f"),
        ("joined\u200dletters", r"joined\u200dletters"),
        ("😀\u200d\u200d😀", r"😀\u200d\u200d😀"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_made_visible(text: str, safe: str) -> None:
    assert shown(text) == safe


@pytest.mark.parametrize(
    "text",
    [
        "Zoë, naïve façade",
        "e\u0301",
        "設定ファイル",
        "パス　全角",
        "한국어",
        "שלום عليكم",
        "👨‍👩‍👧 ❤️‍🔥 👍🏽 🇪🇺",
        "a\tb\nc",
        "1\u00a0000 €",
    ],
)
def test_what_can_be_seen_stays(text: str) -> None:
    assert shown(text) == text


def test_every_control_and_format_character_is_known() -> None:
    """Python's own list of characters grows; ours must have them all, and no letter that can be seen."""
    kept = {char for char in EVERY if unicodedata.category(char) in HIDDEN and shown(char) == char}
    assert kept == {"\n", "\t"}
    lost = {char for char in EVERY if unicodedata.category(char) not in HIDDEN | {"Cn"} and shown(char) != char}
    assert lost == set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_what_was_shown_is_shown_as_it_is(text: str) -> None:
    once = shown(text)
    assert shown(once) == once
    assert shown_line(shown_line(text)) == shown_line(text)
    once.encode()  # no surrogate is left
    assert all(unicodedata.category(char) not in HIDDEN for char in once if char not in "\n\t" + JOINER)


def test_lines_stay_lines_unless_one_is_meant() -> None:
    assert shown("one\r\ntwo\nthree\r") == "one\ntwo\nthree\\r"
    assert shown_line("x\nok: [localhost]\r\n") == r"x\nok: [localhost]\n"


def test_every_text_of_a_value_is_shown_and_nothing_else_changes() -> None:
    value = {"a\x07": ["\x1b", ("\x9b", 1, None)], "b": {"c": True, "d": 1.5}}
    assert all_shown(value) == {r"a\x07": [r"\x1b", [r"\x9b", 1, None]], "b": {"c": True, "d": 1.5}}


@pytest.mark.parametrize(("count", "said"), [(0, ""), (2, "i-0, i-1"), (3, "i-0, i-1 and 1 more")])
def test_a_list_is_cut(count: int, said: str) -> None:
    assert some([f"i-{n}" for n in range(count)], 2) == said


@pytest.mark.parametrize(
    ("version", "minimum", "older"),
    [("1.10.0", "1.9.0", False), ("1.6", "1.6.0", False), ("1.5.9", "1.6.0", True), ("1.6.0.1", "1.6.0", False)],
)
def test_versions_compare_by_number(version: str, minimum: str, older: bool) -> None:
    assert is_older(version, minimum) is older
