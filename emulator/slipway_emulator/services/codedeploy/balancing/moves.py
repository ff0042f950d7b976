# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""BlockTraffic and AllowTraffic of one host: events that the service performs itself, without the agent."""

from __future__ import annotations

from collections.abc import Callable

from slipway_emulator.clock import clock

from .. import limits
from ..agent import Outcome
from ..problem import Problem
from .balancers import Balancers

BLOCK = ("BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic")
ALLOW = ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic")
MOVES = ("BlockTraffic", "AllowTraffic")
LATE = {
    "BlockTraffic": "The instance {host} was not deregistered from the load balancer within one hour.",
    "AllowTraffic": "The instance {host} did not become healthy behind the load balancer within one hour.",
}


class Move:
    """Takes a host out of its load balancers, or into them; calls `done` once, when that is over."""

    def __init__(self, balancers: Balancers, event: str, host: str, done: Callable[[Outcome], None]) -> None:
        self.balancers, self.event, self.host, self.done = balancers, event, host, done
        self.began = clock.now()

    def begin(self) -> None:
        act = self.balancers.leave if self.event == "BlockTraffic" else self.balancers.join
        try:
            act(self.host)
        except Problem as problem:
            self._fail(problem.text)
            return
        clock.after(limits.EMPTY_EVENT_SECONDS, self._look)

    def _look(self) -> None:
        """A target that drains or is not healthy yet is looked at again; whoever looks learns of it a moment late."""
        over = self.balancers.is_gone if self.event == "BlockTraffic" else self.balancers.serves
        try:
            finished = over(self.host)
        except Problem as problem:
            self._fail(problem.text)
            return
        left = self.began + limits.EVENT_SECONDS - clock.now()
        if finished:
            self.done(Outcome(clock.now() - self.began))
        elif left <= 0:
            self._fail(LATE[self.event].format(host=self.host))
        else:
            clock.after(min(limits.TRAFFIC_CHECK_SECONDS, left), self._look)

    def _fail(self, text: str) -> None:
        self.done(Outcome(clock.now() - self.began, "UnknownError", message=text))
