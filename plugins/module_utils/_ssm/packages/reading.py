# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages as they are, for whoever only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import documents
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.documents import files_of, manifest_of
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.planning import ACCOUNT, Live, label
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.telling import version_told

OWN = [{"Key": "Owner", "Values": ["Self"]}, {"Key": "DocumentType", "Values": [documents.PACKAGE]}]


def read_packages(aws: Connection, params: Shape) -> list[Shape]:
    """Those of the names given, or all that the account owns; what does not exist is left out."""
    names = params["names"]
    if names is None:
        names = [one["Name"] for one in documents.listed(aws, OWN)]
    found = (_read(aws, params, name) for name in dict.fromkeys(names))
    return [one for one in found if one is not None]


def _read(aws: Connection, params: Shape, name: str) -> Shape | None:
    document = documents.describe(aws, name)
    if document is None:
        return None
    live = Live(document, documents.list_versions(aws, name))
    version = live.version(params["version"]) if params["version"] is not None else live.default
    shape: Shape = {
        "name": name,
        "owner": document.get("Owner"),
        "platformTypes": document.get("PlatformTypes", []),
        "defaultVersion": label(live.default) if live.default else None,
        "versions": [version_told(one) for one in live.versions],
    }
    # AWS tells only its owner, which is an account, whom a document is shared with and how it is tagged.
    if ACCOUNT.fullmatch(shape["owner"] or "") and not name.startswith("arn:"):
        shape["sharedAccounts"] = sorted(documents.sharing(aws, name))
        if params["include_tags"]:
            shape["tags"] = documents.read_tags(aws, name)
    return {**to_result(shape), **(_content(aws, name, version) if version else {})}


def _content(aws: Connection, name: str, version: Shape) -> Shape:
    kept = documents.get(aws, name, version["DocumentVersion"])
    told = {"version": label(version), "document_version": version["DocumentVersion"], "status": version["Status"]}
    return {**told, "manifest": manifest_of(kept), "files": files_of(kept)}
