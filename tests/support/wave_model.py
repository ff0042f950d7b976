# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented order of a deployment, second by second, written without a look at the engine.

Hosts come unhealthy ones first, then those with an unknown revision, then those with an old one; with a zonal
configuration zone by zone. A healthy host starts if afterwards more than the minimum would still be healthy and idle.
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

UNHEALTHY, UNKNOWN, OLD = range(3)


@dataclass(frozen=True)
class Minimum:
    """`type` and `value` of minimumHealthyHosts."""

    type: str
    value: int

    def of(self, hosts: int) -> int:
        if self.type == "FLEET_PERCENT":
            return math.ceil(self.value / 100 * hosts - 1e-9)
        return hosts - 1 if self.type == "ONE_AT_A_TIME" else self.value


@dataclass(frozen=True)
class Zonal:
    """A zonal configuration."""

    minimum: Minimum
    first_monitor: int | None
    monitor: int | None

    def pause(self, zone: int) -> int:
        if zone == 0 and self.first_monitor is not None:
            return self.first_monitor
        return self.monitor or 0


@dataclass(frozen=True)
class Host:
    """`kind`: UNHEALTHY, UNKNOWN or OLD. It takes `seconds`, then it has succeeded or failed."""

    name: str
    zone: str
    kind: int
    seconds: int
    succeeds: bool


class Verdict(t.NamedTuple):
    """When which hosts start, how each ends, and how the deployment does."""

    starts: dict[str, int]
    ends: dict[str, str]
    status: str
    code: str | None


class _State:
    """What changes while the seconds pass."""

    def __init__(self, hosts: list[Host]) -> None:
        self.good = {host.name for host in hosts if host.kind != UNHEALTHY}
        self.starts: dict[str, int] = {}
        self.busy: dict[str, tuple[int, Host, bool]] = {}  # when it ends, and whether it counted as healthy
        self.ends: dict[str, str] = {}

    def finish(self, now: int) -> None:
        for name, (end, host, _counted) in list(self.busy.items()):
            if end == now:
                del self.busy[name]
                self.ends[name] = "Succeeded" if host.succeeds else "Failed"
                (self.good.add if host.succeeds else self.good.discard)(name)

    def idle(self, hosts: t.Iterable[Host]) -> int:
        """Healthy hosts that nothing happens to."""
        counted = {name for name, (_end, _host, healthy) in self.busy.items() if healthy}
        return len({host.name for host in hosts} & self.good - counted)

    def start(self, host: Host, now: int) -> None:
        self.starts[host.name] = now
        self.busy[host.name] = (now + host.seconds, host, host.name in self.good)


def foretell(hosts: list[Host], minimum: Minimum, zonal: Zonal | None = None) -> Verdict:
    """What the service documents for hosts in the order in which it finds them."""
    least = minimum.of(len(hosts))
    names = sorted({host.zone for host in hosts}) if zonal else [""]
    zones = [sorted((h for h in hosts if not zonal or h.zone == name), key=lambda h: h.kind) for name in names]
    leasts = [zonal.minimum.of(len(zone)) if zonal else 0 for zone in zones]
    state = _State(hosts)
    if least >= len(hosts) or (zonal and any(low >= len(zone) for low, zone in zip(leasts, zones, strict=True))):
        return _verdict(state, hosts, "HEALTH_CONSTRAINTS_INVALID")
    now, code = 0, None
    for number, (zone, low) in enumerate(zip(zones, leasts, strict=True)):
        now = _run_zone(state, hosts, zone, (least, low if zonal else None), now)
        kept = sum(state.ends.get(host.name) == "Succeeded" for host in zone)
        if any(host.name not in state.starts for host in zone) or (zonal and kept < low):
            code = "HEALTH_CONSTRAINTS"
            break
        rest = zones[number + 1 : number + 2]
        if rest and not _may(state, hosts, rest[0], rest[0][0], (least, leasts[number + 1])):
            code = "HEALTH_CONSTRAINTS"
            break
        now += zonal.pause(number) if zonal else 0
    if list(state.ends.values()).count("Succeeded") < max(1, least):
        code = "HEALTH_CONSTRAINTS"
    return _verdict(state, hosts, code)


def _run_zone(state: _State, hosts: list[Host], zone: list[Host], low: tuple[int, int | None], now: int) -> int:
    """Second by second, until nothing runs and nothing may start; gives the time."""
    waiting = list(zone)
    while True:
        state.finish(now)
        while waiting and _may(state, hosts, zone, waiting[0], low):
            state.start(waiting.pop(0), now)
        if not state.busy:
            return now
        now += 1


def _may(state: _State, hosts: list[Host], zone: list[Host], host: Host, low: tuple[int, int | None]) -> bool:
    if host.name not in state.good:
        return True
    return state.idle(hosts) > low[0] and (low[1] is None or state.idle(zone) > low[1])


def _verdict(state: _State, hosts: list[Host], code: str | None) -> Verdict:
    ends = {host.name: state.ends.get(host.name, "Skipped") for host in hosts}
    return Verdict(state.starts, ends, "Failed" if code else "Succeeded", code)
