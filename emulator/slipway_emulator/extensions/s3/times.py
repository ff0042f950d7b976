# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Objects are stored at a time of the emulator's clock, as everything else happens; moto asks the machine for the time."""

from __future__ import annotations

import datetime

from moto.s3 import models

from ...clock import clock


def extend() -> None:
    """Put the clock onto moto's S3."""
    models.utcnow = _now


def _now() -> datetime.datetime:
    """Without a zone, as moto's own."""
    return clock.datetime().replace(tzinfo=None)
