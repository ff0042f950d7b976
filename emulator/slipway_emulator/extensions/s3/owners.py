# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The account that a caller expects to own a bucket: S3 refuses every request when another one does, moto does not look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import MissingBucket, S3AccessDeniedError
from moto.s3.responses import S3Response

from .._patching import wrap


def extend() -> None:
    wrap(S3Response, "_authenticate_and_authorize_s3_action", _of_the_expected_owner)


def _of_the_expected_owner(
    original: Callable[..., Any], self: Any, bucket_name: str | None = None, key_name: str | None = None
) -> Any:
    expected = self.headers.get("x-amz-expected-bucket-owner")
    if expected and bucket_name and _owner(self, bucket_name) not in (None, expected):
        raise S3AccessDeniedError
    return original(self, bucket_name=bucket_name, key_name=key_name)


def _owner(response: Any, bucket_name: str) -> str | None:
    """None where there is no such bucket: that is for moto to say."""
    try:
        return str(response.backend.get_bucket(bucket_name).account_id)
    except MissingBucket:
        return None
