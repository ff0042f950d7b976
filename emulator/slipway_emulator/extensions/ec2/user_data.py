# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""User data as it is stored: base64, perhaps of gzip."""

from __future__ import annotations

import base64
import binascii
import gzip
from typing import Any


def decoded(user_data: Any) -> str:
    """The text cloud-init would see; nothing when it is no text at all."""
    if not user_data:
        return ""
    try:
        raw = base64.b64decode(str(user_data))
        raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (binascii.Error, ValueError, OSError):
        return ""
    return raw.decode(errors="replace")
