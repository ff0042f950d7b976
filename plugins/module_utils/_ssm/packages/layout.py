# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What SSM Agent makes of the files in the zip of a package: which it would refuse, or could not run. Pure."""

from __future__ import annotations

import collections.abc as c
import json
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line, shown_short

ACTIONS = ("install", "uninstall")
UPDATE = "update"  # needed to update in place; without it such an update fails, and nothing is rolled back
ALL_ACTIONS = (*ACTIONS, UPDATE, "validate")
SHELL, POWERSHELL = ".sh", ".ps1"
WINDOWS = "windows"
INVENTORY = "manifest.json"
DISTRIBUTOR_KEYS = ("schemaVersion", "packages", "files")

Read = c.Callable[[str], bytes]  # the content of a member; empty where it is too large to be a script


class Member(t.NamedTuple):
    """What a package is called and has to be able to do."""

    name: str
    version: str
    platforms: tuple[str, ...]  # that get this zip
    in_place: bool  # whether it is updated in place


def problems(names: c.Sequence[str], read: Read, member: Member) -> list[str]:
    """What is wrong with the files of one zip, each with what to do. Paths are relative, those of directories end in a slash."""
    top = {name.split("/")[0] for name in names}
    files = {name for name in names if "/" not in name}
    if not files and len(top) == 1 and _has_scripts(names):
        only = shown_line(next(iter(top)))
        return [
            f"all files are in the directory {only}, but the scripts must be at the root. Use that directory as src."
        ]
    found = [*_scripts(files, member), *_line_ends(names, read), *_inventory(files, read, member)]
    directories = top - files
    if not found and len(files) < 2 and not directories:
        found.append("it has a single file, and SSM Agent refuses such a package as incomplete. Add the other scripts.")
    return found


def _has_scripts(names: c.Iterable[str]) -> bool:
    ends = {name.rpartition("/")[2] for name in names}
    return any(action + kind in ends for action in ACTIONS for kind in (SHELL, POWERSHELL))


def _scripts(files: set[str], member: Member) -> c.Iterator[str]:
    for action in ALL_ACTIONS:
        kinds = [kind for kind in (SHELL, POWERSHELL) if action + kind in files]
        if len(kinds) == 2:
            yield (
                f"it has both {action}.sh and {action}.ps1, and SSM Agent refuses two scripts for one action. "
                "Use one zip for Windows and another one for Linux."
            )
        elif kinds or action in ACTIONS or (action == UPDATE and member.in_place):
            yield from _wrong_kind(action, kinds, files, member)


def _wrong_kind(action: str, kinds: list[str], files: set[str], member: Member) -> c.Iterator[str]:
    wanted = {POWERSHELL if platform == WINDOWS else SHELL for platform in member.platforms if platform != "_any"}
    missing = wanted - set(kinds) or (set() if kinds or wanted else {SHELL})
    for kind in sorted(missing):
        script = action + kind
        alike = sorted(name for name in files if name.lower() in (script, action, f"{action}.bash", f"{action}.bat"))
        why = f", only {' and '.join(alike or [action + found for found in kinds])}" if alike or kinds else ""
        reason = " It is needed because in_place_update is set." if action == UPDATE else ""
        yield f"it has no {script} at its root{why}.{reason} Add {script}."


def _line_ends(names: c.Iterable[str], read: Read) -> c.Iterator[str]:
    for name in names:
        if name.endswith(SHELL) and b"\r\n" in read(name):
            yield f"{shown_line(name)} has Windows line ends (CRLF), with which sh fails. Save it with Unix line ends (LF)."


def _inventory(files: set[str], read: Read, member: Member) -> c.Iterator[str]:
    """By this name the agent expects what it tells Inventory, and nothing else."""
    if INVENTORY not in files:
        return
    try:
        content = json.loads(read(INVENTORY))
    except (ValueError, RecursionError):
        content = None
    remedy = "Remove it: the module writes one."
    if not isinstance(content, dict):
        yield f"{INVENTORY} is not a JSON map, and SSM Agent refuses it. {remedy}"
    elif any(key in content for key in DISTRIBUTOR_KEYS):
        yield f"{INVENTORY} is the manifest of the package, which does not belong into a zip: SSM Agent refuses it. {remedy}"
    else:
        name, version = (str(content.get(key) or "") for key in ("name", "version"))
        if not name or not (member.name.endswith(name) or member.name.lower() == name.lower()):
            yield f"{INVENTORY} has the name {shown_short(name) or '(none)'}, not {member.name}, and SSM Agent refuses it. {remedy}"
        if version.lower() != member.version.lower():
            yield f"{INVENTORY} has the version {shown_short(version) or '(none)'}, not {member.version}, and SSM Agent refuses it. {remedy}"


def inventory(member: Member, architecture: str, publisher: str | None) -> bytes:
    """What makes a package visible in Inventory, which knows only what rpm, deb and msi installed otherwise."""
    platform = member.platforms[0] if len(member.platforms) == 1 else "_any"
    told = {"name": member.name, "version": member.version, "platform": platform, "architecture": architecture}
    return json.dumps({**told, **({"apppublisher": publisher} if publisher else {})}, sort_keys=True).encode()
