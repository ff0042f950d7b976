# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Numbers in what users send."""

from __future__ import annotations


def is_number(text: str) -> bool:
    """Whether `int` reads it. `isdigit` alone also takes "²", and Python refuses more than 4,300 digits."""
    return text.isascii() and text.isdigit() and len(text) < 19
