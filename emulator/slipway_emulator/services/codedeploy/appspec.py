# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""AppSpec files of servers, read as the host agent 1.8 reads them: what it accepts, and its words for what it refuses."""

from __future__ import annotations

import json
import math
import posixpath
import string
from collections.abc import Iterable
from typing import Any

import yaml

from slipway_emulator import yaml_reader

from . import limits

FAILED = "The deployment failed because"
AGAIN = "and then try again."
MOST_DIGITS = 18  # more make no other time limit
# What a deployment of servers can go through; the service is taken to send this list.
POSSIBLE_EVENTS = (
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
    "ValidateService",
)


class AppSpecError(Exception):
    """The agent's message."""


def parse(text: str, system: str = "linux") -> dict[str, Any]:
    """`{"os", "file_exists_behavior", "files": [{source, destination}], "hooks": {event: [{location, timeout, runas}]},
    "permissions": [{object, pattern, except, type, owner, group}]}`."""
    data = _load(text)
    if not isinstance(data, dict):
        raise AppSpecError(f"undefined method `[]' for {data!r}")
    _check_version(data.get("version"))
    if data.get("os") != system:
        raise AppSpecError(
            f"{FAILED} the application specification file specifies an unsupported operating system ({data.get('os') or ''})."
            f' Specify either "linux" or "windows" in the os section of the AppSpec file, {AGAIN}'
        )
    behavior = _behavior(data.get("file_exists_behavior"))
    parsed: dict[str, Any] = {"os": system, "file_exists_behavior": behavior, "hooks": _hooks(data.get("hooks"))}
    parsed["files"] = [_file(entry) for entry in _entries(data.get("files"), "files")]
    permissions = _entries(data.get("permissions"), "permissions")
    _check_permissions(permissions, system)
    parsed["permissions"] = [_permission(entry) for entry in permissions]
    return parsed


def script_locations(text: str) -> list[str]:
    """The scripts of all events; none of an AppSpec that cannot be read."""
    try:
        data = _load(text)
        hooks = _hooks(data.get("hooks")) if isinstance(data, dict) else {}
    except AppSpecError:
        return []
    return [script["location"] for scripts in hooks.values() for script in scripts]


class _Loader(yaml_reader.Loader):
    """YAML as Ruby's safe loader takes it: unknown tags mean nothing, dates and aliases are refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise AppSpecError(f"Unknown alias: {self.peek_event().anchor}")
        return super().compose_node(parent, index)

    def scan_to_next_token(self) -> None:
        # libyaml, which Ruby uses, takes tabs for blanks wherever they do not indent.
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def plain(self, suffix: str, node: Any) -> Any:
        if suffix.startswith("ruby/"):
            raise AppSpecError(f"Tried to load unspecified class: {suffix.rpartition(':')[2]}")
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        tag = self.resolve(yaml.ScalarNode, node.value, (True, False))
        return self.construct_object(yaml.ScalarNode(tag, node.value))

    def date(self, node: Any) -> Any:
        raise AppSpecError(f"Tried to load unspecified class: {'Time' if ':' in node.value else 'Date'}")


_Loader.add_multi_constructor("!", _Loader.plain)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.date)


def _load(text: str) -> Any:
    """The first document; bytes that are no UTF-8 have been escaped to surrogates."""
    marked = text.startswith("\ufeff") and text[1:2] not in ("{", "#")
    if marked or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise AppSpecError("(<unknown>): control characters are not allowed at line 1 column 1")
    try:
        loader = _Loader(text)
        return loader.get_data() if loader.check_data() else None
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        at = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise AppSpecError(f"(<unknown>): {getattr(broken, 'problem', broken)}{at}") from broken
    except (ValueError, RecursionError) as broken:
        raise AppSpecError(f"(<unknown>): {broken}") from broken


def _check_version(version: Any) -> None:
    if isinstance(version, bool) or not isinstance(version, int | float) or version != 0:
        shown = "" if version is None else version
        raise AppSpecError(
            f"{FAILED} an invalid version value ({shown}) was entered in the application specification file."
            f' Make sure your AppSpec file specifies "0.0" as the version, {AGAIN}'
        )


def _behavior(value: Any) -> Any:
    if value is not None and value not in ("DISALLOW", "OVERWRITE", "RETAIN"):
        raise AppSpecError(
            f"{FAILED} an invalid option was specified for file_exists_behavior: {value}."
            " Valid options include OVERWRITE, RETAIN, and DISALLOW."
        )
    return value


def _entries(value: Any, section: str) -> list[dict[str, Any]]:
    if value is None or value is False or value == {}:
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
    if hooks is None or hooks is False:
        return {}
    if not isinstance(hooks, dict):
        raise AppSpecError("the hooks section of the AppSpec file is not a mapping")
    return {str(event): [_script(s) for s in _scripts(scripts)] for event, scripts in hooks.items()}


def _scripts(value: Any) -> list[dict[str, Any]]:
    if value is False:
        raise AppSpecError("undefined method `each' for false:FalseClass")
    return _entries(value, "hooks")


def _script(entry: dict[str, Any]) -> dict[str, Any]:
    given = entry.get("location")
    location = "" if given is None else str(given).strip()
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
    if value is None or value is False:
        return limits.SCRIPT_TIMEOUT_SECONDS
    if value is True:
        raise AppSpecError("undefined method `to_i' for true:TrueClass")
    if isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            raise AppSpecError("Infinity" if math.isinf(value) else "NaN")
        return int(value)
    text = str(value).strip()
    digits = text[: next((i for i, c in enumerate(text) if c not in string.digits), len(text))]
    return int(digits.lstrip("0")[:MOST_DIGITS] or 0)


def _check_permissions(permissions: list[dict[str, Any]], system: str) -> None:
    for permission in permissions:
        given = permission.get("object")
        if given is None or not str(given).strip():
            raise AppSpecError(
                f"{FAILED} a permission listed in the application specification file has no object value."
                f" Update the permissions section of the AppSpec file, {AGAIN}"
            )
        if system != "linux":
            raise AppSpecError(
                f"{FAILED} the application specification file specifies file permissions, but the deployment is targeting"
                f" one or more Windows Server instances. Update the permissions section of the AppSpec file, {AGAIN}"
            )
        if not isinstance(permission.get("except") or [], list) or permission.get("except") == "":
            raise AppSpecError(f"undefined method `each' for {permission['except']!r}")
        for kind in permission.get("type") or []:
            if kind not in ("file", "directory"):
                raise AppSpecError(
                    f"{FAILED} the application specification file specifies a permission for an object type not supported"
                    f" for permissions ({kind}). Update the permissions section of the AppSpec file, {AGAIN}"
                )
        _check_mode(permission.get("mode"))


def _permission(entry: dict[str, Any]) -> dict[str, Any]:
    """What decides to which files it applies, and to whom it gives them; the agent reads names as they were written."""
    return {
        "object": str(entry["object"]),
        "pattern": str(entry.get("pattern") or "**"),
        "except": [str(pattern) for pattern in entry.get("except") or []],
        "type": entry.get("type") or ["file", "directory"],
        "owner": entry.get("owner"),
        "group": entry.get("group"),
    }


def check_events(appspec: dict[str, Any]) -> None:
    """The agent holds the hooks against the list of events that comes with the deployment."""
    unknown = [event for event in appspec["hooks"] if event not in POSSIBLE_EVENTS]
    if unknown:
        raise AppSpecError(
            f"appspec.yml file contains unknown lifecycle events: {json.dumps(unknown, ensure_ascii=False)}"
        )


def _check_mode(mode: Any) -> None:
    text = "" if mode is None else str(mode)
    if len(text) > 4 or not set(text) <= set(string.octdigits):
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
