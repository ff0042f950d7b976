# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S3's SHA-256 checksum of an object, computed here: base64 of one digest, or for parts of their digests' digest and `-N`."""

from __future__ import annotations

import base64
import hashlib
import typing as t


class Checksum:
    """Of the parts that were counted, in their order."""

    def __init__(self) -> None:
        self.size = 0
        self._digests: list[bytes] = []

    def count(self, part: bytes) -> str:
        """Take one more part, and tell its own checksum."""
        self.size += len(part)
        self._digests.append(hashlib.sha256(part).digest())
        return _encoded(self._digests[-1])

    @property
    def text(self) -> str:
        if len(self._digests) < 2:
            return _encoded(self._digests[0] if self._digests else hashlib.sha256().digest())
        return f"{_encoded(hashlib.sha256(b''.join(self._digests)).digest())}-{len(self._digests)}"


def checksum_of(parts: t.Iterable[bytes]) -> Checksum:
    """The checksum of an object sent in these parts."""
    found = Checksum()
    for part in parts:
        found.count(part)
    return found


def _encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
