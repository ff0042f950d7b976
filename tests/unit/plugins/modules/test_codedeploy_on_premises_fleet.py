# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups that select on-premises instances: who is in the fleet, what is known of it, and what a deployment does there."""

from __future__ import annotations

import typing as t

import pytest
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

TAGS = [{"key": "role", "value": "web"}]
USER = "arn:aws:iam::123456789012:user/"


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Two hosts of EC2 and two on premises, and one that is deregistered and one with another tag."""
    found = Fleet()
    found.launch(2)
    found.group(
        deploymentConfigName="CodeDeployDefault.OneAtATime",
        onPremisesTagSet={"onPremisesTagSetList": [[{"Key": "role", "Type": "KEY_ONLY"}], [tag("Value", "web")]]},
    )
    for name, role in (("dc-2", "web"), ("dc-1", "web"), ("dc-3", "db"), ("dc-4", "web")):
        register(name, role=role)
    assert run_module("codedeploy_on_premises_instance", {"name": "dc-4", "state": "absent"}).changed
    clock.advance(60)
    return found


def tag(member: str, value: str) -> dict[str, str]:
    return {member: value, "Type": "VALUE_ONLY"}


def register(name: str, **tags: str) -> None:
    asked = {"name": name, "iam_user_arn": USER + name, "tags": tags}
    assert run_module("codedeploy_on_premises_instance", asked).msg == ""


def deploy(fleet: Fleet, key: str, check_mode: bool = False, **more: t.Any) -> Outcome:
    asked = {**GROUP, "revision": fleet.revision(key), **more}
    return run_module("codedeploy_deployment", asked, check_mode=check_mode)


def test_on_premises_instances_are_hosts_of_the_fleet(fleet: Fleet) -> None:
    assert deploy(fleet, "app-1.zip").changed
    found = run_module("codedeploy_fleet_info", GROUP)
    assert found.msg == "" and "warnings" not in found.result
    first, second = (one for one in found["hosts"] if one["on_premises"])
    assert (first["instance_id"], second["instance_id"]) == ("dc-1", "dc-2")
    assert (first["state"], first["platform"], first["ssm_ping"], first["stale"]) == ("registered", None, None, False)
    assert first["revision"]["s3_location"]["key"] == "app-1.zip"
    assert "no AWS service tells" in first["agent"]["problem"]


@pytest.mark.parametrize("probe", ["command", "inventory", "none"])
def test_preflight_says_that_nobody_can_be_asked_about_them(fleet: Fleet, probe: str) -> None:
    checked = run_module("codedeploy_preflight", {**GROUP, "probe": probe})
    assert checked.msg == ""
    unknown = [one for one in checked["preflight"]["unknown"] if one["id"].startswith("dc-")]
    assert [(one["id"], one["cause"]) for one in unknown] == [("dc-1", "on_premises"), ("dc-2", "on_premises")]
    assert "systemctl status codedeploy-agent" in unknown[0]["remedy"]
    assert len(checked["preflight"]["ready"]) == (0 if probe == "none" else 2)


def test_the_plan_counts_them(fleet: Fleet) -> None:
    plan = deploy(fleet, "app-1.zip", check_mode=True)["plan"]
    assert {one for wave in plan["waves"] for one in wave} >= {"dc-1", "dc-2"}
    assert (plan["minimum_healthy_hosts"], len(plan["waves"])) == (3, 4)


def test_a_revision_that_is_live_on_all_of_them_is_not_deployed_again(fleet: Fleet) -> None:
    assert deploy(fleet, "app-1.zip").changed
    again = deploy(fleet, "app-1.zip")
    assert (again.changed, again.writes) == (False, [])
    register("dc-5", role="web")
    more = deploy(fleet, "app-1.zip", check_mode=True)
    assert more.changed and "1 of 5 hosts never got it: dc-5" in more["reason"]


def test_one_on_which_it_fails_is_told_by_its_name(fleet: Fleet) -> None:
    fleet.fails(instance_id="dc-1", event="AfterInstall")
    failed = deploy(
        fleet, "app-1.zip", deployment_config_name="CodeDeployDefault.AllAtOnce", fail_on_failed_targets=True
    )
    assert failed.failed and "dc-1 failed in AfterInstall" in failed.msg


def test_without_the_right_to_list_them_the_deployment_goes_on_with_a_warning(fleet: Fleet) -> None:
    faults.add({"kind": "denied", "operation": "ListOnPremisesInstances"})
    done = deploy(fleet, "app-1.zip")
    assert done.changed and "codedeploy:ListOnPremisesInstances" in str(done["warnings"])


def test_a_bundle_for_windows_is_not_held_against_hosts_of_which_the_system_is_unknown(world: None) -> None:
    found = Fleet()
    found.group(
        deploymentConfigName="CodeDeployDefault.AllAtOnce",
        ec2TagFilters=[],
        onPremisesInstanceTagFilters=[{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
    )
    register("dc-1", role="web")
    files = {"appspec.yml": "version: 0.0\nos: windows\n"}
    revision = found.revision("windows.zip", files)
    plan = run_module("codedeploy_deployment", {**GROUP, "revision": revision}, check_mode=True)["plan"]
    assert (plan["problems"], plan["waves"]) == ([], [["dc-1"]])
