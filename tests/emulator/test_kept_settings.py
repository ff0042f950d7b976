# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Settings of buckets and roles that moto would drop, or take for something else."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.modules import CONNECTION

KEYS = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def client(service: str) -> Any:
    return boto3.client(service, region_name=CONNECTION["region"], **KEYS)


@pytest.fixture
def s3(world: None) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]})
    return s3


def test_who_pays_for_requests(s3: Any) -> None:
    assert s3.get_bucket_request_payment(Bucket="shop")["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket="shop", RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket="shop")["Payer"] == "Requester"


def test_a_part_that_is_not_built_is_not_taken_for_the_bucket(s3: Any) -> None:
    with pytest.raises(ClientError, match="is not built in this emulator"):
        s3.delete_bucket_metrics_configuration(Bucket="shop", Id="all")
    with pytest.raises(ClientError, match="is not built in this emulator"):
        s3.put_bucket_metrics_configuration(Bucket="new", Id="all", MetricsConfiguration={"Id": "all"})
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["shop"]


DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}
PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Condition": PLAIN_HTTP}, True),
        ({"Condition": {"Bool": {"AWS:SecureTransport": ["true"]}}}, False),
        ({"Principal": {"AWS": "*"}}, False),
        ({"Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}}, False),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:user/other"}}, True),
        ({"Effect": "Allow", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, True),
    ],
)
def test_a_statement_of_a_bucket_policy_counts_where_it_applies(
    s3: Any, statement: dict[str, Any], allowed: bool
) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{**DENY, **statement}]}
    s3.put_bucket_policy(Bucket="shop", Policy=json.dumps(policy))
    if allowed:
        s3.put_object(Bucket="shop", Key="a", Body=b"a")
    else:
        with pytest.raises(ClientError, match="403"):
            s3.put_object(Bucket="shop", Key="a", Body=b"a")
    assert json.loads(s3.get_bucket_policy(Bucket="shop")["Policy"]) == policy


@pytest.mark.parametrize(
    ("update", "left"), [({"Description": "new"}, ("new", 7200)), ({"MaxSessionDuration": 3600}, ("old", 3600))]
)
@pytest.mark.usefixtures("world")
def test_an_update_of_a_role_keeps_what_it_does_not_name(update: dict[str, Any], left: tuple[str, int]) -> None:
    iam = client("iam")
    iam.create_role(
        RoleName="shop", Description="old", MaxSessionDuration=7200, AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    iam.update_role(RoleName="shop", **update)
    role = iam.get_role(RoleName="shop")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == left


READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}
BY_S3 = {"Condition": {"StringLike": {"kms:ViaService": "s3.*"}}}


@pytest.mark.parametrize(
    ("statements", "decision", "missing"),
    [
        ([READ], "allowed", []),
        ([{**READ, "Resource": "arn:aws:s3:::other/*"}], "implicitDeny", []),
        ([READ, {**READ, "Effect": "Deny"}], "explicitDeny", []),
        ([{**READ, **BY_S3}], "implicitDeny", ["kms:ViaService"]),
        ([READ, {**READ, "Effect": "Deny", **BY_S3}], "allowed", ["kms:ViaService"]),
        ([READ, {**READ, "Resource": "arn:aws:s3:::other/*", **BY_S3}], "allowed", []),
    ],
)
@pytest.mark.usefixtures("world")
def test_a_simulation_says_which_context_it_lacks(
    statements: list[dict[str, Any]], decision: str, missing: list[str]
) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="shop", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName="shop", PolicyName="ours", PolicyDocument=policy)
    asked = {"ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::shop/1.zip"]}
    (result,) = iam.simulate_principal_policy(PolicySourceArn=role, **asked)["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == (decision, missing)


def test_a_policy_of_aws_and_the_version_in_force_count_in_a_simulation(world: None) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="hosts", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.attach_role_policy(RoleName="hosts", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
    every = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    own = iam.create_policy(
        PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [every]})
    )["Policy"]["Arn"]
    reading = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
    )
    iam.create_policy_version(PolicyArn=own, PolicyDocument=reading, SetAsDefault=True)
    iam.attach_role_policy(RoleName="hosts", PolicyArn=own)
    asked = ["ssm:UpdateInstanceInformation", "s3:GetObject", "s3:PutObject"]
    found = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=asked)["EvaluationResults"]
    assert [one["EvalDecision"] for one in found] == ["allowed", "allowed", "implicitDeny"]
