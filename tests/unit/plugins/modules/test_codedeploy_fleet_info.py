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
from slipway_emulator.hosts import GATHER_SECONDS


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    return found


def info(**options: t.Any) -> Outcome:
    outcome = run_module("codedeploy_fleet_info", options or GROUP)
    assert not outcome.writes and not outcome.changed
    return outcome


def by_id(outcome: Outcome, key: str) -> dict[str, t.Any]:
    return {one["instance_id"]: one[key] for one in outcome["hosts"]}


def deploy(fleet: Fleet, key: str, **more: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision(key), **more})


def test_hosts_are_told_with_what_is_known(fleet: Fleet) -> None:
    first, second = fleet.launch(2, Name="web", role="web")
    clock.advance(GATHER_SECONDS)
    outcome = info()
    assert set(by_id(outcome, "state").values()) == {"running"}
    assert by_id(outcome, "name") == {first: "web", second: "web"}
    assert set(by_id(outcome, "ssm_ping").values()) == {"Online"}
    agent = by_id(outcome, "agent")[first]
    assert (agent["status"], agent["version"], agent["source"]) == ("installed", "1.8.1", "inventory")
    assert agent["captured_at"].startswith("20")
    assert by_id(outcome, "stale") == {first: None, second: None}
    assert outcome["fleet"]["revision"] is None


def test_stale_hosts_are_told(fleet: Fleet) -> None:
    hosts = fleet.launch(3)
    deploy(fleet, "app-1.zip")
    fleet.fails(instance_id=hosts[0], event="AfterInstall", times=1)
    done = deploy(fleet, "app-2.zip")
    newcomer = fleet.launch(1)[0]
    outcome = info()
    assert by_id(outcome, "stale") == {hosts[0]: True, hosts[1]: False, hosts[2]: False, newcomer: True}
    keys = {host: (one or {}).get("s3_location", {}).get("key") for host, one in by_id(outcome, "revision").items()}
    assert keys == {hosts[0]: "app-1.zip", hosts[1]: "app-2.zip", hosts[2]: "app-2.zip", newcomer: None}
    assert by_id(outcome, "failed_deployment_id")[hosts[0]] == done["deployment"]["deployment_id"]
    assert outcome["fleet"]["deployment_id"] == done["deployment"]["deployment_id"]


def test_ssm_that_may_not_be_asked_is_unknown(fleet: Fleet) -> None:
    host = fleet.launch(1)[0]
    faults.add({"kind": "denied", "service": "ssm"})
    outcome = info()
    assert not outcome.failed and by_id(outcome, "ssm_ping") == {host: "unknown"}
    assert by_id(outcome, "agent")[host]["status"] is None and "could not be read" in str(outcome["warnings"])


def test_tags_choose_as_codedeploy_chooses(world: None) -> None:
    fleet = Fleet()
    blue, green = fleet.launch(1, app="shop", color="blue")[0], fleet.launch(1, app="shop", color="green")[0]
    other = fleet.launch(1, app="forum", color="blue")[0]
    for chosen, hosts in (
        ({"ec2_tag_filters": [{"key": "app", "value": "shop"}]}, {blue, green}),
        (
            {"ec2_tag_filters": [{"key": "app", "value": "forum"}, {"value": "green", "type": "VALUE_ONLY"}]},
            {other, green},
        ),
        ({"ec2_tag_filters": [{"key": "color"}]}, {blue, green, other}),
        ({"ec2_tag_filters": [{"key": "app", "value": "sh*"}]}, set()),
        (
            {
                "ec2_tag_set": {
                    "ec2_tag_set_list": [[{"key": "app", "value": "shop"}], [{"key": "color", "value": "blue"}]]
                }
            },
            {blue},
        ),
        ({"instance_ids": [other]}, {other}),
    ):
        assert set(by_id(info(**chosen), "state")) == hosts, chosen
    assert info(instance_ids=["i-0123456789abcdef0"])["fleet"]["missing"] == ["i-0123456789abcdef0"]


def test_stopped_hosts_count_and_ended_ones_do_not(fleet: Fleet) -> None:
    stopped, ended = fleet.launch(2)
    fleet.ec2.stop_instances(InstanceIds=[stopped])
    fleet.ec2.terminate_instances(InstanceIds=[ended])
    clock.advance(120)
    assert by_id(info(), "state") == {stopped: "stopped"}


def test_a_group_that_does_not_exist_is_an_empty_fleet(world: None) -> None:
    outcome = info()
    assert outcome["fleet"] == {} and outcome["hosts"] == []


def test_scaled_hosts_and_failing_launches_are_told(world: None) -> None:
    fleet = Fleet()
    hosts = fleet.scaled("shop", 2)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    deploy(fleet, "app-1.zip")
    outcome = info()
    assert set(by_id(outcome, "lifecycle_state").values()) == {"InService"} and sorted(by_id(outcome, "state")) == hosts
    assert outcome["fleet"]["auto_scaling_groups"] == ["shop"] and not outcome["fleet"]["launch_failures"]["looping"]
    fleet.fails(event="ApplicationStart")
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=3)
    clock.advance(1800)
    failing = info()["fleet"]["launch_failures"]
    assert failing["looping"] and failing["error_information"]["code"] == "HEALTH_CONSTRAINTS"
    assert failing["revision"]["s3_location"]["key"] == "app-1.zip"
    launches = run_module("codedeploy_deployment_info", {**GROUP, "creators": ["autoscaling"], "targets": "failed"})
    assert launches["launch_failures"]["looping"]
    failed = launches["deployments"][0]["failed_targets"][0]
    assert failed["lifecycle_event_name"] == "ApplicationStart" and failed["script_name"] == "scripts/start.sh"


def test_calls_do_not_grow_with_every_host(fleet: Fleet) -> None:
    fleet.launch(120)
    deploy(fleet, "app-1.zip")
    outcome = info()
    assert set(by_id(outcome, "stale").values()) == {False}
    assert len(outcome.calls) <= 3 + 3 + 7  # SSM, inventory, and the rest
