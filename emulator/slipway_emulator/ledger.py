# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The ledger: every request the emulator was asked, so that request budgets and policies can be computed from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

# What only reads by AWS's own naming of operations; everything else counts as a write.
READS = ("Get", "List", "Describe", "Head", "BatchGet", "Lookup", "Search", "Select", "Simulate")
LIMIT = 100_000  # entries kept; the oldest go first


@dataclass(frozen=True)
class Call:
    """One request: who asked what of which service."""

    service: str
    operation: str
    region: str
    access_key: str
    user_agent: str
    parameters: dict[str, Any] = field(default_factory=dict)  # payloads and secrets left out
    time: float = 0.0
    status: int = 0
    error: str | None = None  # AWS error code
    probe: bool = False  # it sent something that only looks, such as a command that changes nothing on a host

    @property
    def write(self) -> bool:
        return not self.probe and not self.operation.startswith(READS)


class Ledger:
    """Requests in order of arrival."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=LIMIT)
        self._probes = False

    def probes(self) -> None:
        """A service says of the request it answers that what was asked only looks, whatever the operation is named."""
        self._probes = True

    def note(self, call: Call) -> None:
        self._calls.append(replace(call, probe=self._probes))
        self._probes = False

    def clear(self) -> None:
        self._calls.clear()

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def calls(self, *services: str) -> list[Call]:
        """The calls to these services, or all."""
        return [call for call in self if not services or call.service in services]

    def writes(self, *services: str) -> list[Call]:
        return [call for call in self.calls(*services) if call.write]

    def operations(self, *services: str) -> list[str]:
        return [call.operation for call in self.calls(*services)]

    def as_json(self) -> list[dict[str, Any]]:
        return [{**asdict(call), "write": call.write} for call in self]


ledger = Ledger()
