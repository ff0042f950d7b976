# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts whose role may not read the bundle, and a document that is not there: told as far as reads can tell."""

from __future__ import annotations

import json
import typing as t

import boto3
import pytest
from moto.s3.models import s3_backends
from support.codedeploy_shop import ACCOUNT, REGION
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.faults import faults

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALLOW = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
OTHERS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"}
DENY = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bundles/*"}


def document(*statements: dict[str, t.Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Guarded(Fleet):
    """Two hosts whose instance profile has a role with these statements."""

    def allow(self, *statements: dict[str, t.Any], profile: str = "web", role: bool = True) -> None:
        iam = boto3.client("iam", REGION)
        iam.create_instance_profile(InstanceProfileName=profile)
        if role:
            iam.create_role(RoleName=profile, AssumeRolePolicyDocument=document(TRUST))
            iam.put_role_policy(RoleName=profile, PolicyName="read", PolicyDocument=document(*statements))
            iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=profile)

    def lock(self, *statements: dict[str, t.Any]) -> None:
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=document(*statements))


@pytest.fixture
def fleet(world: None) -> Guarded:
    found = Guarded()
    found.ids = found.launch(2)
    found.group()
    found.revision()
    return found


def preflight(fleet: Fleet, revision: dict[str, t.Any] | None = None, **options: t.Any) -> Outcome:
    asked = {**GROUP, "revision": revision or fleet.revision(), "probe": "none", **options}
    outcome = run_module("codedeploy_preflight", asked)
    assert not outcome.writes
    return outcome


def causes(outcome: Outcome) -> list[tuple[str, bool]]:
    return [(one["cause"], one["blocks"]) for one in outcome["preflight"]["problems"]]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ALLOW], []),
        ([OTHERS], [("bundle_denied", True)]),
        ([ALLOW, DENY], [("bundle_denied", True)]),
        ([{**ALLOW, "Action": ["s3:ListBucket", "ec2:*"]}], [("bundle_denied", True)]),
    ],
)
def test_a_role_that_may_not_read_the_bundle_names_its_hosts(
    fleet: Guarded, statements: list[dict[str, t.Any]], expected: list[tuple[str, bool]]
) -> None:
    fleet.allow(*statements)
    outcome = preflight(fleet)
    assert causes(outcome) == expected and outcome.failed is bool(expected)
    named = [one["id"] for one in outcome["preflight"]["not_ready"]]
    assert sorted(named) == (sorted(fleet.ids) if expected else [])
    if expected:
        assert "s3:GetObject on arn:aws:s3:::bundles/app-1.zip" in outcome.msg and "role/web" in outcome.msg
        assert not preflight(fleet, ignore_problems=["bundle_denied"]).failed


def test_a_version_needs_a_right_of_its_own(fleet: Guarded) -> None:
    fleet.allow({**ALLOW, "Action": "s3:GetObject"})
    fleet.s3.put_bucket_versioning(Bucket=fleet.bucket, VersioningConfiguration={"Status": "Enabled"})
    revision = fleet.revision("app-2.zip")
    revision["s3_location"]["version"] = fleet.s3.head_object(Bucket=fleet.bucket, Key="app-2.zip")["VersionId"]
    assert "s3:GetObjectVersion" in preflight(fleet, revision).msg


def test_a_bucket_policy_may_let_the_role_in_so_it_is_only_a_doubt(fleet: Guarded) -> None:
    fleet.allow(OTHERS)
    fleet.lock({**ALLOW, "Principal": "*", "Resource": "arn:aws:s3:::bundles/*"})
    outcome = preflight(fleet)
    assert not outcome.failed and causes(outcome) == [("bundle_denied", False)]
    assert "instance profile web may not be able to read the bundle" in str(outcome["warnings"])


def test_in_another_account_a_role_needs_a_right_of_its_own(fleet: Guarded) -> None:
    fleet.allow(OTHERS)
    fleet.lock({**ALLOW, "Principal": "*", "Resource": "arn:aws:s3:::bundles/*"})
    s3_backends[ACCOUNT]["aws"].buckets[fleet.bucket].account_id = "210987654321"
    assert causes(preflight(fleet)) == [("bundle_denied", True)]


def test_a_bundle_that_cannot_be_looked_at_is_only_a_doubt(fleet: Guarded) -> None:
    fleet.allow(OTHERS)
    fleet.lock({**ALLOW, "Principal": "*", "Resource": "arn:aws:s3:::bundles/*"})
    faults.add({"kind": "denied", "service": "s3", "operation": "HeadObject"})
    assert ("bundle_denied", False) in causes(preflight(fleet))


def test_only_the_hosts_of_that_profile_are_named(fleet: Guarded) -> None:
    fleet.allow(ALLOW)
    fleet.allow(OTHERS, profile="batch")
    (other,) = fleet.launch(1, profile="batch")
    outcome = preflight(fleet)
    assert [one["id"] for one in outcome["preflight"]["not_ready"]] == [other]
    asked = [call.operation for call in outcome.calls if call.service == "iam"]
    assert sorted(asked) == ["GetInstanceProfile"] * 2 + ["SimulatePrincipalPolicy"] * 2


def test_a_profile_without_a_role_is_told(fleet: Guarded) -> None:
    fleet.allow(role=False)
    outcome = preflight(fleet)
    assert not outcome.failed and causes(outcome) == [("no_instance_role", False)]
    assert "web has no role" in str(outcome["warnings"]) and "Add a role" in str(outcome["warnings"])


@pytest.mark.parametrize("denied", [{"service": "iam"}, {"operation": "SimulatePrincipalPolicy"}])
def test_who_may_not_ask_iam_is_told_nothing(fleet: Guarded, denied: dict[str, str]) -> None:
    fleet.allow(OTHERS)
    faults.add({"kind": "denied", "code": "AccessDenied", **denied})
    outcome = preflight(fleet)
    assert (
        not outcome.failed
        and causes(outcome) == []
        and "warnings" not in outcome.result
        or "iam" not in str(outcome["warnings"])
    )


def encrypted(fleet: Guarded) -> dict[str, t.Any]:
    key = boto3.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    body = fleet.s3.get_object(Bucket=fleet.bucket, Key="app-1.zip")["Body"].read()
    put = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    e_tag = fleet.s3.put_object(Bucket=fleet.bucket, Key="app-k.zip", Body=body, **put)["ETag"]
    s3 = {"bucket": fleet.bucket, "key": "app-k.zip", "bundle_type": "zip", "e_tag": e_tag}
    return {"revision_type": "S3", "s3_location": s3}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ALLOW], [("bundle_denied", False)]),
        ([ALLOW, {**ALLOW, "Action": "kms:Decrypt"}], []),
        ([ALLOW, {**DENY, "Action": "kms:*", "Resource": "*"}], [("bundle_denied", True)]),
    ],
)
def test_the_key_of_an_encrypted_bundle_counts_too(
    fleet: Guarded, statements: list[dict[str, t.Any]], expected: list[tuple[str, bool]]
) -> None:
    fleet.allow(*statements)
    outcome = preflight(fleet, encrypted(fleet))
    assert causes(outcome) == expected and outcome.failed is any(blocks for _cause, blocks in expected)
    if expected:
        assert "kms:Decrypt" in outcome["preflight"]["problems"][0]["message"]


@pytest.mark.parametrize("option", ["document_name", "windows_document_name"])
def test_a_document_that_is_not_there_is_told_before_it_is_sent(fleet: Guarded, option: str) -> None:
    options = {**GROUP, option: "Probe"}
    outcome = run_module("codedeploy_preflight", options)
    assert outcome.failed and not any(call.operation == "SendCommand" for call in outcome.calls)
    assert "there is no SSM document Probe in eu-west-1" in outcome.msg and f"correct {option}" in outcome.msg
    foretold = run_module("codedeploy_preflight", {**options, "fail_on": "never"}, check_mode=True)
    assert not foretold.failed and "there is no SSM document Probe" in str(foretold["warnings"])
    assert not run_module("codedeploy_preflight", {**options, "probe": "none"}).failed
