# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bundle in S3: found by one request, or streamed up without a temporary file.

Whoever may write to the bucket chooses what an object's own metadata says, so nothing here rests on it: what an object
holds is told by the SHA-256 checksum that S3 has verified when it took it, or by the bytes themselves.

boto3's managed transfer is not used: it does not tell the version and the ETag of what it stored, and does not fit
its part size to a stream whose length it cannot know.
"""

from __future__ import annotations

import functools
import itertools
import typing as t
from dataclasses import dataclass

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.slipway.aws.plugins.module_utils._bundle.checksum import Checksum, checksum_of
from ansible_collections.slipway.aws.plugins.module_utils._bundle.deflate import in_order
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import code

PART_SIZE = 8 * 1024 * 1024
MAX_PARTS = 10_000
_REGION_HEADER = "x-amz-bucket-region"
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409", "NoSuchUpload"}


@dataclass(frozen=True)
class Place:
    """Where a bundle is, or goes."""

    bucket: str
    key: str
    owner: str | None = None  # account that must own the bucket

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def bucket_arguments(self) -> dict[str, str]:
        return {"Bucket": self.bucket, **({"ExpectedBucketOwner": self.owner} if self.owner else {})}

    @property
    def arguments(self) -> dict[str, str]:
        return {**self.bucket_arguments, "Key": self.key}


@dataclass(frozen=True)
class Stored:
    """An object that is there. Empty strings for what S3 did not tell."""

    etag: str = ""  # without quotes
    version: str = ""  # empty when the bucket is not versioned
    size: int = 0
    checksum: str = ""  # SHA-256, as `_bundle.checksum` tells it; only where it was asked for


class Denied(BundleError):
    """S3 would not say whether the object is there: without s3:ListBucket a missing key answers 403, as one that may
    not be read does."""


class Taken(BundleError):
    """The key holds other bytes than were to be stored."""

    def __init__(self, place: Place, stored: Stored) -> None:
        super().__init__(
            f"{place.uri} holds an object that is not this bundle and is not registered with CodeDeploy as this bundle. "
            "Find out who uploaded it. Then delete it, or push to another key_prefix."
        )
        self.stored = stored


class NoBucket(BundleError):
    """There is no such bucket."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Bucket {name} does not exist. Create it first, or correct the option bucket.")


def find_object(client: t.Any, place: Place, version: str | None = None, checksum: bool = False) -> Stored | None:
    """Look for the object by one request; None when it is missing (or its bucket is: HEAD does not tell).

    The `checksum` of an object that KMS encrypts is told only to who may decrypt it, so it is asked for only where it counts.
    """
    guard_region(client, place.bucket)
    asked = {**({"VersionId": version} if version else {}), **({"ChecksumMode": "ENABLED"} if checksum else {})}
    try:
        found = client.head_object(**place.arguments, **asked)
    except ClientError as e:
        if _status(e) == 404:
            return None
        if _status(e) == 403:
            raise Denied(f"{place.uri} cannot be read: {_denial(place, e)}.") from e
        raise
    return _stored(found, found.get("ContentLength", 0), found.get("ChecksumSHA256", ""))


def holds(client: t.Any, place: Place, seen: Stored, chunks: t.Iterable[bytes], size_of_part: int = PART_SIZE) -> bool:
    """Whether the object that was `seen` is these bytes. They are read to the end; nothing is written.

    Raises Denied where the caller may not look.
    """
    return _is(client, place, seen.etag, checksum_of(_parts(chunks, size_of_part)), size_of_part)


def _is(client: t.Any, place: Place, etag: str | None, wanted: Checksum, size_of_part: int) -> bool:
    """By S3's checksum; by reading the object where it has none, or maybe one over other parts."""
    found = find_object(client, place, checksum=True)
    if found is None or found.size != wanted.size or etag not in (None, found.etag):
        return False
    if found.checksum == wanted.text:
        return True
    if found.checksum and "-" not in found.checksum + wanted.text:  # over the whole of both
        return False
    body = client.get_object(**place.arguments, IfMatch=f'"{found.etag}"')["Body"]
    return checksum_of(_parts(body.iter_chunks(size_of_part), size_of_part)).text == wanted.text


def check_bucket(client: t.Any, place: Place) -> None:
    """Raise BundleError when the bucket is missing or in another region. A caller who may not ask is let through: the
    write itself will tell."""
    guard_region(client, place.bucket)
    try:
        client.head_bucket(**place.bucket_arguments)
    except ClientError as e:
        if _status(e) == 404:
            raise NoBucket(place.bucket) from e
        if _status(e) != 403:
            raise


def guard_region(client: t.Any, bucket: str) -> None:
    """Make every call for this bucket fail in words when S3 says that it is in another region.

    botocore follows the redirect silently otherwise, and a bundle that no host of this region can fetch is stored.
    """

    def refuse(response: t.Any = None, **_unused: object) -> None:
        headers = response[0].headers if response is not None else {}
        region = headers.get(_REGION_HEADER)
        if region and region != client.meta.region_name:
            raise BundleError(
                f"Bucket {bucket} is in {region}, not in {client.meta.region_name}: it is fetched from a bucket in "
                f"the region where it is used. Use a bucket in {client.meta.region_name}, or run with region {region}."
            )

    client.meta.events.register_first("needs-retry.s3", refuse, unique_id="slipway-bucket-region")


def part_size(bound: int) -> int:
    """Whole MiB, at least 8, such that ``bound`` bytes never need more than 10,000 parts."""
    mebibytes = -(-bound // (MAX_PARTS * 1024 * 1024))
    return max(PART_SIZE, mebibytes * 1024 * 1024)


def upload(
    client: t.Any,
    place: Place,
    chunks: t.Iterable[bytes],
    *,
    size_of_part: int = PART_SIZE,
    settings: t.Mapping[str, str] | None = None,
    replaces: Stored | None = None,
) -> tuple[Stored, bool]:
    """Store the stream and tell what is there then, and whether this call put it there.

    One PutObject when it fits one part, else a multipart upload that is aborted on any error. S3 is asked to refuse
    when the key is taken, or no longer by what ``replaces`` names; what holds the key then counts as stored if it is the
    same bytes, else Taken is raised.
    """
    condition = {"IfMatch": f'"{replaces.etag}"'} if replaces else {"IfNoneMatch": "*"}
    sent = Checksum()
    try:
        done = _send_all(client, place, _parts(chunks, size_of_part), sent, settings or {}, condition)
    except ClientError as e:
        if code(e) == "NoSuchBucket":
            raise NoBucket(place.bucket) from e
        if _status(e) == 403:
            needed = "s3:PutObject and s3:PutObjectTagging" if "Tagging" in (settings or {}) else "s3:PutObject"
            raise BundleError(f"{place.uri} cannot be written: {_denial(place, e)}. Allow {needed} on it.") from e
        return _already(client, place, sent, size_of_part, e), _was_repeated(e)
    return _stored(done, sent.size), True


def _send_all(
    client: t.Any,
    place: Place,
    parts: t.Iterator[bytes],
    sent: Checksum,
    settings: t.Mapping[str, t.Any],
    condition: dict[str, str],
) -> dict[str, t.Any]:
    head = list(itertools.islice(parts, 2))
    if len(head) == 2:
        return _multipart(client, place, itertools.chain(head, parts), sent, settings, condition)
    body = head[0] if head else b""
    checked = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": sent.count(body)}
    known = _known(client, "PutObject", condition)
    return client.put_object(**place.arguments, Body=body, **checked, **known, **settings)


def _already(client: t.Any, place: Place, sent: Checksum, size_of_part: int, error: ClientError) -> Stored:
    """What took the key: another push of the same content, or this one when the reply to its last request was lost."""
    if code(error) not in _TAKEN:
        raise error
    try:
        found = find_object(client, place)
        same = found is not None and _is(client, place, found.etag, sent, size_of_part)
    except Denied:
        remedy = "Allow s3:GetObject on it (and kms:Decrypt on its key), and push again."
        raise BundleError(f"{place.uri} exists already, and its content cannot be read. {remedy}") from error
    if found is None:
        raise BundleError(f"{place.uri} was being written by someone else. Push again.") from error
    if not same:
        raise Taken(place, found) from error
    return found


def _was_repeated(error: ClientError) -> bool:
    """Whether an earlier attempt of this very request, whose answer was lost, may have taken the key."""
    return error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0


def _multipart(
    client: t.Any,
    place: Place,
    parts: t.Iterable[bytes],
    sent: Checksum,
    settings: t.Mapping[str, t.Any],
    condition: dict[str, str],
) -> dict[str, t.Any]:
    begun = client.create_multipart_upload(**place.arguments, ChecksumAlgorithm="SHA256", **settings)
    ids = {**place.arguments, "UploadId": begun["UploadId"]}
    try:
        jobs = (functools.partial(_send, client, ids, n, part, sent.count(part)) for n, part in enumerate(parts, 1))
        done = list(in_order(jobs, ahead=1))
        return client.complete_multipart_upload(
            **ids, MultipartUpload={"Parts": done}, **_known(client, "CompleteMultipartUpload", condition)
        )
    except BaseException as e:
        _abort(client, place, ids, e)
        raise


def _send(client: t.Any, ids: dict[str, str], number: int, part: bytes, checksum: str) -> dict[str, t.Any]:
    checked = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
    sent = client.upload_part(**ids, PartNumber=number, Body=part, **checked)
    # S3 wants the checksum of every part again at the end when the upload was begun with an algorithm.
    return {"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": checksum}


def _abort(client: t.Any, place: Place, ids: dict[str, str], cause: BaseException) -> None:
    """Leave no parts behind; they are stored, and paid for, until somebody removes them."""
    try:
        client.abort_multipart_upload(**ids)
    except ClientError as e:
        if code(e) != "NoSuchUpload":
            raise BundleError(
                f"{cause} In addition, the incomplete upload {ids['UploadId']} of {place.uri} could not be aborted: {e}. "
                "Abort it, or add a lifecycle rule that does."
            ) from cause


def _parts(chunks: t.Iterable[bytes], size: int) -> t.Iterator[bytes]:
    """The stream cut into parts of exactly ``size`` bytes, the last one shorter."""
    waiting: list[bytes | memoryview] = []
    held = 0
    for chunk in chunks:
        waiting.append(chunk)
        held += len(chunk)
        while held >= size:
            whole = memoryview(b"".join(waiting))
            yield bytes(whole[:size])
            held -= size
            waiting = [whole[size:]] if held else []
    if held:
        yield b"".join(waiting)


def _known(client: t.Any, operation: str, arguments: dict[str, str]) -> dict[str, str]:
    """Conditional writes are newer than the oldest botocore that is supported; without them two pushes of one content
    at a time both write the same object."""
    members = client.meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in arguments.items() if name in members}


def _stored(answer: t.Mapping[str, t.Any], size: int, checksum: str = "") -> Stored:
    # Objects from before versioning was switched on carry the version "null", which cannot be told from no version.
    version = answer.get("VersionId") or ""
    return Stored(answer.get("ETag", "").strip('"'), "" if version == "null" else version, size, checksum)


def _denial(place: Place, error: ClientError) -> str:
    """S3 answers the same to who lacks a right and to who names another owner."""
    said = error.response["Error"].get("Message") or "denied"
    return f"{said}, or the bucket does not belong to the account {place.owner}" if place.owner else said


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
