# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Sharing documents with accounts, and finding those of others by their ARN."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.exceptions import DocumentPermissionLimit, InvalidDocument
from moto.ssm.models import SimpleSystemManagerBackend, ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from .._patching import put, wrap
from .document_versions import existing
from .shared import paged, request

MOST_ACCOUNTS = 1000
MOST_PUBLIC = 5
PAGE = 20
EVERYBODY = ("all", "All", "ALL")
_ARN = re.compile(r"arn:aws[\w-]*:ssm:(?P<region>[\w-]+):(?P<account>\d{12}|aws|):document/(?P<name>[\w.-]+)")


def extend() -> None:
    """Put the operations onto moto's classes."""
    wrap(SimpleSystemManagerBackend, "_get_documents", _by_name_or_arn)
    wrap(SimpleSystemManagerResponse, "modify_document_permission", _modify)
    put(SimpleSystemManagerResponse, describe_document_permission)


def _by_name_or_arn(original: Callable[..., Any], self: Any, name: str) -> Any:
    """A document of another account is found if it is shared with this one."""
    if not name.startswith("arn:"):
        return original(self, name)
    parts = _ARN.fullmatch(name)
    if parts is None or parts["region"] != self.region_name:
        raise InvalidDocument("The specified document does not exist.")
    if parts["account"] in ("", "aws", self.account_id):
        return original(self, parts["name"])
    found: Any = dict(shared_with(self)).get(name)
    if found is None:
        raise InvalidDocument("The specified document does not exist.")
    return found


def shared_with(backend: Any) -> Iterator[tuple[str, Any]]:
    """ARN and document of all that others share with an account, or with everybody."""
    for account, of_regions in ssm_backends.items():
        other = of_regions.get(backend.region_name) if account != backend.account_id else None
        for name, documents in other._documents.items() if other else ():
            for permitted in {backend.account_id, *EVERYBODY} & set(documents.permissions):
                yield arn_of(other, name), _shared(documents, documents.permissions[permitted].version)


def _shared(documents: Any, version: str) -> Any:
    """A document as the other account sees it: all versions, or the one that it is shared with."""
    if version == "$ALL":
        return documents
    seen, number = copy(documents), documents.find(version).document_version
    seen.versions = {number: documents.versions[number]}
    seen.default_version = seen.latest_version = number
    return seen


def arn_of(backend: Any, name: str) -> str:
    return f"arn:{backend.partition}:ssm:{backend.region_name}:{backend.account_id}:document/{name}"


def _modify(original: Callable[..., Any], self: Any) -> Any:
    """Limits of an account; the rest is moto's, which names the wrong permission type before all else."""
    if self._get_param("PermissionType") == "Share":
        asked = request(self)
        documents = existing(self.ssm_backend, asked["Name"])
        added = set(asked.get("AccountIdsToAdd", [])) - set(asked.get("AccountIdsToRemove", []))
        if len(set(documents.permissions) | added) > MOST_ACCOUNTS:
            raise DocumentPermissionLimit(f"A document can be shared with at most {MOST_ACCOUNTS} accounts.")
        if added & set(EVERYBODY) and len(_public(self.ssm_backend) | {asked["Name"]}) > MOST_PUBLIC:
            raise DocumentPermissionLimit(f"At most {MOST_PUBLIC} documents can be shared publicly.")
    return original(self)


def _public(backend: Any) -> set[str]:
    return {name for name, documents in backend._documents.items() if set(EVERYBODY) & set(documents.permissions)}


def describe_document_permission(self: Any) -> ActionResult:
    """DescribeDocumentPermission: pages of 20 unless told."""
    asked = request(self)
    told = existing(self.ssm_backend, asked["Name"]).describe_permissions()
    page = paged(told["AccountSharingInfoList"], asked.get("NextToken"), asked.get("MaxResults") or PAGE)
    shared = page.pop("items")
    ids = [one["AccountId"] for one in shared]
    return ActionResult({"AccountIds": ids, "AccountSharingInfoList": shared, **page})
