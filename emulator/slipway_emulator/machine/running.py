# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a command sees of the script that runs it, and how it ends."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from .state import State


class Status(Enum):
    """How a command ended; MAYBE when only a real machine could tell."""

    OK = 0
    FAILED = 1
    MAYBE = 2


class Shell(Protocol):
    """The run of a script."""

    machine: State
    variables: dict[str, str]
    problem: str

    def fail(self, why: str) -> Status:
        """Note why a command failed."""

    def told(self, problem: str | None) -> Status:
        """How a command ended that says what went wrong, or nothing."""

    def nested(self, script: str) -> Status:
        """A script that this one starts."""
