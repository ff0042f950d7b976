# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a wish a resource does not have yet."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.filter.differing import FilterModule

differing = FilterModule().filters()["differing"]
LIVE: dict[str, t.Any] = {
    "min_size": 2,
    "protected": False,
    "subnets": ["b", "a"],
    "metadata": {"tokens": "required", "hops": 2},
    "devices": [{"name": "/dev/xvda", "ebs": {"size": 8, "encrypted": True}}],
    "tags": {"Team": "shop", "aws:stack": "x"},
}


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"min_size": "2", "protected": "false", "subnets": ["a", "b"]},
        {"metadata": {"hops": "2"}, "tags": {"Team": "shop"}},
        {"devices": [{"name": "/dev/xvda", "ebs": {"size": "8", "encrypted": "True", "iops": None}}]},
    ],
)
def test_what_is_there_in_other_words(wanted: dict[str, t.Any]) -> None:
    assert differing(wanted, LIVE) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_size", 3),
        ("protected", True),
        ("subnets", ["a"]),
        ("subnets", []),
        ("metadata", {"hops": 1}),
        ("devices", [{"name": "/dev/xvda", "ebs": {"size": 9}}]),
        ("tags", {"Team": "blog"}),
        ("other", "x"),
    ],
)
def test_what_is_not(name: str, value: t.Any) -> None:
    assert differing({name: value, "min_size": value if name == "min_size" else 2}, LIVE) == {name: value}


def test_anything_but_maps_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="two dictionaries"):
        differing(["a"], LIVE)
