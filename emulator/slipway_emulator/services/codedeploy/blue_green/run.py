# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The run of a blue/green deployment to servers: provision, install, reroute, end the blue fleet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from slipway_emulator.clock import clock

from .. import fleet, limits, waits
from ..balancing.balancers import Balancers
from ..balancing.moves import ALLOW, BLOCK, MOVES
from ..bundle import Bundles
from ..deployment import EVENTS, Target
from ..host_run import HostRun
from ..problem import Problem
from ..rollout import Rollout
from ..run import Run
from ..server_run import TEXTS
from ..waits import Waits
from . import fleets
from .fleets import Copied, Existing, Green

NO_CONFIGURATION = "The deployment group is of the type BLUE_GREEN and has no blue/green deployment configuration."
NO_BALANCER = (
    "A blue/green deployment needs a load balancer, and traffic control, to move traffic to the new instances."
)


class Rerouting(Run):
    """What deployments that move traffic between two fleets share."""

    TEXTS = TEXTS

    def __init__(self, *of_deployment: Any) -> None:
        super().__init__(*of_deployment)
        self.bundles = Bundles(self.state.account_id, self.state.region_name)
        self.balancers: Balancers  # from `prepare` on
        self.rollout: Rollout | None = None
        self.waits = Waits()

    def find(self) -> None:
        """Find what there is to deploy to; raises Problem."""
        raise NotImplementedError

    def proceed(self) -> None:
        """Begin with it."""
        raise NotImplementedError

    def prepare(self) -> bool:
        try:
            self.balancers = Balancers(self.state, self.deployment.group)
            if not self.balancers:
                raise Problem("MISSING_ELB_INFORMATION", NO_BALANCER)
            self.balancers.check()
            self.find()
        except Problem as problem:
            self.fail_with(problem)
            return False
        self.proceed()
        return not self.deployment.ended

    def advance(self) -> None:
        if self.rollout and not self.rollout.is_over:
            self.rollout.advance()
        elif self.stop_cause:
            self.stopped()

    def halt(self) -> None:
        self.waits.cancel()
        if self.rollout:
            self.rollout.halt()

    def continue_from(self, wait: str | None) -> bool:
        return self.waits.go_on(wait)

    def tidy(self) -> None:
        """What no event runs on any more stays as it is."""
        self.waits.cancel()
        for target in self.deployment.targets.values():
            if target.status in ("Pending", "Ready", "InProgress"):
                target.skip()

    def add(self, hosts: list[str], label: str, events: tuple[str, ...]) -> list[HostRun]:
        """Make them targets of the deployment."""
        made = [Target.with_events(h, fleet.target_arn(self.state, h), events, label) for h in hosts]
        self.deployment.targets.update({target.target_id: target for target in made})
        return [HostRun(self.deployment, target, self.bundles, self.balancers) for target in made]

    def roll_out(
        self, runs: list[HostRun], then: Callable[[], None], minimum: int | None = None, until: int | None = None
    ) -> None:
        """Bring hosts through their events, then go on, unless too many failed or a stop was asked for.

        Without a minimum all of them must succeed.
        """
        health = {} if minimum is None else self.deployment.group.health

        def over() -> None:
            met = rollout.succeeded if minimum is not None else rollout.successes == len(runs)
            if self.stop_cause:
                self.stopped()
            elif met:
                then()
            else:
                self.fail("HEALTH_CONSTRAINTS")

        self.rollout = rollout = Rollout(runs, minimum or 0, health, over, until)
        rollout.advance()


class BlueGreenRun(Rerouting):
    """Deploys to green hosts and has them take over."""

    green: Green  # from `prepare` on
    shifting = False  # traffic began to move

    def find(self) -> None:
        settings = self.deployment.group.settings
        configuration = settings.get("blueGreenDeploymentConfiguration")
        if not configuration:
            raise Problem("MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION", NO_CONFIGURATION)
        provisioning = (configuration.get("greenFleetProvisioningOption") or {}).get("action")
        kind = Copied if provisioning == "COPY_AUTO_SCALING_GROUP" else Existing
        self.green = kind(self.state, self.deployment)
        self.blue = self.add(fleet.selected(self.state, self.deployment.group), "Blue", BLOCK)
        self.green.begin()

    def proceed(self) -> None:
        self.limit(limits.UNTIL_SHIFT_SECONDS, lambda: not self.shifting)
        self.limit(limits.BLUE_GREEN_SECONDS)
        self._wait_for_hosts()

    def _wait_for_hosts(self) -> None:
        clock.after(limits.TRAFFIC_CHECK_SECONDS, self._look)

    def _look(self) -> None:
        """Whether the green hosts are up."""
        if self.deployment.ended:
            return
        try:
            hosts = self.green.hosts()
        except Problem as problem:
            self.fail_with(problem)
            return
        if hosts is None:
            self._wait_for_hosts()
        else:
            self._install(hosts)

    def _install(self, hosts: list[str]) -> None:
        minimum = self.deployment.config.minimum_of(len(hosts))
        for host in hosts:  # what is green is not blue as well
            self.deployment.targets.pop(host, None)
        self.green_runs = self.add(hosts, "Green", (*EVENTS, *ALLOW))
        if not hosts:
            self.fail("NO_INSTANCES")
        elif len(hosts) > limits.INSTANCES_PER_DEPLOYMENT:
            self.fail("OVER_MAX_INSTANCES")
        elif minimum >= len(hosts):
            self.fail("HEALTH_CONSTRAINTS_INVALID", minimum=minimum, hosts=len(hosts))
        else:
            self.roll_out(self.green_runs, self._installed, minimum, until=len(EVENTS))

    def _installed(self) -> None:
        minutes = waits.ready_minutes(self.deployment.group.settings)
        if minutes is None:
            self._reroute()
            return
        self.deployment.status = "Ready"
        self.deployment.tell("DeploymentReady")
        self.waits.begin(waits.READY, minutes, self._reroute, self._give_up)

    def _give_up(self) -> None:
        self.stop("TIMEOUT", waits.TOO_LATE)

    def _reroute(self) -> None:
        self.deployment.status, self.shifting = "InProgress", True
        installed = [run for run in self.green_runs if run.target.status == "Ready"]
        minimum = self.deployment.config.minimum_of(len(installed))
        self.roll_out(installed, self._block, min(minimum, len(installed) - 1))

    def _block(self) -> None:
        """All blue hosts leave: those that Auto Scaling launched meanwhile too, and not those that are gone."""
        self.green.take_over()
        known = {run.target.target_id: run for run in self.blue}
        green = {run.target.target_id for run in self.green_runs}
        now = [host for host in fleet.selected(self.state, self.deployment.group) if host not in green]
        runs = [known.get(host) or self.add([host], "Blue", BLOCK)[0] for host in now]
        self.blue = runs
        if runs:
            self.roll_out(runs, self._conclude)
        else:
            self._conclude()

    def _conclude(self) -> None:
        settings = self.deployment.group.settings
        minutes = waits.termination_minutes(settings)
        if waits.keeps_blue(settings):
            self._succeed()
        elif minutes:
            self.deployment.termination_wait = True
            self.waits.begin(waits.TERMINATION, minutes, self._retire, self._retire)
        else:
            self._retire()

    def _retire(self) -> None:
        blue = [run.target.target_id for run in self.blue]
        fleets.terminate(self.state, self.deployment.group.settings.get("autoScalingGroups") or [], blue)
        self._succeed()

    def _succeed(self) -> None:
        self.deployment.replacement = self.green.selection()
        self.succeed()

    @property
    def changed_nothing(self) -> bool:
        """Whether no traffic was moved."""
        return not any(_moved(target) for target in self.deployment.targets.values())

    def undo(self) -> None:
        with contextlib.suppress(Problem):  # what is gone cannot be taken back
            for target in self.deployment.targets.values():
                if _moved(target):
                    back = self.balancers.join if target.label == "Blue" else self.balancers.leave
                    back(target.target_id)


def _moved(target: Target) -> bool:
    return any(event.name in MOVES and event.started for event in target.events)


class TakeBack(Rerouting):
    """A rollback: brings the traffic back to the blue hosts that are still there, then takes it from the green ones."""

    def find(self) -> None:
        undone = self.deployment.undoes
        assert undone is not None  # only a rollback is run by this class
        self.deployment.reroutes_back = True
        there = [t for t in undone.targets.values() if fleet.is_alive(self.state, t.target_id)]
        blue = [t.target_id for t in there if t.label == "Blue"]
        if not blue:
            raise Problem("NO_INSTANCES", TEXTS["NO_INSTANCES"])
        self.blue = self.add(blue, "Blue", ALLOW)
        self.green = self.add([t.target_id for t in there if t.label == "Green" and _moved(t)], "Green", BLOCK)

    def proceed(self) -> None:
        self.roll_out(self.blue, self._block)

    def _block(self) -> None:
        if self.green:
            self.roll_out(self.green, self.succeed)
        else:
            self.succeed()
