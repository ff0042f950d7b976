# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""How a command ended."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """How a command ended; MAYBE when only a real machine could tell."""

    OK = 0
    FAILED = 1
    MAYBE = 2
