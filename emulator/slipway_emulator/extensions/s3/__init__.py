# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""S3: what moto takes without looking."""

from __future__ import annotations

from . import buckets, checksums, owners, regions, times


def extend() -> None:
    """Put our corrections onto moto's S3."""
    buckets.extend()
    checksums.extend()
    owners.extend()
    regions.extend()
    times.extend()
