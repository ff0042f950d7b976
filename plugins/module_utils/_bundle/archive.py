# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An archive that something else made: what it is, by its content, and what is in it. Nothing of it is unpacked to the disk.

Whoever made it may have written anything into it: names, links, sizes and numbers of entries are data with limits.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import typing as t
import zipfile

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError, refuse, shown
from ansible_collections.slipway.aws.plugins.module_utils._bundle.links import leads_to
from ansible_collections.slipway.aws.plugins.module_utils._bundle.remote import (
    BROKEN,
    MOST_APPSPEC,
    Content,
    TooMuch,
    content_of_zip,
    read_tar,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import BLOCK, name_problem

MOST_ENTRIES = 1_000_000
MOST_UNPACKED = 16 * 1024**3  # bytes that a tar is read to
MOST_DIRECTORY = 256 * 1024**2  # bytes of the directory of a zip
LINK_TARGET = 4096  # bytes: the longest path of Linux
HEAD = tarfile.BLOCKSIZE
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_UTF8, _ENCRYPTED = 0x800, 0x1  # flags of an entry of a zip


class Archive(t.NamedTuple):
    """An archive as it was when it was read."""

    path: str
    kind: str  # zip, tar, tgz
    size: int
    digest: str  # SHA-256, as sha256sum tells it


def read_archive(path: str) -> Archive:
    """What is in this file. Raises BundleError when it is no archive that CodeDeploy takes, or changes meanwhile."""
    with _open(path) as file:
        before = os.fstat(file.fileno())
        kind, digest = _kind(path, file.read(HEAD)), hashlib.sha256()
        file.seek(0)
        while block := file.read(BLOCK):
            digest.update(block)
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _changed(path)
    return Archive(path, kind, before.st_size, digest.hexdigest())


def archive_chunks(archive: Archive) -> t.Iterator[bytes]:
    """Yield its bytes. Raises BundleError after the last one when they are not those that were read first."""
    digest = hashlib.sha256()
    with _open(archive.path) as file:
        while block := file.read(BLOCK):
            digest.update(block)
            yield block
    if digest.hexdigest() != archive.digest:
        raise _changed(archive.path)


def look_into(archive: Archive) -> Content:
    """Its AppSpec and the paths in it. Raises BundleError that names every entry that no host should unpack."""
    try:
        return _zip(archive) if archive.kind == "zip" else _tar(archive)
    except TooMuch:
        limits = f"{MOST_ENTRIES} entries, {MOST_UNPACKED // 1024**3} GiB unpacked, an AppSpec of {MOST_APPSPEC // 1024} KiB that is no link"
        raise BundleError(f"{archive.path} holds more than is taken: {limits}. Push the directory instead.") from None
    except UnicodeDecodeError:
        raise BundleError(
            f"{archive.path} holds a name that is not UTF-8. Rename that file and pack it again."
        ) from None
    except BROKEN as broken:
        why = broken or type(broken).__name__
        raise BundleError(f"{archive.path} cannot be unpacked as {archive.kind}: {why}. Pack it again.") from broken


def _open(path: str) -> io.FileIO:
    try:
        file = _Bounded(os.open(path, _OPEN))
    except OSError as e:
        raise BundleError(f"{path} cannot be read: {e.strerror}.") from e
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise BundleError(f"{path} is neither a directory nor a file. Give a directory or an archive.")
    return file


class _Bounded(io.FileIO):
    """A zip says itself how long its directory is, which is then read at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = os.fstat(self.fileno()).st_size - self.tell() if size is None or size < 0 else size
        if wanted > MOST_DIRECTORY:
            raise TooMuch
        return super().read(size) or b""


def _kind(path: str, head: bytes) -> str:
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "tgz"
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        raise BundleError(
            f"{path} is a file that is neither a zip nor a tar nor a tar in gzip. Give a directory, or pack it as one of these."
        ) from None
    return "tar"


def _zip(archive: Archive) -> Content:
    with _open(archive.path) as file, zipfile.ZipFile(file) as opened:
        listed = opened.infolist()
        if len(listed) > MOST_ENTRIES:
            raise TooMuch
        seen = Seen()
        for one in listed:
            kind = stat.S_IFMT(one.external_attr >> 16)
            is_link = kind == stat.S_IFLNK and not one.is_dir()
            if one.flag_bits & _ENCRYPTED:
                seen.problems.append(
                    f"{shown(_raw(one))} is encrypted, and hosts have no password. Pack it without one."
                )
                continue
            target = opened.open(one).read(LINK_TARGET + 1) if is_link else None
            seen.see(_raw(one), target, kind in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK))
        seen.refuse(archive.path)
        return content_of_zip(opened)


def _raw(entry: zipfile.ZipInfo) -> bytes:
    """The bytes of the name; zipfile takes them for a code page of DOS where they are not marked as UTF-8."""
    return entry.filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")


def _tar(archive: Archive) -> Content:
    seen = Seen()

    def see(entry: tarfile.TarInfo) -> None:
        is_link = entry.issym() or entry.islnk()
        name, target = (text.encode("utf-8", "surrogateescape") for text in (entry.name, entry.linkname))
        is_plain = is_link or entry.isfile() or entry.isdir()
        seen.see(name, target if is_link else None, is_plain, from_root=entry.islnk())

    with _open(archive.path) as file:
        content = read_tar(archive.kind, file, MOST_UNPACKED, see)
    seen.refuse(archive.path)
    return content


class Seen:
    """The entries of an archive, and what is wrong with them."""

    def __init__(self) -> None:
        self.count, self.problems = 0, list[str]()
        self.links: dict[bytes, bytes] = {}

    def see(self, path: bytes, target: bytes | None, is_plain: bool, from_root: bool = False) -> None:
        """An entry; the target of a hard link is a path `from_root`."""
        self.count += 1
        if self.count > MOST_ENTRIES:
            raise TooMuch
        inside = leads_to({}, path)
        problem = name_problem(path)
        if problem:
            self.problems.append(problem)
        elif inside is None or path.startswith(b"/"):
            self.problems.append(
                f"{shown(path)} is a path that leaves the archive. Pack it again with paths from its root."
            )
        elif not is_plain:
            self.problems.append(f"{shown(path)} is a device, a named pipe or a socket. Pack the archive without it.")
        elif target is not None:
            up = b"../" * inside.count(b"/") if from_root and not target.startswith(b"/") else b""
            self.links[inside] = up + target

    def refuse(self, path: str) -> None:
        for link, target in self.links.items():
            if leads_to(self.links, link) is None:
                text = f"{shown(link)} is a symlink that leaves the archive or forms a loop, to {shown(target)}"
                self.problems.append(f"{text}. Pack what it points to instead.")
        refuse([f"{path}: {problem}" for problem in self.problems])


def _changed(path: str) -> BundleError:
    return BundleError(f"{path} changed while it was read. Push again when nothing writes to it.")
