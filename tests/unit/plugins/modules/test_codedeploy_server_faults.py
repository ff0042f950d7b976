# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each call of a deployment to hosts that is blue/green, or whose revision was found, with each fault; and what they cost.

Right or one clear sentence, and the next run converges.
"""

from __future__ import annotations

import typing as t

import pytest
from support.balanced import Balanced
from support.every_fault import FAULTS, struck_deployment
from support.fleets import GROUP
from support.modules import Outcome, run_module

from slipway_emulator.faults import faults

# What tells more of hosts, or only foresees a failure, is left out where it may not be read.
UNREADABLE = {"DescribeInstances", "DescribeAutoScalingGroups", "GetObject", "HeadObject", "DescribeInstanceRefreshes"}
LASTING = ("outage", "denied")
WRITES = ("lost reply", "no reply", "outage")  # the rest befalls it as any deployment
STAGING = {"from_group": {"deployment_group_name": "staging"}, "allow_older": False}
READS = ("GetDeploymentGroup", "ListDeployments", "BatchGetDeployments", "ListDeploymentTargets")


@pytest.fixture
def shop(world: None) -> Balanced:
    return Balanced()


@pytest.fixture
def promoted(shop: Balanced) -> Balanced:
    """Production with one revision, staging with a newer one."""
    image = shop.image()
    shop.launch(1, image)
    shop.launch(1, image, role="staging")
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    filters = [{"Key": "role", "Value": "staging", "Type": "KEY_AND_VALUE"}]
    shop.group("staging", ec2TagFilters=filters, deploymentConfigName="CodeDeployDefault.AllAtOnce")
    shop.deployed(shop.bundle("app-1.zip"))
    shop.deployed(shop.bundle("app-2.zip"), group="staging")
    return shop


def task(**options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, **options})


def struck(operation: str, fault: str, verb: str = "deploy to", **options: t.Any) -> Outcome:
    return struck_deployment(operation, fault, {**GROUP, **options}, verb, UNREADABLE)


def deployments(shop: Balanced) -> int:
    return len(shop.codedeploy.list_deployments(applicationName="app", deploymentGroupName="prod")["deployments"])


def converges(shop: Balanced, operation: str, most: int, *named: str, **options: t.Any) -> None:
    """The task is run again and again, each time with a fault, and once without."""
    for fault in named:
        struck(operation, fault, **options)
        assert deployments(shop) <= most
    then = task(**options)
    assert not then.failed and deployments(shop) == most, then.msg
    assert not task(**options).writes


@pytest.mark.parametrize("fault", ["short outage", "lost reply"])
def test_reads_of_what_another_group_has_are_repeated(promoted: Balanced, fault: str) -> None:
    for operation in (*READS, "GetDeployment", "HeadObject", "GetObject", "DescribeInstances"):
        faults.add({**FAULTS[fault], "operation": operation})
    done = task(**STAGING)
    assert not done.failed and not any(rule["times"] for rule in faults.as_json()) and deployments(promoted) == 2


@pytest.mark.parametrize("operation", READS)
def test_a_read_that_fails_deploys_nothing_twice(promoted: Balanced, operation: str) -> None:
    converges(promoted, operation, 2, *LASTING, **STAGING)


@pytest.mark.parametrize("fault", WRITES)
def test_what_was_found_is_deployed_once_whatever_befalls_the_write(promoted: Balanced, fault: str) -> None:
    converges(promoted, "CreateDeployment", 2, fault, **STAGING)


@pytest.mark.parametrize("fault", WRITES)
def test_hosts_go_back_once_whatever_befalls_the_write(promoted: Balanced, fault: str) -> None:
    task(**STAGING)
    struck("CreateDeployment", fault, "roll back", state="rolled_back")
    then = task(state="rolled_back")
    assert not then.failed and deployments(promoted) == 3 and not task(state="rolled_back").writes


@pytest.mark.parametrize("fault", ["lost reply", "outage"])
def test_a_fleet_is_replaced_once_whatever_befalls_the_write(shop: Balanced, fault: str) -> None:
    shop.copying()
    converges(shop, "CreateDeployment", 1, fault, revision=shop.revision())


def test_a_read_of_a_blue_green_deployment_that_fails_replaces_no_second_fleet(shop: Balanced) -> None:
    shop.copying(ready=60, termination=60)
    asked = {"revision": shop.revision(), "wait_until": "ready"}
    for operation in ("GetDeployment", "ListDeployments", "BatchGetDeployments"):
        struck(operation, "outage", **asked)
    assert task(**asked)["deployment"]["status"] == "Ready" and deployments(shop) == 1
    for fault in ("denied", "outage"):
        assert struck("ContinueDeployment", fault, "continue", state="continued").failed
    moved = struck("ContinueDeployment", "lost reply", "continue", state="continued", wait_until="traffic_moved")
    assert moved.changed and moved["blue_green"]["traffic"] == "green"
    done = task(state="continued")
    assert not done.failed and done["deployment"]["status"] == "Succeeded"


def test_what_it_costs(promoted: Balanced) -> None:
    task(**STAGING)
    again = task(**STAGING)
    read = ["GetDeploymentGroup", "DescribeInstances", "ListDeployments", "BatchGetDeployments"]
    assert len(again.calls) <= 14 and not again.writes
    assert {*read, "ListDeploymentTargets"} == {call.operation for call in again.calls}


def test_what_a_quiet_poll_of_two_fleets_costs(shop: Balanced) -> None:
    shop.copying(ready=60)
    name = task(revision=shop.revision(), wait_until="ready")["deployment"]["deployment_id"]
    first = task(revision=shop.revision(), follow={"id": name, "seconds": 1})["followed"]
    quiet = task(revision=shop.revision(), follow={"id": name, "seen": first["seen"], "seconds": 0})
    assert [call.operation for call in quiet.calls] == ["GetDeployment"]
