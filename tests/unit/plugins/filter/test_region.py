# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Region holds where a role needs its name."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.aws.plugins.filter.region import NAMES, FilterModule

region = FilterModule().filters()["region"]


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ("eu-west-1", {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-1"),
        ("", {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-2"),
        (None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
        ("", {}, ""),
    ],
)
def test_what_is_given_comes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: dict[str, str], expected: str
) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, environment.get(name, ""))
    assert region(given) == expected
