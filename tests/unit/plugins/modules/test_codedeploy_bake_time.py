# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time that a release runs in one deployment group before the next one gets it, by the clock of AWS."""

from __future__ import annotations

import typing as t

import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.lambda_shop import LambdaShop
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

ALARMS = {"enabled": True, "alarms": [{"name": "errors"}]}


@pytest.fixture
def shop(world: None) -> LambdaShop:
    """A group with an alarm, and a deployment to it that just ended."""
    made = LambdaShop(CONNECTION["region"])
    made.alarm("OK")
    made.lambda_group(alarmConfiguration=ALARMS)
    made.shifted("1", "2")
    return made


def bake(minutes: int = 30, check: bool = False, **options: t.Any) -> Outcome:
    asked = {"application_name": "app", "deployment_group_name": "prod", "minutes": minutes, **options}
    outcome = run_module("codedeploy_bake_time", asked, check_mode=check)
    assert not outcome.writes and not outcome.changed
    return outcome


def test_it_waits_for_the_rest_of_the_time_and_then_no_more(shop: LambdaShop) -> None:
    clock.advance(600)
    foretold, before = bake(check=True), clock.now()
    assert 1100 < foretold["remaining"] <= 1200
    done = bake()
    assert not done.failed and done["remaining"] == 0 and 1150 < clock.now() - before < 1300
    assert done["deployment"]["deployment_id"] == shop.group_info()["lastSuccessfulDeployment"]["deploymentId"]
    again = bake()
    assert [call.operation for call in again.calls] == ["GetDeploymentGroup", "DescribeAlarms"]


def test_slices_tell_how_much_has_passed(shop: LambdaShop) -> None:
    follow: dict[str, t.Any] = {"seconds": 15}
    lines: list[str] = []
    while True:
        followed = bake(10, follow=follow)["followed"]
        lines += followed["lines"]
        if followed["done"]:
            break
        follow = {"id": followed["id"], "seconds": 15, "seen": followed["seen"]}
    assert "has run for 10 of 10 minutes" in lines[-1] and len(lines) <= 11


@pytest.mark.parametrize("when", ["before", "meanwhile", "after"])
def test_an_alarm_stops_it_at_once(shop: LambdaShop, when: str) -> None:
    if when == "after":
        clock.advance(7200)
    if when == "meanwhile":
        assert not bake(follow={"seconds": 15}).failed
    shop.alarm("ALARM")
    failed = bake()
    is_a_sentence(failed.msg, "Failed to wait for the deployment of app/prod: the alarm errors is in the ALARM state")
    assert [one["cause"] for one in failed["problems"]] == ["alarm_on"] and failed["deployment"][
        "status"
    ] == "Succeeded"
    shop.alarm("OK")
    assert not bake(0).failed


def test_the_alarms_of_the_task_take_the_place_of_those_of_the_group(shop: LambdaShop) -> None:
    shop.alarm("ALARM")
    assert not bake(alarms=[]).failed
    shop.alarm("ALARM", "latency")
    assert "the alarm latency" in bake(alarms=["latency"]).msg
    assert "there is no alarm latncy" in bake(alarms=["latncy"]).msg


def test_without_a_deployment_there_is_nothing_to_wait_for(shop: LambdaShop) -> None:
    shop.lambda_group(name="other")
    failed = bake(deployment_group_name="other")
    is_a_sentence(failed.msg, "Failed to wait for the deployment of app/other: nothing was deployed")
    assert "has no deployment group none" in bake(deployment_group_name="none").msg


@pytest.mark.parametrize("operation", ["GetDeploymentGroup", "DescribeAlarms"])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_befalls_a_read(shop: LambdaShop, operation: str, fault: str) -> None:
    faults.add({**FAULTS[fault], "operation": operation})
    outcome = bake(1)
    assert outcome.failed is (fault not in PASSES)
    if outcome.failed:
        is_a_sentence(outcome.msg, "Failed to wait for the deployment of app/prod: ")
