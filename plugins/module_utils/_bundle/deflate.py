# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deflate on more than one core, in order and in bounded memory. zlib works without the interpreter's lock."""

from __future__ import annotations

import collections
import typing as t
import zlib
from concurrent.futures import Future, ThreadPoolExecutor

T = t.TypeVar("T")
WINDOW = 32 * 1024  # how far back deflate can refer
_PROBE, _GAIN = 4096, 0.95


def in_order(jobs: t.Iterable[t.Callable[[], T]], workers: int = 2, ahead: int = 4) -> t.Iterator[T]:
    """Yield the result of every job in order, with at most ``ahead`` + 1 started and not yet taken.

    Jobs are drawn from ``jobs`` in the calling thread. The first error of a job is raised and ends all.
    """
    waiting: collections.deque[Future[T]] = collections.deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for job in jobs:
                waiting.append(pool.submit(job))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def deflate(data: bytes, level: int) -> bytes:
    """One whole raw deflate stream."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def deflate_block(data: bytes, level: int, before: bytes = b"", last: bool = False) -> bytes:
    """One piece of a raw deflate stream: the pieces of consecutive blocks, concatenated, are one stream.

    ``before`` is what precedes the block (its last 32 KiB count), so that cutting the input costs no size.
    """
    if not compressible(data):
        level = 0
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before[-WINDOW:])
    return packer.compress(data) + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


def compressible(data: bytes) -> bool:
    """Whether deflating pays, judged by three samples; small data is always tried."""
    if len(data) < 4 * _PROBE:
        return True
    middle = (len(data) - _PROBE) // 2
    samples = data[:_PROBE] + data[middle : middle + _PROBE] + data[-_PROBE:]
    return len(zlib.compress(samples, 1)) < _GAIN * len(samples)
