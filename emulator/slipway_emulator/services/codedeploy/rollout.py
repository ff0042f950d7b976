# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Bringing hosts through their events, as many at once as the minimum of healthy hosts allows."""

from __future__ import annotations

from collections.abc import Callable

from .host_run import HostRun


class Rollout:
    """Calls `over()` once, when nothing runs and nothing may start."""

    def __init__(
        self,
        runs: list[HostRun],
        minimum: int,
        health: dict[str, bool],
        over: Callable[[], None],
        until: int | None = None,
    ) -> None:
        """`health` is kept up to date; a host that is not in it was never deployed to, and counts as healthy.

        `until`: the number of events to go through, all unless told.
        """
        self.waiting, self.minimum, self.health, self.over, self.until = list(runs), minimum, health, over, until
        self.running: dict[str, HostRun] = {}
        self.started_healthy: set[str] = set()  # running hosts that counted as healthy when they were started
        self.healthy = sum(self._is_healthy(run) for run in runs)  # counted on, as every start and end asks for it
        self.successes = 0
        self.is_over = self.halted = False

    @property
    def succeeded(self) -> bool:
        return not self.waiting and self.successes >= max(1, self.minimum)

    def halt(self) -> None:
        """Start nothing more, and let what runs end after its present event."""
        self.halted = True
        for run in self.running.values():
            run.stopping = True

    def advance(self) -> None:
        """Start what may start."""
        while not self.halted and self._may_start():
            self._start(self.waiting.pop(0))
        if not self.running and not self.is_over and not self._goes_on():
            self.is_over = True
            self.over()

    def _goes_on(self) -> bool:
        """Whether more comes although nothing runs and nothing may start."""
        return False

    def _may_start(self) -> bool:
        """Unhealthy hosts always may; a healthy one if enough others stay healthy meanwhile."""
        if not self.waiting:
            return False
        return not self._is_healthy(self.waiting[0]) or self.healthy - len(self.started_healthy) > self.minimum

    def _is_healthy(self, run: HostRun) -> bool:
        return self.health.get(run.target.target_id, True)

    def _start(self, run: HostRun) -> None:
        target_id = run.target.target_id
        self.running[target_id] = run
        if self._is_healthy(run):
            self.started_healthy.add(target_id)
        run.begin(self._ended, self.until)

    def _ended(self, run: HostRun, succeeded: bool | None) -> None:
        target_id = run.target.target_id
        del self.running[target_id]
        self.started_healthy.discard(target_id)
        self.healthy += (succeeded is True) - self._is_healthy(run)
        self.health[target_id] = succeeded is True
        self.successes += succeeded is True
        self.advance()
