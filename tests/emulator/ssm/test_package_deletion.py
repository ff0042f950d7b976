# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A package that is deleted again while it is being deleted, as a client does whose first answer was lost."""

from __future__ import annotations

import pytest
from support import packages
from support.compute import client

pytestmark = pytest.mark.usefixtures("world")


def test_a_repeated_delete_does_no_harm() -> None:
    packages.create()
    packages.settle()
    for _attempt in range(2):
        client("ssm").delete_document(Name="agent")
    packages.settle()
    assert packages.refused("describe_document", Name="agent")[0] == "InvalidDocument"
