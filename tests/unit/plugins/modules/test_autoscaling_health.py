# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""autoscaling_health against the emulator: what is waited for, and which host is named with which reason."""

from __future__ import annotations

import re
import typing as t

import pytest
from support.balanced import Balanced
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "autoscaling_health"
SHOP = {"name": "shop", "wait_delay": 5}


def health(check: bool = False, **options: t.Any) -> Outcome:
    return run_module(MODULE, {**SHOP, **options}, check_mode=check)


@pytest.fixture(params=["application", "classic"])
def fleet(world: None, request: pytest.FixtureRequest) -> Balanced:
    """Two healthy hosts behind a load balancer."""
    found = Balanced()
    found.balancer(request.param)
    found.ids = found.scaled("shop", 2)
    found.attach("shop")
    return found


def test_hosts_are_waited_for_until_the_load_balancer_finds_them_healthy(fleet: Balanced) -> None:
    outcome = health(managed=True)
    assert not outcome.failed and not outcome.changed and outcome.writes == [] and len(outcome.calls) <= 3
    assert [one["instance_id"] for one in outcome["hosts"]] == sorted(fleet.ids)
    assert outcome["hosts"][0]["launch_template"]["version"] == "1" and outcome["unhealthy_hosts"] == []
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=3)
    told = health(check=True)
    assert not told.failed and len(told["unhealthy_hosts"]) == 1 and told["hosts"] != outcome["hosts"]
    waited = health(follow={"seconds": 600})
    assert waited["followed"]["lines"][0].startswith("shop: 2 of 3 hosts are healthy; i-")
    assert len(health()["hosts"]) == 3


def test_a_host_that_stays_unhealthy_is_named(fleet: Balanced) -> None:
    faults.add({"kind": "target-unhealthy", "target_id": fleet.ids[0]})
    clock.advance(60)
    outcome = health(wait_timeout=60)
    assert outcome.failed and outcome["unhealthy_hosts"] == [fleet.ids[0]]
    start = "Failed to wait for the hosts of the Auto Scaling group shop: shop: 1 of 2 hosts are healthy; "
    assert outcome.msg.startswith(f"{start}{fleet.ids[0]}: ") and "when wait_timeout expired" in outcome.msg
    assert re.search(r" in the (target group|load balancer) web \([A-Z]\w+ .*\) when", outcome.msg)
    assert health(wait=False).failed


def test_what_the_group_and_systems_manager_say_counts(world: None) -> None:
    fleet = Balanced()
    ids = fleet.scaled("shop", 2)
    fleet.autoscaling.enter_standby(
        AutoScalingGroupName="shop", InstanceIds=ids[:1], ShouldDecrementDesiredCapacity=True
    )
    assert [one["instance_id"] for one in health()["hosts"]] == ids[1:]
    faults.add({"kind": "denied", "operation": "DescribeInstanceInformation"})
    assert health(managed=True).failed and not health().failed
    fleet.autoscaling.suspend_processes(AutoScalingGroupName="shop", ScalingProcesses=["Launch", "ReplaceUnhealthy"])
    fleet.autoscaling.set_instance_health(InstanceId=ids[1], HealthStatus="Unhealthy")
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=2)
    outcome = health(wait=False)
    assert f"{ids[1]}: Unhealthy in the group and 1 more" in outcome.msg or "1 are not launched yet" in outcome.msg


def test_a_group_that_is_missing_is_refused(world: None) -> None:
    outcome = health()
    assert outcome.failed and "there is no Auto Scaling group shop in eu-west-1" in outcome.msg
