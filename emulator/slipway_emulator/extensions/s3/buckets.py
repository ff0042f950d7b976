# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Buckets: who pays for requests is kept; parts of a bucket that moto does not know are refused.

moto takes such a request for one about the bucket itself: a PUT creates it, and a DELETE deletes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xmltodict
from moto.s3.responses import S3Response

from .._patching import wrap

READERS = ("abac", "analytics", "intelligent-tiering", "metadataConfiguration", "metadataTable", "metrics", "session")
CHANGES = ("metadataAnnotationTable", "metadataInventoryTable", "metadataJournalTable")
NOT_BUILT = {"get": {*READERS}, "put": {*READERS, *CHANGES}, "delete": {*READERS, "inventory"}}
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
PAYMENT = "requestPayment"


def extend() -> None:
    """Put the corrections onto moto's S3."""
    wrap(S3Response, "_bucket_response_get", _get)
    wrap(S3Response, "_bucket_response_put", _put)
    wrap(S3Response, "_bucket_response_delete", _delete)


def _get(original: Callable[..., Any], self: S3Response, bucket_name: str, querystring: dict[str, Any]) -> Any:
    _check("get", querystring)
    if PAYMENT not in querystring:
        return original(self, bucket_name, querystring)
    payer = getattr(self.backend.get_bucket(bucket_name), "slipway_payer", "BucketOwner")
    return xmltodict.unparse({"RequestPaymentConfiguration": {"@xmlns": NAMESPACE, "Payer": payer}})


def _put(
    original: Callable[..., Any], self: S3Response, request: Any, bucket_name: str, querystring: dict[str, Any]
) -> Any:
    _check("put", querystring)
    if PAYMENT not in querystring:
        return original(self, request, bucket_name, querystring)
    payer = xmltodict.parse(self.body)["RequestPaymentConfiguration"]["Payer"]
    self.backend.get_bucket(bucket_name).slipway_payer = payer  # type: ignore[attr-defined]
    return ""


def _delete(original: Callable[..., Any], self: S3Response, bucket_name: str, querystring: dict[str, Any]) -> Any:
    _check("delete", querystring)
    return original(self, bucket_name, querystring)


def _check(method: str, querystring: dict[str, Any]) -> None:
    for part in NOT_BUILT[method] & querystring.keys():
        raise NotImplementedError(f"A bucket has no {part} here.")
