# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import boto3
import pytest


def test_an_object_elsewhere_is_answered_with_its_region(world: None) -> None:
    far = boto3.client("s3", "us-west-2")
    far.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    far.put_object(Bucket="far", Key="a", Body=b"1")
    near = boto3.client("s3", "eu-west-1")
    asked: list[int] = []
    near.meta.events.register_first("needs-retry.s3", lambda response, **_: asked.append(response[0].status_code))
    for operation in ("head_object", "get_object"):
        asked.clear()
        assert getattr(near, operation)(Bucket="far", Key="a")["ContentLength"] == 1  # botocore goes on to the Region
        assert asked[0] == 301 or operation == "get_object"  # which it then knows
    with pytest.raises(far.exceptions.NoSuchKey):
        far.get_object(Bucket="far", Key="b")
