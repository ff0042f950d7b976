# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A zip of a tree as a stream of chunks: the same bytes for the same tree, level and zlib.

zipfile is not used for writing: it deflates in the calling thread only, which halves the speed on two cores, and on a
stream it marks every member with a data descriptor, which a Stored member must not have.
"""

from __future__ import annotations

import functools
import stat
import struct
import typing as t
import zlib
from dataclasses import dataclass

from ansible_collections.slipway.aws.plugins.module_utils._bundle.dates import content_date
from ansible_collections.slipway.aws.plugins.module_utils._bundle.deflate import (
    compressible,
    deflate,
    deflate_block,
    in_order,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.folders import Folders
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import (
    BLOCK,
    DIRECTORY,
    FILE,
    LINK,
    Entry,
    Tree,
    read_again,
)

STORED, DEFLATED = 0, 8
ZIP64_SIZE = 0xFFFFFFFF
ZIP64_COUNT = 0xFFFF
BATCH_BYTES, BATCH_FILES = 256 * 1024, 128  # small files of one job: handing over each alone would cost more than zlib
_UNIX, _UTF8, _DESCRIPTOR = 3, 0x800, 0x008
_TYPES = {FILE: stat.S_IFREG, DIRECTORY: stat.S_IFDIR, LINK: stat.S_IFLNK}


@dataclass
class Member:
    """What the two headers of one member say."""

    name: bytes
    attributes: int
    date: int
    size: int
    method: int = STORED
    crc: int = 0
    packed: int = 0
    offset: int = 0
    streamed: bool = False  # sizes and CRC follow the data, in a descriptor

    @property
    def wide(self) -> bool:
        """Deflate can grow data a little, so a streamed member near the limit is wide already."""
        return self.size + self.size // 1000 + 1024 > ZIP64_SIZE

    @property
    def flags(self) -> int:
        return (0 if self.name.isascii() else _UTF8) | (_DESCRIPTOR if self.streamed else 0)


@dataclass
class Piece:
    """Bytes of the archive: a whole member, or the beginning, a block or the end of a streamed one."""

    data: bytes
    begins: Member | None = None
    ends: bool = False


def zip_chunks(tree: Tree, level: int = 6, workers: int = 2) -> t.Iterator[bytes]:
    """Yield the archive. The tree must have been fingerprinted; a file that is not as it was raises BundleError."""
    members: list[Member] = []
    offset = 0
    for pieces in in_order(_jobs(tree, level), workers):
        for piece in pieces:
            if piece.begins:
                piece.begins.offset = offset
                members.append(piece.begins)
                yield header(piece.begins)
                offset += len(header(piece.begins))
            elif not piece.ends:
                members[-1].packed += len(piece.data)
            data = piece.data if not piece.ends else _descriptor(members[-1])
            if data:
                yield data
                offset += len(data)
    yield from directory(members, offset)


def upper_bound(tree: Tree) -> int:
    """A size that no archive of the tree exceeds, zip or tar, whatever the content."""
    names = sum(len(entry.path) + len(entry.target) for entry in tree.entries)
    return tree.size + tree.size // 500 + 4 * names + 4096 * len(tree.entries) + 64 * 1024


def _jobs(tree: Tree, level: int) -> t.Iterator[t.Callable[[], list[Piece]]]:
    batch: list[Entry] = []
    weight = 0
    for entry in tree.entries:
        if entry.size > BLOCK:
            yield functools.partial(_pack_small, tree, batch, level)
            yield from _big_jobs(tree, entry, level)
            batch, weight = [], 0
            continue
        batch.append(entry)
        weight += entry.size
        if weight >= BATCH_BYTES or len(batch) >= BATCH_FILES:
            yield functools.partial(_pack_small, tree, batch, level)
            batch, weight = [], 0
    yield functools.partial(_pack_small, tree, batch, level)


def _pack_small(tree: Tree, batch: list[Entry], level: int) -> list[Piece]:
    with tree.folders() as folders:
        return [_pack(folders, entry, level) for entry in batch]


def _pack(folders: Folders, entry: Entry, level: int) -> Piece:
    data = b"".join(read_again(folders, entry)) if entry.kind == FILE else entry.target
    member = _member(entry, len(data))
    member.crc = zlib.crc32(data)
    packed = data
    if level and entry.kind == FILE and compressible(data):
        packed = deflate(data, level)
    if len(packed) < len(data):
        member.method = DEFLATED
    else:
        packed = data
    member.packed = len(packed)
    return Piece(packed, begins=member)


def _big_jobs(tree: Tree, entry: Entry, level: int) -> t.Iterator[t.Callable[[], list[Piece]]]:
    """One member in blocks. A block that cannot shrink becomes stored blocks inside the deflate stream: a Stored
    member would need its CRC before its data, and so a third reading."""
    member = _member(entry, entry.size)
    member.method, member.streamed = DEFLATED, True
    yield functools.partial(_same, [Piece(b"", begins=member)])
    left, before = entry.size, b""
    with tree.folders() as folders:
        for block in read_again(folders, entry):
            left -= len(block)
            member.crc = zlib.crc32(block, member.crc)
            yield functools.partial(_pack_block, block, level, before, left == 0)
            before = block
    yield functools.partial(_same, [Piece(b"", ends=True)])


def _same(pieces: list[Piece]) -> list[Piece]:
    return pieces


def _pack_block(block: bytes, level: int, before: bytes, last: bool) -> list[Piece]:
    return [Piece(deflate_block(block, level, before, last))]


def _member(entry: Entry, size: int) -> Member:
    name = entry.path + b"/" if entry.kind == DIRECTORY else entry.path
    attributes = (_TYPES[entry.kind] | entry.mode) << 16 | (0x10 if entry.kind == DIRECTORY else 0)
    return Member(name, attributes, _dos_date(entry), size)


def _dos_date(entry: Entry) -> int:
    when = content_date(entry)
    date = (when.year - 1980) << 9 | when.month << 5 | when.day
    return date << 16 | when.hour << 11 | when.minute << 5 | when.second // 2


def header(member: Member) -> bytes:
    """What stands before the data of a member."""
    crc, packed, size = (0, 0, 0) if member.streamed else (member.crc, member.packed, member.size)
    extra = b""
    if member.wide:
        extra = struct.pack("<HHQQ", 1, 16, size, packed)
        packed = size = 0xFFFFFFFF
    fixed = struct.pack(
        "<4sHHHIIIIHH",
        b"PK\3\4",
        45 if member.wide else 20,
        member.flags,
        member.method,
        member.date,
        crc,
        packed,
        size,
        len(member.name),
        len(extra),
    )
    return fixed + member.name + extra


def _descriptor(member: Member) -> bytes:
    return struct.pack("<4sIQQ" if member.wide else "<4sIII", b"PK\7\x08", member.crc, member.packed, member.size)


def directory(members: list[Member], start: int, before: bytes = b"", count: int = 0) -> t.Iterator[bytes]:
    """What ends an archive; `before` are the headers of `count` members that were there already."""
    size = 0
    chunk = bytearray(before)
    for member in members:
        chunk += _central_header(member)
        if len(chunk) >= BLOCK:
            size += len(chunk)
            yield bytes(chunk)
            chunk.clear()
    size += len(chunk)
    yield bytes(chunk) + _end(count + len(members), size, start)


def _central_header(member: Member) -> bytes:
    """Values that do not fit their field move to the zip64 extra, in this order, and only those."""
    values = [member.size, member.packed, member.offset]
    moved = [value for value in values if value >= ZIP64_SIZE]
    extra = struct.pack(f"<HH{len(moved)}Q", 1, 8 * len(moved), *moved) if moved else b""
    size, packed, offset = (0xFFFFFFFF if value >= ZIP64_SIZE else value for value in values)
    version = 45 if moved or member.wide else 20
    fixed = struct.pack(
        "<4sBBHHHIIIIHHHHHII",
        b"PK\1\2",
        version,
        _UNIX,
        version,
        member.flags,
        member.method,
        member.date,
        member.crc,
        packed,
        size,
        len(member.name),
        len(extra),
        0,
        0,
        0,
        member.attributes,
        offset,
    )
    return fixed + member.name + extra


def _end(count: int, size: int, start: int) -> bytes:
    """The number 65,535 itself already tells a reader to look for the zip64 records."""
    records = b""
    if count >= ZIP64_COUNT or size >= ZIP64_SIZE or start >= ZIP64_SIZE:
        records = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, _UNIX << 8 | 45, 45, 0, 0, count, count, size, start)
        records += struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1)
        count, size, start = (
            min(value, limit) for value, limit in ((count, 0xFFFF), (size, 0xFFFFFFFF), (start, 0xFFFFFFFF))
        )
    return records + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, start, 0)
