# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Checksums of objects and parts, and the account that must own a bucket."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute

pytestmark = pytest.mark.usefixtures("world")

MIB = 1024 * 1024


@pytest.fixture
def s3(world: None) -> Any:
    made = compute.client("s3")
    made.create_bucket(Bucket="bundles", CreateBucketConfiguration={"LocationConstraint": compute.REGION})
    return made


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


WRONG = [
    (
        {"ChecksumSHA256": sha256(b"other")},
        "BadDigest",
        "The SHA256 you specified did not match the calculated checksum.",
    ),
    ({"ChecksumCRC32": crc32(b"other")}, "BadDigest", "The CRC32 you specified did not match the calculated checksum."),
    (
        {"ContentMD5": base64.b64encode(bytes(16)).decode()},
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
    ),
    ({"ContentMD5": "short"}, "InvalidDigest", "The Content-MD5 you specified was invalid."),
]


@pytest.mark.parametrize(("told", "code", "message"), WRONG)
def test_an_object_with_the_checksum_of_another_one_is_refused(
    s3: Any, told: dict[str, str], code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="bundles", Key="k", Body=b"this", **told)
    assert refused.value.response["Error"] == {"Code": code, "Message": message}
    assert "Contents" not in s3.list_objects_v2(Bucket="bundles")


def test_a_part_with_the_checksum_of_another_one_is_refused(s3: Any) -> None:
    ids = {"Bucket": "bundles", "Key": "k"}
    ids["UploadId"] = s3.create_multipart_upload(**ids, ChecksumAlgorithm="SHA256")["UploadId"]
    with pytest.raises(ClientError, match="BadDigest"):
        s3.upload_part(**ids, PartNumber=1, Body=b"this", ChecksumSHA256=sha256(b"other"))
    assert "Parts" not in s3.list_parts(**ids)


def test_a_checksum_is_kept_and_told_on_request(s3: Any) -> None:
    s3.put_object(Bucket="bundles", Key="k", Body=b"this", ChecksumSHA256=sha256(b"this"))
    asked = {"Bucket": "bundles", "Key": "k"}
    assert s3.head_object(**asked, ChecksumMode="ENABLED")["ChecksumSHA256"] == sha256(b"this")
    assert "ChecksumSHA256" not in s3.head_object(**asked)


def test_the_checksum_of_parts_is_that_of_their_checksums_with_their_number(s3: Any) -> None:
    ids = {"Bucket": "bundles", "Key": "k"}
    ids["UploadId"] = s3.create_multipart_upload(**ids, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = [bytes(5 * MIB), b"end"]
    sent = [s3.upload_part(**ids, PartNumber=n, Body=part) for n, part in enumerate(parts, 1)]
    done = [{"PartNumber": n, "ETag": one["ETag"]} for n, one in enumerate(sent, 1)]
    s3.complete_multipart_upload(**ids, MultipartUpload={"Parts": done})
    digests = b"".join(hashlib.sha256(part).digest() for part in parts)
    for read in (s3.head_object, s3.get_object):
        assert read(Bucket="bundles", Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"] == f"{sha256(digests)}-2"


@pytest.mark.parametrize("bucket_owner", ["123456789012", "210987654321"])
@pytest.mark.parametrize(
    ("operation", "more"),
    [("put_object", {"Key": "k", "Body": b""}), ("head_object", {"Key": "there"}), ("list_objects_v2", {})],
)
def test_a_bucket_of_another_account_than_the_expected_one_is_refused(
    s3: Any, operation: str, more: dict[str, Any], bucket_owner: str
) -> None:
    s3.put_object(Bucket="bundles", Key="there", Body=b"")
    asked = {"Bucket": "bundles", "ExpectedBucketOwner": bucket_owner, **more}
    if bucket_owner == "123456789012":
        assert getattr(s3, operation)(**asked)
    else:
        with pytest.raises(ClientError) as refused:
            getattr(s3, operation)(**asked)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
