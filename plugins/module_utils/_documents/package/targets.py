# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The section `packages` of a package manifest: which hosts get which file.

The agent takes the platform that matches, then a version only below it, then an architecture only below that. It never
goes back: what a wider entry would have had does not count once a narrower one was taken.
"""

from __future__ import annotations

import collections.abc as c

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.package import platforms
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.platforms import ANY, STAR
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import ERROR, WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Entry, Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

_LEVELS = ("platform", "platform version", "architecture")
_NO_RETURN = "the agent looks no further than the first entry that matches"


def packages(value: Value, path: str, line: int) -> Problems:
    """Platforms, below them versions, below them architectures."""
    yield from _level(value, path, line, _LEVELS)
    for name, platform in _entries(value):
        yield from _platform(name, below(path, name), platform.line)
        for version, entry in _entries(platform.value):
            place = below(below(path, name), version)
            yield from _version(name, version, place, entry.line)
            for architecture, file in _entries(entry.value):
                yield from _architecture(architecture, below(place, architecture), file.line)


def _level(value: Value, path: str, line: int, levels: tuple[str, ...]) -> Problems:
    if not levels:
        yield from _file(value, path, line)
        return
    if not isinstance(value.data, dict) or not value.data:
        is_now = "empty" if value.data == {} else describe(value.data)
        what = f"{rules.last(path)} is {is_now}, but must be a map whose keys are each a {levels[0]}."
        yield Problem(line, path, what, f"Write {' over '.join(levels)} over the file, {ANY} where all are meant.")
        return
    for key, entry in value.data.items():
        yield from _level(entry.value, below(path, key), entry.line, levels[1:])
    yield from rules.repeated(value, path, ERROR)


_file = Shape({"file": rules.strict_text}, ("file",), twice=ERROR)


def _entries(value: Value) -> c.Iterable[tuple[str, Entry]]:
    return value.data.items() if isinstance(value.data, dict) else ()


def _platform(key: str, path: str, line: int) -> Problems:
    instead = platforms.instead_of_platform(key)
    if instead:
        what = f'No host reports the platform "{shown_short(key)}", so its files are never installed.'
        yield Problem(line, path, what, instead)
    elif key == platforms.UNSUPPORTED:
        yield Problem(line, path, "Distributor does not support macOS.", f"Remove {key}.", WARNING)
    elif key not in platforms.PLATFORMS:
        what = f'"{shown_short(key)}" is not a platform that is known here.'
        remedy = (
            f"Check that it is the ID of the system's os-release file, or use one of {', '.join(platforms.PLATFORMS)}."
        )
        yield Problem(line, path, what, remedy, WARNING)


def _version(platform: str, key: str, path: str, line: int) -> Problems:
    never = platforms.instead_of_version(platform, key)
    rarely = platforms.rarely_matches(platform, key)
    if never:
        what = f'No host of {shown_short(platform)} reports the version "{shown_short(key)}", so its files are never installed.'
        yield Problem(line, path, what, never)
    elif rarely:
        what = (
            f'Hosts of {platform} report more than "{shown_short(key)}" as their version, so this entry may match none.'
        )
        yield Problem(line, path, what, rarely, WARNING)


def _architecture(key: str, path: str, line: int) -> Problems:
    instead = platforms.instead_of_architecture(key)
    if instead:
        what = f'No host reports the architecture "{shown_short(key)}", so its file is never installed.'
        yield Problem(line, path, what, instead)


def file_names(manifest: Value) -> c.Iterator[tuple[str, str, int]]:
    """All names of files with the path and the line of where they stand."""
    section = manifest.get("packages")
    for platform, versions in _entries(section) if section else ():
        for version, architectures in _entries(versions.value):
            for architecture, entry in _entries(architectures.value):
                named = entry.value.get("file")
                if named and isinstance(named.data, str) and named.data:
                    path = "packages"
                    for part in (platform, version, architecture, "file"):
                        path = below(path, part)
                    yield named.data, path, entry.value.line_of("file")


def traps(manifest: Value) -> Problems:
    """Entries that hide a wider one from hosts which they then have no file for."""
    section = manifest.get("packages")
    if section is None:
        return
    everywhere = section.get(ANY)
    for platform, entry in _entries(section):
        path = below("packages", platform)
        versions = dict(_entries(entry.value))
        for version in versions:
            yield from _hidden_by_version(platform, version, versions, below(path, version))
        if ANY in versions and STAR in versions:
            what = f'"{STAR}" is never used, because "{ANY}" is looked for before it.'
            yield Problem(versions[STAR].line, below(path, STAR), what, "Keep one of the two.", WARNING)
        if everywhere is not None and platform != ANY:
            yield from _hidden_by_platform(platform, entry, everywhere, path)


def _hidden_by_version(platform: str, version: str, versions: dict[str, Entry], path: str) -> Problems:
    own = _keys(versions[version].value)
    wider = {key: _keys(entry.value) - own for key, entry in versions.items() if platforms.falls_in(version, key)}
    for key, lost in wider.items():
        if lost and own and ANY not in own:
            what = (
                f"Hosts of {shown_short(platform)} {shown_short(version)} whose architecture is not "
                f'{_list(own)} get no file, although "{shown_short(key)}" has one: {_NO_RETURN}.'
            )
            yield Problem(versions[version].line, path, what, f"Add {_list(lost)} here, too.", WARNING)


def _hidden_by_platform(platform: str, entry: Entry, everywhere: Value, path: str) -> Problems:
    versions = dict(_entries(entry.value))
    if versions and ANY not in versions and STAR not in versions:
        what = (
            f"Hosts of {shown_short(platform)} whose version is not {_list(set(versions))} get no file, "
            f'although the platform "{ANY}" has one: {_NO_RETURN}.'
        )
        yield Problem(entry.line, path, what, f"Add the version {ANY} here, too.", WARNING)
        return
    own = _keys(versions[ANY if ANY in versions else STAR].value) if versions else set()
    rest = everywhere.get(ANY)
    lost = (_keys(rest) if rest else set()) - own
    if own and lost and ANY not in own:
        what = (
            f"Hosts of {shown_short(platform)} whose architecture is not {_list(own)} get no file, "
            f'although the platform "{ANY}" has one: {_NO_RETURN}.'
        )
        yield Problem(entry.line, path, what, f"Add {_list(lost)} here, too.", WARNING)


def _keys(value: Value) -> set[str]:
    return {key for key, _entry in _entries(value)}


def _list(keys: set[str]) -> str:
    return " or ".join(shown_short(key) for key in sorted(keys)[:5])
