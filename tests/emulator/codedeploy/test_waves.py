# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Any number of hosts, zones and any configuration: waves and outcome are those of an independent model."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.codedeploy_shop import Shop, zipped
from support.wave_model import OLD, UNHEALTHY, UNKNOWN, Host, Minimum, Verdict, Zonal, foretell

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world

ZONES, MOST = "abc", 9
APPSPEC = "version: 0.0\nos: linux\nhooks:\n  ValidateService:\n    - location: check.sh\n"
BUNDLE = zipped({"appspec.yml": APPSPEC, "check.sh": "#!/bin/sh\n"})
ONE = Minimum("ONE_AT_A_TIME", 1)
numbers = itertools.count()


class Range:
    """A shop, its two revisions and how long a host takes at least."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.shop.codedeploy.create_application(applicationName="app")
        self.old, self.new = self.shop.bundle("old.zip", data=BUNDLE), self.shop.bundle("new.zip", data=BUNDLE)
        subnets = self.shop.ec2.describe_subnets()["Subnets"]
        self.subnets = {subnet["AvailabilityZone"][-1]: subnet["SubnetId"] for subnet in subnets}
        self.pool = [(zone, self.launch(zone)) for _turn in range(MOST) for zone in ZONES]
        deployed = self.play([Host("x", "a", OLD, 0, True)], Minimum("HOST_COUNT", 0), None)[0]
        [target] = deployed.targets.values()
        self.base = round((target.updated - target.events[0].started).total_seconds()) + 1

    def play(self, hosts: list[Host], minimum: Minimum, zonal: Zonal | None) -> tuple[Any, dict[str, str]]:
        """Deploy to such hosts; gives the deployment and the instance of each host."""
        faults.remove()
        run = str(next(numbers))
        tag = [{"Key": "run", "Value": run, "Type": "KEY_AND_VALUE"}]
        self.shop.group(run, ec2TagFilters=tag, deploymentConfigName="CodeDeployDefault.AllAtOnce")
        ids = self.take(hosts)
        self.tag([ids[host.name] for host in hosts if host.kind != UNKNOWN], run)
        for host in hosts:
            if host.kind == UNHEALTHY:
                self.shop.fails(instance_id=ids[host.name], event="ValidateService", times=1)
        if any(host.kind != UNKNOWN for host in hosts):
            self.shop.ended(self.shop.deploy(self.old, run))
        self.tag([ids[host.name] for host in hosts if host.kind == UNKNOWN], run)
        for host in hosts:
            self.arrange(host, ids[host.name])
        deployment_id = self.shop.deploy(self.new, run, deploymentConfigName=self.config(run, minimum, zonal))
        record = self.shop.record(deployment_id)
        clock.run_until(lambda: record.ended)
        self.tag(list(ids.values()), "none")
        return record, ids

    def take(self, hosts: list[Host]) -> dict[str, str]:
        """Instances of the right zones as if they were new, in the order of the hosts, which EC2 keeps."""
        free = iter(self.pool)
        ids = {host.name: next(instance for zone, instance in free if zone == host.zone) for host in hosts}
        for instance_id in ids.values():
            self.shop.put_host(instance_id)
        return ids

    def tag(self, ids: list[str], run: str) -> None:
        if ids:
            self.shop.ec2.create_tags(Resources=ids, Tags=[{"Key": "run", "Value": run}])

    def launch(self, zone: str, run: str = "none") -> str:
        made = self.shop.ec2.run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=self.subnets[zone],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "run", "Value": run}]}],
        )  # fmt: skip
        instance_id: str = made["Instances"][0]["InstanceId"]
        self.shop.put_host(instance_id)
        return instance_id

    def arrange(self, host: Host, instance_id: str) -> None:
        where = {"instance_id": instance_id, "revision_key": "new.zip", "event": "ValidateService"}
        if host.seconds:
            faults.add({"kind": "hook-slow", "seconds": host.seconds, **where})
        if not host.succeeds:
            faults.add({"kind": "hook-fails", **where})

    def config(self, name: str, minimum: Minimum, zonal: Zonal | None) -> str:
        if minimum == ONE and not zonal:
            return "CodeDeployDefault.OneAtATime"
        block: dict[str, Any] = {}
        if zonal:
            per_zone = {"type": zonal.minimum.type, "value": zonal.minimum.value}
            times = {
                "firstZoneMonitorDurationInSeconds": zonal.first_monitor,
                "monitorDurationInSeconds": zonal.monitor,
            }
            block = {"minimumHealthyHostsPerZone": per_zone, **{k: v for k, v in times.items() if v is not None}}
        self.shop.codedeploy.create_deployment_config(
            deploymentConfigName=name,
            minimumHealthyHosts={"type": minimum.type, "value": minimum.value},
            **({"zonalConfig": block} if zonal else {}),
        )
        return name


def observed(record: Any, ids: dict[str, str]) -> Verdict:
    """What happened, in the words of the model."""
    began = {name: record.targets[i].events[0].started for name, i in ids.items()}
    first = min((moment for moment in began.values() if moment), default=None)
    starts = {n: round((moment - first).total_seconds()) for n, moment in began.items() if moment and first}
    ends = {name: record.targets[i].status for name, i in ids.items()}
    return Verdict(starts, ends, record.status, record.error and record.error["code"])


@pytest.fixture(scope="module")
def range_() -> Iterator[Range]:
    with world():
        yield Range()


counts = st.builds(Minimum, st.just("HOST_COUNT"), st.integers(0, 4))
shares = st.builds(Minimum, st.just("FLEET_PERCENT"), st.integers(0, 99))
monitors = st.one_of(st.none(), st.integers(0, 40))
small = st.one_of(st.builds(Minimum, st.just("HOST_COUNT"), st.integers(0, 2)), shares)
zonals = st.builds(Zonal, small, monitors, monitors)
hosts = st.lists(
    st.builds(
        lambda zone, kind, seconds, succeeds: ("", zone, kind, seconds, succeeds),
        st.sampled_from("aaabbc"), st.sampled_from([UNHEALTHY, UNKNOWN, OLD, OLD]), st.integers(0, 8),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=MOST,
)  # fmt: skip


@settings(max_examples=18, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(hosts=hosts, minimum=st.one_of(counts, shares, st.just(ONE)), zonal=st.one_of(st.none(), zonals))
@example(hosts=[("", "a", OLD, 0, True)] * 2 + [("", "b", OLD, 0, True)], minimum=ONE, zonal=None)
@example(
    hosts=[("", zone, OLD, number % 3, number != 1) for number, zone in enumerate("aaabbbbaa")],
    minimum=Minimum("FLEET_PERCENT", 20),
    zonal=Zonal(Minimum("HOST_COUNT", 2), None, 5),
)
@example(
    hosts=[("", zone, OLD, 0, True) for zone in "bbaac"],
    minimum=Minimum("HOST_COUNT", 1),
    zonal=Zonal(Minimum("FLEET_PERCENT", 0), 30, 10),
)
def test_the_engine_does_what_the_model_foretells(
    range_: Range, hosts: list[tuple[Any, ...]], minimum: Minimum, zonal: Zonal | None
) -> None:
    if zonal and minimum == ONE:
        minimum = Minimum("HOST_COUNT", len(hosts) - 1)
    fleet = [Host(f"h{number}", *rest[1:]) for number, rest in enumerate(hosts)]
    record, ids = range_.play(fleet, minimum, zonal)
    takes = [Host(h.name, h.zone, h.kind, h.seconds + range_.base, h.succeeds) for h in fleet]
    assert observed(record, ids) == foretell(takes, minimum, zonal)


def test_a_zone_bakes_before_the_next(range_: Range) -> None:
    fleet = [Host(f"h{zone}", zone, OLD, 0, True) for zone in ZONES]
    record, ids = range_.play(fleet, Minimum("HOST_COUNT", 0), Zonal(Minimum("HOST_COUNT", 0), 600, 60))
    starts = observed(record, ids).starts
    assert [starts["hb"] - starts["ha"], starts["hc"] - starts["hb"]] == [600 + range_.base, 60 + range_.base]


def test_a_stop_while_it_bakes(range_: Range) -> None:
    shop = range_.shop
    for zone in "ab":
        range_.launch(zone, "baking")
    zonal = Zonal(Minimum("HOST_COUNT", 0), None, 600)
    tag = [{"Key": "run", "Value": "baking", "Type": "KEY_AND_VALUE"}]
    config = range_.config("baking", Minimum("HOST_COUNT", 0), zonal)
    shop.group("baking", ec2TagFilters=tag, deploymentConfigName=config)
    deployment_id = shop.deploy(range_.new, "baking")
    clock.run_until(lambda: shop.info(deployment_id)["status"] == "Baking")
    assert shop.codedeploy.stop_deployment(deploymentId=deployment_id)["status"] == "Succeeded"
    info = shop.info(deployment_id)
    assert (info["status"], info["deploymentOverview"]["Skipped"]) == ("Stopped", 1)
