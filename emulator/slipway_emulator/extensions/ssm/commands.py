# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Run Command: a command and its invocations, moving from status to status on the clock."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ... import console
from ...clock import clock
from ...console_commands import Outcome
from ...faults import faults
from ...hosts import HOST, Host
from . import command_alarms, command_output, plugins
from .documents import Step
from .package_runs import Waiting
from .shared import platform_type

DELIVERY_SECONDS = 1.0  # until a node that is online has picked the command up
RUN_SECONDS = 2.0  # a script takes
RETRY_SECONDS = 30.0  # between looks at a node that is offline
TERMINAL = ("Success", "Failed", "TimedOut", "Cancelled")
ERRORS = ("Failed", "ExecutionTimedOut")  # details that count against MaxErrors
FOLDED = {
    **dict.fromkeys(("ExecutionTimedOut", "DeliveryTimedOut"), "TimedOut"),
    **dict.fromkeys(("Terminated", "Cancelled"), "Cancelled"),
}  # the status of details that is not Failed
WHERE = (*HOST, "document")
faults.declare(
    "command-ends", "a command ends on a node before it runs, or waits (Delayed)", WHERE, details="Undeliverable"
)
faults.declare("command-exits", "what a command runs on a node exits like this", WHERE, code=1, stdout="", stderr="")
faults.declare("command-slow", "what a command runs on a node takes longer", WHERE, seconds=600)


@dataclass
class Invocation:
    """A command on one node."""

    host: Host
    command: Command
    status: str = "Pending"
    details: str = "Pending"
    started: float | None = None
    ended: float | None = None
    results: dict[str, Outcome] = field(default_factory=dict)  # by name of the step

    @property
    def steps(self) -> list[Step]:
        """The steps of the document that run on the platform of the node."""
        return [step for step in self.command.steps if step.runs_on(platform_type(self.host.contents))]

    @property
    def terminal(self) -> bool:
        return self.status in TERMINAL

    def fault(self, kind: str) -> dict[str, Any] | None:
        """A fault of this kind that acts on the command here."""
        return faults.take(kind, **self.host.facts(), document=self.command.document.name)

    def end(self, status: str, details: str | None = None) -> None:
        """Come to a terminal status and let the command go on."""
        if not self.terminal:
            self.command.count(self.status, details or status)
            self.status, self.details, self.ended = status, details or status, clock.now()
            self.command.proceed()


@dataclass
class Command:
    """One SendCommand."""

    command_id: str
    account_id: str
    region: str
    document: Any
    steps: list[Step]
    asked: dict[str, Any]
    parameters: dict[str, list[str]]
    at_once: int
    allowed_errors: int
    sent: float
    invocations: dict[str, Invocation] = field(default_factory=dict)  # by instance id
    cancelled: bool = False
    refused: str | None = None  # details of a command that SSM sent to nobody
    triggered: list[dict[str, str]] = field(default_factory=list)  # alarms that stopped it
    looked_up: bool = False  # targets found: tags are looked up after the answer
    # Counted as they go: a command to a fleet is looked at for every node that ends.
    waiting: deque[Invocation] = field(default_factory=deque)
    running: int = 0
    ended: Counter[str] = field(default_factory=Counter)  # by details

    @property
    def timeout(self) -> float:
        return float(self.asked.get("TimeoutSeconds") or 3600)

    @property
    def expires(self) -> float:
        """The total time-out: delivery and execution together."""
        return self.sent + self.timeout + max((step.timeout for step in self.steps), default=3600.0)

    def address(self, hosts: list[Host]) -> None:
        """The nodes were looked up."""
        self.invocations = {host.instance_id: Invocation(host, self) for host in hosts}
        self.waiting.extend(self.invocations.values())

    def begin(self) -> None:
        """Start with the first nodes."""
        self.looked_up = True
        if not self.refused:
            self._heed_alarm()
            self.proceed()
            clock.at(self.expires, self._expire)

    def proceed(self) -> None:
        """Start as many as MaxConcurrency allows; beyond MaxErrors the rest is not started."""
        stopped = self.errors > self.allowed_errors
        while self.waiting and (stopped or self.running < self.at_once):
            invocation = self.waiting.popleft()
            if invocation.status != "Pending":
                continue
            if stopped:
                invocation.status, invocation.details, invocation.ended = "Cancelled", "Terminated", clock.now()
                self.count("Pending", "Terminated")
                continue
            self.running += 1
            invocation.status = invocation.details = "InProgress"
            clock.after(DELIVERY_SECONDS, partial(_deliver, invocation))

    def count(self, before: str, details: str) -> None:
        """A node came to its end."""
        self.running -= before in ("InProgress", "Delayed")
        self.ended[details] += 1

    def cancel(self, ids: list[str]) -> None:
        """Best effort: what already ended stays as it is."""
        self.cancelled = self.cancelled or not ids
        for instance_id in ids or list(self.invocations):
            if instance_id in self.invocations:
                self.invocations[instance_id].end("Cancelled")

    def _heed_alarm(self) -> None:
        """Stop when the alarm is on, as CancelCommand does; else look again later."""
        if not self.asked.get("AlarmConfiguration") or self.completed == len(self.invocations):
            return
        self.triggered = command_alarms.triggered(self.account_id, self.region, self.asked)
        if self.triggered:
            self.cancel([])
        else:
            clock.after(command_alarms.POLL_SECONDS, self._heed_alarm)

    def _expire(self) -> None:
        for invocation in self.invocations.values():
            invocation.end("TimedOut", "DeliveryTimedOut" if invocation.started is None else "ExecutionTimedOut")

    @property
    def errors(self) -> int:
        return sum(self.ended[details] for details in ERRORS)

    @property
    def completed(self) -> int:
        return self.ended.total()

    @property
    def delivery_timed_out(self) -> int:
        return self.ended["DeliveryTimedOut"]

    def state(self) -> tuple[str, str]:
        """Status and StatusDetails, both folded from those of the invocations."""
        if not self.looked_up:
            return "Pending", "Pending"
        if self.refused:
            return "Failed", self.refused
        if not self.invocations:
            return "Failed", "NoInstancesInTag"
        if self.completed < len(self.invocations):
            return ("Cancelling", "Cancelling") if self.cancelled else ("InProgress", "InProgress")
        return self._final()

    def _final(self) -> tuple[str, str]:
        details = set(self.ended)
        if self.errors > self.allowed_errors:
            return "Failed", "Failed"
        if self.cancelled or details == {"Cancelled"}:
            return "Cancelled", "Cancelled"
        if details <= {"Success", *ERRORS}:
            return "Success", "Success"
        if details == {"DeliveryTimedOut"}:
            return "TimedOut", "DeliveryTimedOut"
        return "Failed", "Incomplete"


def _deliver(invocation: Invocation) -> None:
    """The node's agent picks the command up, if it can; an offline node is waited for until the time-out."""
    if invocation.terminal:
        return
    host = invocation.host
    ends = invocation.fault("command-ends")
    if ends and ends["details"] == "Delayed":
        invocation.status = invocation.details = "Delayed"
        clock.after(RETRY_SECONDS, partial(_deliver, invocation))
    elif ends:
        invocation.end(FOLDED.get(ends["details"], "Failed"), ends["details"])
    elif host.state != "running":
        invocation.end("Failed", "Undeliverable")
    elif not host.online():
        clock.after(RETRY_SECONDS, partial(_deliver, invocation))
    elif not invocation.steps:
        invocation.end("Failed", "InvalidPlatform")
    else:
        _start(invocation)


def _start(invocation: Invocation) -> None:
    """The agent ends what takes longer than the document allows."""
    invocation.started, invocation.status, invocation.details = clock.now(), "InProgress", "InProgress"
    slow = invocation.fault("command-slow")
    takes = slow["seconds"] if slow else RUN_SECONDS + sum(console.sleeps(step.script) for step in invocation.steps)
    allowed = max(step.timeout for step in invocation.steps)
    if takes > allowed:
        clock.after(allowed, partial(invocation.end, "TimedOut", "ExecutionTimedOut"))
    else:
        clock.after(takes, partial(_run, invocation))


def _run(invocation: Invocation, begun: Waiting | None = None) -> None:
    """What has begun goes on whatever becomes of the command, and waits for a node that restarts."""
    if invocation.terminal and (begun is None or not invocation.host.online()):
        return
    if not invocation.host.online():
        clock.after(RETRY_SECONDS, partial(_run, invocation, begun))
        return
    work = begun or _work(invocation)
    seconds = next(work, None)
    if seconds is not None:
        clock.after(seconds, partial(_run, invocation, work))


def _work(invocation: Invocation) -> Waiting:
    """One step after the other; each runs even if the one before it failed, as a document without `onFailure` does."""
    exits = invocation.fault("command-exits")
    command, results = invocation.command, {}
    for step in invocation.steps:
        told = Outcome(exits["stdout"], exits["stderr"], exits["code"]) if exits else None
        results[step.action, step.name] = told or (yield from plugins.perform(invocation.host, step))
    if invocation.terminal:
        return  # nobody hears of what goes on after a command was cancelled
    invocation.results = {name: outcome for (_action, name), outcome in results.items()}
    command_output.keep(invocation.host, command.command_id, command.asked, results)
    failed = any(outcome.code for outcome in results.values())
    invocation.end("Failed" if failed else "Success")
