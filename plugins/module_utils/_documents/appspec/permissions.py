# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `permissions` of a server AppSpec, checked as the host agent checks them."""

from __future__ import annotations

import collections.abc as c
import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import ruby
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.sections import (
    Problems,
    each,
    line_of,
    unknown_keys,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._text import whole_number

KEYS = ("object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type")
# `user` is what AWS documents; the agent of version 1 reads `name`.
CONTEXT_KEYS = ("name", "type", "range")
TYPES = ("file", "directory")
HIGHEST_CATEGORY = 1023


def permissions(spec: ruby.Item, system: object) -> Problems:
    item = spec.value.item("permissions")
    if not ruby.given(item) or item is None:
        return
    listed = each(item)
    if listed is None:
        what = f"permissions is {ruby.describe(item.value)}, but must be a list of maps with object."
        yield Problem(line_of(spec, "permissions"), "permissions", what, 'Begin each permission with "- object:".')
        return
    for number, permission in enumerate(listed):
        yield from _permission(permission, f"permissions[{number}]", system)


def _permission(permission: ruby.Item, path: str, system: object) -> Problems:
    if not isinstance(permission.value, ruby.Table):
        what = f"{path} is {ruby.describe(permission.value)}, but must be a map with object."
        yield Problem(permission.line, path, what, 'Write "- object: /path".')
        return
    yield from _object(permission, path)
    if system == "windows":
        yield Problem(
            permission.line, path, "permissions cannot be set on Windows.", "Remove permissions, or write os: linux."
        )
        return
    for key, check in _CHECKS.items():
        yield from _with_line(check(permission.value.item(key)), permission, path, key)
    yield from unknown_keys(permission, path, KEYS)


def _object(permission: ruby.Item, path: str) -> Problems:
    item = permission.value.item("object")
    if item is None or ruby.strip(item.value) == "":
        what = f"{path} has no object." if item is None else "object is empty."
        yield Problem(line_of(permission, "object"), f"{path}.object", what, "Name the file or directory on the host.")


# What a check found: where below the key ("" for the key itself), the line (0: that of the key), what, remedy, level.
Finding = tuple[str, int, str, str, str]


def _with_line(findings: c.Iterable[Finding], permission: ruby.Item, path: str, key: str) -> Problems:
    for below, line, what, remedy, level in findings:
        yield Problem(line or line_of(permission, key), f"{path}.{key}{below}", what, remedy, level)


def _error(what: str, remedy: str, below: str = "", line: int = 0) -> Finding:
    return below, line, what, remedy, "error"


def _except(item: ruby.Item | None) -> c.Iterator[Finding]:
    if item is not None and ruby.given(item) and not isinstance(item.value, (list, ruby.Table)):
        yield _error(f"except is {ruby.describe(item.value)}, but must be a list.", 'Write it as a list: ["pattern"].')


def _type(item: ruby.Item | None) -> c.Iterator[Finding]:
    if item is None or not ruby.given(item):
        return
    values = each(item)
    if values is None:
        yield _error(
            f"type is {ruby.describe(item.value)}, but must be a list.",
            "Write it as a list: [file], [directory] or both.",
        )
        return
    for number, value in enumerate(values):
        if not isinstance(value.value, str) or isinstance(value.value, ruby.Symbol) or value.value not in TYPES:
            yield _error(
                f"type holds {ruby.describe(value.value)}.", "Use only file and directory.", f"[{number}]", value.line
            )


def _mode(item: ruby.Item | None) -> c.Iterator[Finding]:
    if item is None or item.value is None:
        return
    octal = (
        isinstance(item.value, int)
        and isinstance(item.node, tree.Scalar)
        and bool(re.match(r"[-+]?0.", item.node.value))
    )
    written = item.node.value if isinstance(item.node, tree.Scalar) else ""
    text = ruby.to_s(item.value)
    remedy = f'Put it in quotes: "{written}".' if octal else "Write one to four digits from 0 to 7, in quotes."
    if len(text) > 4 or not re.fullmatch(r"[0-7]*", text):
        reading = f" (YAML reads the unquoted {written} as octal)" if octal else ""
        yield _error(
            f"mode is {ruby.describe(item.value)}{reading}; the agent takes one to four digits from 0 to 7.", remedy
        )
    elif octal and written.lstrip("0") != text.lstrip("0"):
        yield (
            "",
            0,
            f"YAML reads the unquoted mode {written} as the number {text}, and the agent sets mode {text}.",
            remedy,
            WARNING,
        )


def _acls(item: ruby.Item | None) -> c.Iterator[Finding]:
    if item is None or item.value is None:
        return
    entries = each(item)
    if entries is None:
        yield _error(f"acls is {ruby.describe(item.value)}, but must be a list.", 'Write it as a list: ["u:name:rwx"].')
        return
    for number, entry in enumerate(entries):
        reason = _ace_wrong(entry.value)
        if reason:
            yield _error(
                reason, "Write [d:]u:name:rwx, [d:]g:name:rwx or m::rwx, in quotes.", f"[{number}]", entry.line
            )


_ACE_TYPES = {
    "m": "mask",
    "mask": "mask",
    "o": "other",
    "other": "other",
    "g": "group",
    "group": "group",
    "u": "user",
    "user": "user",
}
_DEFAULT = ("d", "default")


def _ace_wrong(ace: object) -> str:
    """Why the agent refuses an entry of an access control list; empty when it does not."""
    if not isinstance(ace, str) or isinstance(ace, ruby.Symbol):
        return f"acls holds {ruby.describe(ace)}, not text."
    parts = ace.split(":") if ace else []
    if not 2 <= len(parts) <= 4:
        return f'The acl entry "{ace}" does not have two to four parts.'
    perms, named, *front = reversed(parts)
    default, kind, reason = _ace_front(front, ace)
    return reason or _ace_name(default, kind, named, ace) or _ace_perms(perms, ace)


def _ace_front(front: list[str], ace: str) -> tuple[bool, str, str]:
    """Whether it is a default entry, its type as far as said, and what is wrong; `front` runs from right to left."""
    unknown = f'The acl entry "{ace}" begins with something other than d, u, g, m or o.'
    if len(front) == 2 and front[1] not in _DEFAULT:
        return False, "", unknown
    if not front:
        return False, "", ""
    if front[0] in _DEFAULT:
        return True, "", unknown if len(front) == 2 else ""
    if front[0] not in _ACE_TYPES:
        return False, "", unknown
    return len(front) == 2, _ACE_TYPES[front[0]], ""


def _ace_name(default: bool, kind: str, named: str, ace: str) -> str:
    if _ACE_TYPES.get(named) in ("mask", "other"):
        kind, name = (kind, _ACE_TYPES[named]) if kind else (_ACE_TYPES[named], "")
    else:
        kind, name = kind or "user", named
    if kind in ("mask", "other") and name:
        return f'The acl entry "{ace}" has a name, which {kind} does not allow.'
    if not default and kind != "mask" and not name:
        return f'The acl entry "{ace}" has no name; the agent sets the owner, group and others by mode only.'
    return ""


def _ace_perms(perms: str, ace: str) -> str:
    if re.fullmatch(r"[0-7]|[-rwx]*", perms):
        return ""
    return f'The acl entry "{ace}" holds permissions other than r, w, x and -, or one digit from 0 to 7.'


def _context(item: ruby.Item | None) -> c.Iterator[Finding]:
    if item is None or item.value is None:
        return
    try:
        kind, level = ruby.index(item.value, "type"), ruby.index(item.value, "range")
    except ruby.Refused as err:
        yield _error(f"context {err}.", "Write it as a map with name, type and range.")
        return
    if kind is None:
        line = item.line if isinstance(item.value, ruby.Table) and not item.value.get("type") else 0
        yield _error("context has no type.", "Add the SELinux type.", ".type", line)
    if level is not None and not _range_is_right(level):
        remedy = "Write s0, s0-s3 or s0:c0.c5,c7: sensitivities ascending, categories up to c1023 and each once."
        yield _error(
            f"range is {ruby.describe(level)}, which is not an SELinux range.", remedy, ".range", _range_line(item)
        )
    if isinstance(item.value, ruby.Table):
        for problem in unknown_keys(item, "", CONTEXT_KEYS):
            yield f".{problem.path}", problem.line or 0, problem.what, _user_or(problem), WARNING


def _range_line(context: ruby.Item) -> int:
    return line_of(context, "range") if isinstance(context.value, ruby.Table) else 0


def _user_or(problem: Problem) -> str:
    return "Agents of version 1 read name: write the SELinux user there." if problem.path == "user" else problem.remedy


def _range_is_right(level: object) -> bool:
    if not isinstance(level, str) or isinstance(level, ruby.Symbol):
        return False
    sensitivity, colon, categories = level.partition(":")
    if colon and not categories:
        return False
    return _sensitivity_is_right(sensitivity) and (not colon or _categories_are_right(categories))


def _sensitivity_is_right(text: str) -> bool:
    found = re.fullmatch(r"s([0-9]+)(?:-s([0-9]+))?", text)
    return found is not None and (
        found.group(2) is None or whole_number(found.group(2)) >= whole_number(found.group(1))
    )


def _categories_are_right(text: str) -> bool:
    # Ruby's split forgets empty parts at the end.
    parts = text.rstrip(",").split(",") if text.rstrip(",") else []
    numbers: list[int] = []
    for part in parts:
        found = re.fullmatch(r"c([0-9]+)(?:\.c([0-9]+))?", part)
        if not found:
            return False
        low, high = whole_number(found.group(1)), whole_number(found.group(2) or found.group(1))
        if high < low or high > HIGHEST_CATEGORY or len(numbers) > HIGHEST_CATEGORY:
            return False
        numbers.extend(range(low, high + 1))
    return len(numbers) == len(set(numbers))


_CHECKS: dict[str, c.Callable[[ruby.Item | None], c.Iterator[Finding]]] = {
    "except": _except,
    "type": _type,
    "mode": _mode,
    "acls": _acls,
    "context": _context,
}
