# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follows the commands of a task by their counters and sends the next ones: one question a look for any number. Private."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands, nodes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import starting
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.wishes import Wish, share
from ansible_collections.slipway.aws.plugins.module_utils._text import some

UNSEEN = datetime.timedelta(minutes=5)  # after which a command that SSM does not show is given up
OVERDUE = datetime.timedelta(minutes=15)  # after the time by which SSM should have ended a command
MOST_NAMED = 3


class Run:
    """The commands of a task so far. What a later slice of the task must know of them goes through `follow_id`."""

    def __init__(self, aws: Connection, wish: Wish, ids: list[str], since: datetime.datetime, joined: bool) -> None:
        self.aws, self.wish, self.ids, self.since, self.joined = aws, wish, ids, since, joined
        self.known: dict[str, Shape] = {}
        self._told: list[str] = []

    @property
    def follow_id(self) -> str:
        return ";".join((f"{self.since.timestamp():.0f}", "joined" if self.joined else "", ",".join(self.ids)))

    @property
    def commands(self) -> list[Shape]:
        """In the order in which they were sent, as far as SSM shows them."""
        return [self.known[one] for one in self.ids if one in self.known]

    @property
    def failed(self) -> int:
        return _sum(self.commands, "ErrorCount") + _sum(self.commands, "DeliveryTimedOutCount")

    @property
    def unsent(self) -> list[Shape]:
        """The parts that no command was sent for yet."""
        return self.wish.parts[len(self.ids) :]

    def look(self) -> Look:
        """Read the counters, send what is next, and tell how far it is."""
        self._read()
        self.send_next()
        over = len(self.known) == len(self.ids) and all(one["Status"] in commands.OVER for one in self.commands)
        events, self._told = tuple(self._told), []
        return Look(self._text(), over and self._may_not_send(), events, events)

    def send_next(self) -> None:
        """Send as many parts as may be on their way, until all are sent or too many nodes failed."""
        while not self._may_not_send() and self._has_room():
            sent = starting.send(self.aws, self.wish, len(self.ids), self.failed)
            self.ids.append(sent["CommandId"])
            self.known[sent["CommandId"]] = sent
            self._told.append(f"sent the command {sent['CommandId']}{self._place()}")

    def _may_not_send(self) -> bool:
        return not self.unsent or self.wish.spent(self.failed)

    def _has_room(self) -> bool:
        """Whether the next command goes beside those that are on their way."""
        loads = [self.wish.load(number) for number, one in enumerate(self.ids) if self._is_open(one)]
        return not loads or sum(loads) + self.wish.load(len(self.ids)) <= self.wish.at_once

    def _is_open(self, command_id: str) -> bool:
        return self.known.get(command_id, {}).get("Status") not in commands.OVER

    def _place(self) -> str:
        return f", {len(self.ids)} of {len(self.wish.parts)}" if len(self.wish.parts) > 1 else ""

    def _read(self) -> None:
        """Commands that have ended are not asked for again."""
        asked = {one for one in self.ids if self._is_open(one)}
        found = commands.read_commands(self.aws, asked, self.since, self.wish.document) if asked else {}
        self.known.update(found)
        now = self.aws.now()
        if len(found) < len(asked) and now - self.since > UNSEEN and len(self.ids) == 1:
            raise Refused(f"SSM does not show the command {self.ids[0]}. Run the task again.")
        for one in found.values():
            if one["Status"] not in commands.OVER and one.get("ExpiresAfter") and now > one["ExpiresAfter"] + OVERDUE:
                text = f"SSM has not ended the command {one['CommandId']}, which expired at {one['ExpiresAfter'].isoformat()}"
                raise Refused(f"{text}. Cancel it with state: cancelled, then run the task again.")

    def _text(self) -> str:
        total = len(self.wish.ids) or _sum(self.commands, "TargetCount")
        done = _sum(self.commands, "CompletedCount")
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.wish.document}: {done} of {total} nodes done{failed}{self._wave(done, total)}"

    def _wave(self, done: int, total: int) -> str:
        size = max(1, share(self._concurrency(), total))
        count = -(-total // size)
        return f", wave {min(count, done // size + 1)} of {count}" if count > 1 else ""

    def _concurrency(self) -> str:
        """Of a command that was joined: its own."""
        own = self.commands[0].get("MaxConcurrency") if self.commands and len(self.wish.parts) == 1 else None
        return own or self.wish.concurrency

    def stuck(self, seconds: float) -> str | None:
        """What holds things up when nothing has moved for a while."""
        waiting = if_readable(self._waiting)
        if not waiting:
            return None
        lost = if_readable(lambda: nodes.offline(nodes.managed_nodes(self.aws, waiting))) or []
        ends = max((one["ExpiresAfter"] for one in self.commands if one.get("ExpiresAfter")), default=None)
        why = (
            f", of which {some(lost, MOST_NAMED)} {'does' if len(lost) == 1 else 'do'} not answer to SSM"
            if lost
            else ""
        )
        until = f". SSM gives up at {ends:%H:%M:%S} UTC" if ends and lost else ""
        return f"no progress for {seconds:.0f} s: {some(waiting, MOST_NAMED)} still in progress{why}{until}"

    def _waiting(self) -> list[str]:
        """Nodes that have not ended, of one page."""
        open_now = next((one for one in self.ids if self._is_open(one)), None)
        return commands.some_in_progress(self.aws, open_now) if open_now else []


def followed(aws: Connection, wish: Wish, follow_id: str) -> Run:
    """The run that an earlier slice began."""
    since, joined, ids = follow_id.split(";")
    moment = datetime.datetime.fromtimestamp(float(since), datetime.timezone.utc)
    return Run(aws, wish, ids.split(","), moment, bool(joined))


def begun(aws: Connection, wish: Wish) -> Run:
    """Join the run of the same that is in progress, or send what may be sent now."""
    running = starting.in_flight(aws, wish)
    if running:
        run = Run(aws, wish, [one["CommandId"] for one in running], running[0]["RequestedDateTime"], True)
        run.known = {one["CommandId"]: one for one in running}
        return run
    _refuse_unfit(aws, wish)
    run = Run(aws, wish, [], aws.now(), False)
    run.send_next()
    return run


def _refuse_unfit(aws: Connection, wish: Wish) -> None:
    """One bad id fails its whole command. With several commands that would be noticed when others have run already."""
    if len(wish.parts) > 1:
        known = nodes.managed_nodes(aws, wish.ids)
        missing = [one for one in wish.ids if one not in known]
        if missing:
            raise Refused(starting.cannot_take(missing, []))


def _sum(found: t.Iterable[Shape], member: str) -> int:
    return sum(int(one.get(member) or 0) for one in found)
