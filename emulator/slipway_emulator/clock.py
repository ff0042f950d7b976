# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The one clock of the emulator and the queue of what is due on it.

Every status is a function of this clock. A service says what happens when (`clock.after(30, boot_finished)`), and
before each request the queue is brought up to the present in order of time, so nothing ever sleeps or needs a thread.
While a due event runs, `clock.now()` is the moment it was due at: what follows from it gets true time stamps even when
a test leaps over an hour.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Real time, real time times a factor, or (speed 0) a clock that only moves when told. Seconds since the epoch."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # held while a request is answered: services and events never interleave
        self._ids = itertools.count()
        self._speed = 1.0
        self.reset()

    def reset(self, speed: float | None = None) -> None:
        """Back to real time with nothing due; the speed stays unless given."""
        self._speed = self._speed if speed is None else speed
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._event_time: float | None = None
        self._base = time.time()
        self._anchor = time.monotonic()

    @property
    def speed(self) -> float:
        """Emulated seconds in a real second."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Change the factor from now on; 0 stops the clock."""
        if speed < 0:
            raise ValueError("the speed of the clock cannot be negative")
        self._base, self._anchor, self._speed = self._present(), time.monotonic(), speed

    def advance(self, seconds: float) -> None:
        """Leap forward and run all that falls due on the way."""
        if seconds < 0:
            raise ValueError("the clock cannot go back")
        self._base, self._anchor = self._present() + seconds, time.monotonic()
        self.catch_up()

    def now(self) -> float:
        """Emulated seconds since the epoch."""
        return self._present() if self._event_time is None else self._event_time

    def datetime(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def at(self, when: float, event: Callable[[], None]) -> None:
        """Have `event` run when the clock reaches `when`; in the order of asking for equal times."""
        heapq.heappush(self._queue, (when, next(self._ids), event))

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        """Have `event` run `seconds` from now."""
        self.at(self.now() + seconds, event)

    def catch_up(self) -> None:
        """Run every event that is due, oldest first; events may add others. Does nothing inside an event."""
        if self._event_time is not None:
            return
        present = self._present()
        try:
            while self._queue and self._queue[0][0] <= present:
                self._event_time, _order, event = heapq.heappop(self._queue)
                event()
        finally:
            self._event_time = None

    def next_due(self) -> float | None:
        """When the next event is due, or None."""
        return self._queue[0][0] if self._queue else None

    def run_until(self, done: Callable[[], bool], limit: float = 86_400.0) -> None:
        """Leap from event to event until `done`; for tests. Raises TimeoutError after `limit` emulated seconds."""
        end = self.now() + limit
        while not done():
            due = self.next_due()
            if due is None or due > end:
                raise TimeoutError("nothing left on the clock makes the condition true")
            self.advance(max(0.0, due - self.now()))

    def _present(self) -> float:
        return self._base + (time.monotonic() - self._anchor) * self._speed


clock = Clock()
