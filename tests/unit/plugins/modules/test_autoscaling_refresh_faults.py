# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every call of autoscaling_refresh and autoscaling_health with every fault: right, or one clear sentence; nothing is made twice."""

from __future__ import annotations

import typing as t

import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.fleets import Fleet
from support.modules import run_module
from support.refreshes import alarm
from support.rolling import done, of_two, refresh

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

GROUP = {"AutoScalingGroupName": "shop"}
RELEASE = (
    "DescribeAutoScalingGroups", "DescribeLaunchTemplateVersions", "DescribeInstanceRefreshes", "DescribeAlarms",
    "DescribeImages", "UpdateAutoScalingGroup", "CreateLaunchTemplateVersion", "StartInstanceRefresh",
)  # fmt: skip
FAST: dict[str, t.Any] = {"min_healthy_percentage": 0, "instance_warmup": 0}


@pytest.fixture
def fleet(world: None) -> Fleet:
    alarm("errors")
    return of_two()


def struck(operation: str, fault: str, verb: str, **options: t.Any) -> bool:
    """Whether a task with this fault on this call went well; if not, it says so."""
    faults.add({**FAULTS[fault], "operation": operation})
    outcome = refresh(**FAST, **options)
    faults.remove()
    if outcome.failed:
        is_a_sentence(outcome.msg, f"Failed to {verb}")
        assert FAULTS[fault]["kind"] != "throttle"
    return not outcome.failed


def made(fleet: Fleet, image: str) -> tuple[int, int]:
    """How many versions there are with an image, and how many refreshes to them."""
    listed = fleet.ec2.describe_launch_template_versions(LaunchTemplateName="shop")["LaunchTemplateVersions"]
    numbers = [str(one["VersionNumber"]) for one in listed if one["LaunchTemplateData"]["ImageId"] == image]
    refreshes = fleet.autoscaling.describe_instance_refreshes(**GROUP)["InstanceRefreshes"]
    asked = [one["DesiredConfiguration"]["LaunchTemplate"]["Version"] for one in refreshes]
    return len(numbers), len([one for one in asked if one in numbers])


def test_a_release_is_right_or_explained_and_made_once(fleet: Fleet) -> None:
    """Lost answers to writes are a matter of test_autoscaling_refresh_images.py."""
    for operation in RELEASE:
        image = fleet.image()
        options = {"image_id": image, "alarm_specification": {"alarms": ["errors"]}, "auto_rollback": True}
        struck(operation, "outage", "refresh the Auto Scaling group shop: ", **options)
        done(**FAST, **options)
        assert made(fleet, image) == (1, 1), operation
    assert not done(**FAST, **options).changed


@pytest.mark.parametrize(
    ("state", "operation", "verb"),
    [
        ("rolled_back", "RollbackInstanceRefresh", "roll back the Auto Scaling group shop: "),
        ("cancelled", "CancelInstanceRefresh", "cancel the instance refresh of the Auto Scaling group shop: "),
    ],
)
def test_the_way_back_is_right_or_explained(fleet: Fleet, state: str, operation: str, verb: str) -> None:
    for fault in ("outage", "lost reply", "no reply"):
        done(**{**FAST, "instance_warmup": 30}, image_id=fleet.image(), wait=False)
        clock.advance(5)
        assert struck(operation, fault, verb, state=state) == (fault != "outage")
        outcome = done(**FAST, state=state)
        ended = fleet.autoscaling.describe_instance_refreshes(**GROUP)["InstanceRefreshes"][0]["Status"]
        assert ended in ("RollbackSuccessful", "Cancelled"), (fault, outcome["reason"])
        done(**FAST, state="rolled_back")


@pytest.mark.parametrize("operation", ["DescribeAutoScalingGroups", "DescribeInstanceInformation"])
def test_the_wait_for_healthy_hosts_is_right_or_explained(fleet: Fleet, operation: str) -> None:
    for name, fault in FAULTS.items():
        faults.add({**fault, "operation": operation})
        outcome = run_module("autoscaling_health", {"name": "shop", "managed": True})
        faults.remove()
        assert outcome.failed == (name not in PASSES), (name, outcome.result)
        if outcome.failed:
            is_a_sentence(outcome.msg, "Failed to wait for the hosts of the Auto Scaling group shop: ")
