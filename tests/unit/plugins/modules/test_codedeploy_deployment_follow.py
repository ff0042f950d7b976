# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Six hosts with the agent, and a group of them."""
    found = Fleet()
    found.ids = found.launch(6)
    found.group(deploymentConfigName="CodeDeployDefault.HalfAtATime")
    return found


def deploy(revision: dict[str, t.Any], check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "revision": revision, **options}, check_mode=check)


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def test_a_deployment_is_stopped_once(fleet: Fleet) -> None:
    deploy(fleet.revision(), wait=False)
    clock.advance(6)
    foretold = run_module("codedeploy_deployment", {**GROUP, "state": "stopped"}, check_mode=True)
    assert foretold.changed and not foretold.writes
    done = run_module("codedeploy_deployment", {**GROUP, "state": "stopped"})
    assert done.changed and done["deployment"]["status"] == "Stopped" and not done.failed
    for again in (
        {**GROUP, "state": "stopped"},
        {"state": "stopped", "deployment_id": done["deployment"]["deployment_id"]},
    ):
        outcome = run_module("codedeploy_deployment", again)
        assert not outcome.changed and not outcome.writes and not outcome.failed


def test_a_stopped_deployment_is_rolled_back_on_wish(fleet: Fleet) -> None:
    deploy(fleet.revision("app-1.zip"))
    deploy(fleet.revision("app-2.zip"), wait=False)
    clock.advance(6)
    done = run_module("codedeploy_deployment", {**GROUP, "state": "stopped", "auto_rollback_enabled": True})
    assert done["deployment"]["status"] == "Stopped"
    assert done["rollback"]["deployment"]["revision"]["s3_location"]["key"] == "app-1.zip"


def test_an_unknown_deployment_cannot_be_stopped(world: None) -> None:
    outcome = run_module("codedeploy_deployment", {"state": "stopped", "deployment_id": "d-ABCDEF123"})
    assert outcome.failed and "no deployment d-ABCDEF123" in outcome.msg


def test_a_hang_is_named_with_its_likely_cause(fleet: Fleet) -> None:
    faults.add({"kind": "agent-stopped", "instance_id": fleet.ids[0]})
    outcome = deploy(fleet.revision(), deployment_config_name="CodeDeployDefault.AllAtOnce")
    (said,) = [line for line in outcome["followed"]["lines"] if "has made no progress" in line]
    assert fleet.ids[0] in said and "agent is probably absent, stopped" in said and fleet.ids[1] not in said


def test_progress_comes_in_slices(fleet: Fleet) -> None:
    revision, follow, shown, runs = fleet.revision(), {"seconds": 15}, [], []
    while True:
        one = deploy(revision, follow=follow)
        followed = one["followed"]
        shown += followed["lines"]
        runs.append(one)
        if followed["done"]:
            break
        follow = {"id": followed["id"], "seconds": 15, "seen": followed["seen"]}
    assert sum(len(run.writes) for run in runs) == 1 and len(runs) > 3
    assert sum(line.endswith("succeeded") and line.startswith("i-") for line in shown) == 6
    assert shown[-1].endswith("Succeeded: 6 of 6 succeeded")
    assert len(shown) == len([line for i, line in enumerate(shown) if line not in shown[:i]])


@pytest.mark.parametrize("hosts", [10, 120])  # more than any page has
def test_a_quiet_poll_is_one_call_for_any_fleet(world: None, hosts: int) -> None:
    fleet = Fleet()
    fleet.launch(hosts)
    fleet.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    fleet.fails(event="AfterInstall", script="scripts/none.sh")
    first = deploy(fleet.revision(), follow={"seconds": 15})
    follow = {"id": first["followed"]["id"], "seen": first["followed"]["seen"]}
    clock.advance(4)
    moved = deploy(fleet.revision(), follow={**follow, "seconds": 1})
    quiet = deploy(fleet.revision(), follow={**follow, "seen": moved["followed"]["seen"], "seconds": 0})
    assert operations(quiet) == ["GetDeployment"]


def test_slices_wait_for_another_deployment_and_then_deploy(fleet: Fleet) -> None:
    busy = deploy(fleet.revision("app-1.zip"), wait=False)["deployment"]["deployment_id"]
    follow: dict[str, t.Any] = {"seconds": 15}
    ids = []
    while True:
        one = deploy(fleet.revision("app-2.zip"), when_active="wait", follow=follow)
        ids.append(one["followed"]["id"])
        if one["followed"]["done"]:
            break
        follow = {"id": ids[-1], "seconds": 15, "seen": one["followed"]["seen"]}
    assert ids[0] == f"after:{busy}" and ids[-1] == one["deployment"]["deployment_id"] != busy
    assert one["deployment"]["revision"]["s3_location"]["key"] == "app-2.zip" and not one.failed


def test_a_stop_is_followed_in_slices(fleet: Fleet) -> None:
    deploy(fleet.revision(), wait=False)
    clock.advance(6)
    follow: dict[str, t.Any] = {"seconds": 1}
    runs = []
    while not runs or not runs[-1]["followed"]["done"]:
        runs.append(run_module("codedeploy_deployment", {**GROUP, "state": "stopped", "follow": follow}))
        followed = runs[-1]["followed"]
        follow = {"id": followed["id"], "seconds": 1, "seen": followed["seen"]}
    assert runs[-1]["deployment"]["status"] == "Stopped" and all(run.changed for run in runs)
    assert sum(len(run.writes) for run in runs) == 1
