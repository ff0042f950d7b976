# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""EC2: every launch registers a host, instance profiles and launch templates act as on AWS, images keep their contents."""

from __future__ import annotations

from . import ami_states, images, launches, lookups, profiles, states, subnets, templates


def extend() -> None:
    """Put the corrections onto moto's EC2."""
    for part in (lookups, images, ami_states, templates, profiles, launches, states, subnets):
        part.extend()
