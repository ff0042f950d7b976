# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which selections SSM can address by tags."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.command_targets import addresses
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import Selection

GROUP = "tag:aws:autoscaling:groupName"


def tag(key: str | None = None, value: str | None = None, kind: str | None = None) -> dict[str, t.Any]:
    return {name: one for name, one in (("Key", key), ("Value", value), ("Type", kind)) if one is not None}


def target(key: str, *values: str) -> dict[str, t.Any]:
    return {"Key": key, "Values": list(values)}


@pytest.mark.parametrize(
    ("sets", "groups", "expected"),
    [
        ([], ["a"], [[target(GROUP, "a")]]),
        ([], ["a", "b", "a"], [[target(GROUP, "a", "b")]]),
        ([], list("abcdef"), [[target(GROUP, *"abcde")], [target(GROUP, "f")]]),
        ([[tag("role", "web")]], [], [[target("tag:role", "web")]]),
        ([[tag("role", "web"), tag("role", "api")]], [], [[target("tag:role", "web", "api")]]),
        ([[tag("role")]], [], [[target("tag-key", "role")]]),
        ([[tag("role"), tag("tier", kind="KEY_ONLY")]], [], [[target("tag-key", "role", "tier")]]),
        ([[tag("role", "web")], [tag("tier", "1")]], [], [[target("tag:role", "web"), target("tag:tier", "1")]]),
        ([[tag("role", "web")]], ["a"], [[target("tag:role", "web")], [target(GROUP, "a")]]),
        ([[tag("role of it/x", "web")]], [], [[target("tag:role of it/x", "web")]]),
    ],
)
def test_tags_that_say_exactly_what_is_selected(sets: t.Any, groups: t.Any, expected: t.Any) -> None:
    assert addresses(Selection(sets, groups, [])) == expected


@pytest.mark.parametrize(
    "sets",
    [
        [[tag(value="web")]],
        [[tag("role", "web"), tag("tier", "1")]],
        [[tag("role", "web"), tag("role")]],
        [[tag("role", "web")], [tag("role", "api")]],
        [[tag("role")], [tag("tier")]],
        [[tag("role", "w*b")]],
        [[tag("role", "w?b")]],
        [[tag("role", "", "KEY_AND_VALUE")]],
        [[tag("r#le", "web")]],
        [[tag("role\n", "web")]],
        [[tag("role", str(number)) for number in range(6)]],
        [[tag(f"key{number}", "x")] for number in range(6)],
        [[]],
    ],
)
def test_what_tags_of_a_command_cannot_say_is_asked_by_ids(sets: t.Any) -> None:
    assert addresses(Selection(sets, ["group"], [])) is None


def test_ids_are_asked_by_ids() -> None:
    assert addresses(Selection([], ["group"], ["i-1"])) is None
