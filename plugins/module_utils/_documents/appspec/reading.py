# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of an AppSpec for ECS or Lambda as values: YAML or JSON, with keys in PascalCase or lower case."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.json_tree import JsonError, read_json
from ansible_collections.slipway.aws.plugins.module_utils._documents.placeholders import (
    PLACEHOLDER,
    without_braces,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Entry, Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._documents.yaml_values import read as read_yaml
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

_NAMES = {
    name.lower(): name
    for name in (
        *("version", "Resources", "Hooks", "Type", "Properties"),
        *("TaskDefinition", "LoadBalancerInfo", "ContainerName", "ContainerPort", "PlatformVersion"),
        *("NetworkConfiguration", "AwsvpcConfiguration", "Subnets", "SecurityGroups", "AssignPublicIp"),
        *("CapacityProviderStrategy", "CapacityProvider", "Base", "Weight"),
        *("Name", "Alias", "CurrentVersion", "TargetVersion"),
    )
}
MERGE = "<<"
_MARKED = (
    "The file begins with a byte order mark, which not every reader takes.",
    "Save it as UTF-8 without a byte order mark.",
)


class Reading(t.NamedTuple):
    """What was read, or None when nothing could be; and what is wrong with the text as such."""

    value: Value | None
    problems: list[Problem]


def read(text: str | bytes) -> Reading:
    raw = tree.to_bytes(text)
    if raw.startswith(tree.BYTE_ORDER_MARK):
        found = _read(raw.removeprefix(tree.BYTE_ORDER_MARK))
        return Reading(found.value, [Problem(1, "", *_MARKED, WARNING), *found.problems])
    return _read(text)


def _read(text: str | bytes) -> Reading:
    return _read_json(text) if tree.to_bytes(text).lstrip()[:1] in (b"{", b"[") else _read_yaml(text)


def _read_json(text: str | bytes) -> Reading:
    """What is no JSON may still be YAML, which has braces too."""
    try:
        return Reading(_canonical(read_json(text)), [])
    except JsonError as err:
        found = _read_yaml(text)
        level = "error" if found.value is None else WARNING
        problem = Problem(err.line, "", f"The AppSpec cannot be read as JSON: {err}.", err.remedy, level)
        return Reading(found.value, [problem, *(found.problems if found.value else [])])


def _read_yaml(text: str | bytes) -> Reading:
    try:
        return _yaml(text)
    except tree.YamlError as err:
        plain = without_braces(tree.to_bytes(text).decode("utf-8", "surrogateescape"))
        try:
            found = _yaml(plain)
        except tree.YamlError:
            return Reading(None, [Problem(err.line, "", f"The AppSpec cannot be read as YAML: {err}.", err.remedy)])
        what = f"The AppSpec is a template, which cannot be read as YAML before its braces are replaced: {err}."
        return Reading(found.value, [Problem(err.line, "", what, "Replace them first.", PLACEHOLDER), *found.problems])


def _yaml(text: str | bytes) -> Reading:
    value, next_line = read_yaml(text)
    if value is None or value.data is None:
        return Reading(None, [Problem(1, "", "The AppSpec is empty.", "Give at least version and Resources.")])
    found = [_tag(*tagged) for tagged in _tags(tree.read(text).root)]
    if next_line:
        what = "Another YAML document begins here."
        found.append(Problem(next_line, "", what, "Keep one document.", WARNING))
    return Reading(_canonical(value), found)


def _tags(node: tree.Node | None) -> c.Iterator[tuple[str, int]]:
    """Tags that are not YAML's own, such as the functions of CloudFormation."""
    tag = getattr(node, "tag", None)
    if node is not None and tag and tag != "!" and not tag.startswith("tag:yaml.org,"):
        yield tag, node.line
    if isinstance(node, tree.Sequence):
        for item in node.items:
            yield from _tags(item)
    if isinstance(node, tree.Mapping):
        for pair in node.pairs:
            for part in pair:
                yield from _tags(part)


def _tag(tag: str, line: int) -> Problem:
    what = f"The YAML tag {shown_short(tag)} has no meaning in an AppSpec."
    return Problem(line, "", what, "Write the value itself: CodeDeploy evaluates no functions of CloudFormation.")


def _canonical(value: Value, named_by_user: bool = False) -> Value:
    """With known keys in PascalCase and `<<` merged in. The name of a resource is the user's."""
    if isinstance(value.data, list):
        return Value(value.line, [_canonical(item, named_by_user) for item in value.data], value.literal)
    if not isinstance(value.data, dict):
        return value
    made = Value(value.line, {}, value.literal, list(value.repeated))
    for key, entry in value.data.items():
        name = key if named_by_user else _NAMES.get(key.lower(), key)
        if name in made.data:
            made.repeated.append((key, entry.line))
        if name != MERGE:
            made.data[name] = Entry(entry.line, _canonical(entry.value, name == "Resources" and not named_by_user))
    for key, entry in _merged(value):
        made.data.setdefault(key, entry)
    return made


def _merged(value: Value) -> c.Iterator[tuple[str, Entry]]:
    merged = value.get(MERGE)
    for block in (merged.items() or [merged]) if merged else []:
        found = _canonical(block)
        if isinstance(found.data, dict):
            yield from found.data.items()


def not_a_map(value: Value) -> Problem:
    what = f"The AppSpec is {describe(value.data)}, but must be a map with version and Resources."
    return Problem(value.line, "", what, "Write version: 0.0 and Resources on lines of their own.")
