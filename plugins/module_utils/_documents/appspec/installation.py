# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Install event of a server AppSpec makes on a host: directories and copies, with their permissions. Pure.

As the host agent does it: permissions are set on what the deployment itself copies and makes, and on each of these once.
"""

from __future__ import annotations

import collections.abc as c
import dataclasses
import posixpath

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import (
    AppSpec,
    AppSpecError,
    FileMapping,
    Permission,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem

EVERYTHING = "**"  # as pattern, at any depth


@dataclasses.dataclass(frozen=True)
class Installed:
    """A path on the host. `source` is the path in the bundle of a file or symlink, None of a directory."""

    path: str
    source: str | None
    permission: Permission | None = None


def installation(spec: AppSpec, files: c.Iterable[str], folders: c.Iterable[str]) -> list[Installed]:
    """Directories, then copies, in an order in which they can be made. `files` and `folders` are all paths of the bundle,
    from its root. Raises AppSpecError for what fails on every host."""
    members, inner = sorted(files), sorted(folders)
    copies: dict[str, str] = {}
    made: set[str] = set()
    for mapping in spec.files:
        placed, folder_paths = _placed(mapping, members, inner)
        copies.update(placed)
        for path in (*folder_paths, *map(posixpath.dirname, placed)):
            made |= _with_parents(path)
    chosen = _chosen(spec.permissions, list(copies), sorted(made))
    return [
        *(Installed(path, None, chosen.get(path)) for path in sorted(made)),
        *(Installed(path, source, chosen.get(path)) for path, source in copies.items()),
    ]


def _placed(mapping: FileMapping, files: list[str], folders: list[str]) -> tuple[dict[str, str], list[str]]:
    """What one entry of `files` copies (path on the host -> path in the bundle), and the directories it makes."""
    if not mapping.destination.startswith("/"):
        what = f"The destination {mapping.destination} is not an absolute path."
        raise AppSpecError([Problem(mapping.line, "files", what, "Begin it with a slash.")])
    source, to = posixpath.normpath("./" + mapping.source.lstrip("/")), posixpath.normpath(mapping.destination)
    if source in files:
        return {posixpath.join(to, posixpath.basename(source)): source}, []
    prefix = "" if source == "." else f"{source}/"
    if prefix and source not in folders:
        what = f"The source {mapping.source} is reached through a symlink, and is no file or directory of the bundle itself."
        raise AppSpecError(
            [Problem(mapping.line, "files", what, "Name the file or directory that the symlink leads to.")]
        )
    inside = [path for path in files if path.startswith(prefix)]
    below = [path[len(prefix) :] for path in folders if path.startswith(prefix)]
    return {posixpath.join(to, path[len(prefix) :]): path for path in inside}, [
        to,
        *(posixpath.join(to, path) for path in below),
    ]


def _with_parents(path: str) -> set[str]:
    found = set()
    while path != "/":
        found.add(path)
        path = posixpath.dirname(path)
    return found


def _chosen(permissions: c.Iterable[Permission], copied: list[str], made: list[str]) -> dict[str, Permission]:
    chosen: dict[str, Permission] = {}
    for permission in permissions:
        for path in _fitting(permission, copied, made):
            if path in chosen:
                what = f"The permissions of {path} are set twice; the Install event fails on it."
                raise AppSpecError([Problem(permission.line, "permissions", what, "Let one entry set them.")])
            chosen[path] = permission
    return chosen


def _fitting(permission: Permission, copied: list[str], made: list[str]) -> c.Iterator[str]:
    """The copied file that is named, or what the pattern fits below a directory."""
    named = posixpath.normpath(permission.path)
    if named in copied:
        yield from [named] if "file" in permission.types else []
        return
    below = f"{named.rstrip('/')}/"
    kinds = {"file": copied, "directory": made}
    for path in (path for kind, paths in kinds.items() if kind in permission.types for path in paths):
        inner = path[len(below) :]
        fits = path.startswith(below) and (permission.pattern == EVERYTHING or globbed(inner, permission.pattern))
        if fits and not any(globbed(inner, pattern) for pattern in permission.excepted):
            yield path


def globbed(name: str, pattern: str) -> bool:
    """Only `*` means something, and it does not reach into directories."""
    first, *others = pattern.split("*")
    if "/" in name or not name.startswith(first):
        return False
    if not others:
        return name == first
    at = len(first)
    for part in others[:-1]:
        at = name.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return name.endswith(others[-1]) and len(name) - len(others[-1]) >= at
