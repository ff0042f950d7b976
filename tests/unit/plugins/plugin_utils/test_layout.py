# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import layout

HEADS = ("NAME", "ID", "WHY")


def test_a_paragraph_hangs_below_its_label() -> None:
    told = layout.paragraph("one two three four", 14, "  ", "say: ")
    assert told == ["  say: one two", "       three", "       four"]


def test_an_address_is_left_whole() -> None:
    assert layout.paragraph("at s3://bucket/a-very-long-key.zip now", 12, "") == [
        "at",
        "s3://bucket/a-very-long-key.zip",
        "now",
    ]


def test_a_text_of_somebody_else_stays_in_its_paragraph() -> None:
    assert layout.paragraph("a\nok: [web]\x1b[2J", 80, "") == ["a\\nok: [web]\\x1b[2J"]


def test_the_last_lines_of_a_log_are_marked_and_cut() -> None:
    log = "first\n\nsecond\t.\r\n" + "x" * 100 + "\nlast\x07\n"
    assert layout.quoted(log, 3, 20, "  ") == ["  | second  .", f"  | {'x' * 14}..", "  | last\\x07"]


def test_a_table_has_the_free_text_beside_the_columns_where_there_is_room() -> None:
    rows = [("web", "i-1", "it is stopped and nobody knows why"), ("db-long", "i-22", "")]
    assert layout.table(HEADS, rows, 60) == [
        "  NAME     ID    WHY",
        "  web      i-1   it is stopped and nobody knows why",
        "  db-long  i-22",
    ]


def test_a_table_has_the_free_text_below_where_there_is_none() -> None:
    assert layout.table(HEADS, [("web", "i-1", "it is stopped and nobody knows why")], 30) == [
        "  NAME  ID",
        "  web   i-1",
        "    it is stopped and nobody",
        "    knows why",
    ]


def test_a_column_without_text_is_left_out() -> None:
    assert layout.table(HEADS, [("", "i-1", "")], 40)[0].split() == ["ID"]


def test_elastic_columns_make_room_for_the_others() -> None:
    rows = [("a-very-long-name-of-a-host", "i-0123456789abcdef0", "")]
    assert layout.table(HEADS, rows, 36, elastic=("NAME",))[1] == "  a-very-long..  i-0123456789abcdef0"
