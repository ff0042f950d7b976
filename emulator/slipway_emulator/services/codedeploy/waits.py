# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The two waits of a blue/green deployment: before production traffic moves, and before the old side is ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slipway_emulator.clock import clock

READY, TERMINATION = "READY_WAIT", "TERMINATION_WAIT"
TOO_LATE = "The deployment was not continued within the wait time."


class Waits:
    """At most one wait at a time. It ends by ContinueDeployment, or when its minutes are over."""

    def __init__(self) -> None:
        self.kind: str | None = None  # READY_WAIT or TERMINATION_WAIT
        self._go_on: Callable[[], None] = lambda: None
        self._turn = 0

    def begin(self, kind: str, minutes: int, go_on: Callable[[], None], at_end: Callable[[], None]) -> None:
        """`go_on`: what comes after the wait; `at_end`: what happens instead when nobody continued it in time."""
        self._turn += 1
        self.kind, self._go_on, turn = kind, go_on, self._turn
        clock.after(minutes * 60.0, lambda: self._end(turn, at_end))

    def _end(self, turn: int, action: Callable[[], None]) -> None:
        if turn == self._turn and self.kind is not None:
            self.cancel()
            action()

    def go_on(self, kind: str | None) -> bool:
        """Continue the deployment; False where it is not in this wait, or in none."""
        if self.kind is None or kind not in (None, self.kind):
            return False
        self._end(self._turn, self._go_on)
        return True

    def cancel(self) -> None:
        self.kind = None


def ready_minutes(settings: dict[str, Any]) -> int | None:
    """How long a deployment waits to be continued before production traffic moves; None: not at all."""
    option = _option(settings, "deploymentReadyOption")
    if option.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        return None
    return int(option.get("waitTimeInMinutes") or 0)


def termination_minutes(settings: dict[str, Any]) -> int:
    """How long both sides stay up once traffic has moved."""
    return int(_option(settings, "terminateBlueInstancesOnDeploymentSuccess").get("terminationWaitTimeInMinutes") or 0)


def keeps_blue(settings: dict[str, Any]) -> bool:
    return _option(settings, "terminateBlueInstancesOnDeploymentSuccess").get("action") == "KEEP_ALIVE"


def _option(settings: dict[str, Any], name: str) -> dict[str, Any]:
    option: dict[str, Any] = (settings.get("blueGreenDeploymentConfiguration") or {}).get(name) or {}
    return option
