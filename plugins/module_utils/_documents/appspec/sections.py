# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sections of a server AppSpec but `permissions`, checked as the host agent checks them."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import ruby
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem

Problems = c.Iterator[Problem]

SYSTEMS = ("linux", "windows")
BEHAVIORS = ("DISALLOW", "OVERWRITE", "RETAIN")
TOP_KEYS = ("version", "os", "files", "hooks", "permissions", "file_exists_behavior")
SCRIPT_KEYS = ("location", "timeout", "runas", "sudo")
FILE_KEYS = ("source", "destination")
SCRIPTED_EVENTS = (
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
RESERVED_EVENTS = ("Start", "DownloadBundle", "Install", "BlockTraffic", "AllowTraffic", "End")
DEFAULT_TIMEOUT = 3600
# The service gives every lifecycle event one hour, whatever its scripts were promised.
EVENT_TIMEOUT = 3600


def line_of(spec: ruby.Item, key: str) -> int:
    """The line of a key, or of the map that lacks it."""
    entry = spec.value.get(key)
    return entry.line if entry else spec.line


def each(item: ruby.Item) -> list[ruby.Item] | None:
    """What Ruby's `each` would hand out and the agent can use; None where the agent raises."""
    if isinstance(item.value, list):
        return item.value
    if isinstance(item.value, ruby.Table) and not item.value.entries():
        return []
    return None


def unknown_keys(item: ruby.Item, path: str, known: tuple[str, ...]) -> Problems:
    """Keys the agent never looks at, and keys given twice."""
    for entry in item.value.entries():
        if entry.key not in known or isinstance(entry.key, ruby.Symbol):
            yield Problem(
                entry.line,
                ruby.below(path, entry.key),
                f"{ruby.name(entry.key)} has no meaning to the agent here and is ignored.",
                _instead(ruby.to_s(entry.key), known),
                WARNING,
            )
    yield from repeated_keys(item, path)


def repeated_keys(item: ruby.Item, path: str) -> Problems:
    for entry in item.value.repeated:
        yield Problem(
            entry.line,
            ruby.below(path, entry.key),
            f"{ruby.name(entry.key)} is given twice in one map; only this last one counts.",
            "Join the two into one.",
            WARNING,
        )


def _instead(key: str, known: tuple[str, ...]) -> str:
    if key in BEHAVIORS or key == "file_exists_behavior":
        return "Move file_exists_behavior to the top level of the AppSpec."
    if key.lower() in known:
        return f"Write {key.lower()} in lower case."
    return f"Remove it, or use one of {', '.join(known)}."


def version(spec: ruby.Item) -> Problems:
    item = spec.value.item("version")
    value = item.value if item else None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == 0:
        return
    what = f"version is {ruby.describe(value)}, but the agent accepts only the number 0.0."
    remedy = "Write version: 0.0 without quotes."
    if item is None:
        what, remedy = "version is missing.", "Add the line version: 0.0 at the top level."
    yield Problem(line_of(spec, "version"), "version", what, remedy)


def operating_system(spec: ruby.Item, wanted: str | None) -> Problems:
    item = spec.value.item("os")
    value = item.value if item else None
    line = line_of(spec, "os")
    if value not in SYSTEMS or isinstance(value, ruby.Symbol):
        yield Problem(line, "os", _os_wrong(spec, item), _os_remedy(spec, value))
    elif wanted is not None and value != wanted:
        yield Problem(
            line,
            "os",
            f"os is {value}, but the hosts run {wanted}.",
            f"Write os: {wanted}, or deploy to {value} hosts.",
        )


def _os_wrong(spec: ruby.Item, item: ruby.Item | None) -> str:
    if item is not None:
        return f"os is {ruby.describe(item.value)}; the agent supports only linux and windows."
    if spec.value.get("Resources") or spec.value.get("resources"):
        return "os is missing: with Resources this is the AppSpec of an ECS or Lambda deployment, not of a server."
    return "os is missing."


def _os_remedy(spec: ruby.Item, value: object) -> str:
    if isinstance(value, str) and value.strip().lower() in SYSTEMS:
        return f"Write os: {value.strip().lower()} in lower case."
    if value is None and (spec.value.get("Resources") or spec.value.get("resources")):
        return "Deploy it with an ECS or Lambda application; for servers write os, files and hooks."
    return "Write os: linux or os: windows at the top level."


def file_exists_behavior(spec: ruby.Item) -> Problems:
    item = spec.value.item("file_exists_behavior")
    if item is None or item.value is None or (item.value in BEHAVIORS and not isinstance(item.value, ruby.Symbol)):
        return
    yield Problem(
        line_of(spec, "file_exists_behavior"),
        "file_exists_behavior",
        f"file_exists_behavior is {ruby.describe(item.value)}, which the agent refuses.",
        f"Write one of {', '.join(BEHAVIORS)}, in capitals and without a list.",
    )


def files(spec: ruby.Item) -> Problems:
    item = spec.value.item("files")
    if not ruby.given(item) or item is None:
        return
    mappings = each(item)
    if mappings is None:
        what = f"files is {ruby.describe(item.value)}, but must be a list of maps with source and destination."
        yield Problem(line_of(spec, "files"), "files", what, 'Begin each pair with "- source:" on a line of its own.')
        return
    for number, mapping in enumerate(mappings):
        yield from _file(mapping, f"files[{number}]")


def _file(mapping: ruby.Item, path: str) -> Problems:
    try:
        parts = {key: ruby.index(mapping.value, key) for key in FILE_KEYS}
    except ruby.Refused as err:
        yield Problem(mapping.line, path, f"{path} {err}.", "Give source and destination as two keys of one list item.")
        return
    for key, other in (("source", "destination"), ("destination", "source")):
        if parts[key] is None:
            yield _part_missing(mapping, path, key, other)
            return
    yield from _file_warnings(mapping, path)


def _part_missing(mapping: ruby.Item, path: str, key: str, other: str) -> Problem:
    if not isinstance(mapping.value, ruby.Table):
        what = f"{path} is {ruby.describe(mapping.value)}, not a map with source and destination."
        return Problem(mapping.line, path, what, "Put a space after each colon and each key on a line of its own.")
    return Problem(
        line_of(mapping, key),
        f"{path}.{key}",
        f"{path} has no {key}.",
        f"Add {key} to the same list item as {other}.",
    )


def _file_warnings(mapping: ruby.Item, path: str) -> Problems:
    if not isinstance(mapping.value, ruby.Table):
        what = f'{path} is {ruby.describe(mapping.value)}; the agent treats "source" and "destination" as the paths.'
        yield Problem(
            mapping.line, path, what, "Put a space after each colon and each key on a line of its own.", WARNING
        )
        return
    yield from unknown_keys(mapping, path, FILE_KEYS)
    for key in FILE_KEYS:
        value = ruby.index(mapping.value, key)
        if not isinstance(value, str) or isinstance(value, ruby.Symbol):
            what = f"{key} is {ruby.describe(value)}, not text; the Install event fails on it."
            yield Problem(line_of(mapping, key), f"{path}.{key}", what, "Put it in quotes.", WARNING)
    if "*" in ruby.to_s(ruby.index(mapping.value, "source")):
        what = "source holds a wildcard, which the agent does not expand."
        yield Problem(
            line_of(mapping, "source"),
            f"{path}.source",
            what,
            "Name the file, or the directory that holds the files.",
            WARNING,
        )


def hooks(spec: ruby.Item, system: object) -> Problems:
    item = spec.value.item("hooks")
    if not ruby.given(item) or item is None:
        return
    if not isinstance(item.value, ruby.Table):
        what = f"hooks is {ruby.describe(item.value)}, but must be a map from lifecycle event to a list of scripts."
        yield Problem(
            line_of(spec, "hooks"), "hooks", what, "Write each event as a key, with its scripts as a list below it."
        )
        return
    yield from repeated_keys(item, "hooks")
    for entry in item.value.entries():
        yield from _event(entry, system)


def _event(entry: ruby.Entry, system: object) -> Problems:
    path = ruby.below("hooks", entry.key)
    yield from _event_name(entry, path)
    if entry.item.value is None:
        return
    scripts = each(entry.item)
    if scripts is None:
        what = f"{path} is {ruby.describe(entry.item.value)}, but must be a list of scripts."
        yield Problem(entry.line, path, what, 'Begin each script with "- location:".')
        return
    for number, script in enumerate(scripts):
        yield from _script(script, f"{path}[{number}]", system)
    yield from _event_time(entry, scripts, path)


def _event_name(entry: ruby.Entry, path: str) -> Problems:
    if entry.key in SCRIPTED_EVENTS and not isinstance(entry.key, ruby.Symbol):
        return
    what = (
        f"{ruby.name(entry.key)} is not a lifecycle event: its scripts never run, and the Install event may fail on it."
    )
    if entry.key in RESERVED_EVENTS:
        what = f"{entry.key} is an event that is reserved for the agent; its scripts never run."
    yield Problem(entry.line, path, what, f"Use one of {', '.join(SCRIPTED_EVENTS)}.", WARNING)


def _script(script: ruby.Item, path: str, system: object) -> Problems:
    if not isinstance(script.value, ruby.Table):
        what = f"{path} is {ruby.describe(script.value)}, but must be a map with location."
        yield Problem(script.line, path, what, 'Write "- location: scripts/name.sh".')
        return
    location = script.value.item("location")
    if location is None or ruby.strip(location.value) == "":
        what = f"{path} has no location." if location is None else "location is empty."
        yield Problem(
            line_of(script, "location"),
            f"{path}.location",
            what,
            "Give the path of the script, from the root of the bundle.",
        )
    yield from _timeout(script, path)
    yield from unknown_keys(script, path, SCRIPT_KEYS)
    yield from _runas(script, path, system)


def timeout_of(script: ruby.Item) -> int | None:
    """Seconds as the agent reads them; None where it raises."""
    item = script.value.item("timeout")
    return ruby.to_i(item.value) if item is not None and ruby.given(item) else DEFAULT_TIMEOUT


def _timeout(script: ruby.Item, path: str) -> Problems:
    seconds = timeout_of(script)
    if seconds is not None and seconds > 0:
        return
    value = script.value.item("timeout").value
    what = f"timeout is {ruby.describe(value)}, but must be a whole number of seconds above 0."
    yield Problem(line_of(script, "timeout"), f"{path}.timeout", what, f"Write a number from 1 to {EVENT_TIMEOUT}.")


def _runas(script: ruby.Item, path: str, system: object) -> Problems:
    item = script.value.item("runas")
    if item is None or item.value is None:
        return
    if system == "windows":
        what, remedy = "runas is not supported on Windows; scripts run as the agent's own account.", "Remove runas."
    elif ruby.strip(item.value) == "":
        what, remedy = (
            "runas is empty, and the agent would change to a user without a name.",
            "Name a user, or remove runas.",
        )
    else:
        return
    yield Problem(line_of(script, "runas"), f"{path}.runas", what, remedy, WARNING)


def _event_time(entry: ruby.Entry, scripts: list[ruby.Item], path: str) -> Problems:
    """Only stated time limits are added up: the default of an hour for each script is common, and harmless in practice."""
    maps = [script for script in scripts if isinstance(script.value, ruby.Table)]
    total = sum(timeout_of(script) or 0 for script in maps if script.value.get("timeout"))
    if total > EVENT_TIMEOUT:
        what = f"The scripts of {ruby.name(entry.key)} have timeouts of {total} seconds in total, but an event ends after {EVENT_TIMEOUT}."
        remedy = f"Lower the timeouts so that their sum is at most {EVENT_TIMEOUT}."
        yield Problem(entry.line, path, what, remedy, WARNING)
