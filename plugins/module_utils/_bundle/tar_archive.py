# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tar of a tree as a stream of chunks, plain or gzipped: the same bytes for the same tree, level and zlib."""

from __future__ import annotations

import functools
import struct
import tarfile
import typing as t
import zlib

from ansible_collections.slipway.aws.plugins.module_utils._bundle.dates import content_date
from ansible_collections.slipway.aws.plugins.module_utils._bundle.deflate import deflate_block, in_order
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import (
    BLOCK,
    DIRECTORY,
    FILE,
    LINK,
    Entry,
    Tree,
    read_again,
)

_TYPES = {FILE: tarfile.REGTYPE, DIRECTORY: tarfile.DIRTYPE, LINK: tarfile.SYMTYPE}
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"  # no name, no date; written on Unix


def tar_chunks(tree: Tree) -> t.Iterator[bytes]:
    """Yield the archive in pax format, every member owned by 0:0. The tree must have been fingerprinted."""
    total = 0
    with tree.folders() as folders:
        for entry in tree.entries:
            header = _header(entry)
            yield header
            total += len(header)
            if entry.kind == FILE:
                yield from read_again(folders, entry)
                padding = -entry.size % tarfile.BLOCKSIZE
                total += entry.size + padding
                if padding:
                    yield bytes(padding)
    total += 2 * tarfile.BLOCKSIZE
    yield bytes(2 * tarfile.BLOCKSIZE + -total % tarfile.RECORDSIZE)


def _header(entry: Entry) -> bytes:
    info = tarfile.TarInfo(entry.path.decode())
    info.type, info.mode, info.size = _TYPES[entry.kind], entry.mode, entry.size
    info.linkname = entry.target.decode()
    info.mtime = int(content_date(entry).timestamp())
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def gzip_chunks(chunks: t.Iterable[bytes], level: int = 6, workers: int = 2) -> t.Iterator[bytes]:
    """Yield one gzip member; the gzip module would deflate in one thread only."""
    check = _Check()
    yield _GZIP_HEADER
    yield from in_order(_jobs(check.over(_regroup(chunks)), level), workers)
    yield struct.pack("<II", check.crc, check.size & 0xFFFFFFFF)


class _Check:
    """CRC and length of what passed through."""

    def __init__(self) -> None:
        self.crc, self.size = 0, 0

    def over(self, blocks: t.Iterable[bytes]) -> t.Iterator[bytes]:
        for block in blocks:
            self.crc, self.size = zlib.crc32(block, self.crc), self.size + len(block)
            yield block


def _jobs(blocks: t.Iterable[bytes], level: int) -> t.Iterator[t.Callable[[], bytes]]:
    before = b""
    for block in blocks:
        yield functools.partial(deflate_block, block, level, before)
        before = block
    yield functools.partial(deflate_block, b"", level, b"", True)


def _regroup(chunks: t.Iterable[bytes]) -> t.Iterator[bytes]:
    """Chunks of any size as blocks of about 1 MiB."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
