# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems of an AppSpec for ECS or Lambda.

CodeDeploy itself says little more than that the file is missing or has an invalid configuration.
"""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import ecs, function
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.reading import not_a_map, read
from ansible_collections.slipway.aws.plugins.module_utils._documents.placeholders import (
    placeholder,
    settled,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import ERROR, WARNING, Problem, by_line
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Rule, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

ECS, LAMBDA = "ECS", "Lambda"
_TYPES = {ECS: ecs.TYPE, LAMBDA: function.TYPE}
_PROPERTIES = {ECS: ecs.PROPERTIES, LAMBDA: function.PROPERTIES}
EVENTS = {ECS: ecs.EVENTS, LAMBDA: function.EVENTS}
_RESERVED = ("Install", "AllowTestTraffic", "AllowTraffic")
_NAME = r"[A-Za-z0-9_-]+(?::(?:\$LATEST|[A-Za-z0-9_-]+))?"
FUNCTION = re.compile(rf"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?[0-9]+:function:)?{_NAME}")


def traffic_problems(text: str | bytes, platform: str | None = None, *, final: bool = False) -> list[Problem]:
    """Everything wrong with an AppSpec for ECS or Lambda, in the order of its lines.

    Level `error` is what CodeDeploy or the service refuses, `warning` what is accepted or ignored. `platform`: what it has to
    be for, otherwise what its resource says. `final`: the text is deployed as it is, so that placeholders are errors.
    """
    found, problems = read(text)
    problems = list(problems)
    if found is not None and isinstance(found.data, dict):
        problems += _document(found, platform)
    elif found is not None:
        problems.append(not_a_map(found))
    return by_line(settled(problems, ERROR if final else WARNING))


def is_traffic(text: str | bytes) -> bool:
    """Whether a text is meant for ECS or Lambda: it has resources, and no operating system."""
    found = read(text).value
    return found is not None and found.get("Resources") is not None and found.get("os") is None


def resource(document: Value) -> tuple[str, Value] | None:
    """The name and content of the one resource; None when there is none or more than one."""
    listed = document.get("Resources")
    entries = [*listed.items()[0].data.items()] if listed and len(listed.items()) == 1 and _map(listed, 0) else []
    return (entries[0][0], entries[0][1].value) if len(entries) == 1 else None


def platform_of(document: Value) -> str | None:
    found = resource(document)
    kind = found[1].text("Type") if found else ""
    return next((platform for platform, name in _TYPES.items() if name == kind), None)


def _map(listed: Value, number: int) -> bool:
    return isinstance(listed.items()[number].data, dict)


def _document(document: Value, wanted: str | None) -> Problems:
    if document.get("AWSTemplateFormatVersion") is not None:
        what = "This is a template of CloudFormation, not an AppSpec."
        yield Problem(document.line_of("AWSTemplateFormatVersion"), "", what, "Give the AppSpec of the deployment.")
        return
    platform = platform_of(document) or wanted
    shape = Shape(
        {"version": _version, "Resources": _resources(wanted), "Hooks": _hooks(platform)}, ("version", "Resources")
    )
    yield from shape(document, "", document.line)


def _version(value: Value, path: str, line: int) -> Problems:
    """The console of ECS writes 1 and CodeDeploy takes it; documented is nothing but 0.0."""
    if value.data in (None, "") or isinstance(value.data, (dict, list, bool)):
        yield Problem(line, path, f"version is {describe(value.data)}.", "Write version: 0.0.")
    elif value.data not in (0, "0.0"):
        what = f"version is {describe(value.data)}, but 0.0 is the only version that AWS documents."
        yield Problem(line, path, what, "Write version: 0.0.", WARNING)


def _resources(wanted: str | None) -> Rule:
    def rule(value: Value, path: str, line: int) -> Problems:
        if len(value.items()) > 1:
            what = f"Resources has {len(value.items())} resources, but a deployment has exactly one."
            yield Problem(value.items()[1].line, path, what, "Write an AppSpec for each of them.")
        yield from rules.list_of(_named(wanted))(value, path, line)

    return rule


def _named(wanted: str | None) -> Rule:
    """One name over what it stands for."""

    def rule(value: Value, path: str, line: int) -> Problems:
        entries = value.data if isinstance(value.data, dict) else {}
        if "Type" in entries or "Properties" in entries or "type" in entries or "properties" in entries:
            what = f"{path} has Type and Properties beside the name of the resource."
            yield Problem(line, path, what, "Indent them below the name: it is the key, and they are in its map.")
        elif len(entries) != 1:
            has = f"has {len(entries)} names" if isinstance(value.data, dict) else f"is {describe(value.data)}"
            what = f"{path} {has}, but must be one name with Type and Properties below it."
            yield Problem(line, path, what, 'Write "- TargetService:" and indent Type and Properties below it.')
        else:
            for name, entry in entries.items():
                yield from _resource(entry.value, below(path, name), entry.line, wanted)

    return rule


def _resource(value: Value, path: str, line: int, wanted: str | None) -> Problems:
    platform = next((key for key, name in _TYPES.items() if name == value.text("Type")), wanted)
    types = (_TYPES[wanted],) if wanted else tuple(_TYPES.values())
    properties = _PROPERTIES[platform] if platform else rules.anything
    shape = Shape({"Type": rules.one_of(*types), "Properties": properties}, ("Type", "Properties"))
    yield from shape(value, path, line)
    block = value.get("Properties")
    if platform == LAMBDA and block is not None:
        yield from function.same_version(block, below(path, "Properties"))


def _hooks(platform: str | None) -> Rule:
    """Functions to run; left empty, there are none."""
    events = EVENTS[platform or ECS]

    def rule(value: Value, path: str, line: int) -> Problems:
        if isinstance(value.data, dict):
            what = "Hooks is a map, but must be a list with one event in each item."
            yield Problem(line, path, what, 'Put "- " before each event.')
        elif value.data not in (None, []):
            yield from rules.list_of(_event(platform, events))(value, path, line)
        yield from _twice(value, path)

    return rule


def _event(platform: str | None, events: tuple[str, ...]) -> Rule:
    def rule(value: Value, path: str, line: int) -> Problems:
        if not isinstance(value.data, dict):
            what = f"{path} is {describe(value.data)}, but must be an event with its function."
            yield Problem(line, path, what, 'Write "- BeforeAllowTraffic: NAME_OF_FUNCTION".')
            return
        for name, entry in value.data.items():
            if name in events:
                yield from _run(entry.value, below(path, name), entry.line)
            else:
                yield _unknown(name, platform, events, below(path, name), entry.line)

    return rule


def _unknown(name: str, platform: str | None, events: tuple[str, ...], path: str, line: int) -> Problem:
    alike = next((event for event in events if event.lower() == name.lower()), None)
    kind = "is run by CodeDeploy itself and takes no function" if name in _RESERVED else "is not a lifecycle event"
    what = f"{shown_short(name)} {kind}{f' of {platform} deployments' if platform else ''}."
    return Problem(line, path, what, f"Write {alike}." if alike else f"Use one of {', '.join(events)}.")


def _function(value: Value, path: str, line: int) -> Problems:
    if not isinstance(value.data, str) or not FUNCTION.fullmatch(value.data):
        what = f"{rules.last(path)} is {describe(value.data)}, but must be the name or ARN of a Lambda function."
        remedy = "Name a function, or remove the event." if value.data in (None, "") else "Name a function."
        yield Problem(line, path, what, remedy)


_run = placeholder(_function)


def _twice(hooks: Value, path: str) -> Problems:
    seen: dict[str, int] = {}
    for number, item in enumerate(hooks.items()):
        for name, entry in item.data.items() if isinstance(item.data, dict) else ():
            if name in seen:
                what = f"{shown_short(name)} has a function on line {seen[name]} already."
                yield Problem(entry.line, f"{path}[{number}]", what, "Run both checks from one function.", WARNING)
            seen.setdefault(name, entry.line)
