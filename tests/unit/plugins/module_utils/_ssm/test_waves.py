# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nodes get a package first."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout.waves import split

DUE = [(f"i-{number}", "linux.zip") for number in range(8)] + [("i-8", "windows.zip"), ("i-9", "windows.zip")]


@pytest.mark.parametrize(
    ("canary", "first"),
    [
        ("1", ["i-0"]),
        ("2", ["i-0", "i-8"]),
        ("30%", ["i-0", "i-1", "i-8"]),
        ("1%", ["i-0"]),
        ("0", []),
        ("0%", []),
        ("100%", [f"i-{number}" for number in range(10)]),
        ("50", [f"i-{number}" for number in range(10)]),
    ],
)
def test_every_file_is_tried_early(canary: str, first: list[str]) -> None:
    parted = split(DUE, canary)
    assert parted.canary == first
    assert parted.rest == [node for node, _file in DUE if node not in first]


@pytest.mark.parametrize("canary", ["", "half", "-1", "101%", "1.5", "10 %", "1\n"])
def test_what_is_no_number_is_refused(canary: str) -> None:
    with pytest.raises(Refused, match="canary is "):
        split(DUE, canary)


def test_nobody_is_due() -> None:
    assert split([], "10%") == ([], [])
