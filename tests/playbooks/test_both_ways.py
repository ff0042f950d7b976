# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module in a fork of Ansible's worker comes to the same as one that starts a Python of its own.

Some modules of every kind stand for all. `make test STEPS=whole-both-ways` runs every module in both ways.
"""

from __future__ import annotations

import pytest
from support.every_module import CANARY, PREFIX, modules, story, surroundings, without_chance
from support.plays import Emulator, Player, Run

FORKED = "FORK ansible_collections.slipway.aws"
ONLY_FAIL = (
    "autoscaling_group_settings",
    "autoscaling_health",
    "autoscaling_refresh",
    "codedeploy_bake_time",
    "codedeploy_deployment",
    "codedeploy_lifecycle_hook",
    "imagebuilder_workflow_step",
)  # in an account without hosts, and of a build that has just begun
KINDS = {"codedeploy": ("warnings", "diff", "invocation", "censored"), "imagebuilder": ("diff", "invocation")}


@pytest.fixture(scope="module", params=sorted(KINDS))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def ways(play: Player, account: Emulator, service: str) -> dict[str, Run]:
    """The same play in the same account, in a fork and in the ordinary way."""
    runs = {}
    for way in ("true", "false"):
        account.reset(speed=1)  # a build that was started is not over in either
        surroundings(account)
        runs[way] = play(
            story(service), SLIPWAY_DIRECT_EXECUTION=way, ANSIBLE_VERBOSITY="5", ANSIBLE_INJECT_INVOCATION="true"
        )
    return runs


def test_one_play_runs_in_forks_and_the_other_does_not(ways: dict[str, Run], service: str) -> None:
    assert ways["true"].output.count(FORKED) >= len(story(service))
    assert FORKED not in ways["false"].output


def test_every_module_comes_to_the_same(ways: dict[str, Run]) -> None:
    direct, ordinary = (ways[way].events for way in ("true", "false"))
    assert [event.get("task") for event in direct] == [event.get("task") for event in ordinary]
    for one, other in zip(direct, ordinary):
        assert without_chance(one) == without_chance(other), one.get("task")


def test_the_play_tells_every_kind_of_result(ways: dict[str, Run], service: str) -> None:
    """Otherwise two plays that come to nothing would be the same."""
    events = [event for event in ways["true"].events if event["event"] != "stats"]
    for module in modules():
        ends = {event["event"] for event in events if event["action"] == PREFIX + module}
        told = ("imagebuilder" in module) == (service == "imagebuilder")
        expected = {"failed"} if module in ONLY_FAIL else {"ok", "failed"}
        assert ends == (expected if told else set()), module
    for kind in KINDS[service]:
        assert any(kind in event["result"] for event in events), kind


def test_a_secret_is_in_no_output(ways: dict[str, Run]) -> None:
    for run in ways.values():
        assert CANARY not in run.output and CANARY not in str(run.events)
