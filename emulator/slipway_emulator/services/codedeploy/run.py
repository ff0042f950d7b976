# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What every deployment goes through, whatever it deploys to: its start, the watch over its alarms, a stop, its end.

Everything happens as events on the emulator's clock.
"""

from __future__ import annotations

from collections.abc import Callable

from slipway_emulator.clock import clock

from . import alarms, limits
from .deployment import Deployment
from .problem import Problem
from .state import State

STOP_EVENTS = {"ALARM_ACTIVE": "DEPLOYMENT_STOP_ON_ALARM", "MANUAL_STOP": "DEPLOYMENT_STOP_ON_REQUEST"}

LATE = "The deployment ran out of the time that a deployment may take."


class Run:
    """One deployment as it runs; calls `done(self, event)` once, with the event that may ask for a rollback, or None."""

    TEXTS = {
        "APPLICATION_MISSING": "The application was deleted before the deployment could start.",
        "DEPLOYMENT_GROUP_MISSING": "The deployment group was deleted before the deployment could start.",
    }

    def __init__(self, state: State, deployment: Deployment, done: Callable[[Run, str | None], None]) -> None:
        self.state, self.deployment, self.done = state, deployment, done
        self.stop_cause: str | None = None  # an error code, once something asked for a stop
        self.stop_text = ""
        self.stop_rollback: bool | None = None  # what StopDeployment said of the rollback
        self.is_late = False  # the stop is the end of the time that the service gives it

    def prepare(self) -> bool:
        """Look at what is there to deploy to; False after a failure."""
        raise NotImplementedError

    def advance(self) -> None:
        """Do what is to be done next; after a stop, end as soon as nothing runs."""
        raise NotImplementedError

    def halt(self) -> None:
        """Begin nothing more, since a stop was asked for."""

    def tidy(self) -> None:
        """Leave things in order at the end, however it came."""

    def continue_from(self, _wait: str | None) -> bool:
        """Go on after a wait; False where the deployment is not in it."""
        return False

    @property
    def changed_nothing(self) -> bool:
        """Whether there is nothing that a rollback could take back."""
        return False

    def undo(self) -> None:
        """Take back what was changed where no rollback deployment can do it."""

    def begin(self) -> None:
        clock.after(limits.QUEUE_SECONDS, self._start)

    def stop(self, cause: str, text: str, rollback: bool | None = None) -> None:
        """No more is begun; the deployment is over when what runs has ended."""
        if self.deployment.ended or self.stop_cause:
            return
        self.stop_cause, self.stop_text, self.stop_rollback = cause, text, rollback
        self.halt()
        self.advance()

    def limit(self, seconds: float, applies: Callable[[], bool] = lambda: True) -> None:
        """Fail after this time, if the deployment still runs and the limit still applies."""

        def end() -> None:
            if not self.deployment.ended and not self.stop_cause and applies():
                self.is_late = True
                self.stop("TIMEOUT", LATE)

        clock.after(seconds, end)

    def _start(self) -> None:
        if self.deployment.ended:
            return
        self.deployment.status, self.deployment.started = "InProgress", clock.datetime()
        if self._is_orphaned() or self._alarm() or not self.prepare():
            return
        self._watch_alarms()
        self.advance()

    def _is_orphaned(self) -> bool:
        group = self.deployment.group
        if self.state.applications.get(group.application.name) is not group.application:
            self.fail("APPLICATION_MISSING")
        elif group.application.groups.get(group.name) is not group:
            self.fail("DEPLOYMENT_GROUP_MISSING")
        return self.deployment.ended

    def _alarm(self) -> bool:
        why = alarms.firing(self.deployment, self.state.account_id, self.state.region_name)
        if why:
            self.stop("ALARM_ACTIVE", why)
        return why is not None

    def _watch_alarms(self) -> None:
        if not self.deployment.effective("alarmConfiguration").get("enabled"):
            return

        def look() -> None:
            if not self.deployment.ended and not self._alarm():
                self._watch_alarms()

        clock.after(limits.ALARM_POLL_SECONDS, look)

    def fail(self, code: str, **facts: int | str) -> None:
        """End as failed, with the text of the code."""
        self._end("Failed", "DEPLOYMENT_FAILURE", code, self.TEXTS[code].format(**facts))

    def fail_with(self, problem: Problem) -> None:
        """End as failed, with what a look at another service found."""
        self._end("Failed", "DEPLOYMENT_FAILURE", problem.code, problem.text)

    def stopped(self) -> None:
        """End as stopped, by what asked for it."""
        cause = str(self.stop_cause)
        if self.is_late:
            self._end("Failed", "DEPLOYMENT_FAILURE", cause, self.stop_text)
            return
        self._end("Stopped", STOP_EVENTS.get(cause, cause), cause, self.stop_text)

    def succeed(self) -> None:
        self._end("Succeeded", None)

    def _end(self, status: str, event: str | None, code: str = "", text: str = "") -> None:
        self.deployment.error = {"code": code, "message": text} if code else None
        self.tidy()
        self.deployment.status, self.deployment.completed = status, clock.datetime()
        self.done(self, event)
