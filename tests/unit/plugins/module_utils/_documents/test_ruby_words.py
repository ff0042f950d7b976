# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unquoted words of an AppSpec as the agent's Ruby reads them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import ruby

WORDS: dict[t.Any, tuple[str, ...]] = {
    True: ("yes", "true", "on", "Yes", "TRUE"),
    False: ("no", "false", "off", "No", "FALSE"),
    None: ("null", "~", "NULL", ""),
}


@pytest.mark.parametrize(("value", "word"), [(value, word) for value, words in WORDS.items() for word in words])
def test_a_word_that_is_no_text(value: t.Any, word: str) -> None:
    assert ruby.plain(word) is value


@pytest.mark.parametrize("word", ["y", "n", "yess", "nil", "none", "truely"])
def test_any_other_word_is_text(word: str) -> None:
    assert ruby.plain(word) == word
