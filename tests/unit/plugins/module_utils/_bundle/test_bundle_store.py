# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import itertools
import time
import typing as t
from types import SimpleNamespace

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from ansible_collections.slipway.aws.plugins.module_utils._bundle import store
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import (
    Denied,
    Place,
    check_bucket,
    find_object,
    holds,
    part_size,
    upload,
)
from slipway_emulator.world import world

CALLER = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
MIB = 1024 * 1024


class Body:
    """What botocore reads an answer from."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self, **_unused: object) -> t.Iterator[bytes]:
        yield self.data


class Wire:
    """An S3 client, an own bucket, every operation sent, and faults in the way of them."""

    def __init__(self, bucket: str) -> None:
        self.client = boto3.session.Session().client(
            "s3", config=Config(retries={"mode": "standard", "total_max_attempts": 2}), **CALLER
        )
        self.client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.place = Place(bucket, "storefront/abc.zip")
        self.sent: list[str] = []
        self.parameters: list[dict[str, t.Any]] = []
        self.replaced: dict[str, list[t.Any]] = {}
        self.refused: dict[str, list[t.Any]] = {}
        self.client.meta.events.register("provide-client-params.s3", self._note)
        self.client.meta.events.register("before-call.s3", self._refuse)
        self.client.meta.events.register("before-send.s3", self._replace)

    def _note(self, params: dict[str, t.Any], model: t.Any, **_unused: object) -> None:
        self.sent.append(model.name)
        self.parameters.append(params)

    def _refuse(self, model: t.Any, **_unused: object) -> t.Any:
        waiting = self.refused.get(model.name)
        answer = waiting.pop(0) if waiting else None
        if isinstance(answer, BaseException):
            raise answer
        if answer is None:
            return None
        status, code = answer
        parsed = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return SimpleNamespace(status_code=status), parsed

    def _replace(self, request: t.Any, event_name: str, **_unused: object) -> t.Any:
        waiting = self.replaced.get(event_name.rpartition(".")[2])
        if not waiting:
            return None
        status, code, headers = waiting.pop(0)
        body = b"" if request.method == "HEAD" else b"<Error><Code>%s</Code></Error>" % code.encode()
        return AWSResponse(request.url, status, headers, Body(body))

    def refuse(self, operation: str, *answers: t.Any) -> None:
        """The next calls of the operation do nothing: a status and a code come back, or an exception is raised."""
        self.refused.setdefault(operation, []).extend(answers)

    def replace(self, operation: str, *answers: t.Any) -> None:
        """The next calls of the operation are carried out, but another answer arrives."""
        self.replaced.setdefault(operation, []).extend(answers)

    def unfinished(self) -> list[t.Any]:
        return self.client.list_multipart_uploads(Bucket=self.place.bucket).get("Uploads", [])

    def content(self) -> bytes:
        return self.client.get_object(Bucket=self.place.bucket, Key=self.place.key)["Body"].read()


@pytest.fixture(scope="module")
def aws() -> t.Iterator[t.Iterator[int]]:
    """One world for all tests here, each with a bucket of its own: to make one takes longer than the tests."""
    with world():
        yield itertools.count(1)


@pytest.fixture
def s3(aws: t.Iterator[int], monkeypatch: pytest.MonkeyPatch) -> Wire:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    wire = Wire(f"releases{next(aws)}")
    wire.sent.clear()
    wire.parameters.clear()
    return wire


def chunks(size: int) -> t.Iterator[bytes]:
    data = bytes(range(256)) * (size // 256 + 1)
    for start in range(0, size, 700_001):
        yield data[start : min(start + 700_001, size)]


def push(s3: Wire, size: int = 10, **options: t.Any) -> tuple[store.Stored, bool]:
    return upload(s3.client, s3.place, chunks(size), size_of_part=5 * MIB, **options)


def test_a_small_bundle_is_one_put(s3: Wire) -> None:
    stored, uploaded = push(s3, 1000)
    assert s3.sent == ["PutObject"]
    assert uploaded
    assert stored == find_object(s3.client, s3.place)
    assert (stored.size, stored.version) == (1000, "")
    assert len(stored.etag) == 32


@pytest.mark.parametrize(
    ("size", "parts"),
    [(0, 0), (5 * MIB - 1, 0), (5 * MIB, 0), (5 * MIB + 1, 2), (10 * MIB, 2), (13 * MIB, 3)],
)
def test_a_bundle_beyond_one_part_is_sent_in_parts(s3: Wire, size: int, parts: int) -> None:
    stored, uploaded = push(s3, size)
    sends = ["CreateMultipartUpload", *["UploadPart"] * parts, "CompleteMultipartUpload"] if parts else ["PutObject"]
    assert sorted(s3.sent) == sorted(sends)
    assert uploaded
    assert s3.content() == b"".join(chunks(size))
    assert stored == find_object(s3.client, s3.place)
    assert s3.unfinished() == []


@pytest.mark.parametrize("size", [10, 6 * MIB])
def test_the_version_is_told_when_the_bucket_has_versions(s3: Wire, size: int) -> None:
    s3.client.put_bucket_versioning(Bucket=s3.place.bucket, VersioningConfiguration={"Status": "Enabled"})
    stored, _uploaded = push(s3, size)
    assert stored.version == s3.client.head_object(Bucket=s3.place.bucket, Key=s3.place.key)["VersionId"]
    assert find_object(s3.client, s3.place, stored.version) == stored


def test_a_missing_object_is_found_missing_by_one_call(s3: Wire) -> None:
    assert find_object(s3.client, s3.place) is None
    assert s3.sent == ["HeadObject"]


def test_a_refused_look_is_not_taken_for_a_missing_object(s3: Wire) -> None:
    s3.refuse("HeadObject", (403, "403"))
    with pytest.raises(Denied, match="s3://releases[0-9]+/storefront/abc.zip cannot be read"):
        find_object(s3.client, s3.place)


def test_an_outage_is_neither(s3: Wire) -> None:
    s3.replace("HeadObject", (503, "", {}), (503, "", {}))
    with pytest.raises(ClientError):
        find_object(s3.client, s3.place)


def test_a_missing_bucket_is_said_before_anything_is_written(s3: Wire) -> None:
    with pytest.raises(BundleError, match="Bucket nowhere does not exist. Create it first"):
        check_bucket(s3.client, Place("nowhere", "x"))
    with pytest.raises(BundleError, match="Bucket nowhere does not exist"):
        upload(s3.client, Place("nowhere", "x"), chunks(10))
    with pytest.raises(BundleError, match="Bucket nowhere does not exist"):
        upload(s3.client, Place("nowhere", "x"), chunks(9 * MIB))


@pytest.mark.parametrize("status", [301, 400, 200])
def test_a_bucket_in_another_region_is_said_by_the_first_call(s3: Wire, status: int) -> None:
    s3.replace("HeadObject", (status, "", {"x-amz-bucket-region": "us-east-2"}))
    with pytest.raises(BundleError) as e:
        find_object(s3.client, s3.place)
    assert str(e.value).startswith(f"Bucket {s3.place.bucket} is in us-east-2, not in eu-west-1")
    assert s3.sent == ["HeadObject"]


def test_a_bucket_that_moto_has_in_another_region_is_refused(s3: Wire) -> None:
    boto3.session.Session().client("s3", region_name="us-east-1").create_bucket(Bucket="american")
    with pytest.raises(BundleError, match="Bucket american is in us-east-1, not in eu-west-1"):
        check_bucket(s3.client, Place("american", "x"))


def test_a_bucket_that_may_not_be_asked_about_is_let_through(s3: Wire) -> None:
    s3.refuse("HeadBucket", (403, "403"))
    check_bucket(s3.client, s3.place)
    assert s3.sent == ["HeadBucket"]


@pytest.mark.parametrize("size", [10, 6 * MIB])
def test_the_same_content_pushed_meanwhile_counts_as_stored(s3: Wire, size: int) -> None:
    first, _uploaded = push(s3, size)
    s3.refuse("CompleteMultipartUpload", (412, "PreconditionFailed"))
    again, uploaded = push(s3, size)
    assert (again, uploaded) == (first, False)
    assert s3.unfinished() == []


@pytest.mark.parametrize(("operation", "size"), [("PutObject", 10), ("CompleteMultipartUpload", 6 * MIB)])
@pytest.mark.parametrize("second", [(412, "PreconditionFailed", {}), (404, "NoSuchUpload", {})])
def test_what_was_stored_although_the_answer_was_lost_is_ours(
    s3: Wire, operation: str, size: int, second: tuple[int, str, dict[str, str]]
) -> None:
    s3.replace(operation, (503, "SlowDown", {}), second)
    stored, uploaded = push(s3, size)
    assert uploaded
    assert stored == find_object(s3.client, s3.place)


def test_a_strange_object_under_the_key_is_not_taken_for_ours(s3: Wire) -> None:
    s3.client.put_object(Bucket=s3.place.bucket, Key=s3.place.key, Body=b"other")
    with pytest.raises(BundleError, match="holds an object that is not this bundle"):
        push(s3)
    assert s3.content() == b"other"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Metadata": {"slipway-fingerprint": "f" * 64}},
        {"ChecksumAlgorithm": "SHA256"},
        {"ChecksumAlgorithm": "CRC32"},
        {"ChecksumAlgorithm": "SHA1"},
    ],
)
@pytest.mark.parametrize("size", [0, 10, 6 * MIB])
def test_what_an_object_holds_is_told_by_its_bytes_whatever_it_says_of_itself(
    s3: Wire, size: int, told: dict[str, t.Any]
) -> None:
    ours, other = b"".join(chunks(size)), bytes(max(size, 1))
    for content, same in ((ours, True), (other, False), (ours + b"x", False)):
        s3.client.put_object(Bucket=s3.place.bucket, Key=s3.place.key, Body=content, **told)
        seen = find_object(s3.client, s3.place)
        assert seen is not None
        assert holds(s3.client, s3.place, seen, chunks(size), 5 * MIB) is same
    assert not holds(s3.client, s3.place, dataclasses.replace(seen, etag="before"), chunks(size), 5 * MIB)


@pytest.mark.parametrize("size", [10, 6 * MIB, 13 * MIB])
def test_a_bundle_of_ours_is_told_by_its_checksum_alone(s3: Wire, size: int) -> None:
    stored, _uploaded = push(s3, size)
    s3.sent.clear()
    assert holds(s3.client, s3.place, stored, chunks(size), 5 * MIB)
    assert s3.sent == ["HeadObject"]


def test_a_bundle_sent_in_other_parts_is_read(s3: Wire) -> None:
    stored, _uploaded = push(s3, 13 * MIB)
    s3.sent.clear()
    assert holds(s3.client, s3.place, stored, chunks(13 * MIB), 6 * MIB)
    assert s3.sent == ["HeadObject", "GetObject"]


def test_an_object_is_replaced_only_while_it_is_the_one_that_was_seen(s3: Wire) -> None:
    s3.client.put_object(Bucket=s3.place.bucket, Key=s3.place.key, Body=b"other")
    seen = find_object(s3.client, s3.place)
    s3.client.put_object(Bucket=s3.place.bucket, Key=s3.place.key, Body=b"newer")
    with pytest.raises(BundleError, match="holds an object that is not this bundle"):
        push(s3, replaces=seen)
    assert s3.content() == b"newer"
    stored, uploaded = push(s3, replaces=find_object(s3.client, s3.place))
    assert uploaded
    assert stored == find_object(s3.client, s3.place)


def test_a_taken_key_that_may_not_be_read_is_said(s3: Wire) -> None:
    push(s3)
    s3.refuse("HeadObject", (403, "403"))
    with pytest.raises(BundleError, match="exists already, and its content cannot be read. Allow s3:GetObject"):
        push(s3)


def test_a_key_that_somebody_is_writing_is_said(s3: Wire) -> None:
    s3.refuse("PutObject", (409, "ConditionalRequestConflict"))
    with pytest.raises(BundleError, match="was being written by someone else. Push again"):
        push(s3)


def broken(after: int, error: BaseException) -> t.Iterator[bytes]:
    for _turn in range(after):
        yield bytes(MIB)
    raise error


@pytest.mark.parametrize("error", [BundleError("x changed"), OSError("disk"), KeyboardInterrupt(), MemoryError()])
def test_any_error_in_the_stream_leaves_nothing_behind(s3: Wire, error: BaseException) -> None:
    with pytest.raises(type(error)):
        upload(s3.client, s3.place, broken(13, error), size_of_part=5 * MIB)
    assert s3.sent[-1] == "AbortMultipartUpload"
    assert s3.unfinished() == []
    assert find_object(s3.client, s3.place) is None


def test_an_error_before_the_first_part_is_full_writes_nothing(s3: Wire) -> None:
    with pytest.raises(BundleError):
        upload(s3.client, s3.place, broken(3, BundleError("x changed")), size_of_part=5 * MIB)
    assert s3.sent == []


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
@pytest.mark.parametrize("error", [(403, "AccessDenied"), KeyboardInterrupt(), RuntimeError("odd")])
def test_any_error_of_a_request_leaves_nothing_behind(s3: Wire, operation: str, error: t.Any) -> None:
    s3.refuse(operation, error)
    with pytest.raises((BundleError, KeyboardInterrupt, RuntimeError)):
        push(s3, 13 * MIB)
    assert s3.unfinished() == []
    assert find_object(s3.client, s3.place) is None


def test_an_upload_that_cannot_be_aborted_is_named(s3: Wire) -> None:
    s3.refuse("UploadPart", (403, "AccessDenied"))
    s3.refuse("AbortMultipartUpload", (403, "AccessDenied"))
    with pytest.raises(BundleError) as e:
        push(s3, 13 * MIB)
    assert "AccessDenied" in str(e.value)
    assert f"of {s3.place.uri} could not be aborted" in str(e.value)


def test_a_throttled_part_is_sent_again(s3: Wire) -> None:
    s3.replace("UploadPart", (503, "SlowDown", {}))
    _stored, uploaded = push(s3, 6 * MIB)
    assert uploaded
    assert s3.content() == b"".join(chunks(6 * MIB))


def test_every_request_names_the_owner_of_the_bucket(s3: Wire) -> None:
    place = Place(s3.place.bucket, "k", "123456789012")
    find_object(s3.client, place)
    check_bucket(s3.client, place)
    s3.refuse("CompleteMultipartUpload", (403, "AccessDenied"))
    with pytest.raises(
        BundleError, match="or the bucket does not belong to the account 123456789012. Allow s3:PutObject"
    ):
        upload(s3.client, place, chunks(9 * MIB))
    assert {"HeadObject", "HeadBucket", "CreateMultipartUpload", "UploadPart", "AbortMultipartUpload"} <= set(s3.sent)
    assert {parameters.get("ExpectedBucketOwner") for parameters in s3.parameters} == {"123456789012"}


@pytest.mark.parametrize("size", [10, 6 * MIB])
def test_encryption_is_asked_for(s3: Wire, size: int) -> None:
    push(s3, size, settings={"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/releases"})
    head = s3.client.head_object(Bucket=s3.place.bucket, Key=s3.place.key)
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"].endswith("alias/releases")


def test_conditions_an_old_botocore_does_not_know_are_left_out(s3: Wire) -> None:
    assert store._known(s3.client, "UploadPart", {"IfNoneMatch": "*"}) == {}
    assert store._known(s3.client, "PutObject", {"IfNoneMatch": "*"}) == {"IfNoneMatch": "*"}


@pytest.mark.parametrize("bound", [0, 1, 8 * MIB * 10_000, 8 * MIB * 10_000 + 1, 5 * 1024 * 1024 * MIB])
def test_no_bundle_needs_more_than_ten_thousand_parts(bound: int) -> None:
    size = part_size(bound)
    assert size >= 8 * MIB
    assert size % MIB == 0
    assert -(-bound // size) <= 10_000
    assert size == 8 * MIB or size - MIB < bound / 10_000
