# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory tree as a bundle holds it: walked, checked, read and fingerprinted.

Paths are bytes relative to the root, so nothing depends on the locale of the process.
"""

from __future__ import annotations

import hashlib
import os
import stat
import typing as t
from dataclasses import dataclass, field

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError, refuse, shown
from ansible_collections.slipway.aws.plugins.module_utils._bundle.exclude import compile_exclude

BLOCK = 1024 * 1024
FILE, DIRECTORY, LINK = "file", "directory", "link"
# NONBLOCK: opening a path that was replaced by a named pipe since the walk must not hang.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Entry:
    """One member of the bundle. ``mode``, ``size`` and ``digest`` of a file are known once it was read."""

    path: bytes
    kind: str
    mode: int = 0o777
    size: int = 0
    target: bytes = b""
    digest: bytes = b""


@dataclass
class Tree:
    """The members below ``root``, sorted by the bytes of their paths."""

    root: bytes
    entries: list[Entry] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """What an AppSpec may refer to: files, symlinks and what is reached through them, and, with a slash at the
        end, empty directories; all relative and slash-separated."""
        own = [entry.path + (b"/" if entry.kind == DIRECTORY else b"") for entry in self.entries]
        linked = [path for entry in self.entries if entry.kind == LINK for path in self._behind(entry)]
        return [path.decode() for path in (*own, *linked)]

    def _behind(self, link: Entry) -> list[bytes]:
        real = os.path.relpath(os.path.realpath(os.path.join(self.root, link.path)), self.root)
        return [link.path + entry.path[len(real) :] for entry in self.entries if entry.path.startswith(real + b"/")]

    @property
    def files(self) -> int:
        return sum(entry.kind == FILE for entry in self.entries)

    @property
    def size(self) -> int:
        """Bytes in all files, known once the tree was fingerprinted."""
        return sum(entry.size for entry in self.entries)

    def find(self, path: bytes) -> Entry | None:
        return next((entry for entry in self.entries if entry.path == path), None)


def walk(src: str, exclude: t.Sequence[str] = ()) -> Tree:
    """List what a bundle of the directory ``src`` holds, without reading a file.

    Directories are members only when they are empty on disk: the others come with their files. Raises BundleError
    that names every special file, every symlink leading out, every name no host could install.
    """
    root = os.path.realpath(os.fsencode(src))
    if not os.path.isdir(root):
        raise BundleError(f"src {src} is not a directory. Give the directory that holds appspec.yml.")
    tree, problems = Tree(root), []
    excluded = compile_exclude(exclude)
    waiting = [b""]
    while waiting:
        problems += _list_directory(tree, waiting.pop(), excluded, waiting)
    refuse(sorted(problems))
    tree.entries.sort(key=lambda entry: entry.path)
    return tree


def _list_directory(
    tree: Tree, below: bytes, excluded: t.Callable[[str, bool], bool], waiting: list[bytes]
) -> list[str]:
    try:
        with os.scandir(os.path.join(tree.root, below)) as listing:
            members = list(listing)
    except OSError as e:
        return [f"{shown(below) or 'src'} cannot be listed: {e.strerror}. Make it readable or name it in exclude."]
    if below and not members:
        mode = stat.S_IMODE(os.lstat(os.path.join(tree.root, below)).st_mode) & 0o777
        tree.entries.append(Entry(below, DIRECTORY, mode))
    problems = []
    for member in members:
        path = below + b"/" + member.name if below else member.name
        is_directory = member.is_dir(follow_symlinks=False)
        problem = _name_problem(path)
        if problem is None and not excluded(path.decode(), is_directory):
            if is_directory:
                waiting.append(path)
            else:
                problem = _add_member(tree, path, member)
        if problem:
            problems.append(problem)
    return problems


def _name_problem(path: bytes) -> str | None:
    """The host agent takes names for UTF-8, and keeps the list of files it later deletes one path a line."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return (
            f"{shown(path)} has a name that is not UTF-8, which neither a zip nor the host agent can take. Rename it."
        )
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        return f"{shown(path)} has a control character in its name, which the host agent cannot clean up. Rename it."
    return None


def _add_member(tree: Tree, path: bytes, member: os.DirEntry[bytes]) -> str | None:
    if member.is_symlink():
        return _add_link(tree, path)
    if member.is_file(follow_symlinks=False):
        tree.entries.append(Entry(path, FILE))
        return None
    kind = _special_kind(member.stat(follow_symlinks=False).st_mode)
    return (
        f"{shown(path)} is a {kind}; a bundle holds files, directories and symlinks. Remove it or name it in exclude."
    )


def _special_kind(mode: int) -> str:
    tests = {"named pipe": stat.S_ISFIFO, "socket": stat.S_ISSOCK, "block device": stat.S_ISBLK}
    return next((kind for kind, test in tests.items() if test(mode)), "device")


def _add_link(tree: Tree, path: bytes) -> str | None:
    """Keep a symlink whose target, followed through every other link, is below the root."""
    target = os.readlink(os.path.join(tree.root, path))
    real = os.path.realpath(os.path.join(tree.root, path))
    inside = real == tree.root or real.startswith(tree.root.rstrip(b"/") + b"/")
    if target.startswith(b"/") or not inside:
        remedy = "Replace it by what it points to or name it in exclude."
        return f"{shown(path)} is a symlink leaving the tree, to {shown(target)}. {remedy}"
    problem = _name_problem(target)
    if problem:
        return f"{shown(path)} is a symlink to a name no bundle can hold: {problem}"
    tree.entries.append(Entry(path, LINK, target=target, size=0))
    return None


def fingerprint(tree: Tree) -> str:
    """SHA-256 over path, kind, permission bits and content of every member, as 64 hexadecimal digits.

    Reads every file once and fills in mode, size and digest. Dates, owners, the order of the walk and how the archive
    is compressed do not count; nor do set-id and sticky bits, which a bundle does not carry. Raises BundleError that
    names every file that cannot be read or that changes meanwhile.
    """
    problems = []
    whole = hashlib.sha256(b"slipway bundle 1\n")
    for entry in tree.entries:
        if entry.kind == FILE and not entry.digest:
            try:
                _read_first(tree, entry)
            except BundleError as e:
                problems.append(str(e))
        value = entry.target if entry.kind == LINK else entry.digest
        whole.update(b"%s\0%o\0%s\0%d\0%s" % (entry.kind.encode(), entry.mode, entry.path, len(value), value))
    refuse(problems)
    return whole.hexdigest()


def read_member(tree: Tree, path: bytes) -> bytes:
    """Content of one small file before the rest is fingerprinted; it is not read again for the fingerprint."""
    entry = tree.find(path)
    if entry is None:
        raise BundleError(f"{shown(path)} is not in {shown(tree.root)}.")
    if entry.kind == LINK:
        entry = tree.find(os.path.relpath(os.path.realpath(os.path.join(tree.root, path)), tree.root))
    if entry is None or entry.kind != FILE:
        raise BundleError(f"{shown(path)} is not a file. Put a regular file there.")
    content = _read_first(tree, entry)
    if entry.size > BLOCK:
        raise BundleError(f"{shown(path)} is larger than {BLOCK} bytes.")
    return content


def _read_first(tree: Tree, entry: Entry) -> bytes:
    """Read a file, note its mode, size and digest, and return its last block (the whole of a small file)."""
    descriptor, status = _open(tree, entry)
    try:
        digest, block = hashlib.sha256(), b""
        for block in _blocks(descriptor, status.st_size):
            digest.update(block)
        _check_unchanged(entry, status, os.fstat(descriptor))
    except OSError as e:
        raise BundleError(f"{shown(entry.path)} cannot be read: {e.strerror}.") from e
    except _Resized:
        raise _changed(entry) from None
    finally:
        os.close(descriptor)
    entry.mode, entry.size, entry.digest = stat.S_IMODE(status.st_mode) & 0o777, status.st_size, digest.digest()
    return block


def read_again(tree: Tree, entry: Entry) -> t.Iterator[bytes]:
    """Yield the content a second time in blocks, the last one shorter; nothing for an empty file.

    Raises BundleError after the last block when it is not what the fingerprint was made of: what is stored under a
    fingerprint must be what the fingerprint says.
    """
    descriptor, _status = _open(tree, entry)
    try:
        digest = hashlib.sha256()
        for block in _blocks(descriptor, entry.size):
            digest.update(block)
            yield block
        if digest.digest() != entry.digest:
            raise _changed(entry)
    except OSError as e:
        raise BundleError(f"{shown(entry.path)} cannot be read: {e.strerror}.") from e
    except _Resized:
        raise _changed(entry) from None
    finally:
        os.close(descriptor)


def _open(tree: Tree, entry: Entry) -> tuple[int, os.stat_result]:
    try:
        descriptor = os.open(os.path.join(tree.root, entry.path), _OPEN)
    except OSError as e:
        remedy = "Make it readable or name it in exclude."
        raise BundleError(f"{shown(entry.path)} cannot be read: {e.strerror}. {remedy}") from e
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise _changed(entry)
    return descriptor, status


class _Resized(Exception):
    """More or fewer bytes came than the file had when it was opened."""


def _blocks(descriptor: int, size: int) -> t.Iterator[bytes]:
    """One byte more than is due is asked for: it shows growth, and a small file takes one call and a small buffer."""
    left = size
    while True:
        block = os.read(descriptor, min(left + 1, BLOCK))
        left -= len(block)
        if left < 0:
            raise _Resized
        if block:
            yield block
        if not block or left == 0 and len(block) < BLOCK:
            break
    if left:
        raise _Resized


def _check_unchanged(entry: Entry, before: os.stat_result, after: os.stat_result) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _changed(entry)


def _changed(entry: Entry) -> BundleError:
    return BundleError(f"{shown(entry.path)} changed while it was read. Push again when nothing writes below src.")
