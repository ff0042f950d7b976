# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment configuration and fleet -> the waves in which hosts are deployed to. Pure. Private to this collection.

CodeDeploy keeps a minimum number of hosts healthy and starts as many as that leaves free; a host that ends makes room
for the next one. Waves are that order for hosts that all take equally long and all succeed.
"""

from __future__ import annotations

import math
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

# In which order CodeDeploy takes hosts: the broken ones first, those that have the new revision already last.
UNHEALTHY, UNKNOWN, OLD, CURRENT = "unhealthy", "unknown", "old", "current"
ORDER = (UNHEALTHY, UNKNOWN, OLD, CURRENT)


class Plan(t.NamedTuple):
    """How a deployment would go through a fleet."""

    minimum: int  # hosts that must stay healthy
    waves: t.List[t.List[str]]  # host ids, in order


def minimum_healthy(wanted: Shape, hosts: int) -> int:
    """Hosts that must stay healthy: a count, a share rounded up, or (OneAtATime) all but so many at once.

    AWS returns OneAtATime with the type MOST_CONCURRENCY, which nobody can create.
    """
    kind, value = wanted.get("type"), int(wanted.get("value") or 0)
    if kind == "FLEET_PERCENT":
        return math.ceil(hosts * value / 100)
    if kind == "MOST_CONCURRENCY":
        return max(0, hosts - value)
    return value


def plan(wanted: Shape, hosts: t.Mapping[str, str]) -> Plan:
    """The waves for `minimumHealthyHosts` and hosts by id with what is known of each (one of ORDER). None when no host may go.

    Hosts never deployed to are taken for healthy ones, as those with an older revision.
    """
    minimum = minimum_healthy(wanted, len(hosts))
    return Plan(minimum, _waves(hosts, len(hosts) - minimum))


class Zone(t.NamedTuple):
    """How a deployment would go through the hosts of one Availability Zone, and for how long it looks on after that."""

    name: str
    minimum: int
    waves: t.List[t.List[str]]
    monitor_seconds: int


def in_zones(wanted: Shape, zonal: Shape, hosts: t.Mapping[str, str], zones: t.Mapping[str, str]) -> t.List[Zone]:
    """One zone after the other, by name; `zones` tells that of each host. The minimum of the fleet and of the zone both hold.

    A zone of which no host may go has no waves, and nothing comes after it.
    """
    names = sorted({zones.get(host) or "" for host in hosts}, key=lambda name: (not name, name))
    found: t.List[Zone] = []
    fleet = minimum_healthy(wanted, len(hosts))
    broken = sum(1 for condition in hosts.values() if condition == UNHEALTHY)
    for name in names:
        own = {host: condition for host, condition in hosts.items() if (zones.get(host) or "") == name}
        broken -= sum(1 for condition in own.values() if condition == UNHEALTHY)  # those of later zones are left
        minimum = minimum_healthy(zonal.get("minimumHealthyHostsPerZone") or {}, len(own))
        room = min(len(hosts) - broken - fleet, len(own) - minimum)
        found.append(Zone(name, minimum, _waves(own, room), _monitored(zonal, not found)))
    return found


def _monitored(zonal: Shape, first: bool) -> int:
    own = zonal.get("firstZoneMonitorDurationInSeconds") if first else None
    return int((zonal.get("monitorDurationInSeconds") or 0) if own is None else own)


def _waves(hosts: t.Mapping[str, str], room: int) -> t.List[t.List[str]]:
    """Hosts in the order in which CodeDeploy takes them, `room` at a time; broken ones do not count."""
    if not hosts or room <= 0:
        return []
    ordered = sorted(hosts, key=lambda host: ORDER.index(hosts[host]))
    first = max(sum(1 for host in ordered if hosts[host] == UNHEALTHY), room)
    rest = ordered[first:]
    return [ordered[:first], *(rest[i : i + room] for i in range(0, len(rest), room))]
