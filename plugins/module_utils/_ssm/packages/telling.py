# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a package: in the result, and before and after in the diff. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, to_result
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import Package
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.documents import files_of, manifest_of
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.planning import Live, Todo, label

VERSION_MEMBERS = ("DocumentVersion", "VersionName", "IsDefaultVersion", "Status", "StatusInformation", "CreatedDate")


def told(params: Shape, live: Live, package: Package | None, todo: Todo, check: bool) -> Shape:
    """The package of one Region as the result has it; in check mode as it will be."""
    shape = to_result(_live(params, live, package, todo if check else None))
    if package and todo.publish:
        files = [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in package.files.values()]
        return {**shape, "manifest": package.manifest(), "files": files}
    if todo.published:
        return {**shape, "manifest": manifest_of(todo.published), "files": files_of(todo.published)}
    return shape


def _live(params: Shape, live: Live, package: Package | None, todo: Todo | None) -> Shape:
    document = live.document or {}
    version = package.version if package else None
    found = live.version(version) if version else None
    versions = [version_told(one) for one in live.versions]
    default = live.default
    shape = {
        "name": params["name"],
        "owner": document.get("Owner"),
        "platformTypes": document.get("PlatformTypes"),
        "version": version,
        "documentVersion": (found or {}).get("DocumentVersion"),
        "status": (found or default or {}).get("Status"),
        "defaultVersion": label(default) if default else None,
        "versions": versions,
        "sharedAccounts": live.accounts,
        "tags": live.tags,
    }
    return given({**shape, **(_foretold(live, package, todo) if todo else {})})


def version_told(one: Shape) -> Shape:
    """What is told of one version."""
    return {member[0].lower() + member[1:]: one[member] for member in VERSION_MEMBERS if member in one}


def _foretold(live: Live, package: Package | None, todo: Todo) -> Shape:
    """What a run makes of it."""
    doomed = [*todo.prune, *([todo.replace] if todo.replace else [])]
    left = [] if todo.recreate else [one for one in live.versions if one not in doomed]
    new = [{"versionName": package.version}] if package and todo.publish else []
    default = todo.default or (package.version if package and todo.creates else None)
    accounts = None if live.accounts is None and not todo.add else _accounts(live, todo)
    tags = None if live.tags is None and not todo.put_tags else _tags(live, todo)
    versions = [*new, *(version_told(one) for one in left)]
    return given({"versions": versions, "defaultVersion": default, "sharedAccounts": accounts, "tags": tags})


def _accounts(live: Live, todo: Todo) -> list[str]:
    here: t.Iterable[str] = () if todo.recreate else live.accounts or ()
    return sorted({*here, *todo.add} - {*todo.drop})


def _tags(live: Live, todo: Todo) -> dict[str, str]:
    here = {} if todo.recreate else live.tags or {}
    return {**{key: value for key, value in here.items() if key not in todo.drop_tags}, **todo.put_tags}


def before(params: Shape, todo: Todo, manifest: Shape) -> Shape:
    """What a task can set, as it is; nothing when there is no such package."""
    if todo.live.document is None:
        return {}
    default = todo.live.default
    shape = {
        "name": params["name"],
        "versions": [label(one) for one in todo.live.versions],
        "default_version": label(default) if default else None,
        "shared_accounts": todo.live.accounts,
        "tags": todo.live.tags,
    }
    return given({**shape, "manifest": manifest or None})


def after(params: Shape, todo: Todo, package: Package | None, manifest: Shape) -> Shape:
    """The same as it will be, with the manifest of the version that is published."""
    future = _foretold(todo.live, package, todo)
    current = before(params, todo, manifest)
    new = package.manifest() if package and todo.publish else manifest
    shape = {
        "name": params["name"],
        "versions": [one.get("versionName") or one.get("documentVersion") for one in future["versions"]],
        "default_version": future.get("defaultVersion", current.get("default_version")),
        "shared_accounts": future.get("sharedAccounts"),
        "tags": future.get("tags"),
    }
    return given({**shape, "manifest": new or None})
