# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the agent's Install makes of the permissions of an AppSpec: which files they fit, and which it cannot set."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from slipway_emulator.contents import Contents
from slipway_emulator.machine.software import has_account, has_group
from slipway_emulator.unpacked import parents

from .appspec import AGAIN, FAILED, AppSpecError

EVERYTHING = "**"


def check(permissions: list[dict[str, Any]], files: list[str], contents: Contents) -> None:
    """Raise AppSpecError for what fails after the files were copied."""
    copied = [posixpath.normpath(path) for path in files]
    made = parents(copied)
    seen: set[str] = set()
    fitting = [(permission, path) for permission in permissions for path in _fitting(permission, copied, made)]
    for _permission, path in fitting:
        if path in seen:
            raise AppSpecError(
                f"{FAILED} the permissions setting for ({path}) is specified more than once in the application specification"
                f" file. Update the files section of the AppSpec file, {AGAIN}"
            )
        seen.add(path)
    for permission, _path in fitting:
        _check_owner(permission, contents)


def _fitting(permission: dict[str, Any], copied: list[str], made: frozenset[str]) -> Iterator[str]:
    """The copied file that is named, or what the pattern fits below a directory."""
    named = posixpath.normpath(permission["object"])
    kinds = permission["type"]
    if named in copied:
        yield from [named] if "file" in kinds else []
        return
    below = f"{named.rstrip('/')}/"
    for path in (*(copied if "file" in kinds else ()), *(sorted(made) if "directory" in kinds else ())):
        inner = path.removeprefix(below)
        if (
            inner != path
            and _fits(inner, permission["pattern"])
            and not any(_globbed(inner, e) for e in permission["except"])
        ):
            yield path


def _fits(inner: str, pattern: str) -> bool:
    return pattern == EVERYTHING or _globbed(inner, pattern)


def _globbed(inner: str, pattern: str) -> bool:
    """Only the star means something, and nothing deeper than the directory itself is fitted."""
    first, *others = pattern.split("*")
    if "/" in inner or not inner.startswith(first) or (not others and inner != first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = inner.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not others or (inner.endswith(others[-1]) and len(inner) - len(others[-1]) >= at)


def _check_owner(permission: dict[str, Any], contents: Contents) -> None:
    for key, kind, known in (("owner", "user", has_account), ("group", "group", has_group)):
        name = permission[key]
        if name is not None and not isinstance(name, str):
            raise AppSpecError(
                f"no implicit conversion of {'Integer' if isinstance(name, int) else 'object'} into String"
            )
        if name is not None and not known(contents, name):
            raise AppSpecError(f"can't find {kind} for {name}")
