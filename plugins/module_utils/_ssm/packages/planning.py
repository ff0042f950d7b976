# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be done to a package in one Region. Only reads. Private to this collection."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import documents
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.associations import uses
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import Package
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.comparing import differs
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.documents import (
    ACTIVE,
    DELETING,
    FAILED,
    failed_version,
)

LATEST, KEEP = "latest", "keep"
MOST_VERSIONS = 25
RESERVED = ("aws", "amazon", "amzn")
# Packages of the service that nodes ask first: one of these names would be installed in the place of the user's.
THIRD_PARTY = ("falconsensor-linux", "falconsensor-windows")
NAME = re.compile(r"[A-Za-z0-9_.-]{3,128}")
ACCOUNT = re.compile(r"[0-9]{12}")
PUBLIC = "all"


@dataclasses.dataclass
class Live:
    """What a Region has."""

    document: Shape | None
    versions: list[Shape] = dataclasses.field(default_factory=list)  # the newest first
    accounts: list[str] | None = None  # None when not asked about
    tags: dict[str, str] | None = None

    def version(self, name: str) -> Shape | None:
        """By its name; of one without a name, by its number."""
        return next((one for one in self.versions if label(one) == name), None)

    @property
    def default(self) -> Shape | None:
        return next((one for one in self.versions if one.get("IsDefaultVersion")), None)


@dataclasses.dataclass
class Todo:
    """What is to be done, in this order."""

    live: Live
    replace: Shape | None = None  # a failed version to delete before it is published again
    recreate: bool = False  # all of the document, because nothing of it can be used
    publish: bool = False
    published: Shape | None = None  # what GetDocument tells of the version when it is there
    await_version: str | None = None  # the name of a version that is made already, by a run before
    default: str | None = None  # the name of a version
    add: list[str] = dataclasses.field(default_factory=list)
    drop: list[str] = dataclasses.field(default_factory=list)
    put_tags: dict[str, str] = dataclasses.field(default_factory=dict)
    drop_tags: list[str] = dataclasses.field(default_factory=list)
    prune: list[Shape] = dataclasses.field(default_factory=list)
    pruned: bool = False  # whether that is done

    @property
    def creates(self) -> bool:
        return self.publish and (self.recreate or self.live.document is None)

    @property
    def changes(self) -> bool:
        return any((self.publish, self.default, self.add, self.drop, self.put_tags, self.drop_tags, self.prune))


def label(version: Shape) -> str:
    """What a version is called."""
    return str(version.get("VersionName") or version["DocumentVersion"])


def check_name(name: str) -> None:
    """Raise Refused for a name that AWS does not take, or that nodes would take for another package."""
    if not NAME.fullmatch(name):
        raise Refused("name must have 3 to 128 letters, digits, dots, hyphens and underscores")
    if name.lower().startswith(RESERVED):
        raise Refused(f"names that begin with {', '.join(RESERVED)} are reserved for AWS. Choose another name")
    if name.lower() in THIRD_PARTY:
        raise Refused("AWS offers a package of this name, which nodes would install instead. Choose another name")


def check_options(params: Shape) -> None:
    """Raise Refused for what no Region would take."""
    check_name(params["name"])
    if params["keep_versions"] is not None and params["keep_versions"] < 1:
        raise Refused("keep_versions must be at least 1, because the default version is never deleted")
    wrong = [one for one in params["shared_accounts"] or [] if one != PUBLIC and not ACCOUNT.fullmatch(one)]
    if wrong:
        raise Refused(f"shared_accounts must be account ids of 12 digits, or {PUBLIC}: {', '.join(wrong)}")


def look(aws: Connection, params: Shape) -> Live:
    """Sharing and tags are read only where the task speaks of them."""
    name = params["name"]
    document = documents.describe(aws, name)
    if document is None or document.get("Status") == DELETING:
        return Live(None)
    live = Live(document, documents.list_versions(aws, name))
    if params["shared_accounts"] is not None:
        live.accounts = sorted(documents.sharing(aws, name))
    if params["tags"] is not None:
        live.tags = documents.read_tags(aws, name)
    return live


def plan(aws: Connection, params: Shape, package: Package | None) -> Todo:
    """Find out what has to be done. Raises Refused when a run would fail."""
    todo = Todo(look(aws, params))
    if package is None and todo.live.document is None:
        raise Refused("it does not exist. Set src or packages, with version and bucket, to publish it")
    if package is not None:
        _plan_version(aws, params, package, todo)
    if todo.creates:
        _refuse_name_of_others(aws, params["name"])
    todo.default = _default(params, package, todo)
    _plan_sharing(params, todo)
    _plan_tags(params, todo)
    if params["keep_versions"] is not None:
        todo.prune = _superfluous(aws, params, package, todo)
    return todo


def _plan_version(aws: Connection, params: Shape, package: Package, todo: Todo) -> None:
    live = todo.live
    found = live.version(package.version)
    if live.versions and all(one["Status"] == FAILED for one in live.versions):
        _refuse_unless_told(params, found or live.versions[0])
        todo.recreate = todo.publish = True
    elif found is None:
        todo.publish = True
    elif found["Status"] == FAILED:
        _refuse_unless_told(params, found)
        if found.get("IsDefaultVersion"):
            raise Refused("the failed version is the default version. Set default_version to another version first")
        todo.replace, todo.publish = found, True
    else:
        todo.published = documents.get(aws, params["name"], found["DocumentVersion"])
        _refuse_other_content(todo.published, package)
        todo.await_version = None if found["Status"] == ACTIVE else package.version


def _refuse_unless_told(params: Shape, failed: Shape) -> None:
    if not params["replace_failed"]:
        raise Refused(failed_version(failed))


def _refuse_other_content(published: Shape, package: Package) -> None:
    different = differs(published, package)
    if different:
        raise Refused(
            f"version {package.version} is published already with other content: {different} differ. "
            "A published version cannot be changed. Set another version, or restore the files"
        )


def _refuse_name_of_others(aws: Connection, name: str) -> None:
    """Nodes ask for packages of AWS and of its partners first. Whoever may not list them goes without this look."""
    for owner in ("Amazon", "ThirdParty"):
        filters = [{"Key": "Owner", "Values": [owner]}, {"Key": "Name", "Values": [name]}]
        filters.append({"Key": "DocumentType", "Values": [documents.PACKAGE]})
        found = if_readable(functools.partial(documents.listed, aws, filters))
        if any(one["Name"].lower() == name.lower() for one in found or []):
            raise Refused("AWS offers a package of this name, which nodes would install instead. Choose another name")


def _default(params: Shape, package: Package | None, todo: Todo) -> str | None:
    """The version to make the default one; None when it is, or when nothing was asked."""
    asked, live = params["default_version"], todo.live
    if asked in (None, KEEP):
        return None
    new = package.version if package and todo.publish else None
    newest = next((label(one) for one in live.versions if one["Status"] != FAILED), None)
    wanted = (new or newest) if asked == LATEST else asked
    current = live.default if not todo.creates else {"VersionName": new}
    if wanted is None or (current and label(current) == wanted):
        return None
    found = live.version(wanted)
    if wanted != new and found is None:
        known = ", ".join(map(label, live.versions)) or "none"
        raise Refused(f"default_version {wanted} does not exist. Choose one of its versions: {known}")
    if found and found["Status"] == FAILED and wanted != new:
        raise Refused(f"default_version {wanted} has the status Failed. Choose another version")
    return t.cast(str, wanted)


def _plan_sharing(params: Shape, todo: Todo) -> None:
    wanted = params["shared_accounts"]
    if wanted is None:
        return
    live = set(() if todo.recreate else todo.live.accounts or ())
    todo.add = sorted(set(wanted) - live)
    todo.drop = sorted(live - set(wanted)) if params["purge_shared_accounts"] else []


def _plan_tags(params: Shape, todo: Todo) -> None:
    if params["tags"] is None:
        return
    live = {} if todo.recreate else {k: v for k, v in (todo.live.tags or {}).items() if not k.startswith("aws:")}
    wanted = {key: str(value) for key, value in params["tags"].items()}
    todo.put_tags, todo.drop_tags = compare_aws_tags(live, wanted, params["purge_tags"])


def _superfluous(aws: Connection, params: Shape, package: Package | None, todo: Todo) -> list[Shape]:
    """The versions to delete, so that as many as asked are left: the protected ones, and of the others the newest."""
    if todo.recreate or todo.live.document is None:
        return []
    left = [one for one in todo.live.versions if one is not todo.replace]
    room = params["keep_versions"] - (1 if todo.publish else 0)
    if len(left) <= max(room, 0) or not left:
        return []
    protected = {use.version for use in uses(aws, params["name"])} | ({package.version} if package else set())
    protected.add(todo.default or "")
    default = todo.live.default
    if default and (not todo.default or todo.publish and not params["wait"]):
        protected.add(label(default))
    kept = [one for one in left if label(one) in protected]
    free = [one for one in left if label(one) not in protected]
    usable = [one for one in free if one["Status"] != FAILED]  # a failed one is never worth its place
    spared = usable[: max(room - len(kept), 0)]
    return [one for one in free if one not in spared and one["Status"] != DELETING]
