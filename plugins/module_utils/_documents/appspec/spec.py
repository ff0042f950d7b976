# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server AppSpec as values, for those who need what it says rather than what is wrong with it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import permissions, ruby
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import appspec_problems, examine
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.sections import each, line_of, timeout_of
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem, errors, sentence


@dataclasses.dataclass(frozen=True)
class FileMapping:
    source: str
    destination: str
    line: int


@dataclasses.dataclass(frozen=True)
class Script:
    """`timeout` in seconds; `runas` is None when the agent's own account runs it."""

    location: str
    timeout: int
    runas: str | None
    line: int


@dataclasses.dataclass(frozen=True)
class Permission:
    """`excepted` are patterns like `pattern`; `context` is (user, type, range) of SELinux."""

    path: str
    pattern: str
    excepted: tuple[str, ...]
    types: tuple[str, ...]
    owner: str | None
    group: str | None
    mode: str | None
    acls: tuple[str, ...]
    context: tuple[str | None, str, str | None] | None
    line: int


@dataclasses.dataclass(frozen=True)
class AppSpec:
    os: str
    file_exists_behavior: str | None
    files: tuple[FileMapping, ...]
    hooks: t.Mapping[str, tuple[Script, ...]]
    permissions: tuple[Permission, ...] = ()


class AppSpecError(Exception):
    """The agent would refuse the AppSpec. `problems` holds the reasons, the text all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(sentence(problem, "appspec.yml") for problem in problems))
        self.problems = problems


def parse_appspec(text: str | bytes) -> AppSpec:
    """What a server AppSpec says. Raises AppSpecError for whatever the agent would refuse."""
    wrong = errors(appspec_problems(text))
    spec = examine(text)[1]
    if wrong or spec is None:
        raise AppSpecError(wrong)
    behavior = spec.value.item("file_exists_behavior")
    return AppSpec(
        os=spec.value.item("os").value,
        file_exists_behavior=behavior.value if behavior else None,
        files=tuple(_file(item) for item in _each(spec.value.item("files"))),
        hooks=_hooks(spec.value.item("hooks")),
        permissions=tuple(_permission(item) for item in _each(spec.value.item("permissions"))),
    )


def _each(item: ruby.Item | None) -> list[ruby.Item]:
    return (each(item) or []) if item else []


def _file(item: ruby.Item) -> FileMapping:
    return FileMapping(
        ruby.to_s(ruby.index(item.value, "source")), ruby.to_s(ruby.index(item.value, "destination")), item.line
    )


def _hooks(item: ruby.Item | None) -> dict[str, tuple[Script, ...]]:
    entries = item.value.entries() if item and isinstance(item.value, ruby.Table) else []
    return {ruby.to_s(entry.key): tuple(_script(script) for script in _each(entry.item)) for entry in entries}


def _script(item: ruby.Item) -> Script:
    runas = ruby.index(item.value, "runas")
    return Script(
        location=ruby.strip(ruby.index(item.value, "location")),
        timeout=timeout_of(item) or 0,
        runas=None if runas is None else ruby.strip(runas),
        line=line_of(item, "location"),
    )


def _permission(item: ruby.Item) -> Permission:
    def texts(key: str) -> tuple[str, ...]:
        found = item.value.item(key)
        return tuple(ruby.to_s(one.value) for one in (_each(found) if found and ruby.given(found) else []))

    mode = _text(item.value, "mode")
    return Permission(
        path=ruby.strip(ruby.index(item.value, "object")),
        pattern=_text(item.value, "pattern") or "**",
        excepted=texts("except"),
        types=texts("type") or permissions.TYPES,
        owner=_text(item.value, "owner"),
        group=_text(item.value, "group"),
        mode=mode.zfill(4) if mode else None,
        acls=texts("acls"),
        context=_context(ruby.index(item.value, "context")),
        line=line_of(item, "object"),
    )


def _context(found: t.Any) -> tuple[str | None, str, str | None] | None:
    """The agent of version 1 reads `name` where AWS documents `user`."""
    if found is None:
        return None
    return _text(found, "name") or _text(found, "user"), ruby.to_s(ruby.index(found, "type")), _text(found, "range")


def _text(table: t.Any, key: str) -> str | None:
    value = ruby.index(table, key)
    return None if value is None else ruby.to_s(value)
