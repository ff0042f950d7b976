# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet that is rolled onto another AMI by its role: foretold, shown while it runs, and loud when it does not end well."""

from __future__ import annotations

import re
import typing as t

import pytest
from support.plays import REGION, Emulator, Player, roles

FLEET = roles("autoscaling_fleet")
ROLL = "Replace the instances"


@pytest.fixture(scope="module")
def images(account: Emulator) -> list[str]:
    """Two AMIs with the same in them. Slow enough that a play sees a refresh on its way, at a second between looks."""
    account.control("clock", speed=200)
    ec2 = account.client("ec2")
    found = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-2023.*-x86_64"]}])
    first = found["Images"][0]["ImageId"]
    return [first, ec2.copy_image(SourceImageId=first, SourceRegion=REGION, Name="another")["ImageId"]]


def on(image: str, **more: t.Any) -> dict[str, t.Any]:
    wanted = {"slipway_region": REGION, "slipway_fleet": "shop", "autoscaling_fleet_wait_delay": 1}
    pace = {"autoscaling_fleet_min_healthy_percentage": 50, "autoscaling_fleet_instance_warmup": 60}
    return {**wanted, **pace, "autoscaling_fleet_image_id": image, **more}


def running(account: Emulator) -> list[str]:
    return [host["image_id"] for host in account.hosts()]


def test_a_check_run_names_the_hosts_that_would_be_rolled(play: Player, account: Emulator, images: list[str]) -> None:
    play(FLEET, on(images[0]))
    assert running(account) == [images[0]] * 2
    run = play(FLEET, on(images[1]), check=True)
    assert run.writes == [] and "Show the plan for the refresh" in run.changed
    (said,) = [said for said in run.messages if said.startswith("Would replace")]
    assert said.startswith(
        f"Would replace 2 instances of shop with instances of {images[1]}, keeping 50 % in service: i-"
    )


def test_the_roll_is_shown_while_it_runs(play: Player, account: Emulator, images: list[str]) -> None:
    run = play(FLEET, on(images[1], autoscaling_fleet_instance_warmup=240))
    assert running(account) == [images[1]] * 2
    assert ROLL in run.changed and run.writes.count("StartInstanceRefresh") == 1
    for line in (r"shop InProgress: \d+ % replaced, \d hosts to go", r"shop Successful: 100 % replaced, 0 hosts to go"):
        assert re.search(rf"^\[localhost\] {line}", run.output, re.MULTILINE)
    assert run.result(ROLL)["plan"]["hosts"] and run.result(ROLL)["instance_refresh"]["status"] == "Successful"


def test_out_of_time_it_is_said_and_the_next_run_joins(play: Player, account: Emulator, images: list[str]) -> None:
    account.control("clock", speed=0)
    late, joined = (play(FLEET, on(images[0], autoscaling_fleet_wait_timeout=1), code=2) for _run in range(2))
    for said in (*late.failures, *joined.failures):
        assert "did not finish within wait_timeout" in said and "run the task again to continue waiting" in said
    assert late.writes.count("StartInstanceRefresh") == 1
    assert joined.result(ROLL)["joined"] and joined.writes == []
    account.control("clock", advance=3600)
    assert running(account) == [images[0]] * 2


def test_a_refresh_that_ends_badly_after_many_looks_fails_the_play(
    play: Player, account: Emulator, images: list[str]
) -> None:
    scaling = account.client("autoscaling")
    ids = [host["instance_id"] for host in account.hosts()]
    scaling.set_instance_protection(AutoScalingGroupName="shop", InstanceIds=ids, ProtectedFromScaleIn=True)
    account.control("clock", speed=600)
    run = play(FLEET, on(images[1]), code=2)
    (said,) = run.failures
    assert "ended as Failed at 0 %" in said and "protected from scale in" in said
    assert [call["operation"] for call in run.ours].count("DescribeInstanceRefreshes") > 4
    assert "AWS waits an hour for this to change" in run.output
