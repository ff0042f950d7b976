# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Buckets: conditions of bucket policies count, who pays for requests is kept, parts of a bucket that are not built are refused.

moto takes a statement for a denial of everything when its condition is not met, and a request for a part of a bucket
that it does not know for one about the bucket itself: a PUT creates it, and a DELETE deletes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import xmltodict
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from .._patching import wrap

READERS = ("abac", "analytics", "intelligent-tiering", "metadataConfiguration", "metadataTable", "metrics", "session")
CHANGES = ("metadataAnnotationTable", "metadataInventoryTable", "metadataJournalTable")
NOT_BUILT = {"get": {*READERS}, "put": {*READERS, *CHANGES}, "delete": {*READERS, "inventory"}}
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
PAYMENT = "requestPayment"
# What is known of a request. Where the emulator listens stands for AWS's endpoints, which clients reach by TLS.
CONTEXT = {("Bool", "aws:securetransport"): "true"}


def extend() -> None:
    """Put the corrections onto moto's S3."""
    wrap(S3Response, "_bucket_response_get", _get)
    wrap(S3Response, "_bucket_response_put", _put)
    wrap(S3Response, "_bucket_response_delete", _delete)
    wrap(FakeBucket, "get_permission", _permission)


def _permission(original: Callable[..., Any], bucket: FakeBucket, action: str, resource: str) -> Any:
    """What the statements say that apply to a caller of the bucket's own account."""
    whole = bucket.policy
    if whole is None:
        return original(bucket, action, resource)
    policy = json.loads(whole)
    found = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    applying = [{**one, "Condition": {}} for one in found if _concerns(bucket.account_id, one) and _met(one)]
    bucket.policy = json.dumps({**policy, "Statement": applying}).encode()
    try:
        return original(bucket, action, resource)
    finally:
        bucket.policy = whole


def _concerns(account: str, statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    named = principal if isinstance(principal, str) else principal.get("AWS", [])
    return any(name in ("*", account) or name.endswith(f":iam::{account}:root") for name in _listed(named))


def _met(statement: dict[str, Any]) -> bool:
    """Whether every condition holds; one on what is not known here does not."""
    return all(
        CONTEXT.get((operator, key.lower())) in [str(value).lower() for value in _listed(values)]
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
    )


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


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
