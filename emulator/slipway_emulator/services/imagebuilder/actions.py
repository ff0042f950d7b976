# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The actions that steps of component documents can take, where, and with which inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LINUX, WINDOWS, MAC = "Linux", "Windows", "macOS"
ANYWHERE = (LINUX, WINDOWS, MAC)
UNIX = (LINUX, MAC)
MAP, LIST, EITHER = "map", "list", "map or list"


@dataclass(frozen=True)
class Action:
    """`required` may name alternatives as `a|b`: exactly one of them."""

    platforms: tuple[str, ...] = ANYWHERE
    form: str = LIST
    required: tuple[str, ...] = ()
    optional: bool = False  # inputs may be left out


_TRANSFER = Action(required=("source", "destination"))
_OWNER = Action(UNIX, required=("path", "owner"))
_PERMISSIONS = Action(UNIX, required=("path", "permissions"))
_PATH = Action(required=("path",))
_INSTALLER = Action((WINDOWS,), MAP, ("path",))

ACTIONS: dict[str, Action] = {
    "ExecuteBash": Action(UNIX, MAP, ("commands",)),
    "ExecutePowerShell": Action((WINDOWS,), MAP, ("commands|file",)),
    "ExecuteBinary": Action(ANYWHERE, MAP, ("path",)),
    "ExecuteDocument": Action(ANYWHERE, MAP, ("document",)),
    "Assert": Action(ANYWHERE, MAP),
    "S3Download": _TRANSFER,
    "S3Upload": _TRANSFER,
    "WebDownload": _TRANSFER,
    "CreateFile": _PATH,
    "AppendFile": _PATH,
    "ReadFile": _PATH,
    "CopyFile": _TRANSFER,
    "MoveFile": _TRANSFER,
    "CopyFolder": _TRANSFER,
    "MoveFolder": _TRANSFER,
    "CreateFolder": _PATH,
    "CreateSymlink": Action(UNIX, required=("path", "target")),
    "DeleteFile": _PATH,
    "DeleteFolder": _PATH,
    "ListFiles": _PATH,
    "SetFileEncoding": _PATH,
    "SetFileOwner": _OWNER,
    "SetFolderOwner": _OWNER,
    "SetFilePermissions": _PERMISSIONS,
    "SetFolderPermissions": _PERMISSIONS,
    "InstallMSI": _INSTALLER,
    "UninstallMSI": _INSTALLER,
    "Reboot": Action(ANYWHERE, EITHER, optional=True),
    "SetRegistry": Action((WINDOWS,), required=("path", "name", "value", "type")),
    "UpdateOS": Action((LINUX, WINDOWS), MAP, optional=True),
}


def input_problems(action: Action, inputs: Any) -> Iterator[str]:
    """Sentences on what is wrong with a step's inputs."""
    if inputs is None:
        if not action.optional:
            yield "'inputs' is missing."
        return
    if not isinstance(inputs, dict | list) or (action.form == MAP and isinstance(inputs, list)):
        yield f"'inputs' must be a {action.form}."
        return
    if action.form == LIST and isinstance(inputs, dict):
        yield "'inputs' must be a list."
        return
    for entry in [inputs] if isinstance(inputs, dict) else inputs:
        if not isinstance(entry, dict):
            yield "each of 'inputs' must be a mapping."
            return
        yield from _missing(action, entry)


def _missing(action: Action, entry: dict[str, Any]) -> Iterator[str]:
    for names in action.required:
        given = [name for name in names.split("|") if entry.get(name) is not None]
        if len(given) != 1:
            yield f"the input '{names.replace('|', ' or ')}' is {'missing' if not given else 'given twice'}."
    commands = entry.get("commands")
    if commands is not None and (not isinstance(commands, list) or any(isinstance(c, dict | list) for c in commands)):
        yield "'commands' must be a list of strings."
    if ("checksum" in entry) != ("algorithm" in entry):
        yield "'checksum' and 'algorithm' go together."
