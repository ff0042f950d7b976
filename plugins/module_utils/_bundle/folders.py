# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories below a root, reached by handles: a path is resolved anew at every call, a handle is not.

Between the walk and the reading, whoever may write below src can put a symlink in the place of a directory. By path the
files of another tree would come into the bundle; a directory opened inside its parent, without following, stays itself.
"""

from __future__ import annotations

import errno
import os
import typing as t

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# What opening answers where a symlink or a file stands in the place of a directory, a symlink in that of a file, or nothing.
REPLACED = (errno.ELOOP, errno.ENOTDIR, errno.ENOENT)


class Folders:
    """The chain of directories that leads to the last one asked for stays open. For one thread at a time."""

    def __init__(self, root: bytes | int, followed: t.Mapping[bytes, bytes] | None = None) -> None:
        self.followed = {} if followed is None else followed  # symlinks in the tree -> what they lead to, absolute
        self.root = os.open(root, _DIRECTORY) if isinstance(root, bytes) else os.dup(root)
        self._folder = b""
        self._chain: list[tuple[bytes, int]] = []

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, *_error: object) -> None:
        self._shorten(0)
        os.close(self.root)

    def handle(self, folder: bytes) -> int:
        """The open directory of this path below the root; an empty path is the root. Raises OSError."""
        if folder != self._folder:
            self._go_to(folder.split(b"/") if folder else [])
            self._folder = folder
        return self._last

    @property
    def _last(self) -> int:
        return self._chain[-1][1] if self._chain else self.root

    def _go_to(self, names: t.Sequence[bytes]) -> None:
        pairs = zip(names, self._chain)
        kept = next((i for i, (name, (open_name, _handle)) in enumerate(pairs) if name != open_name), None)
        self._shorten(min(len(names), len(self._chain)) if kept is None else kept)
        for depth in range(len(self._chain), len(names)):
            name, target = names[depth], self.followed.get(b"/".join(names[: depth + 1]))
            opened = os.open(target, _DIRECTORY) if target else os.open(name, _DIRECTORY, dir_fd=self._last)
            self._chain.append((name, opened))

    def open(self, path: bytes, flags: int) -> int:
        """Open a file by its path below the root. Raises OSError."""
        if path in self.followed:
            return os.open(self.followed[path], flags)
        folder, _slash, name = path.rpartition(b"/")
        return os.open(name, flags, dir_fd=self.handle(folder))

    def _shorten(self, length: int) -> None:
        self._folder = b"\0"  # no path: the next one asked for is looked for, also after an error half-way
        while len(self._chain) > length:
            os.close(self._chain.pop()[1])
