# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rolling the fleet `shop` onto other versions of its launch template, by the module."""

from __future__ import annotations

import typing as t

from support.fleets import Fleet
from support.modules import Outcome, run_module

MODULE = "autoscaling_refresh"
FAST = {"name": "shop", "min_healthy_percentage": 50, "instance_warmup": 30}


def of_two() -> Fleet:
    """Two hosts on version 1 of the launch template `shop`, which the group takes in its latest version."""
    found = Fleet()
    found.ids = found.scaled("shop", 2)
    return found


def change(fleet: Fleet, name: str = "shop") -> str:
    """One more version of the template, with another AMI."""
    image = fleet.image()
    fleet.ec2.create_launch_template_version(
        LaunchTemplateName=name, SourceVersion="1", LaunchTemplateData={"ImageId": image}
    )
    return image


def refresh(check: bool = False, **options: t.Any) -> Outcome:
    return run_module(MODULE, {**FAST, **options}, check_mode=check)


def done(check: bool = False, **options: t.Any) -> Outcome:
    outcome = refresh(check, **options)
    assert not outcome.failed, outcome.msg
    return outcome


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def newest(fleet: Fleet) -> dict[str, t.Any]:
    return fleet.autoscaling.describe_instance_refreshes(AutoScalingGroupName="shop")["InstanceRefreshes"][0]


def versions(fleet: Fleet) -> list[str]:
    group = fleet.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["shop"])["AutoScalingGroups"][0]
    return sorted(one["LaunchTemplate"]["Version"] for one in group["Instances"])
