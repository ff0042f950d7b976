# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""autoscaling_refresh where CodeDeploy deploys to new hosts: loops of failing launches, deployments in flight."""

from __future__ import annotations

import pytest
from support.fleets import GROUP, Fleet
from support.modules import run_module
from support.rolling import change, done, newest, of_two, operations, refresh, versions

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults


@pytest.fixture
def fleet(world: None) -> Fleet:
    return of_two()


@pytest.fixture
def deployed(fleet: Fleet) -> Fleet:
    """The same hosts in a deployment group, with a revision that is live on them."""
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    assert fleet.deployed(fleet.bundle("app-1.zip"))["status"] == "Succeeded"
    return fleet


def launch_failures(fleet: Fleet, count: int) -> None:
    """Let launch deployments fail, as many as are counted in a row."""
    fleet.fails(event="ApplicationStart")
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=3)
    info = "codedeploy_deployment_info"
    clock.run_until(lambda: run_module(info, GROUP)["launch_failures"]["count"] >= count)
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=2)
    faults.remove()
    clock.advance(7200)


def test_a_revision_that_cannot_start_ends_it(deployed: Fleet) -> None:
    image = change(deployed)
    deployed.fails(event="ApplicationStart")
    outcome = refresh(**GROUP)
    assert outcome.failed and [call.operation for call in outcome.writes] == [
        "StartInstanceRefresh", "CancelInstanceRefresh",
    ]  # fmt: skip
    assert (
        "3 launch deployments of app/prod failed in a row: the live revision app-1.zip cannot start on" in outcome.msg
    )
    assert f"cannot start on {image}" in outcome.msg and "the refresh was canceled" in outcome.msg
    assert "failed in ApplicationStart, script scripts/start.sh" in outcome.msg
    assert "Deploy a revision that starts on the new image first" in outcome.msg
    assert outcome["launch_failures"]["count"] == 3 and outcome["launch_failures"]["looping"]
    assert newest(deployed)["Status"] in ("Cancelling", "Cancelled")
    assert outcome["instance_refresh"]["status"] == newest(deployed)["Status"]
    assert (
        outcome["failed_targets"][0]["script_name"] == "scripts/start.sh" and "log_tail" in outcome["failed_targets"][0]
    )


def test_failed_launches_are_named_with_a_refresh_that_ends_otherwise(deployed: Fleet) -> None:
    change(deployed)
    deployed.fails(event="ApplicationStart", times=2)
    clock.after(60, lambda: deployed.autoscaling.cancel_instance_refresh(AutoScalingGroupName="shop"))
    outcome = refresh(**GROUP, log_tail=False)
    assert outcome.failed and "ended as Cancelled" in outcome.msg
    assert (
        "launch deployments of app/prod failed in a row, the last one is d-" in outcome.msg
        and "scripts/start.sh" in outcome.msg
    )
    assert "log_tail" not in outcome["failed_targets"][0]


def test_a_loop_is_canceled_though_its_causes_cannot_be_read(deployed: Fleet) -> None:
    change(deployed)
    deployed.fails(event="ApplicationStart")
    faults.add({"kind": "denied", "operation": "ListDeploymentTargets"})
    outcome = refresh(**GROUP)
    assert outcome.failed and "the refresh was canceled" in outcome.msg


def test_a_loop_that_cannot_be_canceled_says_so(deployed: Fleet) -> None:
    change(deployed)
    deployed.fails(event="ApplicationStart")
    faults.add({"kind": "denied", "operation": "CancelInstanceRefresh"})
    outcome = refresh(**GROUP)
    assert outcome.failed and "cancel it, or it continues forever" in outcome.msg


def test_failures_of_one_wave_are_no_loop(world: None) -> None:
    fleet = Fleet()
    hosts = fleet.scaled("shop", 6)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    fleet.deployed(fleet.bundle("app-1.zip"))
    change(fleet)
    fleet.fails(event="ApplicationStart", times=3)
    outcome = done(**GROUP)
    assert outcome["instance_refresh"]["status"] == "Successful" and "CancelInstanceRefresh" not in operations(outcome)
    assert versions(fleet) == ["2"] * 6 and not set(hosts) & set(fleet.in_service("shop"))


def test_launch_failures_of_before_do_not_cancel_it(deployed: Fleet) -> None:
    launch_failures(deployed, 4)
    change(deployed)
    assert run_module("codedeploy_deployment_info", GROUP)["launch_failures"]["looping"]
    assert done(**GROUP)["instance_refresh"]["status"] == "Successful"
    assert versions(deployed) == ["2", "2"]


def test_a_quiet_look_is_two_calls(deployed: Fleet) -> None:
    change(deployed)
    first = done(**GROUP, follow={"seconds": 15})["followed"]
    quiet = done(**GROUP, follow={"id": first["id"], "seen": first["seen"], "seconds": 0})
    assert operations(quiet) == ["DescribeInstanceRefreshes", "ListDeployments"]


@pytest.mark.parametrize("check", [True, False])
def test_a_deployment_in_flight_is_not_rolled_under(deployed: Fleet, check: bool) -> None:
    change(deployed)
    busy = deployed.deploy(deployed.bundle("app-2.zip"))
    outcome = refresh(check, **GROUP)
    assert outcome.failed and outcome.writes == [] and outcome["active_deployment_ids"] == [busy]
    assert (
        f"the deployment {busy} of app/prod is in progress, and it would fail on hosts that are replaced" in outcome.msg
    )


@pytest.mark.parametrize("operation", ["ListDeployments", "BatchGetDeployments"])
def test_without_rights_on_codedeploy_hosts_are_rolled_all_the_same(deployed: Fleet, operation: str) -> None:
    change(deployed)
    deployed.fails(event="ApplicationStart", times=3)
    faults.add({"kind": "denied", "operation": operation})
    outcome = done(**GROUP)
    assert outcome["instance_refresh"]["status"] == "Successful"
    assert any("are not watched, because they could not be read" in warning for warning in outcome["warnings"])


def test_a_deployment_group_that_is_missing_is_warned_of(fleet: Fleet) -> None:
    change(fleet)
    outcome = done(**GROUP)
    assert any("could not be determined" in warning for warning in outcome["warnings"]) and versions(fleet) == [
        "2",
        "2",
    ]
