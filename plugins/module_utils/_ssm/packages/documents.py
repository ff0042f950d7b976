# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for documents of type Package, in one Region. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Limits, Look, watch
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

SERVICE = "ssm"
PACKAGE = "Package"
ACTIVE, FAILED, DELETING = "Active", "Failed", "Deleting"
UNDER_WAY = ("Creating", "Updating")
ACCOUNTS_AT_ONCE = 20  # of one ModifyDocumentPermission


def describe(aws: Connection, name: str, number: str | None = None) -> Shape | None:
    """The document by its default version, or one version of it; None when there is none. Raises Refused for other types."""
    asked = {"DocumentVersion": number} if number else {}
    try:
        found: Shape = aws.client(SERVICE).describe_document(Name=name, **asked)["Document"]
    except is_boto3_error_code(["InvalidDocument", "InvalidDocumentVersion"]):
        return None
    return _package(found, name)


def _package(found: Shape, name: str) -> Shape:
    """Raises Refused for documents of other types."""
    if found.get("DocumentType") != PACKAGE:
        raise Refused(f"{name} is a document of the type {found.get('DocumentType')}, not Package. Choose another name")
    return found


def list_versions(aws: Connection, name: str) -> list[Shape]:
    """All versions, the newest first; none when there is no such document."""
    try:
        found = items(aws, SERVICE, "list_document_versions", "DocumentVersions", Name=name, MaxResults=50)
    except is_boto3_error_code("InvalidDocument"):
        return []
    return sorted(found, key=lambda one: -int(one["DocumentVersion"]))


def get(aws: Connection, name: str, number: str) -> Shape:
    """Content and attachments of one version. Raises Refused for other types."""
    return _package(aws.client(SERVICE).get_document(Name=name, DocumentVersion=number, DocumentFormat="JSON"), name)


def manifest_of(document: Shape) -> Shape:
    """The manifest of a version as GetDocument tells it; empty where it is no JSON map."""
    try:
        content = json.loads(document.get("Content") or "")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def create(aws: Connection, name: str, version: str, content: Shape) -> None:
    """`content`: Content, Attachments, and Tags where there are any."""
    aws.client(SERVICE).create_document(
        Name=name, VersionName=version, DocumentType=PACKAGE, DocumentFormat="JSON", **content
    )


def update(aws: Connection, name: str, version: str, content: Shape) -> None:
    """A new version; the attachments of the ones before are not kept, so all are named again."""
    aws.client(SERVICE).update_document(
        Name=name, VersionName=version, DocumentVersion="$LATEST", DocumentFormat="JSON", **content
    )


def set_default(aws: Connection, name: str, number: str) -> None:
    aws.client(SERVICE).update_document_default_version(Name=name, DocumentVersion=number)


def delete_versions(aws: Connection, name: str, numbers: t.Sequence[str]) -> None:
    """Those that are gone already are as good as deleted.

    AWS deletes nothing of a document that is shared. Then sharing is stopped for as long as that takes, and put back.
    """
    try:
        _delete_versions(aws, name, numbers)
    except is_boto3_error_code("InvalidDocumentOperation"):
        shared = sharing(aws, name)
        if not shared:
            raise
        try:
            share(aws, name, {}, shared)
            _delete_versions(aws, name, numbers)
        finally:
            share(aws, name, shared, [])


def _delete_versions(aws: Connection, name: str, numbers: t.Sequence[str]) -> None:
    for number in numbers:
        try:
            aws.client(SERVICE).delete_document(Name=name, DocumentVersion=number)
        except is_boto3_error_code(["InvalidDocumentVersion", "InvalidDocument"]):
            pass


def delete(aws: Connection, name: str) -> None:
    """All versions."""
    try:
        aws.client(SERVICE).delete_document(Name=name)
    except is_boto3_error_code("InvalidDocument"):
        pass


def sharing(aws: Connection, name: str) -> dict[str, str]:
    """The accounts that the document is shared with, `all` for everybody, and which of its versions each may use."""
    key = "AccountSharingInfoList"
    found = items(aws, SERVICE, "describe_document_permission", key, Name=name, PermissionType="Share")
    return {one["AccountId"]: one.get("SharedDocumentVersion") or "" for one in found}


def share(aws: Connection, name: str, add: t.Mapping[str, str], remove: t.Collection[str]) -> None:
    """Adding what is shared already and removing what is not changes nothing, so a lost answer does no harm.

    `add`: accounts over the versions that they may use; empty for AWS's default.
    """
    for version in dict.fromkeys(add.values()):
        accounts = [account for account, theirs in add.items() if theirs == version]
        _modify(aws, name, "AccountIdsToAdd", accounts, {"SharedDocumentVersion": version} if version else {})
    _modify(aws, name, "AccountIdsToRemove", remove, {})


def _modify(aws: Connection, name: str, member: str, accounts: t.Collection[str], more: Shape) -> None:
    listed_accounts = sorted(accounts)
    for start in range(0, len(listed_accounts), ACCOUNTS_AT_ONCE):
        page = {member: listed_accounts[start : start + ACCOUNTS_AT_ONCE], **more}
        aws.client(SERVICE).modify_document_permission(Name=name, PermissionType="Share", **page)


def read_tags(aws: Connection, name: str) -> dict[str, str]:
    """The tags as a map."""
    told = aws.client(SERVICE).list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"]
    return dict(boto3_tag_list_to_ansible_dict(told))


def retag(aws: Connection, name: str, put: dict[str, str], drop: list[str]) -> None:
    if drop:
        aws.client(SERVICE).remove_tags_from_resource(ResourceType="Document", ResourceId=name, TagKeys=drop)
    if put:
        tags = ansible_dict_to_boto3_tag_list(put)
        aws.client(SERVICE).add_tags_to_resource(ResourceType="Document", ResourceId=name, Tags=tags)


def wait_active(aws: Connection, name: str, version: Shape, within: Limits) -> None:
    """Until this version is Active. Raises Refused, with what AWS says, when it Failed, is gone or takes too long."""
    label = version.get("VersionName") or version["DocumentVersion"]
    seen = wait_settled(aws, name, version, within)
    if seen["Status"] == FAILED:
        raise Refused(failed_version({**seen, "VersionName": label}))
    if seen["Status"] != ACTIVE:
        raise Refused(f"version {label} is {seen['Status']}: someone else deleted it. Run the task again")


def wait_settled(aws: Connection, name: str, version: Shape, within: Limits) -> Shape:
    """Until this version is not being made any more; what it is then. Raises Refused when it takes too long.

    The document as a whole tells of its default version, which stays Active whatever comes of this one.
    """
    seen: Shape = {}

    def look() -> Look:
        seen.update(describe(aws, name, version["DocumentVersion"]) or {"Status": "gone"})
        return Look(seen["Status"], seen["Status"] not in UNDER_WAY)

    ended = watch(look, within)
    if not ended.done:
        label = version.get("VersionName") or version["DocumentVersion"]
        how = f"version {label} is still {ended.text} after {round(ended.seconds)} seconds"
        raise Refused(f"{how}. Run the task again to wait for it, or raise wait_timeout")
    return seen


def failed_version(version: Shape) -> str:
    """What a version that AWS could not make means, and what to do."""
    why = shown_line(version.get("StatusInformation") or "AWS gave no reason").rstrip(".")
    return (
        f"AWS could not make version {version.get('VersionName')}: {why}. Fix the cause and run the task with "
        "replace_failed=true, because the failed version keeps its name"
    )


def wait_gone(aws: Connection, name: str, numbers: t.Collection[str] | None, within: Limits) -> None:
    """Until these versions, or the whole document, are no more. Raises Refused when it takes too long."""

    def look() -> Look:
        left = [one["DocumentVersion"] for one in list_versions(aws, name)]
        left = [number for number in left if numbers is None or number in numbers]
        return Look(f"{len(left)} versions left", not left)

    ended = watch(look, within)
    if not ended.done:
        raise Refused(f"its versions are still being deleted after {round(ended.seconds)} seconds. Run the task again")


def listed(aws: Connection, filters: list[Shape]) -> list[Shape]:
    """The documents that all filters fit, as ListDocuments tells them."""
    return items(aws, SERVICE, "list_documents", "DocumentIdentifiers", Filters=filters, MaxResults=50)


def files_of(document: Shape) -> list[Shape]:
    """The attachments of a version as GetDocument tells them, without the addresses, which expire."""
    kept = document.get("AttachmentsContent") or []
    return [{"name": one.get("Name"), "size": one.get("Size"), "sha256": one.get("Hash")} for one in kept]
