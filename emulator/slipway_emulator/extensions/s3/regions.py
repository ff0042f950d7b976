# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Objects of a bucket in another Region: S3 answers with the Region to ask, moto with the object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.s3.exceptions import MissingBucket
from moto.s3.responses import S3Response

from ...protocol import SCOPE
from .._patching import wrap

TEXT = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to '
    "access must be addressed using the specified endpoint. Please send all future requests to this endpoint.</Message>"
    "<Bucket>{bucket}</Bucket></Error>"
)


def extend() -> None:
    for method in (
        "_key_response_get",
        "_key_response_put",
        "_key_response_post",
        "_key_response_delete",
        "head_object",
    ):
        wrap(S3Response, method, _in_its_region)


def _in_its_region(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    name = self.bucket_name
    try:
        region = self.backend.get_bucket(name).region_name
    except MissingBucket:
        return original(self, *args, **kwargs)
    if _signed_for(self) in (None, region):
        return original(self, *args, **kwargs)
    headers = {"x-amz-bucket-region": region, "content-type": "application/xml"}
    return 301, headers, "" if original.__name__ == "head_object" else TEXT.format(bucket=name)


def _signed_for(response: Any) -> str | None:
    """The Region of the endpoint that was asked; None where the signature, or its absence, does not tell."""
    scope = SCOPE.search(f"{response.headers.get('Authorization', '')} {unquote(response.uri)}")
    return scope["region"] if scope else None
