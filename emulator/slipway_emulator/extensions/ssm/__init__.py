# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""SSM: managed nodes from the registry of hosts, Run Command and State Manager on the clock, inventory, public parameters."""

from __future__ import annotations

from . import associations_api, associations_listing, commands_api, documents, inventory, nodes, parameters


def extend() -> None:
    """Put the operations onto moto's SSM."""
    for part in (parameters, documents, nodes, commands_api, inventory, associations_api, associations_listing):
        part.extend()
