# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Documents and their versions, put right on moto's classes: numbers, statuses on the clock, what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from moto.ssm.exceptions import (
    InvalidDocument,
    InvalidDocumentContent,
    InvalidDocumentOperation,
    InvalidDocumentVersion,
)
from moto.ssm.models import Document, Documents, SimpleSystemManagerBackend

from ...clock import clock
from ...faults import faults
from .._patching import put, wrap
from .attachments import Attachment, Unreadable, drop, fetch
from .document_rules import platforms

SETTLE_SECONDS = 5.0  # from Creating or Updating to Active or Failed, and from Deleting to gone

FACTS = ("account_id", "region", "document_name", "document_version")
faults.declare("document-slow", "SSM takes longer to make a version of a document with attachments", FACTS, seconds=600)
faults.declare("document-checks-sums", "SSM compares the files of a package with the checksums of its manifest", FACTS)


def extend() -> None:
    """Correct moto's documents."""
    wrap(Document, "__init__", _document)
    wrap(Document, "list_describe", _listed)
    wrap(Documents, "add_new_version", _added)
    wrap(Documents, "describe", _described)
    put(Documents, find=find, delete=_delete)
    wrap(SimpleSystemManagerBackend, "_generate_document_information", _information)


def _document(original: Callable[..., None], self: Any, **given: Any) -> None:
    try:
        original(self, **given)
    except (TypeError, AttributeError, RecursionError):
        raise InvalidDocumentContent("The content for the document is not valid.") from None
    self.created_date = clock.datetime()
    self.platform_types = platforms(self.document_type, self.content_json)
    self.display_name, self.status_information = None, ""


def find(self: Any, document_version: str | None = None, version_name: str | None = None, strict: bool = True) -> Any:
    """The version of this number and name; the default one when neither is given."""
    number = document_version or ("" if version_name else "$DEFAULT")
    number = {"$DEFAULT": self.default_version, "$LATEST": self.latest_version}.get(number, number)
    found = [
        document
        for document in self.versions.values()
        if number in ("", document.document_version) and version_name in (None, "", document.version_name)
    ]
    if strict and not found:
        raise InvalidDocumentVersion("The document version is not valid or does not exist.")
    return found[0] if found else None


def next_number(documents: Any) -> str:
    """Numbers are never used again."""
    highest = max(getattr(documents, "highest", 0), *map(int, documents.versions))
    return str(highest + 1)


def _added(original: Callable[..., None], self: Any, new: Any) -> None:
    self.highest = int(new.document_version)
    original(self, new)


def _delete(self: Any, *versions: str) -> None:
    self.highest = max([getattr(self, "highest", 0), *map(int, self.versions)])
    for version in versions:
        self.versions.pop(version, None)
    if self.versions and self.latest_version not in self.versions:
        self.latest_version = str(max(map(int, self.versions)))


def _described(original: Callable[..., dict[str, Any]], self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    told = original(self, *args, **kwargs)
    document = self.versions[told["DocumentVersion"]]
    kept = [{"Name": one.name} for one in document.attachments or [] if isinstance(one, Attachment)]
    return {**told, **_told(document), **({"AttachmentsInformation": kept} if kept else {}), **_requires(document)}


def _listed(original: Callable[..., dict[str, Any]], self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    told = {**original(self, *args, **kwargs), **_told(self)}
    return {name: value for name, value in told.items() if name != "StatusInformation"}


def _information(original: Callable[..., dict[str, Any]], self: Any, document: Any, *args: Any) -> dict[str, Any]:
    told = {**original(self, document, *args), **_told(document)}
    return {name: value for name, value in told.items() if name != "AttachmentsContent"}


def _told(document: Any) -> dict[str, Any]:
    told = {
        "CreatedDate": document.created_date,
        "DisplayName": document.display_name,
        "StatusInformation": document.status_information,
    }
    return {name: value for name, value in told.items() if value}


def _requires(document: Any) -> dict[str, Any]:
    return {"Requires": document.requires} if document.requires else {}


def begin(backend: Any, document: Any, sources: list[dict[str, Any]], status: str) -> None:
    """Have a version with attachments made; its files are read when it is."""
    document.status = status
    slow = faults.take("document-slow", **_facts(backend, document))
    seconds = float(slow["seconds"]) if slow else SETTLE_SECONDS
    clock.after(seconds, partial(_settle, backend, document, sources))


def _facts(backend: Any, document: Any) -> dict[str, str]:
    values = (backend.account_id, backend.region_name, document.name, document.document_version)
    return dict(zip(FACTS, values, strict=True))


def _settle(backend: Any, document: Any, sources: list[dict[str, Any]]) -> None:
    if document.status not in ("Creating", "Updating"):
        return  # it was deleted meanwhile
    try:
        document.attachments = fetch(backend, document, sources)
        if faults.find("document-checks-sums", **_facts(backend, document)):
            _compare(document)
    except Unreadable as why:
        document.status, document.status_information = "Failed", str(why)
    else:
        document.status = "Active"


def _compare(document: Any) -> None:
    for kept in document.attachments:
        sums = document.content_json["files"][kept.name].get("checksums", {})
        if str(sums.get("sha256", kept.hash)).lower() != kept.hash:
            raise Unreadable(f"The checksum of the attachment {kept.name} does not match the manifest.")


def remove(backend: Any, documents: Any, number: str | None, version_name: str | None) -> None:
    """Delete one version or all; documents with attachments take a while."""
    default = documents.get_default_version()
    chosen = list(documents.versions.values())
    if number or version_name:
        chosen = [documents.find(number, version_name)]
        if chosen[0] is default:
            raise InvalidDocumentOperation("Default version of the document can't be deleted.")
    slow = default.document_type == "Package"
    for document in chosen if slow else ():
        document.status = "Deleting"
    gone = partial(_gone, backend, documents, chosen)
    clock.after(SETTLE_SECONDS, gone) if slow else gone()


def _gone(backend: Any, documents: Any, chosen: list[Any]) -> None:
    for document in chosen:
        drop(backend.region_name, document)
    documents.delete(*(document.document_version for document in chosen))
    name = chosen[0].name
    if not documents.versions and backend._documents.get(name) is documents:
        del backend._documents[name]
        backend._resource_tags.get("Document", {}).pop(name, None)


def existing(backend: Any, name: str) -> Any:
    """The account's own document of a name; ARNs are no names here."""
    documents = backend._documents.get(name)
    if documents is None:
        raise InvalidDocument("The specified document does not exist.")
    return documents
