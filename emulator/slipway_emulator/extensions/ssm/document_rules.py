# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What SSM refuses when a document is created or updated: names, sizes, numbers, manifests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ssm.exceptions import InvalidDocumentContent, SSMException, ValidationException

RESERVED = ("aws", "amazon", "amzn")  # AWSEC2, AWSConfigRemediation and AWSSupport begin with the first
LARGEST = 64 * 1024  # bytes of content
MOST_DOCUMENTS = 500  # of an account in a Region
MOST_VERSIONS = {"Package": 25}
USUAL_VERSIONS = 1000
MOST_TAGS = 50
WINDOWS, LINUX, MAC = "Windows", "Linux", "MacOS"


def check_name(name: str) -> None:
    if name.lower().startswith(RESERVED):
        raise ValidationException(f"Invalid document name {name}: the prefix is reserved")


def check_size(content: str) -> None:
    if len(content.encode()) > LARGEST:
        raise SSMException("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")


def check_number(backend: Any) -> None:
    if len(backend._documents) >= MOST_DOCUMENTS:
        raise SSMException("DocumentLimitExceeded", f"You can have at most {MOST_DOCUMENTS} active SSM documents.")


def check_versions(documents: Any, document_type: str) -> None:
    most = MOST_VERSIONS.get(document_type, USUAL_VERSIONS)
    if len(documents.versions) >= most:
        raise SSMException(
            "DocumentVersionLimitExceeded",
            f"The document has too many versions: at most {most}. Delete one or more document versions and try again.",
        )


def check_tags(tags: list[dict[str, str]] | dict[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise SSMException("TooManyTagsError", f"A resource can have at most {MOST_TAGS} tags.")


def check_package(document: Any, names: set[str] | None) -> None:
    """Its manifest and, unless they come from a folder, the names of the attachments."""
    if document.document_format == "TEXT" or not isinstance(document.content_json, dict):
        raise InvalidDocumentContent("The content for the document is not valid.")
    if document.schema_version != "2.0":
        raise SSMException(
            "InvalidDocumentSchemaVersion", f"The schema version {document.schema_version} is not supported: use 2.0."
        )
    problem = next(_problems(document.content_json, names), None)
    if problem:
        raise InvalidDocumentContent(f"The content for the document is not valid: {problem}")


def _problems(manifest: dict[str, Any], names: set[str] | None) -> Iterator[str]:
    files, version = manifest.get("files"), manifest.get("version")
    if not isinstance(version, str) or not 0 < len(version) <= 128:
        yield "version must be a text of 1 to 128 characters"
    if not isinstance(files, dict) or not files:
        yield "files must be a map of file names"
        return
    for name, about in files.items():
        if not isinstance(about, dict) or not isinstance(about.get("checksums", {}), dict):
            yield f"the file {name} of files must be a map with checksums"
    used = list(_used(manifest.get("packages")))
    if not used:
        yield "packages must be a map of platforms, versions and architectures"
    for file in used:
        if not isinstance(file, str) or file not in files:
            yield f"the file {file} of packages is not in files"
    for name in sorted((names or set()) - set(files)):
        yield f"the attachment {name} is not in files"
    for name in sorted(set(files) - names) if names is not None else ():
        yield f"the file {name} has no attachment"


def _used(packages: Any) -> Iterator[Any]:
    """The file of each target; None for a target that is not as it must be."""
    for versions in _values(packages):
        for architectures in _values(versions):
            for target in _values(architectures):
                yield target.get("file") if isinstance(target, dict) else None


def _values(branch: Any) -> list[Any]:
    return list(branch.values()) if isinstance(branch, dict) and branch else [{}]


def platforms(document_type: str, content: Any) -> list[str]:
    """The platforms that a document runs on, by its plugins or the targets of its manifest."""
    if not isinstance(content, dict):
        return [WINDOWS, LINUX, MAC]
    if document_type == "Package":
        return _package_platforms(content.get("packages"))
    steps = content.get("mainSteps") if isinstance(content.get("mainSteps"), list) else []
    actions = {step.get("action") for step in steps or [] if isinstance(step, dict)} | set(
        content.get("runtimeConfig") or {}
    )
    return [LINUX, MAC] if actions == {"aws:runShellScript"} else [WINDOWS, LINUX, MAC]


def _package_platforms(packages: Any) -> list[str]:
    names = {str(name) for name in packages} if isinstance(packages, dict) else set()
    windows, linux = "windows" in names or "_any" in names, bool(names - {"windows"})
    return [WINDOWS] * windows + [LINUX] * linux
