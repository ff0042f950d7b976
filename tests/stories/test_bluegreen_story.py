# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of a fleet that is replaced by a copy, with another name and another number of hosts than it has by itself."""

from __future__ import annotations

import re

from support.stories import told


def test_a_fleet_is_replaced_and_a_broken_release_is_not_noticed() -> None:
    _shown, figures = told("bluegreen", "--name", "checkout", "--fleet", "3")
    assert figures["second_run"] == {"changed": 0, "write_calls": 0}
    assert figures["fleet"]["before"] == ["checkout"]
    [after] = figures["fleet"]["after"]
    assert re.fullmatch(r"CodeDeploy_production_d-[A-Z0-9]{9}", after)
    assert [one["status"] for one in figures["deployments"]] == ["Succeeded", "InProgress", "Failed"]
    assert (figures["traffic"][0]["blue"], figures["traffic"][-1]["green"]) == (100, 100)
    assert all(one["blue"] + one["green"] == 100 for one in figures["traffic"])
