# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure functions over API-shaped data. Private to this collection.

What a task says of a member: left out (null) means "not asked for", an empty value means "clear this", anything else is
wanted. Ansible fills every suboption that was left out with null, so nulls are dropped at every depth.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import typing as t

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown

Shape = dict[str, t.Any]  # what botocore takes and returns, with tags as a plain map

# Members whose keys belong to the user and must not be re-cased; a test holds this list against the service models.
USER_KEYED = (
    *("tags", "amiTags", "imageTags", "resourceTags", "tagMap", "targetFilters"),
    *("Parameters", "TargetMaps", "AssociationStatusAggregatedCount", "assumeRolePolicyDocument"),
    *("dockerLabels", "driverOpts", "labels", "options", "Variables"),
)
# Results in which hosts and services tell what happened. They are for people to read; all else is data to compute with.
SAID = frozenset(
    {
        "additional_deployment_status_info",
        "deployment_status_messages",
        "error_message",
        "hint",
        "log_tail",
        "message",
        "output_tail",
        "problem",
        "problems",
        "reason",
        "remedy",
        "rollback_message",
        "script_name",
        "status_information",
        "status_message",
        "status_reason",
    }
)
# Members that may hold passwords: the result and the diff of a change tell only whether they are the same.
SECRET = frozenset({"userDataOverride"})
EMPTY: tuple[t.Any, ...] = (None, "", [], {})


class Unordered(list):
    """A list whose order means nothing to AWS; plain lists are compared in order."""


class Whole(list):
    """A list AWS replaces whole and fills nothing into: what a task leaves out of an item must be absent there too."""


class Choice(dict):
    """A block of which one member decides what the others may be, or whose members exclude each other: one value.

    AWS takes it whole, so what a task leaves out has to go. `members` are all that the block can have, each with what
    AWS takes for it when it is left out (None: nothing), which is no difference. Blocks in it are values of this kind too.
    """

    def __init__(self, block: Shape, members: Shape) -> None:
        super().__init__(
            {k: Choice(v, members[k]) if isinstance(members.get(k), dict) else v for k, v in block.items()}
        )
        self.members = members

    def beside(self, live: Shape) -> tuple[Shape, Shape]:
        """Live and this block, both with everything that was left out. Members nobody can ask for do not count."""
        left_out = Choice({k: {} if isinstance(v, dict) else v for k, v in self.members.items()}, self.members)
        return {**left_out, **live}, {**left_out, **self}


def chosen(block: Shape | None, members: Shape) -> Choice | None:
    """The block of a task as one value; None, as ever, when it was not given."""
    return None if block is None else Choice(block, members)


def given(value: t.Any) -> t.Any:
    """The value without anything that was not given, at any depth."""
    if isinstance(value, Choice):
        return Choice({k: given(v) for k, v in value.items() if v is not None}, value.members)
    if isinstance(value, dict):
        return {k: given(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return type(value)(given(item) for item in value if item is not None)
    return value


def covers(live: t.Any, wanted: t.Any) -> bool:
    """True when live already holds everything wanted: maps by the wanted keys, an empty wish only where live is empty.

    A map that is not there is an empty one: a wish for nothing in it is fulfilled.
    """
    if isinstance(wanted, Choice):
        return not differences(*wanted.beside(live or {}))
    if wanted in EMPTY:
        return live in EMPTY
    if isinstance(wanted, dict) and isinstance(live or {}, dict):
        return all(_covers_member(key, (live or {}).get(key), value) for key, value in wanted.items())
    if isinstance(wanted, Whole):
        return bool(live == wanted)
    if isinstance(wanted, Unordered) and isinstance(live, list):
        return _covers_all(list(live), wanted)
    if isinstance(wanted, list) and isinstance(live, list):
        return len(live) == len(wanted) and all(covers(*pair) for pair in zip(live, wanted))
    return bool(live == wanted)


def _covers_member(key: str, live: t.Any, wanted: t.Any) -> bool:
    """Maps with the user's own keys are one value: a key that is no longer asked for has to go."""
    return (live or type(wanted)()) == wanted if key in USER_KEYED else covers(live, wanted)


def _covers_all(live: list[t.Any], wanted: Unordered) -> bool:
    for item in wanted:
        match = next((i for i, other in enumerate(live) if covers(other, item)), None)
        if match is None:
            return False
        del live[match]
    return not live


def differences(live: Shape, wanted: Shape, prefix: str = "") -> set[str]:
    """Dotted paths of the members in which live does not cover wanted; lists count whole, tags must match exactly."""
    paths: set[str] = set()
    for key, value in wanted.items():
        path, now = prefix + key, live.get(key)
        if isinstance(value, Choice):
            paths |= differences(*value.beside(now or {}), path + ".")
        elif key in USER_KEYED:
            paths |= set() if (now or type(value)()) == value else {path}
        elif isinstance(value, dict) and value and isinstance(now, dict):
            paths |= differences(now, value, path + ".")
        elif not covers(now, value):
            paths.add(path)
    return paths


def overlay(live: t.Any, wanted: t.Any) -> t.Any:
    """Live with everything wanted laid over it: maps merge, all else (choices, lists, empty values) replaces."""
    if isinstance(wanted, dict) and wanted and isinstance(live, dict) and not isinstance(wanted, Choice):
        laid = {k: v if k in USER_KEYED else overlay(live.get(k), v) for k, v in wanted.items()}
        return {**live, **laid}
    return wanted


def hidden(shape: t.Any) -> t.Any:
    """The shape with digests in the place of what may be secret."""
    if isinstance(shape, dict):
        return {key: digest(value) if key in SECRET and value else hidden(value) for key, value in shape.items()}
    return [hidden(item) for item in shape] if isinstance(shape, list) else shape


def digest(value: t.Any) -> str:
    """What stands in the place of a value that may be secret: it only tells whether two are the same."""
    return f"hidden, sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:16]}"


def to_result(shape: t.Any) -> t.Any:
    """API shape to snake_case for the user: the keys of user maps untouched at any depth, dates as ISO 8601 text."""
    if isinstance(shape, list):
        return [to_result(item) for item in shape]
    if isinstance(shape, dict):
        return dict(_member(key, value) for key, value in shape.items() if key != "ResponseMetadata")
    return _plain(shape)


def _member(key: str, value: t.Any) -> tuple[str, t.Any]:
    name = _snake(key)
    if key in USER_KEYED:
        return name, _plain(value)
    return name, all_shown(to_result(value)) if name in SAID else to_result(value)


@functools.lru_cache(maxsize=4096)
def _snake(member: str) -> str:
    """One member at a time: Ansible's own conversion forgets its ignore_list below the first level."""
    return next(iter(camel_dict_to_snake_dict({member: None})))


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def to_api(options: t.Any) -> t.Any:
    """Options, as Ansible hands them over, to the API's camelCase; null (not given) suboptions are dropped."""
    if isinstance(options, list):
        return [to_api(item) for item in options]
    return snake_dict_to_camel_dict(given(options)) if isinstance(options, dict) else options


def option_name(path: str) -> str:
    """The option a dotted member path is set by: `deploymentStyle.deploymentType` -> `deployment_style.deployment_type`."""
    return ".".join(_snake(part) for part in path.split("."))
