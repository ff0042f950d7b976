# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What an unpacked bundle left on a host's disk, as far as anybody asks."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Unpacked:
    """Paths relative to the bundle's root; of the scripts that its AppSpec names also how they begin."""

    files: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()
    scripts: Mapping[str, bytes] = field(default_factory=dict)
    dangling: frozenset[str] = frozenset()  # links that lead nowhere

    def is_directory(self, location: str) -> bool:
        return relative(location) in self.directories

    def exists(self, location: str) -> bool:
        path = relative(location)
        return path in self.directories or (path in self.files and path not in self.dangling)

    def script(self, location: str) -> bytes:
        return self.scripts.get(relative(location), b"")


def relative(location: str) -> str:
    """A location of the AppSpec as a path in the bundle: the agent joins it to the bundle's root."""
    return posixpath.normpath("./" + location.lstrip("/"))


def parents(paths: Iterable[str]) -> frozenset[str]:
    """The directories that paths imply; "." or "/" is the root."""
    found: set[str] = set()
    for path in paths:
        folder = posixpath.dirname(path) or "."
        while folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder) or "."
    return frozenset(found)
