# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The run of one deployment that shifts traffic: its lifecycle events, one after the other, with their hook functions.

What a compute platform does is left to its subclass: `find_target`, `perform`, `shift`, `restore`, `retire`.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

from slipway_emulator.clock import clock

from .. import limits, waits
from ..bundle import BundleError, Bundles
from ..deployment import Event, Target
from ..locations import MEMBER
from ..problem import Problem
from ..run import Run
from ..waits import Waits
from . import appspec, hooks, schedule
from .appspec import AppSpec


class TrafficRun(Run):
    """Subclasses call `finish_event` or `fail_event` once for each event that `perform` began, and `after` to wait."""

    PLATFORM = ""
    appspec: AppSpec  # from `prepare` on
    target: Target

    def __init__(self, *of_deployment: Any) -> None:
        super().__init__(*of_deployment)
        self.share = 0  # percentage of the production traffic that is on the new side
        self.waits = Waits()
        self._turn = 0  # what was planned for an earlier turn no longer happens
        self._next = 0  # the event that is to come or runs

    # --- what a platform does

    def find_target(self) -> Target:
        """What the AppSpec deploys to, with its events; raises Problem where it cannot be deployed to.

        From when on a rollback can take something back, `deployment.start` holds what `restore` needs.
        """
        raise NotImplementedError

    def find_origin(self, start: Any) -> Target:
        """The target of a rollback deployment that takes the traffic back to `start`."""
        raise NotImplementedError

    def perform(self, event: str) -> None:
        """Begin a reserved event other than AllowTraffic."""
        raise NotImplementedError

    def shift(self, share: int) -> None:
        """Have this percentage of the production traffic on the new side; raises Problem."""
        raise NotImplementedError

    def restore(self, start: Any) -> None:
        """Take all traffic back to where it was at the start, and remove what is new; raises Problem."""
        raise NotImplementedError

    def ready_minutes(self) -> int | None:
        """How long to wait for ContinueDeployment before production traffic is shifted; None: not at all."""
        return None

    def termination_minutes(self) -> int | None:
        """How long both sides stay up after the shift."""
        return None

    def retire(self) -> None:
        """Remove the old side, then `succeed`."""
        self.succeed()

    # --- the course of it

    @property
    def changed_nothing(self) -> bool:
        return self.deployment.start is None

    def undo(self) -> None:
        with contextlib.suppress(Problem):  # what is gone cannot be taken back
            self.restore(self.deployment.start)
            self.share = 0

    def prepare(self) -> bool:
        undone = self.deployment.undoes
        try:
            if undone:  # the revision is only named, so that it may be gone by now
                self.target = self.find_origin(undone.start)
            else:
                self.appspec = appspec.parse(self._text(), self.PLATFORM)
                self.target = self.find_target()
        except Problem as problem:
            self.fail_with(problem)
            return False
        self.deployment.targets = {self.target.target_id: self.target}
        self.target.set("InProgress")
        return True

    def _text(self) -> str:
        revision = self.deployment.revision
        location = revision[MEMBER[revision["revisionType"]]]
        if revision["revisionType"] != "S3":
            return str(location.get("content") or "")
        try:
            return Bundles(self.state.account_id, self.state.region_name).content(location)[0].decode("utf-8-sig")
        except BundleError as missing:
            raise Problem("REVISION_MISSING", f"The AppSpec file could not be read from Amazon S3: {missing}") from None
        except UnicodeError:
            raise Problem("INVALID_REVISION", "The AppSpec file is invalid: it is not UTF-8") from None

    def advance(self) -> None:
        if self.stop_cause:
            self.stopped()
        else:
            self._begin_event()

    def halt(self) -> None:
        self._turn += 1
        self.waits.cancel()

    def tidy(self) -> None:
        self.halt()
        if not self.deployment.targets:
            return
        if self.target.status not in ("Succeeded", "Failed"):
            self.target.skip()
        self.target.keep()

    def succeed(self) -> None:
        self.target.set("Succeeded")
        super().succeed()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do it then, unless the event or the deployment has ended by that time."""
        turn = self._turn

        def act() -> None:
            if self._turn == turn:
                self._try(action)

        clock.after(seconds, act)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Problem as problem:
            self.fail_event(problem)

    @property
    def event(self) -> Event:
        """The one that runs."""
        return self.target.events[self._next]

    def _begin_event(self) -> None:
        if self._next == len(self.target.events):
            self._conclude()
        elif self.event.name == "BeforeAllowTraffic" and self._must_get_ready():
            self._await_continuation()
        else:
            self._work()

    def _work(self) -> None:
        self._turn += 1
        name = self.event.name
        if self.deployment.undoes and name != "AllowTraffic":
            self.event.status = "Skipped"
            self._step()
            return
        self.event.status, self.event.started = "InProgress", clock.datetime()
        self.target.set("InProgress")
        self._try(lambda: self._perform(name))

    def _perform(self, name: str) -> None:
        if name == "AllowTraffic":
            self._shift()
        elif name in appspec.RESERVED:
            self.perform(name)
        elif name in self.appspec.hooks:
            self._ask(name, self.appspec.hooks[name])
        else:
            self.after(limits.EMPTY_EVENT_SECONDS, self.finish_event)

    def _ask(self, name: str, function: str) -> None:
        answer = hooks.invoke(self.state, self.deployment, self.event, function)
        late = hooks.failure(name, function, "did not report an outcome within one hour")
        self.after(limits.EVENT_SECONDS, lambda: self.fail_event(late))
        if answer is not None:
            self.after(answer.seconds, lambda: self.report(answer.status))

    def report(self, status: str) -> None:
        """The outcome of the hook that runs."""
        name = self.event.name
        if status == "Succeeded":
            self.finish_event()
        else:
            self.fail_event(hooks.failure(name, self.appspec.hooks[name], "reported the status Failed"))

    def _shift(self) -> None:
        if self.deployment.undoes:
            self.restore(self.deployment.undoes.start)
            self.share = 100
            self.after(limits.EMPTY_EVENT_SECONDS, self.finish_event)
            return
        first, *others = schedule.steps(self.deployment.config.routing or {})
        for step in others:
            self.after(step.second, functools.partial(self._take, step.share))
        self._take(first.share)

    def _take(self, share: int) -> None:
        self.shift(share)
        self.share = share
        self.target.set("InProgress")
        if share == 100:
            self.after(limits.EMPTY_EVENT_SECONDS, self.finish_event)

    def finish_event(self) -> None:
        self.event.status, self.event.ended = "Succeeded", clock.datetime()
        self._step()

    def fail_event(self, problem: Problem) -> None:
        """The deployment fails with the event that runs."""
        if self._next < len(self.target.events):
            self.event.status, self.event.ended = "Failed", clock.datetime()
        self.target.skip()
        self.target.set("Failed")
        self.fail_with(problem)

    def _step(self) -> None:
        self._next += 1
        self._turn += 1
        self.target.set("InProgress")
        self._begin_event()

    # --- waits

    def continue_from(self, wait: str | None) -> bool:
        return self.waits.go_on(wait)

    def _must_get_ready(self) -> bool:
        return self.ready_minutes() is not None and self.deployment.undoes is None

    def _await_continuation(self) -> None:
        self.deployment.status = "Ready"
        self.target.set("Ready")
        self.deployment.tell("DeploymentReady")
        self._turn += 1
        self.waits.begin(waits.READY, self.ready_minutes() or 0, self._resume, self._give_up)

    def _resume(self) -> None:
        self.deployment.status = "InProgress"
        self._work()

    def _give_up(self) -> None:
        self.stop("TIMEOUT", waits.TOO_LATE)

    def _conclude(self) -> None:
        minutes = self.termination_minutes()
        if self.deployment.undoes:
            self.succeed()
        elif not minutes:
            self._retire()
        else:
            self.deployment.termination_wait = True
            self._turn += 1
            self.waits.begin(waits.TERMINATION, minutes, self._retire, self._retire)

    def _retire(self) -> None:
        self._turn += 1
        self._try(self.retire)
