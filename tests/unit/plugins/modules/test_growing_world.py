# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet costs grows as it does: in a world of twice the hosts, nothing is called four times as often."""

from __future__ import annotations

import cProfile
import typing as t
from collections import Counter

import pytest
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.hosts import BOOT_SECONDS
from slipway_emulator.world import reset

SIZES = (8, 16, 32)
FEW = 150  # calls that a poll more may make
OURS = (
    "/slipway_emulator/",
    "/slipway/aws/plugins/",
    "/moto/",
)  # botocore makes a client now and then, which costs the same in any world
Calls = dict[str, dict[t.Any, int]]


def counted(work: t.Callable[[], t.Any]) -> Counter[t.Any]:
    """How often each function was called."""
    profile = cProfile.Profile(builtins=False, subcalls=False)
    outcome = profile.runcall(work)
    assert not isinstance(outcome, Outcome) or not outcome.failed, outcome.msg
    return Counter({entry.code: entry.callcount for entry in profile.getstats() if not isinstance(entry.code, str)})


def by_tag(fleet: Fleet, size: int) -> None:
    fleet.launch(size)
    fleet.group()


def by_scaling_group(fleet: Fleet, size: int) -> None:
    fleet.scaled("shop", size)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    clock.advance(BOOT_SECONDS + 1)


def life(arrange: t.Callable[[Fleet, int], None], size: int) -> Calls:
    """The calls of each step in the life of a fleet of this size."""
    reset()
    fleet = Fleet()
    wanted = {**GROUP, "revision": fleet.revision(), "deployment_config_name": "CodeDeployDefault.HalfAtATime"}
    return {
        "launch": counted(lambda: arrange(fleet, size)),
        "survey": counted(lambda: run_module("codedeploy_fleet_info", GROUP)),
        "census": counted(lambda: run_module("codedeploy_census_info", {})),
        "preflight": counted(lambda: run_module("codedeploy_preflight", GROUP)),
        "plan": counted(lambda: run_module("codedeploy_deployment", wanted, check_mode=True)),
        "deploy": counted(lambda: run_module("codedeploy_deployment", wanted)),
    }


@pytest.mark.parametrize("arrange", [by_tag, by_scaling_group])
def test_no_step_costs_the_square_of_the_fleet(world: None, arrange: t.Callable[[Fleet, int], None]) -> None:
    life(arrange, 2)  # what is made once in a process
    small, middle, large = (life(arrange, size) for size in SIZES)
    steep = [
        (step, code.co_filename, code.co_name, small[step][code], middle[step][code], calls)
        for step in large
        for code, calls in large[step].items()
        if any(place in code.co_filename for place in OURS)
        and calls - middle[step][code] > 3 * max(0, middle[step][code] - small[step][code]) + FEW
    ]
    assert steep == []
