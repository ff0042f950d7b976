# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""SSM: documents with their attachments, managed nodes from the registry of hosts, Run Command and State Manager on the clock, inventory, public parameters."""

from __future__ import annotations

from . import (
    amazon,
    associations_api,
    associations_listing,
    commands_api,
    compliance,
    document_listing,
    document_sharing,
    document_versions,
    documents_api,
    inventory,
    inventory_put,
    nodes,
    parameters,
)


def extend() -> None:
    """Put the operations onto moto's SSM."""
    of_documents = (document_versions, amazon, document_sharing, documents_api, document_listing)
    for part in (
        parameters,
        *of_documents,
        nodes,
        commands_api,
        inventory,
        inventory_put,
        associations_api,
        associations_listing,
        compliance,
    ):
        part.extend()
