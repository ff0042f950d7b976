# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""AppSpec files of servers, read as the host agent 1.8 reads them: what it accepts, and its words for what it refuses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

import yaml

from . import limits

FAILED = "The deployment failed because"
AGAIN = "and then try again."


class AppSpecError(Exception):
    """The agent's message."""


def parse(text: str, system: str = "linux") -> dict[str, Any]:
    """`{"os", "file_exists_behavior", "files": [{source, destination}], "hooks": {event: [{location, timeout, runas}]}}`."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        at = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise AppSpecError(f"(<unknown>): {getattr(broken, 'problem', broken)}{at}") from broken
    if not isinstance(data, dict):
        raise AppSpecError(f"undefined method `[]' for {data!r}")
    _check_version(data.get("version"))
    if data.get("os") != system:
        raise AppSpecError(
            f"{FAILED} the application specification file specifies an unsupported operating system ({data.get('os') or ''})."
            f' Specify either "linux" or "windows" in the os section of the AppSpec file, {AGAIN}'
        )
    behavior = _behavior(data.get("file_exists_behavior"))
    parsed: dict[str, Any] = {"os": system, "file_exists_behavior": behavior, "hooks": _hooks(data.get("hooks") or {})}
    parsed["files"] = [_file(entry) for entry in _entries(data.get("files"), "files")]
    _check_permissions(_entries(data.get("permissions"), "permissions"))
    return parsed


def _check_version(version: Any) -> None:
    if isinstance(version, bool) or not isinstance(version, int | float) or version != 0:
        shown = "" if version is None else version
        raise AppSpecError(
            f"{FAILED} an invalid version value ({shown}) was entered in the application specification file."
            f' Make sure your AppSpec file specifies "0.0" as the version, {AGAIN}'
        )


def _behavior(value: Any) -> str | None:
    if value is not None and str(value).upper() not in ("DISALLOW", "OVERWRITE", "RETAIN"):
        raise AppSpecError(
            f"{FAILED} an invalid option was specified for file_exists_behavior: {value}."
            " Valid options include OVERWRITE, RETAIN, and DISALLOW."
        )
    return None if value is None else str(value).upper()


def _entries(value: Any, section: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise AppSpecError(f"the {section} section of the AppSpec file is not a list of mappings")
    return value


def _file(entry: dict[str, Any]) -> dict[str, str]:
    source, destination = entry.get("source"), entry.get("destination")
    if source is None:
        raise AppSpecError(
            f"{FAILED} the application specification file specifies a destination file, but no source file."
            f" Update the files section of the AppSpec file, {AGAIN}"
        )
    if destination is None:
        raise AppSpecError(
            f"{FAILED} the application specification file specifies only a source file ({source})."
            f" Add the name of the destination file to the files section of the AppSpec file, {AGAIN}"
        )
    return {"source": str(source), "destination": str(destination)}


def _hooks(hooks: Any) -> dict[str, list[dict[str, Any]]]:
    if not isinstance(hooks, dict):
        raise AppSpecError("the hooks section of the AppSpec file is not a mapping")
    return {str(event): [_script(s) for s in _entries(scripts or None, "hooks")] for event, scripts in hooks.items()}


def _script(entry: dict[str, Any]) -> dict[str, Any]:
    location = str(entry.get("location") or "").strip()
    if not location:
        raise AppSpecError(
            f"{FAILED} the application specification file specifies a script with no location value."
            f" Specify the location in the hooks section of the AppSpec file, {AGAIN}"
        )
    timeout = _seconds(entry.get("timeout"))
    if timeout <= 0:
        raise AppSpecError(
            f"{FAILED} an invalid timeout value was provided for a script in the application specification file."
            f" Make corrections in the hooks section of the AppSpec file, {AGAIN}"
        )
    runas = entry.get("runas")
    return {"location": location, "timeout": timeout, "runas": None if runas is None else str(runas).strip()}


def _seconds(value: Any) -> int:
    """As Ruby's to_i: leading digits count, anything else is 0."""
    if value is None:
        return limits.SCRIPT_TIMEOUT_SECONDS
    if isinstance(value, int | float):
        return int(value)
    text = str(value).strip()
    digits = text[: next((i for i, c in enumerate(text) if not c.isdigit()), len(text))]
    return int(digits or 0)


def _check_permissions(permissions: list[dict[str, Any]]) -> None:
    for permission in permissions:
        if not str(permission.get("object") or "").strip():
            raise AppSpecError(
                f"{FAILED} a permission listed in the application specification file has no object value."
                f" Update the permissions section of the AppSpec file, {AGAIN}"
            )
        for kind in permission.get("type") or []:
            if kind not in ("file", "directory"):
                raise AppSpecError(
                    f"{FAILED} the application specification file specifies a permission for an object type not supported"
                    f" for permissions ({kind}). Update the permissions section of the AppSpec file, {AGAIN}"
                )
        _check_mode(permission.get("mode"))


def _check_mode(mode: Any) -> None:
    text = str(mode) if mode is not None else "0"
    if not text.isdigit() or len(text) > 4 or set(text) & set("89"):
        raise AppSpecError(
            f"{FAILED} an invalid mode value ({text}) was entered in the permissions section of the AppSpec file."
            f" Update the permissions section of the AppSpec file, {AGAIN}"
        )


def installed_paths(appspec: dict[str, Any], members: Iterable[str]) -> list[str]:
    """Where Install copies the files of a bundle; raises AppSpecError where a source is not in it or two files meet."""
    present = list(members)
    found: dict[str, str] = {}
    for entry in appspec["files"]:
        source = posixpath.normpath(entry["source"].strip("/") or ".")
        copies = _copies(source, entry["destination"], present)
        if not copies:
            raise AppSpecError(f"No such file or directory @ rb_sysopen - {entry['source']}")
        for path, member in copies.items():
            if path in found:
                raise AppSpecError(
                    f"{FAILED} the application specification file includes two files that would be installed at the same"
                    f" location: {path}. Update the files section of the AppSpec file, {AGAIN}"
                )
            found[path] = member
    return list(found)


def _copies(source: str, destination: str, members: list[str]) -> dict[str, str]:
    if source in members:
        return {posixpath.join(destination, posixpath.basename(source)): source}
    prefix = "" if source == "." else f"{source}/"
    inside = [m for m in members if m.startswith(prefix)]
    return {posixpath.join(destination, member[len(prefix) :]): member for member in inside}
