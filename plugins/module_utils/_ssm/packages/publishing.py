# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was planned for a package in one Region, carried out. Private to this collection."""

from __future__ import annotations

import json

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    AWS_FAILURES,
    Refused,
    code,
    may_have_happened,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import limits
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import documents
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import Package
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.comparing import differs
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.documents import ACTIVE, DELETING, UNDER_WAY
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.planning import MOST_VERSIONS, Live, Todo

WAIT = 600  # seconds, as AWS's own CloudFormation waits
TAKEN = ("DocumentAlreadyExists", "DuplicateDocumentVersionName", "DuplicateDocumentContent")


def begin(aws: Connection, params: Shape, todo: Todo, package: Package | None, attached: list[Shape]) -> None:
    """Have AWS make the version. Its files must be in the bucket by now."""
    name, within = params["name"], limits(params, WAIT)
    if todo.recreate:
        documents.delete(aws, name)
        documents.wait_gone(aws, name, None, within)
    if todo.replace is not None:
        _delete_versions(aws, params, [todo.replace])
    if not todo.publish or package is None:
        return
    if todo.prune and len(todo.live.versions) >= MOST_VERSIONS:
        _prune(aws, params, todo)
    if not todo.creates:
        _wait_for_others(aws, params, todo.live)
    content: Shape = {"Content": json.dumps(package.manifest(), indent=1), "Attachments": attached}
    if todo.creates and todo.put_tags:
        content["Tags"] = ansible_dict_to_boto3_tag_list(todo.put_tags)
    try:
        (documents.create if todo.creates else documents.update)(aws, name, package.version, content)
    except AWS_FAILURES as problem:
        if code(problem) not in TAKEN and not may_have_happened(problem):
            raise
        if not _is_there(aws, params, package):
            raise


def _is_there(aws: Connection, params: Shape, package: Package) -> bool:
    """Whether the version exists though the call failed: an attempt whose answer was lost made it, or another run did."""
    live = Live({}, documents.list_versions(aws, params["name"]))
    found = live.version(package.version)
    if found is None:
        return False
    different = differs(documents.get(aws, params["name"], found["DocumentVersion"]), package)
    if different:
        raise Refused(
            f"someone else published version {package.version} with other content while the task ran: {different} differ. "
            "Set another version"
        )
    return True


def _wait_for_others(aws: Connection, params: Shape, live: Live) -> None:
    """While AWS makes or deletes one version it takes no other."""
    within = limits(params, WAIT)
    for version in live.versions:
        if version["Status"] in UNDER_WAY:
            documents.wait_settled(aws, params["name"], version, within)
    leaving = [version["DocumentVersion"] for version in live.versions if version["Status"] == DELETING]
    if leaving:
        documents.wait_gone(aws, params["name"], leaving, within)


def finish(aws: Connection, params: Shape, todo: Todo, package: Package | None) -> None:
    """Wait for the version, then do what needs it."""
    if package and (todo.publish or todo.await_version) and params["wait"]:
        version = _found(aws, params["name"], package.version)
        documents.wait_active(aws, params["name"], version, limits(params, WAIT))
    if todo.default is not None:
        _set_default(aws, params, todo.default)
    if not todo.creates and (todo.put_tags or todo.drop_tags):
        documents.retag(aws, params["name"], todo.put_tags, todo.drop_tags)
    if todo.prune:
        _prune(aws, params, todo)
    if todo.add or todo.drop:
        documents.share(aws, params["name"], dict.fromkeys(todo.add, ""), todo.drop)


def _found(aws: Connection, name: str, version: str) -> Shape:
    found = Live({}, documents.list_versions(aws, name)).version(version)
    if found is None:
        raise Refused(f"version {version} is not there any more: someone else deleted it. Run the task again")
    return found


def _set_default(aws: Connection, params: Shape, wanted: str) -> None:
    version = _found(aws, params["name"], wanted)
    if version["Status"] != ACTIVE and not params["wait"]:
        return  # a later run does it; until then AWS refuses
    documents.set_default(aws, params["name"], version["DocumentVersion"])


def _prune(aws: Connection, params: Shape, todo: Todo) -> None:
    """Once only: before the new version where there is no room for it."""
    if not todo.pruned:
        todo.pruned = True
        _delete_versions(aws, params, todo.prune)


def _delete_versions(aws: Connection, params: Shape, versions: list[Shape]) -> None:
    numbers = [version["DocumentVersion"] for version in versions]
    documents.delete_versions(aws, params["name"], numbers)
    if params["wait"]:
        documents.wait_gone(aws, params["name"], numbers, limits(params, WAIT))
