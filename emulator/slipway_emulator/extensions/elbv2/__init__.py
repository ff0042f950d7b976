# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Elastic Load Balancing v2: actions that are checked and told as AWS tells them, target health on the clock."""

from __future__ import annotations

from . import actions, balancers, listeners, targets


def extend() -> None:
    """Put the corrections onto moto's load balancers."""
    for part in (actions, balancers, listeners, targets):
        part.extend()
