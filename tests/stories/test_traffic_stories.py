# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stories of a Lambda function and of an ECS service, with another name, configuration and hook than they have by themselves."""

from __future__ import annotations

import pytest
from support.stories import told


@pytest.mark.parametrize(
    ("story", "config", "hook"),
    [
        ("lambda", "CodeDeployDefault.LambdaLinear10PercentEvery1Minute", "AfterAllowTraffic"),
        ("ecs", "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "AfterInstall"),
    ],
)
def test_traffic_moves_in_steps_and_comes_back(story: str, config: str, hook: str) -> None:
    _shown, figures = told(story, "--name", "checkout", "--config", config, "--hook", hook)
    assert figures["second_run"] == {"changed": 0, "write_calls": 0}
    assert {10.0 * n for n in range(11)} >= {one["green"] for one in figures["weights"]} >= {0.0, 50.0, 100.0}
    assert all(one["blue"] + one["green"] == 100 for one in figures["weights"])
    assert [one["status"] for one in figures["deployments"]] == [
        "Succeeded",
        "Failed",
        "Stopped",
        "Succeeded",
        "Succeeded",
    ]
    assert all(one["rolled_back_by"] for one in figures["deployments"][1:3])
