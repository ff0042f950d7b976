# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""SSM: managed nodes from the registry of hosts, Run Command on the clock, inventory, public parameters."""

from __future__ import annotations

from . import commands_api, documents, inventory, nodes, parameters


def extend() -> None:
    """Put the operations onto moto's SSM."""
    for part in (parameters, documents, nodes, commands_api, inventory):
        part.extend()
