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
from .deployment import EVENTS, Event, Target
from .host_run import HostRun
from .problem import Problem
from .run import Run

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
        self.waiting: list[Target] = []
        self.running: dict[str, HostRun] = {}
        self.started_healthy: set[str] = set()  # running hosts that counted as healthy when they were started
        self.minimum = 0
        self.healthy = 0  # of the targets; counted on, as it is asked for with every host that starts or ends
        self.suspended: list[str] = []  # Auto Scaling processes

    @property
    def health(self) -> dict[str, bool]:
        return self.deployment.group.health

    def halt(self) -> None:
        for host_run in self.running.values():
            host_run.stopping = True

    def prepare(self) -> bool:
        targets = self._targets()
        if not targets or len(targets) > limits.INSTANCES_PER_DEPLOYMENT:
            self.fail("OVER_MAX_INSTANCES" if targets else "NO_INSTANCES")
            return False
        self.balancers = Balancers(self.state, self.deployment.group)
        self.deployment.targets = {t: self._target(t) for t in targets}
        self.waiting = list(self.deployment.targets.values())
        self.healthy = sum(
            self.health.get(target_id, True) for target_id in targets
        )  # never deployed to: as if healthy
        # a host that an Auto Scaling group is launching is alone in its deployment and not in service yet
        launching = self.deployment.creator == "autoscaling"
        self.minimum = 0 if launching else self.deployment.config.minimum_of(len(targets))
        if self.minimum >= len(targets):
            self.fail("HEALTH_CONSTRAINTS_INVALID", minimum=self.minimum, hosts=len(targets))
            return False
        try:
            self.balancers.check()
        except Problem as problem:
            self.fail_with(problem)
            return False
        return self._suspend()

    def _target(self, target_id: str) -> Target:
        events = [Event(name) for name in self.events()]
        return Target(target_id, fleet.target_arn(self.state, target_id), events=events)

    def events(self) -> tuple[str, ...]:
        """Of every host. One that an Auto Scaling group is launching has no traffic to be blocked."""
        if not self.balancers:
            return EVENTS
        return (*EVENTS, *ALLOW) if self.deployment.creator == "autoscaling" else (*BLOCK, *EVENTS, *ALLOW)

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
        """Auto Scaling processes to hold still meanwhile; not for a host that such a group is launching."""
        if self.deployment.creator == "autoscaling":
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
        """Start what may start; end when nothing runs and nothing may start."""
        if self.deployment.ended:
            return
        while not self.stop_cause and self._may_start():
            self._launch(self.waiting.pop(0))
        if self.running:
            return
        if self.stop_cause:
            self.stopped()
        elif self.waiting:
            self.fail("HEALTH_CONSTRAINTS")
        else:
            self._conclude()

    def _may_start(self) -> bool:
        """Unhealthy hosts always may; a healthy one if enough others stay healthy meanwhile."""
        if not self.waiting:
            return False
        if not self.health.get(self.waiting[0].target_id, True):
            return True
        return self.healthy - len(self.started_healthy) > self.minimum

    def _launch(self, target: Target) -> None:
        host_run = HostRun(self.deployment, target, self.bundles, self.balancers, self._host_done)
        self.running[target.target_id] = host_run
        if self.health.get(target.target_id, True):
            self.started_healthy.add(target.target_id)
        host_run.begin()

    def _host_done(self, host_run: HostRun, succeeded: bool | None) -> None:
        target_id = host_run.target.target_id
        del self.running[target_id]
        self.started_healthy.discard(target_id)
        self.healthy += (succeeded is True) - self.health.get(target_id, True)
        self.health[target_id] = succeeded is True
        self.advance()

    def _conclude(self) -> None:
        successes = sum(t.status == "Succeeded" for t in self.deployment.targets.values())
        if successes < max(1, self.minimum):
            self.fail("HEALTH_CONSTRAINTS")
            return
        self.succeed()

    def tidy(self) -> None:
        for target in self.waiting:
            target.skip()
        self.waiting = []
        fleet.resume(self.state, self.deployment.group, self.suspended)
