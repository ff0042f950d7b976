# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as an answer, and what text stands for."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.filter.given import FilterModule

given = FilterModule().filters()["given"]


@pytest.mark.parametrize("nothing", [None, "", "  ", "\n"])
@pytest.mark.parametrize("kind", ["str", "list", "dict"])
def test_no_answer(nothing: str | None, kind: str) -> None:
    assert given(nothing, "otherwise", kind) == "otherwise"


@pytest.mark.parametrize(
    ("value", "kind"),
    [(False, "str"), (0, "str"), ([], "list"), ({}, "dict"), ("[hotfix] of {today}", "str"), ([1], "dict")],
)
def test_an_answer_stays_as_it_is(value: t.Any, kind: str) -> None:
    assert given(value, "otherwise", kind) == value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('["eu-west-1", "us-east-2"]', "list", ["eu-west-1", "us-east-2"]),
        (' [{"key": "role"}]', "list", [{"key": "role"}]),
        ("[]", "list", []),
        ("eu-west-1, us-east-2", "list", ["eu-west-1", "us-east-2"]),
        ("eu-west-1\nus-east-2\n", "list", ["eu-west-1", "us-east-2"]),
        ('{"Team": "shop"}', "dict", {"Team": "shop"}),
        ("{}", "dict", {}),
    ],
)
def test_text_stands_for_a_list_or_a_map(text: str, kind: str, value: t.Any) -> None:
    assert given(text, None, kind) == value


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ('["eu-west-1"', "list", "is not valid JSON"),
        ('{"a": 1}', "list", "is not a list"),
        ("[1]", "dict", "is not a dictionary"),
        ("Team=shop", "dict", "is not a dictionary"),
        ("x", "map", "not 'map'"),
    ],
)
def test_what_is_neither_is_refused(text: str, kind: str, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        given(text, None, kind)
