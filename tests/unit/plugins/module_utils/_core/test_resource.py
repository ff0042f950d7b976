# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan says, by table: no client, no module."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import CannotChange
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, diff, plan


def want(params: dict) -> dict:
    return {
        name: params.get(option)
        for name, option in (("size", "size"), ("kindOf", "kind"), ("box", "box"), ("tags", "tags"))
    }


def nothing(*_args: object) -> None:
    """Stands where a call would be."""


THING = Resource(
    "svc",
    "odd_thing",
    find=nothing,
    want=want,
    create=nothing,
    delete=nothing,
    update=nothing,
    fixed=frozenset({"kindOf", "box.lid"}),
)
LIVE = {"size": 1, "kindOf": "a", "box": {"lid": "red", "sides": 4}, "arn": "x", "tags": {"A": "1"}}
PRESENT = {"state": "present", "name": "t"}


@pytest.mark.parametrize(
    ("params", "live", "action", "after"),
    [
        ({"state": "absent"}, None, "none", {}),
        ({"state": "absent"}, LIVE, "delete", {}),
        ({**PRESENT, "size": 2}, None, "create", {"size": 2}),
        ({**PRESENT, "tags": {"A": 1}}, None, "create", {"tags": {"A": "1"}}),
        (PRESENT, LIVE, "none", LIVE),
        ({**PRESENT, "size": 2}, LIVE, "update", {**LIVE, "size": 2}),
        ({**PRESENT, "box": {"sides": 4, "lid": None}}, LIVE, "none", LIVE),
        ({**PRESENT, "box": {"sides": 5, "lid": None}}, LIVE, "update", {**LIVE, "box": {"lid": "red", "sides": 5}}),
        ({**PRESENT, "size": 0}, LIVE, "update", {**LIVE, "size": 0}),
        ({**PRESENT, "tags": {}}, LIVE, "update", {**LIVE, "tags": {}}),
        ({**PRESENT, "tags": {}, "purge_tags": False}, LIVE, "none", LIVE),
        ({**PRESENT, "tags": {"A": 1}}, LIVE, "none", LIVE),
        ({**PRESENT, "tags": {"B": "2"}, "purge_tags": False}, LIVE, "update", {**LIVE, "tags": {"A": "1", "B": "2"}}),
    ],
)
def test_a_plan_tells_the_action_and_the_state_after_it(
    params: dict, live: dict | None, action: str, after: dict
) -> None:
    todo = plan(THING, params, live)
    assert (todo.action, todo.after) == (action, after)


@pytest.mark.parametrize(
    ("params", "option"),
    [
        ({"kind": "b"}, "kind_of (is 'a', asked for 'b')"),
        ({"box": {"lid": "blue"}}, "box.lid (is 'red', asked for 'blue')"),
    ],
)
def test_what_no_call_can_change_is_refused_by_the_name_of_the_option(params: dict, option: str) -> None:
    with pytest.raises(CannotChange) as refused:
        plan(THING, {**PRESENT, **params}, LIVE)
    assert option in str(refused.value)
    assert "odd thing" in str(refused.value)
    assert "state=absent" in str(refused.value)


def test_without_an_update_call_everything_but_tags_is_refused() -> None:
    immutable = dataclasses.replace(THING, update=None)
    with pytest.raises(CannotChange, match="size"):
        plan(immutable, {**PRESENT, "size": 9}, LIVE)
    assert plan(immutable, {**PRESENT, "tags": {"A": "2"}}, LIVE).action == "update"


def test_a_plan_leaves_the_tags_of_aws_alone() -> None:
    live = {**LIVE, "tags": {"aws:made-by": "x", "A": "1"}}
    assert plan(THING, {**PRESENT, "tags": {"A": 1}}, live).action == "none"
    assert plan(THING, {**PRESENT, "tags": {}}, live).after["tags"] == {"aws:made-by": "x"}


def test_the_diff_shows_what_a_task_can_set_and_nothing_else() -> None:
    todo = plan(THING, {**PRESENT, "size": 2}, LIVE)
    shown = diff(THING, {**PRESENT, "size": 2}, todo)
    assert shown["before"] == {"size": 1, "kind_of": "a", "box": {"lid": "red", "sides": 4}, "tags": {"A": "1"}}
    assert shown["after"]["size"] == 2
    assert "arn" not in shown["after"]
