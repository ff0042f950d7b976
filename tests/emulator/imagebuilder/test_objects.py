# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Objects of S3 that steps download: as the role of the instance profile may read them, from whose bucket it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.image_builder import ACCOUNT, REGION, Builder, client

BODY = b"#!/bin/sh\nsystemctl enable shop\n"


def document(source: str, owner: str) -> str:
    return f"""\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Download
        action: S3Download
        inputs:
          - source: {source}
            destination: /opt/
            expectedBucketOwner: "{owner}"
      - name: Run
        action: ExecuteBash
        inputs:
          commands: [bash /opt/x.sh]
"""


def statement(effect: str, action: str = "s3:GetObject") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "arn:aws:s3:::releases/*"}


@pytest.mark.parametrize(
    ("source", "owner", "statements", "said"),
    [
        ("s3://releases/x.sh", ACCOUNT, [statement("Allow")], ""),
        ("s3://amazon-somewhere/x.sh", ACCOUNT, [], ""),  # the world has such buckets, and this one is not known
        ("s3://releases/x.sh", "999999999999", [statement("Allow")], "AccessDenied"),
        ("s3://releases/x.sh", ACCOUNT, [statement("Allow", "s3:PutObject")], "AccessDenied"),
        ("s3://releases/x.sh", ACCOUNT, [statement("Allow"), statement("Deny", "s3:*")], "AccessDenied"),
        ("s3://releases/gone", ACCOUNT, [statement("Allow")], "NoSuchKey"),
        ("s3://nobodys/x.sh", ACCOUNT, [statement("Allow")], "NoSuchBucket"),
    ],
)
def test_a_download_is_what_the_instance_may_read(
    builder: Builder, source: str, owner: str, statements: list[dict[str, Any]], said: str
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="releases", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="releases", Key="x.sh", Body=BODY)
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    if statements:
        client("iam").put_role_policy(RoleName="builder", PolicyName="own", PolicyDocument=policy)
    image = builder.built(builder.component(data=document(source, owner)))
    failed = image["state"].get("failureContext", {}).get("componentFailure", {})
    assert (image["state"]["status"], failed.get("stepName")) == (
        ("FAILED", "Download") if said else ("AVAILABLE", None)
    )
    assert said in failed.get("errorMessage", "")
