# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Bringing hosts through their events one Availability Zone after the other, with time to watch in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from moto.ec2.models import ec2_backends

from slipway_emulator.clock import clock

from .configs import DeploymentConfig
from .deployment import Deployment
from .host_run import HostRun
from .rollout import Rollout
from .state import State


@dataclass
class Zone:
    """The hosts of one zone; `healthy`, `started` (of the healthy ones) and `successes` are counted on."""

    runs: list[HostRun]
    minimum: int
    healthy: int = 0
    started: int = 0
    successes: int = 0


def zones_of(state: State, config: DeploymentConfig, runs: list[HostRun]) -> list[Zone]:
    """By the names of the zones; hosts that are in none come last."""
    found: defaultdict[str, list[HostRun]] = defaultdict(list)
    backend = ec2_backends[state.account_id][state.region_name]
    for run in runs:
        instance = backend.get_instance_by_id(run.target.target_id)
        found[str(instance._placement.zone) if instance else ""].append(run)
    names = sorted(found, key=lambda name: (not name, name))
    return [Zone(found[name], config.zone_minimum_of(len(found[name]))) for name in names]


class ZonalRollout(Rollout):
    """The minimum of the fleet and that of the zone must both hold."""

    def __init__(
        self,
        deployment: Deployment,
        zones: list[Zone],
        minimum: int,
        health: dict[str, bool],
        over: Callable[[], None],
    ) -> None:
        super().__init__([run for zone in zones for run in zone.runs], minimum, health, over)
        self.deployment, self.zone, self.later = deployment, zones[0], zones[1:]
        self.first, self.baking = True, False
        for zone in zones:
            zone.healthy = sum(self._is_healthy(run) for run in zone.runs)

    @property
    def succeeded(self) -> bool:
        return super().succeeded and self.zone.successes >= self.zone.minimum

    def halt(self) -> None:
        super().halt()
        self.baking = False

    def _may_start(self) -> bool:
        if self.baking or not super()._may_start() or self.waiting[0] not in self.zone.runs:
            return False
        return not self._is_healthy(self.waiting[0]) or self.zone.healthy - self.zone.started > self.zone.minimum

    def _start(self, run: HostRun) -> None:
        self.zone.started += self._is_healthy(run)
        super()._start(run)

    def _ended(self, run: HostRun, succeeded: bool | None) -> None:
        self.zone.started -= run.target.target_id in self.started_healthy
        self.zone.healthy += (succeeded is True) - self._is_healthy(run)
        self.zone.successes += succeeded is True
        super()._ended(run, succeeded)

    def _goes_on(self) -> bool:
        """To the next zone, where this one is through and something in the next may start."""
        if self.baking:
            return True
        through = not self.waiting or self.waiting[0] not in self.zone.runs
        if self.halted or not self.later or not through or self.zone.successes < self.zone.minimum:
            return False
        self.zone = self.later.pop(0)
        if not self._may_start():
            return False
        self._bake(self.deployment.config.monitor_seconds(self.first))
        self.first = False
        return True

    def _bake(self, seconds: int) -> None:
        self.baking = True
        if seconds:
            self.deployment.status = "Baking"
        clock.after(seconds, self._baked)

    def _baked(self) -> None:
        if self.baking:
            self.baking = False
            self.deployment.status = "InProgress"
            self.advance()
