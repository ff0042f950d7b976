# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server AppSpec against the members of its bundle: what the agent would not find, or would refuse, on the host."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import posixpath

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import ruby, scripts
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.sections import Problems, each, line_of
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem


@dataclasses.dataclass(frozen=True)
class Members:
    """The files of a bundle and the directories they imply, with normal paths relative to its root ("" is the root)."""

    files: frozenset[str]
    directories: frozenset[str]
    windows: bool
    read: scripts.Read | None = None

    def normal(self, path: str) -> str | None:
        """A path of the AppSpec as a member's path; None when it leaves the bundle."""
        # Ruby joins with "/", so a leading slash means the root of the bundle. Windows takes both separators, any case.
        slashed = path.replace("\\", "/").lower() if self.windows else path
        clean = posixpath.normpath("./" + slashed.lstrip("/"))
        if clean == ".." or clean.startswith("../"):
            return None
        return "" if clean == "." else clean

    def below(self, directory: str) -> list[str]:
        """The files of a directory, relative to it."""
        prefix = f"{directory}/" if directory else ""
        return sorted(path[len(prefix) :] for path in self.files if path.startswith(prefix))


def _members(files: c.Iterable[str], windows: bool, read: scripts.Read | None) -> Members:
    plain: set[str] = set()
    directories = {""}
    for member in files:
        path = posixpath.normpath(member.lower() if windows else member).lstrip("/")
        if member.endswith("/"):
            directories.add(path)
        else:
            plain.add(path)
        while path := posixpath.dirname(path):
            directories.add(path)
    return Members(frozenset(plain), frozenset(directories), windows, read)


def missing(spec: ruby.Item, files: c.Iterable[str], read: scripts.Read | None = None) -> Problems:
    """Scripts and sources the bundle lacks, scripts that cannot start, targets written twice, and permissions that do not
    fit a single file."""
    system = spec.value.item("os")
    members = _members(files, bool(system) and system.value == "windows", read)
    yield from _scripts(spec, members)
    targets: dict[str, str] = {}
    for number, mapping in enumerate(_listed(spec, "files")):
        yield from _source(mapping, f"files[{number}]", members, targets)
    for number, permission in enumerate(_listed(spec, "permissions")):
        yield from _single_file(permission, f"permissions[{number}]", targets)


def _listed(spec: ruby.Item, key: str) -> list[ruby.Item]:
    item = spec.value.item(key)
    return [child for child in (each(item) or []) if isinstance(child.value, ruby.Table)] if item else []


def _scripts(spec: ruby.Item, members: Members) -> Problems:
    hooks = spec.value.item("hooks")
    if hooks is None or not isinstance(hooks.value, ruby.Table):
        return
    for entry in hooks.value.entries():
        for number, script in enumerate(each(entry.item) or []):
            location = script.value.item("location") if isinstance(script.value, ruby.Table) else None
            if location is not None and ruby.strip(location.value):
                path = f"{ruby.below('hooks', entry.key)}[{number}].location"
                yield from _script(ruby.strip(location.value), line_of(script, "location"), path, members)


def _script(location: str, line: int, path: str, members: Members) -> Problems:
    member = members.normal(location)
    if member is None:
        what = f"The script {location} is outside the bundle."
    elif member in members.directories:
        what = f"The script {location} is a directory."
    elif member not in members.files:
        what = f"The script {location} is not in the bundle."
    else:
        yield from _start(location, line, path, members)
        return
    yield Problem(line, path, what, "Add the script to the bundle, or give its path from the root of the bundle.")


def _start(location: str, line: int, path: str, members: Members) -> Problems:
    """The agent starts the script by a line of text, which is parted at blanks, and Linux reads the script's first line."""
    if members.windows:
        return
    started = location.split()[0]
    member = members.normal(started)
    if member not in members.files:
        what = f"The script {location} has a space in its path: the agent would start {started}, which is not in the bundle."
        yield Problem(line, path, what, "Rename the script so that its path has no spaces.")
        return
    why = scripts.cannot_start(members.read(member)) if members.read and member else ""
    if why:
        what = f"The script {location} cannot start on Linux: its first line ends in a carriage return, so {why}."
        yield Problem(line, path, what, scripts.UNIX_LINES)


def _source(mapping: ruby.Item, path: str, members: Members, targets: dict[str, str]) -> Problems:
    source, destination = (ruby.index(mapping.value, key) for key in ("source", "destination"))
    if not isinstance(source, str) or not isinstance(destination, str):
        return
    line = line_of(mapping, "source")
    member = members.normal(source)
    if member is None or (member not in members.files and member not in members.directories):
        what = f"The source {source} is not in the bundle."
        yield Problem(
            line, f"{path}.source", what, "Add it to the bundle, or give its path from the root of the bundle."
        )
        return
    if member in members.files:
        yield from _named_like_file(mapping, path, member, destination)
        new = {posixpath.normpath(posixpath.join(destination, posixpath.basename(member))): source}
    else:
        new = {posixpath.normpath(posixpath.join(destination, below)): source for below in members.below(member)}
    yield from _twice(new, targets, line, path)


def _named_like_file(mapping: ruby.Item, path: str, member: str, destination: str) -> Problems:
    name = posixpath.basename(member)
    if posixpath.basename(destination.rstrip("/")) == name:
        what = f"destination is a directory: the file becomes {destination.rstrip('/')}/{name}."
        yield Problem(line_of(mapping, "destination"), f"{path}.destination", what, "Name the directory only.", WARNING)


def _twice(new: dict[str, str], targets: dict[str, str], line: int, path: str) -> Problems:
    for target in new:
        if target in targets:
            what = f"{target} comes from {targets[target]} and from {new[target]}; the Install event fails on it."
            yield Problem(line, path, what, "Let each file of the host come from one source.")
            break
    targets.update(new)


def _single_file(permission: ruby.Item, path: str, targets: dict[str, str]) -> Problems:
    """The agent sets permissions of one copied file only without pattern, except and default acls."""
    table = permission.value
    if posixpath.normpath(ruby.strip(ruby.index(table, "object"))) not in targets or not _of_type_file(table):
        return
    refused = {
        "pattern": ruby.index(table, "pattern") not in (None, "**"),
        "except": bool(_entries(table, "except")),
        "acls": any(ruby.to_s(entry.value).startswith(("d:", "default:")) for entry in _entries(table, "acls")),
    }
    for key, wrong in refused.items():
        if wrong:
            named = "default acls" if key == "acls" else key
            what = f"object is a single file, for which {named} cannot be used; the Install event fails on it."
            yield Problem(
                line_of(permission, key), f"{path}.{key}", what, f"Remove {named}, or name the directory as object."
            )


def _of_type_file(table: ruby.Table) -> bool:
    kinds = [kind.value for kind in _entries(table, "type")]
    return "file" in kinds or not ruby.given(table.item("type"))


def _entries(table: ruby.Table, key: str) -> list[ruby.Item]:
    item = table.item(key)
    return (each(item) or []) if item is not None else []
