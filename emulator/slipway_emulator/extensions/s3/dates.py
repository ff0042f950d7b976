# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Objects are as old as the emulator's clock says, and not the machine's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.s3.models import FakeKey

from slipway_emulator.clock import clock
from slipway_emulator.extensions._patching import wrap


def _dated(original: Callable[..., None], key: FakeKey, *args: Any, **kwargs: Any) -> None:
    original(key, *args, **kwargs)
    key.last_modified = clock.datetime().replace(tzinfo=None)  # as moto keeps it


def extend() -> None:
    """Date a new object by the clock."""
    wrap(FakeKey, "__init__", _dated)
