# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Fixtures of the Image Builder emulation's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.image_builder import Builder

from slipway_emulator.world import world


@pytest.fixture
def builder() -> Iterator[Builder]:
    """An empty emulated AWS whose clock stands, with an instance profile to build by."""
    with world():
        yield Builder()
