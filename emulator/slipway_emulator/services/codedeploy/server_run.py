# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Runs a deployment: selects hosts, starts them as the minimum of healthy hosts allows, ends, rolls back.

Everything happens as events on the emulator's clock.
"""

from __future__ import annotations

from typing import Any

from . import fleet, limits, locations
from .balancing.balancers import Balancers
from .balancing.moves import ALLOW, BLOCK
from .bundle import Bundles
from .deployment import EVENTS, SIDELINE, Target
from .host_run import HostRun
from .problem import Problem
from .rollout import Rollout
from .run import Run
from .zones import ZonalRollout, zones_of

TEXTS = {
    **Run.TEXTS,
    "HEALTH_CONSTRAINTS": "The overall deployment failed because too many individual instances failed deployment, too few"
    " healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.",
    "HEALTH_CONSTRAINTS_INVALID": "The deployment can't start because the minimum number of healthy instances required"
    " cannot be met: {minimum} of {hosts} instances must stay healthy.",
    "NO_INSTANCES": "The deployment failed because no instances were found for your deployment group. Check your deployment"
    " group settings to make sure the tags for your Amazon EC2 instances or Auto Scaling groups correctly identify the"
    " instances you want to deploy to, and then try again.",
    "OVER_MAX_INSTANCES": "The deployment failed because the maximum number of instances in a deployment was exceeded.",
    "AUTO_SCALING_CONFIGURATION": "The processes of the Auto Scaling group {name} cannot be suspended: there is no such group.",
}


class ServerRun(Run):
    """A deployment to hosts."""

    TEXTS = TEXTS

    def __init__(self, *of_deployment: Any) -> None:
        super().__init__(*of_deployment)
        self.bundles = Bundles(self.state.account_id, self.state.region_name)
        self.balancers: Balancers  # from `prepare` on
        self.rollout: Rollout | None = None
        self.suspended: list[str] = []  # Auto Scaling processes

    @property
    def health(self) -> dict[str, bool]:
        return self.deployment.group.health

    def halt(self) -> None:
        if self.rollout:
            self.rollout.halt()

    def prepare(self) -> bool:
        targets = self._targets()
        if not targets or len(targets) > limits.INSTANCES_PER_DEPLOYMENT:
            self.fail("OVER_MAX_INSTANCES" if targets else "NO_INSTANCES")
            return False
        self.balancers = Balancers(self.state, self.deployment.group)
        self.deployment.targets = {t: self._target(t) for t in targets}
        # a host that an Auto Scaling group launches or ends is alone in its deployment and not in service
        minimum = 0 if self.deployment.creator in SIDELINE else self.deployment.config.minimum_of(len(targets))
        if minimum >= len(targets):
            self.fail("HEALTH_CONSTRAINTS_INVALID", minimum=minimum, hosts=len(targets))
            return False
        try:
            self.balancers.check()
        except Problem as problem:
            self.fail_with(problem)
            return False
        self.limit(limits.IN_PLACE_SECONDS)
        return self._plan(minimum) and self._suspend()

    def _plan(self, minimum: int) -> bool:
        """Who goes when; False after a failure."""
        runs = [self._host_run(target) for target in self.deployment.targets.values()]
        config = self.deployment.config
        if not config.zonal or self.deployment.creator in SIDELINE:
            self.rollout = Rollout(runs, minimum, self.health, self._over)
            return True
        zones = zones_of(self.state, config, runs)
        for zone in zones:
            if zone.minimum >= len(zone.runs):
                self.fail("HEALTH_CONSTRAINTS_INVALID", minimum=zone.minimum, hosts=len(zone.runs))
                return False
        self.rollout = ZonalRollout(self.deployment, zones, minimum, self.health, self._over)
        return True

    def _target(self, target_id: str) -> Target:
        return Target.with_events(target_id, fleet.target_arn(self.state, target_id), self.events())

    def _host_run(self, target: Target) -> HostRun:
        return HostRun(self.deployment, target, self.bundles, self.balancers)

    def events(self) -> tuple[str, ...]:
        """Of every host. One that an Auto Scaling group is launching has no traffic to be blocked."""
        block, allow = (BLOCK, ALLOW) if self.balancers else ((), ())
        if self.deployment.creator == "autoscalingTermination":
            return (*block, "ApplicationStop")
        return (*EVENTS, *allow) if self.deployment.creator == "autoscaling" else (*block, *EVENTS, *allow)

    def _suspend(self) -> bool:
        processes = self._processes()
        gone = fleet.gone(self.state, self.deployment.group) if processes else []
        if gone:  # before a host is touched
            self.fail("AUTO_SCALING_CONFIGURATION", name=gone[0])
            return False
        self.suspended = processes
        fleet.suspend(self.state, self.deployment.group, processes)
        return True

    def _processes(self) -> list[str]:
        """Auto Scaling processes to hold still meanwhile; not for a host that such a group launches or ends."""
        if self.deployment.creator in SIDELINE:
            return []
        options = self.deployment.effective("ec2DeploymentOptions")
        return list(options.get("autoScalingGroupProcessesToSuspend") or [])

    def _targets(self) -> list[str]:
        """Hosts in the order of deployment: unhealthy, unknown revision, another revision, this revision."""
        d = self.deployment
        chosen = fleet.selected(self.state, d.group) if d.hosts is None else list(d.hosts)
        if d.settings.get("updateOutdatedInstancesOnly"):
            chosen = [t for t in chosen if not locations.same(self.state.revision_on(d.group, t), d.revision)]
        return sorted(chosen, key=self._rank)

    def _rank(self, target_id: str) -> int:
        if not self.health.get(target_id, True):
            return 0
        revision = self.state.revision_on(self.deployment.group, target_id)
        if revision is None:
            return 1
        return 3 if locations.same(revision, self.deployment.revision) else 2

    def advance(self) -> None:
        """Start what may start; before the start there is nothing to wait for."""
        if self.rollout:
            self.rollout.advance()
        elif self.stop_cause:
            self.stopped()

    def _over(self) -> None:
        if self.stop_cause:
            self.stopped()
        elif self.rollout and self.rollout.succeeded:
            self.succeed()
        else:
            self.fail("HEALTH_CONSTRAINTS")

    def tidy(self) -> None:
        for target in self.deployment.targets.values():
            if target.status == "Pending":
                target.skip()
        fleet.resume(self.state, self.deployment.group, self.suspended)
