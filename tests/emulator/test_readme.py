# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the README of the emulator says of faults is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slipway_emulator.faults import faults
from slipway_emulator.world import install

README = Path(__file__).resolve().parents[2] / "emulator" / "README.md"
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \|(.*)$", README.read_text(), re.MULTILINE))
install()


@pytest.mark.parametrize("kind", sorted(faults.kinds))
def test_every_fault_is_described_with_its_effects(kind: str) -> None:
    assert kind in ROWS
    missing = [effect for effect in faults.kinds[kind].effects if f"`{effect}`" not in ROWS[kind]]
    assert missing == []
