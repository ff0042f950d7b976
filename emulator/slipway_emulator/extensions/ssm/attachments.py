# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Attachments of documents: read from the account's bucket, and copied to one of the service's own."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from moto.core.exceptions import ServiceException
from moto.moto_api._internal import mock_random
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends
from moto.ssm.exceptions import InvalidDocument, InvalidDocumentVersion, SSMException
from moto.utilities.utils import get_partition

from ...faults import faults
from ...http_access import LOCAL_NAME, is_loopback

LARGEST_FILE = 1024**3  # bytes
SERVICE = "ssm"  # the account that the service's own bucket belongs to
URL_SECONDS = 3600

faults.declare(
    "attachment-missing",
    "an attachment of a document cannot be read when its version is made",
    ("account_id", "region", "document_name", "document_version", "attachment"),
    message="The specified S3 object doesn't exist. Verify that the URL of the S3 object is correct.",
)


class Unreadable(Exception):
    """Why a version of a document fails, as its StatusInformation tells."""


@dataclass(frozen=True)
class Attachment:
    """A file that the service keeps."""

    name: str
    size: int
    hash: str
    key: str

    def described(self, host: str, region: str) -> dict[str, Any]:
        """An AttachmentContent: the file can be fetched for an hour where the caller reaches the service."""
        return {
            "Name": self.name,
            "Size": self.size,
            "Hash": self.hash,
            "HashType": "Sha256",
            "Url": f"{_address(host, region)}/{_bucket(region)}/{quote(self.key)}?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            f"&X-Amz-Expires={URL_SECONDS}&X-Amz-SignedHeaders=host&X-Amz-Signature={self.hash}",
        }


def names_of(sources: list[dict[str, Any]]) -> set[str] | None:
    """The files that the sources name; None when one is a folder."""
    if any(source["Key"] == "SourceUrl" for source in sources):
        return None
    names = [_name(source) for source in sources]
    if len(set(names)) < len(names):
        raise SSMException("InvalidParameterValueException", "The names of the attachments must be unique.")
    return set(names)


def _name(source: dict[str, Any]) -> str:
    return source.get("Name") or posixpath.basename(source["Values"][0])


def fetch(backend: Any, document: Any, sources: list[dict[str, Any]]) -> list[Attachment]:
    """Read every file and keep a copy; raises Unreadable."""
    found = list(_files(backend, document, sources))
    for name, content in found:
        _check(backend, document, name, content)
    return [_keep(backend, document.name, name, content) for name, content in found]


def _files(backend: Any, document: Any, sources: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    for source in sources:
        value = source["Values"][0]
        if source["Key"] == "AttachmentReference":
            yield _name(source), _referred(backend, value)
        elif source["Key"] == "S3FileUrl":
            yield _name(source), _object(backend, *_location(value))
        else:
            bucket, prefix = _location(value)
            for name in document.content_json["files"]:
                yield name, _object(backend, bucket, posixpath.join(prefix, name))


def _check(backend: Any, document: Any, name: str, content: bytes) -> None:
    facts = {"account_id": backend.account_id, "region": backend.region_name, "attachment": name}
    rule = faults.take(
        "attachment-missing", document_name=document.name, document_version=document.document_version, **facts
    )
    if rule:
        raise Unreadable(rule["message"])
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"The attachment {name} is larger than 1 GB.")


def _location(url: str) -> tuple[str, str]:
    """Bucket and key of s3://bucket/key or of an https address of S3, in path style or by virtual host."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    if parts.scheme == "s3" and parts.netloc:
        return parts.netloc, path
    host = parts.hostname or ""
    if parts.scheme != "https" or ".amazonaws.com" not in host:
        raise Unreadable(f"The URL {url} is not valid. Verify that the URL of the S3 bucket is correct.")
    if host.startswith(("s3.", "s3-")):
        bucket, _mark, key = path.partition("/")
        return bucket, key
    return host.partition(".s3")[0], path


def _object(backend: Any, bucket: str, key: str) -> bytes:
    s3 = s3_backends[backend.account_id][get_partition(backend.region_name)]
    try:
        found = s3.get_object(bucket, key)
    except (S3ClientError, ServiceException):
        raise Unreadable(
            "The specified S3 bucket doesn't exist. Verify that the URL of the S3 bucket is correct."
        ) from None
    if found is None:
        raise Unreadable(
            f"The specified S3 object {key} doesn't exist in the bucket {bucket}. Verify that the URL is correct."
        )
    return bytes(found.value)


def _referred(backend: Any, reference: str) -> bytes:
    """`Document/3/file.zip`, also with the ARN of the document."""
    name, version, file = ["", "", *reference.rsplit("/", 2)][-3:]
    try:
        document = backend._get_documents(name).find(document_version=version)
    except (InvalidDocument, InvalidDocumentVersion):
        raise Unreadable(f"The document of the attachment reference {reference} doesn't exist.") from None
    kept = next((one for one in document.attachments if isinstance(one, Attachment) and one.name == file), None)
    if kept is None:
        raise Unreadable(f"The attachment of the reference {reference} doesn't exist.")
    return content_of(backend.region_name, kept)


def content_of(region: str, attachment: Attachment) -> bytes:
    """The bytes of a file that the service keeps."""
    return bytes(_store(region).get_object(_bucket(region), attachment.key).value)


def _keep(backend: Any, document: str, name: str, content: bytes) -> Attachment:
    digest = hashlib.sha256(content).hexdigest()
    key = f"{backend.account_id}/{document}/{mock_random.uuid4()}/{name}"
    _store(backend.region_name).put_object(_bucket(backend.region_name), key, content)
    return Attachment(name, len(content), digest, key)


def drop(region: str, document: Any) -> None:
    """A version is deleted."""
    for kept in document.attachments or []:
        if isinstance(kept, Attachment):
            _store(region).delete_object(_bucket(region), kept.key)


def _store(region: str) -> Any:
    store = s3_backends[SERVICE][get_partition(region)]
    if _bucket(region) not in store.buckets:
        store.create_bucket(_bucket(region), region)
    return store


def _bucket(region: str) -> str:
    return f"ssm-document-attachments-{region}"


def _address(host: str, region: str) -> str:
    """Where S3 answers whom this service answered at `host`."""
    name = host.rpartition(":")[0].strip("[]") or host
    local = bool(LOCAL_NAME.fullmatch(name)) or is_loopback(name)
    return f"http://{host}" if local else f"https://s3.{region}.amazonaws.com"
