# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from ansible_collections.slipway.aws.plugins.plugin_utils._screen.census import lines
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import GATHER_SECONDS, registry

USER = "arn:aws:iam::123456789012:user/metal"
NORTH = "eu-north-1"


def census(**options: t.Any) -> Outcome:
    outcome = run_module("codedeploy_census_info", options)
    assert not outcome.writes and not outcome.probes and not outcome.changed
    return outcome


def test_what_runs_where_in_two_regions(world: None) -> None:
    west, north = Fleet(), Fleet(NORTH)
    north.bucket = "bundles-north"
    hosts, cold = west.launch(3), north.launch(2, agent_less="no")
    bare = west.launch(1, west.image(agent=None))[0]
    for fleet, tags in ((west, []), (north, [{"Key": "agent_less", "Type": "KEY_ONLY"}])):
        fleet.group(deploymentConfigName="CodeDeployDefault.AllAtOnce", **({"ec2TagFilters": tags} if tags else {}))
    clock.advance(GATHER_SECONDS)
    west.deployed(west.bundle("app-1.zip"))
    west.fails(event="AfterInstall", instance_id=hosts[0])
    west.deployed(west.bundle("app-2.zip"))
    north.deployed(north.bundle("app-7.zip"))

    found = census(regions=[west.region, NORTH])

    by_id = {one["instance_id"]: one for one in found["hosts"]}
    assert {i: one["region"] for i, one in by_id.items()} == {
        **dict.fromkeys([*hosts, bare], west.region),
        **dict.fromkeys(cold, NORTH),
    }
    assert [i for i, one in by_id.items() if one["stale"]] == sorted([hosts[0], bare])
    assert [i for i, one in by_id.items() if one["verdict"] == "not_ready"] == [bare]
    first, second = found["groups"]
    assert (first["host_count"], first["stale_count"], first["not_ready_count"]) == (4, 2, 1)
    assert (second["region"], second["stale_count"], len(second["image_ids"])) == (NORTH, 0, 1)
    assert second["revision"]["s3_location"]["key"] == "app-7.zip"
    table = "\n".join(lines(found.result, 200))
    assert "6 hosts in 2 deployment groups, 2 without the last good revision, 1 that cannot take" in table
    assert f"{NORTH} app/prod: 2 hosts, last good revision s3://bundles-north/app-7.zip" in table
    assert table.index(bare) < table.index(hosts[1]) and "not installed" in table
    assert hosts[0] in next(line for line in table.splitlines() if "app-1.zip  does not have app-2.zip (" in line)


def test_an_agent_that_stopped_is_known_from_a_probe_of_the_last_hour(world: None) -> None:
    fleet = Fleet()
    runs, stopped = fleet.launch(2)
    fleet.group()
    clock.advance(GATHER_SECONDS)
    assert {one["verdict"] for one in census()["hosts"]} == {"ready"}  # inventory knows of the installation only
    registry.get(stopped).agent_running = False
    run_module("codedeploy_preflight", GROUP)
    by_id = {one["instance_id"]: one for one in census()["hosts"]}
    assert (by_id[stopped]["verdict"], by_id[runs]["reason"]) == ("not_ready", "the CodeDeploy agent 1.8.1 is running")
    clock.advance(2 * 3600)
    assert {one["agent"]["source"] for one in census()["hosts"]} == {"inventory"}


def test_groups_share_what_is_read_of_a_region(world: None) -> None:
    fleet = Fleet()
    fleet.launch(52)
    fleet.group()
    few = len(census().calls)
    for number in range(5):
        fleet.group(f"group-{number}", f"other-{number}")
    fleet.codedeploy.create_application(applicationName="empty")
    found = census()
    assert len(found.calls) - few <= 5 * 5 + 1 and few <= 12
    assert len(found["hosts"]) == 6 * 52 and len(found["groups"]) == 6
    assert {one["application_name"] for one in census(application_names=["other-3"])["hosts"]} == {"other-3"}


def test_what_cannot_be_read_is_told(world: None) -> None:
    fleet = Fleet()
    fleet.launch(1)
    fleet.group()
    missing = run_module(
        "codedeploy_census_info", {"application_names": ["app", "shop"], "regions": ["eu-west-1", NORTH]}
    )
    assert missing.failed and "no deployment group was found of shop in eu-west-1, eu-north-1. Correct" in missing.msg
    faults.add({"kind": "denied", "service": "ssm"})
    assert census()["hosts"][0]["verdict"] == "unknown"
    faults.remove()
    faults.add({"kind": "denied", "service": "codedeploy"})
    assert run_module("codedeploy_census_info", {}).failed
    assert "eu-north-1 could not be read" in str(census(regions=["eu-west-1", NORTH])["warnings"])


def test_an_on_premises_instance_is_a_host_of_whose_agent_nothing_is_known(world: None) -> None:
    fleet = Fleet()
    fleet.group(ec2TagFilters=[], onPremisesInstanceTagFilters=[{"Key": "rack", "Type": "KEY_ONLY"}])
    run_module("codedeploy_on_premises_instance", {"name": "metal", "iam_user_arn": USER, "tags": {"rack": "7"}})
    (host,) = census()["hosts"]
    assert (host["instance_id"], host["image_id"], host["verdict"], host["stale"]) == ("metal", None, "unknown", None)


def test_groups_without_hosts_are_told_in_a_line() -> None:
    group = {"region": "eu-west-1", "deployment_group_name": "live", "compute_platform": "ECS", "host_count": 0}
    told = {"groups": [{**group, "application_name": "shop", "deployment_id": "d-1", "revision": None}], "hosts": []}
    assert lines(told, 80)[1:] == ["eu-west-1 shop/live (ECS): last deployed by d-1"]
    told["groups"][0] |= {"compute_platform": "Server", "deployment_id": None}
    assert lines(told, 80)[1:] == ["eu-west-1 shop/live: 0 hosts, no revision yet"]
