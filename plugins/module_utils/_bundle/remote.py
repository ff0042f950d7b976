# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AppSpec of a bundle that lies in S3, without downloading the bundle. Only reads. Private to this collection.

Of a zip the directory at its end and the one file are fetched, by ranges; a tar has to be read from its beginning, so only
a small one is. Whoever can write to the bucket can write anything there: sizes, names and content are data with limits.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import stat
import struct
import tarfile
import typing as t
import zipfile
import zlib

APPSPEC = "appspec.yml"
MOST_APPSPEC = 256 * 1024  # bytes of the AppSpec itself
BLOCK = 64 * 1024  # bytes fetched at once; holds the end of a zip and most directories
MOST_FETCHED = 8 * 1024 * 1024  # bytes of a zip
MOST_BLOCKS = 40  # requests for a zip
MOST_TAR = 16 * 1024 * 1024  # bytes of a tar as it is stored
MOST_UNPACKED = 64 * 1024 * 1024  # bytes of a tar that is unpacked
BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    RuntimeError, NotImplementedError, OverflowError, KeyError, IndexError, MemoryError,
)  # fmt: skip


GZIP = 31  # what zlib calls a stream with the header of gzip


class Readable(t.Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class TooMuch(Exception):
    """More would have to be read than is read for this."""


class Content(t.NamedTuple):
    """What was read of a bundle."""

    appspec: bytes | None  # None when it holds none
    files: tuple[str, ...] | None  # paths from where the agent looks; None when not all of them were read


class Ranged(io.RawIOBase):
    """An object in S3 as a file that can be read here and there. `fetch` takes a first and a last byte."""

    def __init__(self, size: int, fetch: t.Callable[[int, int], bytes], tail: bytes) -> None:
        super().__init__()
        self.size, self.fetch, self.place, self.blocks = size, fetch, 0, 0
        self.parts = {size - len(tail): tail}  # what is here, by its first byte

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = start + offset
        if self.place < 0:
            raise ValueError("a place before the beginning")
        return self.place

    def tell(self) -> int:
        return self.place

    def readall(self) -> bytes:
        return self.read(max(0, self.size - self.place))

    def read(self, size: int = -1) -> bytes:
        """All that was asked for, up to the end."""
        last = min(self.size, self.place + size) if size >= 0 else self.size
        found = self._bytes(self.place, last) if last > self.place else b""
        self.place += len(found)
        return found

    def _bytes(self, first: int, last: int) -> bytes:
        for start, part in self.parts.items():
            if start <= first and last <= start + len(part):
                return part[first - start : last - start]
        end = min(self.size, max(last, first + BLOCK))
        self.blocks += 1
        if self.blocks > MOST_BLOCKS or end - first + sum(map(len, self.parts.values())) > MOST_FETCHED:
            raise TooMuch
        self.parts[first] = self.fetch(first, end - 1)
        return self.parts[first][: last - first]


def read_zip(size: int, fetch: t.Callable[[int, int], bytes], tail: bytes) -> Content:
    """The AppSpec in a zip of which the end is here. Raises TooMuch, or one of BROKEN."""
    with zipfile.ZipFile(t.cast("t.IO[bytes]", Ranged(size, fetch, tail))) as archive:
        return content_of_zip(archive)


def content_of_zip(archive: zipfile.ZipFile) -> Content:
    """The AppSpec in an open zip. Raises TooMuch, or one of BROKEN."""
    entries = {_normal(one.filename, one.is_dir()): one for one in archive.infolist()}
    links = {name for name, one in entries.items() if stat.S_ISLNK(one.external_attr >> 16)}
    top = _top(entries)
    entry = entries.get(top + APPSPEC)
    if top + APPSPEC in links:
        raise TooMuch
    text = _limited(archive.open(entry)) if entry else None
    return Content(text, None if links else _below(top, entries))


def read_tar(
    kind: str, body: Readable, most: int | None = None, see: t.Callable[[tarfile.TarInfo], None] | None = None
) -> Content:
    """The AppSpec in a tar or tgz of at most so many bytes; each entry is shown to `see`. Raises TooMuch, or one of BROKEN."""
    found: dict[str, bytes] = {}
    names: list[str] = []
    links = False
    with tarfile.open(fileobj=t.cast("t.IO[bytes]", Plain(kind, body, most)), mode="r|") as archive:
        for entry in archive:
            if see:
                see(entry)
            name = _normal(entry.name, entry.isdir())
            names.append(name)
            wanted, links = posixpath.basename(name) == APPSPEC and name.count("/") <= 1, links or not _is_plain(entry)
            held = archive.extractfile(entry) if wanted and entry.isfile() else None
            if wanted and held is None:
                raise TooMuch
            if held:
                found[name] = _limited(held)
    top = _top(names)
    return Content(found.get(top + APPSPEC), None if links else _below(top, names))


class Plain:
    """A tar as it is unpacked, up to a limit: a few bytes may stand for very many."""

    def __init__(self, kind: str, body: Readable, most: int | None = None) -> None:
        self.body, self.left = body, MOST_UNPACKED if most is None else most
        self.unpacker = zlib.decompressobj(GZIP) if kind == "tgz" else None

    def read(self, size: int) -> bytes:
        found = self._unpacked(self.unpacker, size) if self.unpacker else self.body.read(size)
        self.left -= len(found)
        if self.left < 0:
            raise TooMuch
        return found

    def _unpacked(self, unpacker: t.Any, size: int) -> bytes:
        found = b""
        while len(found) < size and not unpacker.eof:
            packed = unpacker.unconsumed_tail or self.body.read(BLOCK)
            if not packed:
                break
            found += unpacker.decompress(packed, size - len(found))
        return found


def _is_plain(entry: tarfile.TarInfo) -> bool:
    return entry.isfile() or entry.isdir()


def _below(top: str, names: t.Iterable[str]) -> tuple[str, ...]:
    return tuple(name[len(top) :] for name in names if len(name) > len(top))


def _limited(held: t.IO[bytes]) -> bytes:
    text = held.read(MOST_APPSPEC + 1)
    if len(text) > MOST_APPSPEC:
        raise TooMuch
    return text


def _normal(name: str, directory: bool) -> str:
    plain = posixpath.normpath(name.replace("\\", "/")).lstrip("/")
    return f"{plain}/" if directory else plain


def _top(names: t.Iterable[str]) -> str:
    """The agent takes off a single directory at the top that holds the AppSpec."""
    known = {name for name in names if name != "./"}
    tops = {name.split("/", 1)[0] for name in known}
    top = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    return top if top + APPSPEC in known and APPSPEC not in known else ""
