# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments to one Availability Zone after the other: as the plan says, so they go."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from moto.ec2.models import ec2_backends
from support.codedeploy_shop import ACCOUNT
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

ZONES = {"eu-west-1b": 2, "eu-west-1a": 3}


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Three hosts in the first zone, two in the second."""
    found = Fleet()
    found.ids = found.launch(5)
    backend, ids = ec2_backends[ACCOUNT][found.region], iter(found.ids)
    for name, count in ZONES.items():
        for instance_id in itertools.islice(ids, count):
            backend.get_instance(instance_id)._placement.zone = name
    found.group()
    return found


def config(fleet: Fleet, per_zone: int) -> str:
    fleet.codedeploy.create_deployment_config(
        deploymentConfigName="zonal",
        minimumHealthyHosts={"type": "HOST_COUNT", "value": 0},
        zonalConfig={
            "firstZoneMonitorDurationInSeconds": 120,
            "minimumHealthyHostsPerZone": {"type": "HOST_COUNT", "value": per_zone},
        },
    )
    return "zonal"


def deploy(fleet: Fleet, check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision(), **options}, check_mode=check)


def test_the_plan_tells_the_zones_and_their_order(fleet: Fleet) -> None:
    name = config(fleet, 1)
    plan = deploy(fleet, check=True, deployment_config_name=name)["plan"]
    told = [(one["availability_zone"], [*map(len, one["waves"])], one["monitor_seconds"]) for one in plan["zones"]]
    assert told == [("eu-west-1a", [2, 1], 120), ("eu-west-1b", [1, 1], 0)]
    done = deploy(fleet, deployment_config_name=name)
    targets = fleet.targets(done["deployment"]["deployment_id"])
    began = {host: one["lifecycleEvents"][0]["startTime"] for host, one in targets.items()}
    together = [[host for host in began if began[host] == moment] for moment in sorted(set(began.values()))]
    assert [len(hosts) for hosts in together] == [len(wave) for wave in plan["waves"]]
    first, second = ({began[host] for wave in one["waves"] for host in wave} for one in plan["zones"])
    assert (min(second) - max(first)).total_seconds() >= 120


def test_a_zone_of_which_no_host_may_go_is_refused(fleet: Fleet) -> None:
    name = config(fleet, 2)
    for check in (True, False):
        refused = deploy(fleet, check, deployment_config_name=name)
        assert refused.failed and "2 of 2 hosts in eu-west-1b must stay healthy" in refused.msg and not refused.writes
