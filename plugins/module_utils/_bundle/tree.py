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
import weakref
from dataclasses import dataclass, field

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError, refuse, shown
from ansible_collections.slipway.aws.plugins.module_utils._bundle.exclude import compile_exclude
from ansible_collections.slipway.aws.plugins.module_utils._bundle.folders import REPLACED, Folders
from ansible_collections.slipway.aws.plugins.module_utils._bundle.ignore import NAME, compile_ignore
from ansible_collections.slipway.aws.plugins.module_utils._bundle.links import leads_to

BLOCK = 1024 * 1024
MOST_IGNORED = 256 * 1024  # bytes of an ignore file
MOST_FOLLOWED = 10_000  # symlinks: a few that lead to each other's directories stand for very many paths
KEEP, FOLLOW, FAIL = "keep", "follow", "fail"  # what becomes of symlinks
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
    content: bytes | None = None  # of a file that is not on disk


@dataclass
class Tree:
    """The members below ``root``, sorted by the bytes of their paths."""

    root: bytes
    handle: int  # of the root, for as long as the tree lives
    entries: list[Entry] = field(default_factory=list)
    followed: dict[bytes, bytes] = field(default_factory=dict)  # symlinks that are bundled as what they lead to

    def __post_init__(self) -> None:
        weakref.finalize(self, os.close, self.handle)

    def folders(self) -> Folders:
        """The directories of the tree, for one thread to read in."""
        return Folders(self.handle, self.followed)

    @property
    def links(self) -> dict[bytes, bytes]:
        return {entry.path: entry.target for entry in self.entries if entry.kind == LINK}

    @property
    def names(self) -> list[str]:
        """What an AppSpec may refer to: files, symlinks and what is reached through them, and, with a slash at the
        end, empty directories; all relative and slash-separated."""
        own = [entry.path + (b"/" if entry.kind == DIRECTORY else b"") for entry in self.entries]
        links = self.links
        linked = [path for link in links for path in self._behind(link, leads_to(links, link))]
        return [path.decode() for path in (*own, *linked)]

    def _behind(self, link: bytes, folder: bytes | None) -> list[bytes]:
        if not folder:
            return []
        return [link + entry.path[len(folder) :] for entry in self.entries if entry.path.startswith(folder + b"/")]

    @property
    def files(self) -> int:
        return sum(entry.kind == FILE for entry in self.entries)

    @property
    def size(self) -> int:
        """Bytes in all files, known once the tree was fingerprinted."""
        return sum(entry.size for entry in self.entries)

    def find(self, path: bytes) -> Entry | None:
        return next((entry for entry in self.entries if entry.path == path), None)


def walk(src: str, exclude: t.Sequence[str] = (), symlinks: str = KEEP, ignore_file: str | None = "") -> Tree:
    """List what a bundle of the directory ``src`` holds, without reading a file.

    Directories are members only when they are empty on disk: the others come with their files. Raises BundleError
    that names every special file, every symlink leading out, every name no host could install. `ignore_file` is its name
    in the directory, None for the usual one where it exists, an empty text for none.
    """
    root = os.path.realpath(os.fsencode(src))
    if not os.path.isdir(root):
        raise BundleError(f"src {src} is not a directory. Give the directory that holds appspec.yml.")
    with Folders(root) as folders:
        tree, problems = Tree(root, os.dup(folders.root)), []
        folders.followed = tree.followed
        listing = Listing(tree, symlinks, _excluded(folders, exclude, ignore_file))
        while listing.waiting:
            problems += _list_directory(listing, folders, listing.waiting.pop())
    problems += _links_problems(tree)
    refuse(sorted(problems))
    tree.entries.sort(key=lambda entry: entry.path)
    return tree


def add_file(tree: Tree, path: bytes, content: bytes) -> None:
    """Let the tree hold one more file, which is not on disk."""
    digest = hashlib.sha256(content).digest()
    tree.entries.append(Entry(path, FILE, 0o644, len(content), digest=digest, content=content))
    tree.entries.sort(key=lambda entry: entry.path)


@dataclass
class Listing:
    """A walk that goes on."""

    tree: Tree
    symlinks: str
    excluded: t.Callable[[str, bool], bool]
    waiting: list[bytes] = field(default_factory=lambda: [b""])  # directories


def _excluded(folders: Folders, patterns: t.Sequence[str], ignore_file: str | None) -> t.Callable[[str, bool], bool]:
    """What is left out: by the patterns, by the lines of the ignore file, and that file itself."""
    by_option, name = compile_exclude(patterns), NAME if ignore_file is None else ignore_file
    text = _ignore_text(folders, name, ignore_file is not None) if name else None
    if text is None:
        return by_option
    by_file = compile_ignore(text, name)
    return lambda path, directory: path == name or by_option(path, directory) or by_file(path, directory)


def _ignore_text(folders: Folders, name: str, needed: bool) -> str | None:
    try:
        with open(folders.open(name.encode(), _OPEN), "rb") as file:
            text = file.read(MOST_IGNORED + 1)
    except OSError as e:
        if isinstance(e, FileNotFoundError) and not needed:
            return None
        raise BundleError(f"the ignore file {name} cannot be read: {e.strerror}. Correct ignore_file.") from e
    try:
        if len(text) <= MOST_IGNORED:
            return text.decode()
    except UnicodeDecodeError:
        pass
    raise BundleError(f"the ignore file {name} is not a text in UTF-8 of {MOST_IGNORED} bytes at most. Correct it.")


def _list_directory(listing: Listing, folders: Folders, below: bytes) -> list[str]:
    tree = listing.tree
    try:
        handle = folders.handle(below)
        with os.scandir(handle) as found:
            members = list(found)
    except OSError as e:
        if e.errno in REPLACED:
            return [str(_changed(below))]
        return [f"{shown(below) or 'src'} cannot be listed: {e.strerror}. Make it readable or add it to exclude."]
    if below and not members:
        tree.entries.append(Entry(below, DIRECTORY, stat.S_IMODE(os.fstat(handle).st_mode) & 0o777))
    problems = []
    for member in members:
        name = os.fsencode(member.name)  # a handle is listed in text, whatever the names are
        path = below + b"/" + name if below else name
        is_directory = member.is_dir(follow_symlinks=listing.symlinks == FOLLOW)
        problem = name_problem(path)
        if problem is None and not listing.excluded(path.decode(), is_directory):
            problem = _of_link(listing, path, member, handle) if member.is_symlink() else None
            if problem is None and is_directory:
                listing.waiting.append(path)
            elif problem is None:
                problem = _add_member(tree, path, member, handle)
        if problem:
            problems.append(problem)
    return problems


def name_problem(path: bytes) -> str | None:
    """The CodeDeploy agent takes names for UTF-8, and keeps the list of files it later deletes one path a line."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return (
            f"{shown(path)} has a name that is not UTF-8, which neither a zip nor the agents of AWS support. Rename it."
        )
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        return f"{shown(path)} has a control character in its name, and hosts could not remove it later. Rename it."
    return None


def _of_link(listing: Listing, path: bytes, member: os.DirEntry[str], folder: int) -> str | None:
    """What stands against a symlink; one that is followed is noted with what it leads to."""
    if listing.symlinks == FAIL:
        return f"{shown(path)} is a symlink. Remove it, add it to exclude, or set symlinks to keep or follow."
    if listing.symlinks == KEEP:
        return None
    root, remedy = listing.tree.root, "Correct it or add it to exclude."
    target = os.path.realpath(os.path.join(root, path))
    if not os.path.exists(target):
        return f"{shown(path)} is a symlink to {shown(os.fsencode(os.readlink(member.name, dir_fd=folder)))}, which does not exist. {remedy}"
    above = {os.path.realpath(os.path.join(root, path[:i])) for i in range(len(path)) if path[i : i + 1] == b"/"}
    if target in {*above, root}:
        return f"{shown(path)} is a symlink to a directory that it is in, so following it would never end. {remedy}"
    listing.tree.followed[path] = target
    if len(listing.tree.followed) > MOST_FOLLOWED:
        raise BundleError(
            f"more than {MOST_FOLLOWED} symlinks are followed. Set symlinks to keep, or add some to exclude."
        )
    return None


def _add_member(tree: Tree, path: bytes, member: os.DirEntry[str], folder: int) -> str | None:
    followed = path in tree.followed
    if member.is_symlink() and not followed:
        tree.entries.append(Entry(path, LINK, target=os.fsencode(os.readlink(member.name, dir_fd=folder))))
        return None
    if member.is_file(follow_symlinks=followed):
        tree.entries.append(Entry(path, FILE))
        return None
    kind = _special_kind(member.stat(follow_symlinks=followed).st_mode)
    return f"{shown(path)} is a {kind}; a bundle holds files, directories and symlinks. Remove it or add it to exclude."


def _special_kind(mode: int) -> str:
    tests = {"named pipe": stat.S_ISFIFO, "socket": stat.S_ISSOCK, "block device": stat.S_ISBLK}
    return next((kind for kind, test in tests.items() if test(mode)), "device")


def _links_problems(tree: Tree) -> t.Iterator[str]:
    """A symlink stays whose target, followed through every other link, is below the root."""
    links = tree.links
    for path, target in links.items():
        problem = name_problem(target)
        if leads_to(links, path) is None:
            remedy = "Replace it with what it points to or add it to exclude."
            yield f"{shown(path)} is a symlink that leaves the directory or forms a loop, to {shown(target)}. {remedy}"
        elif problem:
            yield f"{shown(path)} is a symlink to a name that no bundle can hold: {problem}"


def fingerprint(tree: Tree) -> str:
    """SHA-256 over path, kind, permission bits and content of every member, as 64 hexadecimal digits.

    Reads every file once and fills in mode, size and digest. Dates, owners, the order of the walk and how the archive
    is compressed do not count; nor do set-id and sticky bits, which a bundle does not carry. Raises BundleError that
    names every file that cannot be read or that changes meanwhile.
    """
    problems = []
    whole = hashlib.sha256(b"slipway bundle 1\n")
    with tree.folders() as folders:
        for entry in tree.entries:
            if entry.kind == FILE and not entry.digest:
                try:
                    _read_first(folders, entry)
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
        entry = tree.find(leads_to(tree.links, path) or b"")
    if entry is None or entry.kind != FILE:
        raise BundleError(f"{shown(path)} is not a file. Put a regular file there.")
    return read_entry(tree, entry)


def read_entry(tree: Tree, entry: Entry) -> bytes:
    """The same of a file that was found already."""
    if entry.content is not None:
        return entry.content
    with tree.folders() as folders:
        content = _read_first(folders, entry)
    if entry.size > BLOCK:
        raise BundleError(f"{shown(entry.path)} is larger than {BLOCK} bytes.")
    return content


def _read_first(folders: Folders, entry: Entry) -> bytes:
    """Read a file, note its mode, size and digest, and return its last block (the whole of a small file)."""
    descriptor, status = _open(folders, entry)
    try:
        digest, block = hashlib.sha256(), b""
        for block in _blocks(descriptor, status.st_size):
            digest.update(block)
        _check_unchanged(entry, status, os.fstat(descriptor))
    except OSError as e:
        raise BundleError(f"{shown(entry.path)} cannot be read: {e.strerror}.") from e
    except _Resized:
        raise _changed(entry.path) from None
    finally:
        os.close(descriptor)
    entry.mode, entry.size, entry.digest = stat.S_IMODE(status.st_mode) & 0o777, status.st_size, digest.digest()
    return block


def read_again(folders: Folders, entry: Entry) -> t.Iterator[bytes]:
    """Yield the content a second time in blocks, the last one shorter; nothing for an empty file.

    Raises BundleError after the last block when it is not what the fingerprint was made of: what is stored under a
    fingerprint must be what the fingerprint says.
    """
    if entry.content is not None:
        yield from (entry.content,) if entry.content else ()
        return
    descriptor, _status = _open(folders, entry)
    try:
        digest = hashlib.sha256()
        for block in _blocks(descriptor, entry.size):
            digest.update(block)
            yield block
        if digest.digest() != entry.digest:
            raise _changed(entry.path)
    except OSError as e:
        raise BundleError(f"{shown(entry.path)} cannot be read: {e.strerror}.") from e
    except _Resized:
        raise _changed(entry.path) from None
    finally:
        os.close(descriptor)


def _open(folders: Folders, entry: Entry) -> tuple[int, os.stat_result]:
    try:
        descriptor = folders.open(entry.path, _OPEN)
    except OSError as e:
        if e.errno in REPLACED:
            raise _changed(entry.path) from e
        remedy = "Make it readable or add it to exclude."
        raise BundleError(f"{shown(entry.path)} cannot be read: {e.strerror}. {remedy}") from e
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise _changed(entry.path)
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
        raise _changed(entry.path)


def _changed(path: bytes) -> BundleError:
    return BundleError(f"{shown(path)} changed while it was read. Push again when nothing writes below src.")
