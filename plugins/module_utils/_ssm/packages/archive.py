# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A zip of the user's: looked into, and given one more member without packing it anew. Private to this collection."""

from __future__ import annotations

import functools
import hashlib
import stat
import typing as t
import zipfile
import zlib

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.remote import BROKEN
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import BLOCK
from ansible_collections.slipway.aws.plugins.module_utils._bundle.zip_archive import Member, directory, header

FIRST_OF_1980 = 0x210000  # a date as zips keep it
FILE_MODE = (stat.S_IFREG | 0o644) << 16
MOST_MEMBERS = 200_000
ENCRYPTED = 0x1


class Archive:
    """A zip on disk. What it holds is data of whoever made it: sizes and names have limits."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as opened:
                self._members = opened.infolist()
                self._start = opened.start_dir
        except BROKEN as e:
            why = getattr(e, "strerror", None) or e
            raise BundleError(f"{path} cannot be read as a zip: {why}. Give a folder, or another zip.") from e
        if len(self._members) > MOST_MEMBERS:
            raise BundleError(f"{path} has more than {MOST_MEMBERS} members. Remove some.")
        odd = [one.filename for one in self._members if one.flag_bits & ENCRYPTED]
        if odd:
            raise BundleError(f"{path} is encrypted, and SSM Agent has no password. Give a zip without one.")

    @property
    def names(self) -> list[str]:
        return [one.filename for one in self._members]

    def read(self, name: str) -> bytes:
        """The content of a member; empty when it is too large for a script."""
        try:
            with zipfile.ZipFile(self.path) as opened, opened.open(name) as member:
                content = member.read(BLOCK + 1)
        except BROKEN as e:
            raise BundleError(f"{name} in {self.path} cannot be read: {e}. Make the zip again.") from e
        return content if len(content) <= BLOCK else b""

    @functools.cached_property
    def digest(self) -> bytes:
        """SHA-256 of the file as it is."""
        whole = hashlib.sha256()
        for block in self._blocks(0, None):
            whole.update(block)
        return whole.digest()

    def chunks(self, added: dict[str, bytes]) -> t.Iterator[bytes]:
        """The zip with these small files behind its own, whose bytes stay what they are."""
        if not added:
            yield from self._blocks(0, None)
            return
        yield from self._blocks(0, self._start)
        new, offset = [], self._start
        for name, content in added.items():
            member = Member(name.encode(), FILE_MODE, FIRST_OF_1980, len(content), 0, zlib.crc32(content), len(content))
            member.offset = offset
            new.append(member)
            yield header(member) + content
            offset += len(header(member)) + len(content)
        own = b"".join(self._blocks(self._start, None))
        yield from directory(new, offset, own[: _directory_size(own, len(self._members))], len(self._members))

    def _blocks(self, start: int, end: int | None) -> t.Iterator[bytes]:
        try:
            with open(self.path, "rb") as file:
                file.seek(start)
                left = end - start if end is not None else None
                while block := file.read(BLOCK if left is None else min(left, BLOCK)):
                    yield block
                    left = None if left is None else left - len(block)
        except OSError as e:
            raise BundleError(f"{self.path} cannot be read: {e.strerror}.") from e


def _directory_size(own: bytes, members: int) -> int:
    """Bytes of the headers of all members; behind them are the records that end a zip."""
    at = 0
    for _member in range(members):
        lengths = (int.from_bytes(own[at + place : at + place + 2], "little") for place in (28, 30, 32))
        at += 46 + sum(lengths)
    return at
