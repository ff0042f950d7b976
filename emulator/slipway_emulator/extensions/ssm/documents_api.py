# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operations on documents, and what SSM refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.exceptions import (
    DocumentAlreadyExists,
    DuplicateDocumentContent,
    DuplicateDocumentVersionName,
    InvalidDocumentOperation,
    InvalidDocumentVersion,
    SSMException,
)
from moto.ssm.models import Document, Documents
from moto.ssm.responses import SimpleSystemManagerResponse

from .._patching import put, wrap
from . import document_rules as rules
from . import document_versions as versions
from .attachments import Attachment, names_of
from .shared import paged, request

CHANGING = ("Creating", "Updating", "Deleting")


def extend() -> None:
    """Put the operations onto moto's responses."""
    put(
        SimpleSystemManagerResponse,
        create_document,
        update_document,
        update_document_default_version,
        get_document,
        describe_document,
        list_document_versions,
        delete_document,
    )
    wrap(SimpleSystemManagerResponse, "add_tags_to_resource", _add_tags)


def create_document(self: Any) -> ActionResult:
    """CreateDocument: one with attachments is Creating until they are read, any other is Active at once."""
    asked, backend = request(self), self.ssm_backend
    name = asked["Name"]
    rules.check_name(name)
    rules.check_size(asked["Content"])
    rules.check_tags(asked.get("Tags", []))
    if name in backend._documents:
        raise DocumentAlreadyExists("The specified document already exists.")
    rules.check_number(backend)
    document_type = asked.get("DocumentType", "Command")
    document = _document(backend, asked, document_type, document_type == "Package", "1")
    document.display_name = asked.get("DisplayName")
    documents = backend._documents[name] = Documents(document)
    if asked.get("Tags"):
        backend.add_tags_to_resource("Document", name, {tag["Key"]: tag["Value"] for tag in asked["Tags"]})
    if asked.get("Attachments"):
        versions.begin(backend, document, asked["Attachments"], "Creating")
    return ActionResult({"DocumentDescription": documents.describe(tags=asked.get("Tags"))})


def update_document(self: Any) -> ActionResult:
    """UpdateDocument: a new version beside the others; the default one stays what it is, attachments are not kept."""
    asked, backend = request(self), self.ssm_backend
    documents = versions.existing(backend, asked["Name"])
    rules.check_size(asked["Content"])
    latest, default = documents.get_latest_version(), documents.get_default_version()
    _check_update(documents, asked)
    kind, package = default.document_type, default.document_type == "Package"
    asked = {"TargetType": latest.target_type, "DisplayName": latest.display_name, **asked}
    document = _document(backend, asked, kind, package, versions.next_number(documents))
    document.requires, document.display_name = default.requires, asked["DisplayName"]
    if any(_equal(document, other) for other in documents.versions.values()):
        raise DuplicateDocumentContent(
            "The content of the association document matches another document. "
            "Change the content of the document and try again."
        )
    rules.check_versions(documents, kind)
    documents.add_new_version(document)
    if asked.get("Attachments"):
        versions.begin(backend, document, asked["Attachments"], "Updating")
    tags = backend._get_documents_tags(document.name)
    return ActionResult({"DocumentDescription": documents.describe(document.document_version, tags=tags)})


def _check_update(documents: Any, asked: dict[str, Any]) -> None:
    number, version_name = asked.get("DocumentVersion") or "$LATEST", asked.get("VersionName")
    if number not in ("$LATEST", documents.latest_version):
        raise InvalidDocumentVersion("The document version is not valid or does not exist.")
    if version_name and documents.exists(version_name=version_name):
        raise DuplicateDocumentVersionName("The specified version name is a duplicate.")
    changing = next((d.status for d in documents.versions.values() if d.status in CHANGING), None)
    if changing:
        raise InvalidDocumentOperation(f"The document cannot be updated while it has the status {changing}.")


def _equal(document: Any, other: Any) -> bool:
    return document.content == other.content and document.target_type == other.target_type


def _document(backend: Any, asked: dict[str, Any], kind: str, package: bool, number: str) -> Any:
    """A version as asked for, checked; not yet one of the document's."""
    make: Any = Document  # moto leaves abstract methods of its base class open
    if asked.get("DocumentFormat") == "TEXT":
        raise SSMException("UnsupportedOperation", "The document format TEXT is not built in this emulator.")
    document = make(
        account_id=backend.account_id,
        name=asked["Name"],
        version_name=asked.get("VersionName"),
        content=asked["Content"],
        document_type=kind,
        document_format=asked.get("DocumentFormat") or "JSON",
        requires=asked.get("Requires"),
        attachments=[],
        target_type=asked.get("TargetType"),
        document_version=number,
    )
    sources = asked.get("Attachments") or []
    names = names_of(sources)
    if package and not sources:
        raise SSMException(
            "InvalidParameterValueException",
            "AttachmentsSource not provided. You must provide an attachments source for a document of type Package.",
        )
    if package:
        rules.check_package(document, names)
    return document


def update_document_default_version(self: Any) -> ActionResult:
    """UpdateDocumentDefaultVersion: to a version that is Active."""
    asked, backend = request(self), self.ssm_backend
    documents = versions.existing(backend, asked["Name"])
    document = documents.find(asked["DocumentVersion"])
    if document.status != "Active":
        raise InvalidDocumentVersion(f"The document version has the status {document.status}.")
    documents.default_version = document.document_version
    told = {"Name": document.name, "DefaultVersion": document.document_version}
    if document.version_name:
        told["DefaultVersionName"] = document.version_name
    return ActionResult({"Description": told})


def get_document(self: Any) -> ActionResult:
    """GetDocument: content and where the attachments can be fetched."""
    asked, backend = request(self), self.ssm_backend
    number, version_name = asked.get("DocumentVersion", ""), asked.get("VersionName", "")
    told = backend.get_document(
        name=asked["Name"],
        document_version=number,
        version_name=version_name,
        document_format=asked.get("DocumentFormat", "JSON"),
    )
    document = backend._get_documents(asked["Name"]).find(number, version_name)
    host = self.headers.get("Host", "")
    kept = [one.described(host, self.region) for one in document.attachments or [] if isinstance(one, Attachment)]
    return ActionResult({**told, **({"AttachmentsContent": kept} if kept else {}), **_name(backend, asked, document)})


def describe_document(self: Any) -> ActionResult:
    """DescribeDocument: the default version unless told."""
    asked, backend = request(self), self.ssm_backend
    number, version_name = asked.get("DocumentVersion", ""), asked.get("VersionName", "")
    told = backend.describe_document(name=asked["Name"], document_version=number, version_name=version_name)
    document = backend._get_documents(asked["Name"]).find(number, version_name)
    return ActionResult({"Document": {**told, **_name(backend, asked, document)}})


def _name(backend: Any, asked: dict[str, Any], document: Any) -> dict[str, str]:
    """A document of another account goes by its ARN."""
    return {} if document.owner in (backend.account_id, "Amazon") else {"Name": asked["Name"]}


def list_document_versions(self: Any) -> ActionResult:
    """ListDocumentVersions: newest first."""
    asked = request(self)
    documents = self.ssm_backend._get_documents(asked["Name"])
    newest_first = sorted(documents.versions.values(), key=lambda d: -int(d.document_version))
    page = paged(newest_first, asked.get("NextToken"), asked.get("MaxResults") or 50)
    listed = [_version(document, documents.default_version) for document in page.pop("items")]
    return ActionResult({"DocumentVersions": listed, **page})


def _version(document: Any, default: str) -> dict[str, Any]:
    told = {
        "Name": document.name,
        "DisplayName": document.display_name,
        "DocumentVersion": document.document_version,
        "VersionName": document.version_name,
        "CreatedDate": document.created_date,
        "IsDefaultVersion": document.document_version == default,
        "DocumentFormat": document.document_format,
        "Status": document.status,
        "StatusInformation": document.status_information,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def delete_document(self: Any) -> EmptyResult:
    """DeleteDocument: all versions or one, which cannot be the default one."""
    asked, backend = request(self), self.ssm_backend
    documents = versions.existing(backend, asked["Name"])
    if documents.is_shared():
        raise InvalidDocumentOperation("Must unshare document first before delete")
    if documents.get_default_version().document_type == "ApplicationConfigurationSchema" and not asked.get("Force"):
        raise InvalidDocumentOperation("A document of this type is only deleted with Force.")
    versions.remove(backend, documents, asked.get("DocumentVersion"), asked.get("VersionName"))
    return EmptyResult()


def _add_tags(original: Callable[..., Any], self: Any) -> Any:
    asked = request(self)
    if asked["ResourceType"] == "Document":
        present = self.ssm_backend._resource_tags["Document"].get(asked["ResourceId"], {})
        rules.check_tags({**present, **{tag["Key"]: tag["Value"] for tag in asked["Tags"]}})
    return original(self)
