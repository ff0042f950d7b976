# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The checksum a client sends with an object or a part: S3 computes it too, and refuses what does not match.

moto keeps whatever is sent, so an object could carry the checksum of another one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.responses import S3Response
from moto.s3.utils import compute_checksum

from .._patching import wrap

# CRC32C and CRC64NVME need libraries that may be missing; moto then computes a CRC32 in their place.
ALGORITHMS = ("CRC32", "SHA1", "SHA256")


class BadDigest(S3ClientError):
    code = "BadDigest"


class InvalidDigest(S3ClientError):
    code = "InvalidDigest"


def extend() -> None:
    for operation in ("put_object", "upload_part"):
        wrap(S3Response, operation, _verified)
    wrap(S3Response, "_get_checksum", _named)
    wrap(S3Response, "head_object", _with_parts)


def _verified(original: Callable[..., Any], self: Any) -> Any:
    """Before moto keeps anything: a part that was refused is not there."""
    _check_md5(self)
    for algorithm in ALGORITHMS:
        value = self.headers.get(_header(algorithm))
        if value and value != compute_checksum(self.body or b"", algorithm).decode():
            raise BadDigest(f"The {algorithm} you specified did not match the calculated checksum.")
    return original(self)


def _named(original: Callable[..., Any], self: Any, response_headers: dict[str, Any]) -> tuple[str, str | None]:
    """Also by a value that comes without the name of its algorithm."""
    algorithm, value = original(self, response_headers)
    alone = next((name for name in ALGORITHMS if self.headers.get(_header(name))), None)
    if algorithm or not alone:
        return algorithm, value
    response_headers[_header(alone)] = self.headers[_header(alone)]
    return alone, self.headers[_header(alone)]


def _with_parts(
    original: Callable[..., Any], self: Any, bucket_name: str, query: dict[str, Any], key_name: str, **rest: Any
) -> Any:
    """A checksum over those of the parts ends in their number, which moto's HEAD leaves out."""
    status, headers, body = answer = original(self, bucket_name, query, key_name, **rest)
    key = self.backend.get_object(bucket_name, key_name, version_id=query.get("versionId", [None])[0])
    if status != 200 or key is None or key.checksum_type != "COMPOSITE":
        return answer
    name = _header(key.checksum_algorithm or "")
    if name in headers and "-" not in headers[name]:
        headers[name] = f"{headers[name]}-{key.checksum_parts}"
    return status, headers, body


def _header(algorithm: str) -> str:
    return f"x-amz-checksum-{algorithm.lower()}"


def _check_md5(response: Any) -> None:
    value = response.headers.get("Content-MD5")
    if not value:
        return
    try:
        told = base64.b64decode(value, validate=True)
    except binascii.Error:
        told = b""
    if len(told) != 16:
        raise InvalidDigest("The Content-MD5 you specified was invalid.")
    if told != hashlib.md5(response.body or b"", usedforsecurity=False).digest():
        raise BadDigest("The Content-MD5 you specified did not match what we received.")
