# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""One host on its way through the lifecycle events of a deployment."""

from __future__ import annotations

from collections.abc import Callable

from slipway_emulator.clock import clock
from slipway_emulator.hosts import Host, registry

from . import limits
from .agent import Agent, Outcome
from .balancing.balancers import Balancers
from .balancing.moves import MOVES, Move
from .bundle import Bundles
from .deployment import Deployment, Event, Target

NO_AGENT = (
    "CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make"
    " sure the agent is running and can connect to the CodeDeploy server."
)
RESTARTED = "Failed: Failing in-progress lifecycle event after an agent restart."
# With ignoreApplicationStopFailures a failure of what runs from the last install does not end the host.
FORGIVEN = ("ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic")


Done = Callable[["HostRun", "bool | None"], None]


class HostRun:
    """Sends one command at a time."""

    def __init__(self, deployment: Deployment, target: Target, bundles: Bundles, balancers: Balancers) -> None:
        self.deployment, self.target = deployment, target
        self.bundles, self.balancers = bundles, balancers
        self.done: Done = lambda _run, _succeeded: None
        self.agent: Agent | None = None
        self.stopping = False
        self._next = 0
        self._until = 0

    @property
    def host(self) -> Host | None:
        return registry.get(self.target.arn) or registry.get(self.target.target_id)

    @property
    def _event(self) -> Event:
        return self.target.events[self._next]

    def begin(self, done: Done, until: int | None = None) -> None:
        """Go through the events, or only the first `until` of them; a second call goes on from there.

        Calls `done(self, succeeded)` once, with None when the deployment was stopped.
        """
        self.done, self._until = done, len(self.target.events) if until is None else until
        self.target.set("InProgress")
        if self._next == 0:
            self.deployment.tell("InstanceStart", self.target)
        self._send()

    def _send(self) -> None:
        """Offer the next event to the agent, or perform it."""
        if self.stopping:
            self._end(None)
            return
        if self._event.name in MOVES:
            self._start_event()
            Move(self.balancers, self._event.name, self.target.target_id, self._settle).begin()
            return
        launching = self.deployment.creator == "autoscaling" and self._next == 0
        patience = limits.LAUNCH_START_SECONDS if launching else limits.EVENT_START_SECONDS
        offered = clock.now()
        clock.after(limits.POLL_SECONDS, lambda: self._await_agent(offered, offered + patience))

    def _await_agent(self, offered: float, deadline: float) -> None:
        host = self.host
        if self.stopping:
            self._end(None)
        elif host is not None and host.agent_answers():
            self._perform(host)
        elif clock.now() >= deadline:
            self._event.started = self._event.started or clock.datetime()
            self._fail(Outcome(0, "UnknownError", message=NO_AGENT))
        else:
            again = min(limits.AGENT_CHECK_SECONDS, deadline - clock.now())
            clock.after(again, lambda: self._await_agent(offered, deadline))

    def _start_event(self) -> Event:
        event = self._event
        event.status, event.started = "InProgress", clock.datetime()
        self.target.set("InProgress")
        return event

    def _perform(self, host: Host) -> None:
        event = self._start_event()
        if self.agent is None or self.agent.host is not host:
            self.agent = Agent(self.deployment, host, self.bundles)
        deadline = clock.now() + limits.EVENT_SECONDS
        death = self.agent.dies(event.name)
        if death is not None:
            self._die(host, death["restart_after"])
            self._await_answer(deadline)
            return
        outcome = self.agent.perform(event.name)
        if outcome.seconds > limits.EVENT_SECONDS:
            late = Outcome(
                0, "UnknownError", message=f"The lifecycle event took longer than {limits.EVENT_SECONDS:.0f} s"
            )
            clock.at(deadline, lambda: self._fail(late))
        else:
            clock.after(outcome.seconds, lambda: self._complete(outcome, deadline))

    def _die(self, host: Host, restart_after: float | None) -> None:
        host.agent_running = False
        if restart_after is not None:
            clock.after(float(restart_after), lambda: setattr(host, "agent_running", True))

    def _complete(self, outcome: Outcome, deadline: float) -> None:
        host = self.host
        if host is None or not host.agent_answers():
            self._await_answer(deadline)
        else:
            self._settle(outcome)

    def _settle(self, outcome: Outcome) -> None:
        if outcome.failed:
            self._fail(outcome)
        else:
            self._close("Succeeded", outcome)
            self._step()

    def _await_answer(self, deadline: float) -> None:
        """The agent took the event and went silent: it fails when the agent is back, or when the event's time is up."""
        host = self.host
        if host is not None and host.agent_answers():
            self._fail(Outcome(0, "UnknownError", message=RESTARTED))
        elif clock.now() >= deadline:
            self._fail(Outcome(0, "UnknownError", message=NO_AGENT))
        else:
            again = min(limits.AGENT_CHECK_SECONDS, deadline - clock.now())
            clock.after(again, lambda: self._await_answer(deadline))

    def _close(self, status: str, outcome: Outcome) -> None:
        event = self._event
        event.status, event.ended, event.diagnostics = status, clock.datetime(), outcome.as_diagnostics()
        self.target.set("InProgress")

    def _fail(self, outcome: Outcome) -> None:
        self._close("Failed", outcome)
        forgiven = self.deployment.settings.get("ignoreApplicationStopFailures") and self._event.name in FORGIVEN
        if forgiven and outcome.message != NO_AGENT:
            self._step()
        else:
            self._next += 1
            self._end(False)

    def _step(self) -> None:
        self._next += 1
        if self._next < self._until:
            self._send()
        elif self._next < len(self.target.events):
            self.target.set("Ready")
            self.deployment.tell("InstanceReady", self.target)
            self.done(self, True)
        else:
            self._end(True)

    def _end(self, succeeded: bool | None) -> None:
        for event in self.target.events[self._next :]:
            event.status = "Skipped"
        self.target.set({True: "Succeeded", False: "Failed", None: "Skipped"}[succeeded])
        if succeeded and self.agent is not None:
            self.agent.finished()
        if succeeded is not None:
            self.deployment.tell("InstanceSuccess" if succeeded else "InstanceFailure", self.target)
        self.done(self, succeeded)
