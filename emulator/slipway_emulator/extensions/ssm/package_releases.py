# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Where the agent gets a package from: AWS's own service, or a document."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from moto.ssm.exceptions import InvalidDocument, InvalidDocumentVersion
from moto.ssm.models import ssm_backends

from ...hosts import Host
from .amazon_packages import PACKAGES, AmazonPackage
from .attachments import Attachment
from .document_sharing import arn_of
from .package_files import BadPackage

LATEST = ("", "latest")
CACHED = ("schemaVersion", "version", "packages", "files")  # of a manifest, that make it another one
_PLAIN_VERSION = re.compile(r"[A-Za-z0-9.]*")


@dataclass(frozen=True)
class Release:
    """One version of a package."""

    arn: str
    manifest: dict[str, Any]
    document_version: str = ""
    attachments: tuple[Attachment, ...] = ()
    amazon: AmazonPackage | None = None

    @property
    def version(self) -> str:
        return str(self.manifest["version"])

    @property
    def source(self) -> str:
        """Equal for what the agent takes for the same: a new version of the document never is."""
        kept = json.dumps({name: self.manifest.get(name) for name in CACHED}, sort_keys=True)
        return f"{self.document_version}:{hashlib.sha256(kept.encode()).hexdigest()}"

    def attachment(self, name: str) -> Attachment:
        found = next((one for one in self.attachments if one.name == name), None)
        if found is None:
            raise BadPackage(f"failed to download the package: {name} is no attachment of the document")
        return found


def comes_from_document(name: str, version: str) -> bool:
    """AWS's service is asked first, so a package of AWS's wins over a document of the same name."""
    if ":document/" in name or not _PLAIN_VERSION.fullmatch(version):
        return True
    package = PACKAGES.get(name.removeprefix("arn:aws:ssm:::package/"))
    return package is None or (version.lower() not in LATEST and version not in package.versions)


def find(host: Host, name: str, version: str) -> Release:
    """The version of this name; the default one when none is named. Raises BadPackage."""
    if not comes_from_document(name, version):
        package = PACKAGES[name.removeprefix("arn:aws:ssm:::package/")]
        chosen = package.versions[-1] if version.lower() in LATEST else version
        return Release(package.arn, package.manifest(chosen), chosen, amazon=package)
    backend: Any = ssm_backends[host.account_id][host.region]
    try:
        document = backend._get_documents(name).find(version_name="" if version.lower() in LATEST else version)
    except (InvalidDocument, InvalidDocumentVersion) as unknown:
        code = type(unknown).__name__
        raise BadPackage(f"failed to download manifest - failed to retrieve package document: {code}: {name}") from None
    if document.document_type != "Package" or document.owner == "Amazon":
        raise BadPackage(f"failed to download manifest - {name} is no document of type Package with this version")
    if document.status != "Active":
        raise BadPackage(
            f"package document is not currently active, kindly retry when the document is active (status "
            f"{document.status})"
        )
    arn = name if name.startswith("arn:") else arn_of(backend, name)
    return Release(arn, document.content_json, document.document_version, tuple(document.attachments))
