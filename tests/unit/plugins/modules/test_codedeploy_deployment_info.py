# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t

import pytest
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.ids = found.launch(2)
    found.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    return found


def info(**options: t.Any) -> Outcome:
    outcome = run_module("codedeploy_deployment_info", options)
    assert not outcome.writes and not outcome.changed
    return outcome


def ids(outcome: Outcome) -> list[str]:
    return [one["deployment_id"] for one in outcome["deployments"]]


def test_deployments_are_found_by_what_is_asked(fleet: Fleet) -> None:
    fleet.fails(revision_key="app-2.zip", event="AfterInstall")
    first = fleet.deployed(fleet.bundle("app-1.zip"))["deploymentId"]
    clock.advance(3600)
    between = datetime.datetime.fromtimestamp(clock.now(), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.advance(60)
    second = fleet.deployed(fleet.bundle("app-2.zip"))["deploymentId"]
    assert ids(info(**GROUP)) == [second, first] == ids(info())
    assert ids(info(statuses=["Failed"])) == [second] == ids(info(**GROUP, created_after=between))
    assert ids(info(**GROUP, created_before=between)) == [first]
    assert ids(info(deployment_ids=[first, "d-ABCDEF123"])) == [first]
    assert ids(info(creators=["autoscaling"])) == []
    assert info(**{**GROUP, "deployment_group_name": "staging"})["deployments"] == []


def test_targets_are_told_on_wish(fleet: Fleet) -> None:
    fleet.fails(instance_id=fleet.ids[0], event="AfterInstall", log="secret")
    done = fleet.deployed(fleet.bundle())["deploymentId"]
    (one,) = info(deployment_ids=[done], targets="failed")["deployments"]
    assert one["failed_targets"][0]["target_id"] == fleet.ids[0] and "secret" in one["failed_targets"][0]["log_tail"]
    (one,) = info(deployment_ids=[done], targets="all")["deployments"]
    assert {target["status"] for target in one["targets"]} == {"Failed", "Succeeded"}
    for wanted in ("failed", "all"):
        assert "secret" not in str(info(deployment_ids=[done], targets=wanted, log_tail=False).result)


def test_a_time_that_is_none_is_refused(world: None) -> None:
    outcome = info(created_after="yesterday")
    assert outcome.failed and "created_after 'yesterday'" in outcome.msg and "2026-11-23T17:00:00Z" in outcome.msg


def test_thirty_deployments_cost_two_batches(fleet: Fleet) -> None:
    revision = fleet.bundle()
    for _turn in range(30):
        fleet.codedeploy.stop_deployment(deploymentId=fleet.deploy(revision))
        clock.advance(60)
    outcome = info(**GROUP)
    assert len(outcome["deployments"]) == 30
    assert [call.operation for call in outcome.calls] == [
        "ListDeployments",
        "BatchGetDeployments",
        "BatchGetDeployments",
    ]
