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
    room = len(hosts) - minimum
    if not hosts or room <= 0:
        return Plan(minimum, [])
    ordered = sorted(hosts, key=lambda host: ORDER.index(hosts[host]))
    broken = sum(1 for host in ordered if hosts[host] == UNHEALTHY)
    first = max(broken, room)
    rest = ordered[first:]
    return Plan(minimum, [ordered[:first], *(rest[i : i + room] for i in range(0, len(rest), room))])
