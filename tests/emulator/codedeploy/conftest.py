# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Fixtures of the CodeDeploy emulation's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.codedeploy_shop import Shop
from support.lambda_shop import LambdaShop

from slipway_emulator.world import world


@pytest.fixture
def shop() -> Iterator[Shop]:
    """An empty emulated AWS whose clock stands."""
    with world():
        yield Shop()


@pytest.fixture
def functions() -> Iterator[LambdaShop]:
    """An emulated AWS with a Lambda function to deploy; its clock stands."""
    with world():
        yield LambdaShop()
