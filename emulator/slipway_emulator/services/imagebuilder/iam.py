# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What Image Builder looks up in IAM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends

SERVICE_LINKED = "AWSServiceRoleForImageBuilder"


def instance_profile(account_id: str, name: str) -> Any:
    """The profile of that name, None when there is none."""
    found = (profile for backend in _backends(account_id) for profile in backend.get_instance_profiles())
    return next((profile for profile in found if profile.name == name), None)


def has_role(account_id: str, name: str) -> bool:
    """Image Builder's own role is created when the service is first used."""
    return name == SERVICE_LINKED or any(
        role.name == name for backend in _backends(account_id) for role in backend.roles.values()
    )


def _backends(account_id: str) -> Iterator[Any]:
    """Of every partition: moto files calls to iam.us-gov.amazonaws.com under the one of the commercial Regions."""
    yield from list(iam_backends[account_id].values())
