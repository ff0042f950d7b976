# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Subnets that can be forgotten: an emulator that is reset again and again must not grow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.ec2.models.subnets import Subnet

from .._patching import put


def extend() -> None:
    put(Subnet, _base_avail_ip_iterator=_addresses)


def _addresses(self: Any) -> Iterable[Any]:
    """The subnet's addresses, begun once. moto keeps them in a cache of the class, and so every subnet there ever was."""
    if not hasattr(self, "_addresses_begun"):
        self._addresses_begun = self.cidr.hosts()
    begun: Iterable[Any] = self._addresses_begun
    return begun
