# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time limit that a task does not give must not begin anew in every slice: AWS sets a refresh none."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.slipway.aws.plugins.action.autoscaling_refresh import TIMEOUT, ActionModule
from ansible_collections.slipway.aws.plugins.module_utils import _refresh


@pytest.mark.parametrize(
    ("args", "spent", "left"),
    [({}, 0.0, 3600), ({}, 900.7, 2700), ({}, 5000.0, 0), ({"wait_timeout": 60}, 45.0, 15), ({"wait_timeout": None}, 600.0, 3000)],
)  # fmt: skip
def test_a_slice_gets_what_is_left_of_the_hour(args: dict[str, t.Any], spent: float, left: int) -> None:
    action = ActionModule.__new__(ActionModule)
    action._task = SimpleNamespace(args={"name": "shop", **args})
    assert action._slice_args({"id": "1a2b", "seen": "x"}, spent, 0) == {
        "name": "shop",
        "wait_timeout": left,
        "follow": {"id": "1a2b", "seen": "x", "seconds": 15, "quiet": 0},
    }


def test_it_is_the_time_limit_of_the_module() -> None:
    assert TIMEOUT == _refresh.TIMEOUT
