# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.waves import (
    ORDER,
    in_zones,
    minimum_healthy,
    plan,
)

ONE_AT_A_TIME = {"type": "MOST_CONCURRENCY", "value": 1}
HALF_AT_A_TIME = {"type": "FLEET_PERCENT", "value": 50}
ALL_AT_ONCE = {"type": "FLEET_PERCENT", "value": 0}


def fleet(hosts: int, condition: str = "old") -> dict[str, str]:
    return {f"i-{n:02}": condition for n in range(hosts)}


@pytest.mark.parametrize(
    ("config", "hosts", "minimum", "sizes"),
    [
        ({"type": "HOST_COUNT", "value": 6}, 9, 6, [3, 3, 3]),
        ({"type": "FLEET_PERCENT", "value": 40}, 9, 4, [5, 4]),
        (HALF_AT_A_TIME, 9, 5, [4, 4, 1]),
        (HALF_AT_A_TIME, 6, 3, [3, 3]),
        (HALF_AT_A_TIME, 1, 1, []),
        (ONE_AT_A_TIME, 10, 9, [1] * 10),
        (ONE_AT_A_TIME, 1, 0, [1]),
        ({"type": "HOST_COUNT", "value": 8}, 10, 8, [2] * 5),
        (ALL_AT_ONCE, 10, 0, [10]),
        ({"type": "HOST_COUNT", "value": 0}, 3, 0, [3]),
        ({"type": "FLEET_PERCENT", "value": 95}, 10, 10, []),
        ({"type": "HOST_COUNT", "value": 11}, 10, 11, []),
    ],
)
def test_waves_follow_the_minimum_of_healthy_hosts(
    config: dict[str, object], hosts: int, minimum: int, sizes: list[int]
) -> None:
    found = plan(config, fleet(hosts))
    assert (found.minimum, [len(wave) for wave in found.waves]) == (minimum, sizes)


def test_broken_hosts_go_first_and_all_at_once() -> None:
    hosts = {**fleet(4), "i-10": "unhealthy", "i-11": "unhealthy", "i-12": "unhealthy"}
    waves = plan({"type": "HOST_COUNT", "value": 5}, hosts).waves
    assert waves == [["i-10", "i-11", "i-12"], ["i-00", "i-01"], ["i-02", "i-03"]]


def test_hosts_that_have_the_revision_already_go_last() -> None:
    hosts = {"a": "current", "b": "old", "c": "unknown", "d": "unhealthy"}
    assert [wave[0] for wave in plan({"type": "HOST_COUNT", "value": 3}, hosts).waves] == ["d", "c", "b", "a"]


def test_an_empty_selection_has_no_waves() -> None:
    assert plan(ALL_AT_ONCE, {}) == (0, [])


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.sampled_from(ORDER), max_size=30),
    st.sampled_from(["HOST_COUNT", "FLEET_PERCENT", "MOST_CONCURRENCY"]),
    st.integers(0, 40),
)
def test_every_host_is_in_one_wave_or_none_may_go(hosts: dict[str, str], kind: str, value: int) -> None:
    found = plan({"type": kind, "value": value}, hosts)
    room = len(hosts) - minimum_healthy({"type": kind, "value": value}, len(hosts))
    assert sorted(host for wave in found.waves for host in wave) == (sorted(hosts) if room > 0 else [])
    assert all(found.waves)
    assert all(sum(hosts[h] != "unhealthy" for h in wave) <= room for wave in found.waves)


def spread(**counts: int) -> tuple[dict[str, str], dict[str, str]]:
    """Old hosts, so many in each zone: their conditions and their zones."""
    zones = {f"{zone}{n}": zone for zone, count in counts.items() for n in range(count)}
    return dict.fromkeys(zones, "old"), zones


@pytest.mark.parametrize(
    ("config", "zonal", "sizes"),
    [
        (ALL_AT_ONCE, {}, {"a": [3], "b": [2]}),
        (ONE_AT_A_TIME, {}, {"a": [1, 1, 1], "b": [1, 1]}),
        ({"type": "HOST_COUNT", "value": 3}, {}, {"a": [2, 1], "b": [2]}),  # of the fleet
        (ALL_AT_ONCE, {"minimumHealthyHostsPerZone": {"type": "HOST_COUNT", "value": 1}}, {"a": [2, 1], "b": [1, 1]}),
        (
            ALL_AT_ONCE,
            {"minimumHealthyHostsPerZone": {"type": "FLEET_PERCENT", "value": 50}},
            {"a": [1, 1, 1], "b": [1, 1]},
        ),
        (ALL_AT_ONCE, {"minimumHealthyHostsPerZone": {"type": "HOST_COUNT", "value": 2}}, {"a": [1, 1, 1], "b": []}),
    ],
)
def test_both_minima_hold_in_every_zone(
    config: dict[str, object], zonal: dict[str, object], sizes: dict[str, list[int]]
) -> None:
    found = in_zones(config, zonal, *spread(b=2, a=3))
    assert {zone.name: [len(wave) for wave in zone.waves] for zone in found} == sizes
    assert [zone.name for zone in found] == ["a", "b"]


def test_a_zone_is_watched_and_broken_hosts_come_first() -> None:
    hosts, zones = spread(a=2, b=2)
    hosts |= {"a1": "unhealthy", "b1": "unhealthy"}
    times = {"firstZoneMonitorDurationInSeconds": 60, "monitorDurationInSeconds": 300}
    found = in_zones({"type": "HOST_COUNT", "value": 2}, times, hosts, zones)
    assert [zone.waves for zone in found] == [[["a1"], ["a0"]], [["b1", "b0"]]]
    assert [zone.monitor_seconds for zone in found] == [60, 300]
