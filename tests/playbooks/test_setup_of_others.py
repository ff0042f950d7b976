# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The set-up on a bucket, roles and an instance profile that others made, each in unusual settings: one story."""

from __future__ import annotations

import json
import typing as t

import pytest
from support import holdings
from support.plays import REGION, Emulator, Player, roles

ACCOUNT, READER = "123456789012", "210987654321"
BUCKET, SERVICE, HOSTS, PROFILE = "their-bundles", "their-service", "their-hosts", "their-profile"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
WISH: dict[str, t.Any] = {
    "slipway_region": REGION,
    "slipway_application": "shop",
    "slipway_tags": {"Team": "shop", "Owner": "us"},
    "slipway_bucket": BUCKET,
    "slipway_service_role_name": SERVICE,
    "slipway_instance_profile_name": PROFILE,
    "codedeploy_setup_create_iam": True,
    "codedeploy_setup_launch_template_rights": True,
    "codedeploy_setup_private_network": True,
    "codedeploy_setup_reader_accounts": [READER],
}
EXTEND = {**WISH, "codedeploy_setup_extend_existing": True}
ABSENT = {"codedeploy_setup_state": "absent"}
NO_HTTP = {
    "Sid": "DenyPlainHttp",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
OTHER_READER = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": "111122223333"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/other/*",
}
SERVICE_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["codedeploy.amazonaws.com", "lambda.amazonaws.com"], "AWS": [ACCOUNT]},
    "Action": ["sts:AssumeRole"],
    "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:legacy/*"}},
}
HOST_TRUST = {
    "Sid": "Ec2ForTheirs",
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
OWN_IDEA = {"Sid": "LaunchFromTemplates", "Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}
NEVER = {"Sid": "Never", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}


def policy(*statements: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture(scope="module", autouse=True)
def theirs(account: Emulator) -> None:
    """What somebody else made, nothing of it as this role would have made it."""
    _a_bucket(account.client("s3"))
    _two_roles(account.client("iam"))


def _a_bucket(s3: t.Any) -> None:
    for name in (BUCKET, "their-logs"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    rule = {"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    blocks = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=blocks)
    s3.put_bucket_acl(Bucket=BUCKET, ACL="authenticated-read")
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "Owner", "Value": "platform"}]})
    expiry = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 7}}
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [expiry]})
    cors = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [cors]})
    s3.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "Requester"})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**policy(NO_HTTP, OTHER_READER), "Id": "theirs"}))


def _two_roles(iam: t.Any) -> None:
    deny = iam.create_policy(PolicyName="never", PolicyDocument=json.dumps(policy(NEVER)))["Policy"]["Arn"]
    for name, trust, path in ((SERVICE, SERVICE_TRUST, "/teams/"), (HOSTS, HOST_TRUST, "/hosts/")):
        iam.create_role(
            RoleName=name,
            Path=path,
            Description="theirs",
            MaxSessionDuration=7200,
            PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/never",
            AssumeRolePolicyDocument=json.dumps(policy(trust)),
            Tags=[{"Key": "Owner", "Value": "platform"}],
        )
        iam.attach_role_policy(RoleName=name, PolicyArn=deny)
    iam.put_role_policy(RoleName=SERVICE, PolicyName="launch-templates", PolicyDocument=json.dumps(policy(OWN_IDEA)))
    iam.put_role_policy(RoleName=HOSTS, PolicyName="theirs", PolicyDocument=json.dumps(policy(NEVER)))
    iam.create_instance_profile(
        InstanceProfileName=PROFILE, Path="/hosts/", Tags=[{"Key": "Owner", "Value": "platform"}]
    )
    iam.add_role_to_instance_profile(InstanceProfileName=PROFILE, RoleName=HOSTS)


def holds(account: Emulator) -> dict[str, t.Any]:
    iam = account.client("iam")
    return {
        "bucket": holdings.bucket(account.client("s3"), BUCKET),
        "service": holdings.role(iam, SERVICE),
        "hosts": holdings.role(iam, HOSTS),
        "profile": holdings.profile(iam, PROFILE),
        "roles": [one["RoleName"] for one in iam.list_roles()["Roles"]],
    }


@pytest.fixture(scope="module")
def before(account: Emulator, theirs: None) -> dict[str, t.Any]:
    found = holds(account)
    assert found["bucket"]["encryption"]["ServerSideEncryptionConfiguration"]["Rules"][0]["BucketKeyEnabled"]
    assert found["service"]["role"]["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/never")
    return found


def test_nothing_is_changed_and_what_is_missing_is_said_whole(
    play: Player, account: Emulator, before: dict[str, t.Any]
) -> None:
    run = play([*roles("codedeploy_setup"), *_absent()], WISH)
    assert run.changed == run.writes == []
    assert holds(account) == before
    kept = " ".join(said for said in run.messages if "is kept" in said)
    assert all(f"{name} was not created by" in kept for name in (BUCKET, SERVICE, HOSTS))
    bucket, hosts, service = (said for said in run.messages if "so it is not changed" in said)
    assert f'"Resource": "arn:aws:s3:::{BUCKET}/shop/*"' in bucket
    assert f'"arn:aws:iam::{READER}:root"' in bucket
    assert '"Sid": "ReadBundlesOfshop"' in hosts and "codedeploy-commands-secure:PollHostCommand" in hosts
    assert "Attach arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" in hosts
    assert f'"Action": "kms:Decrypt", "Resource": "{KEY}"' in hosts
    assert "trust" not in hosts
    assert f'"aws:SourceArn": "arn:aws:codedeploy:*:{ACCOUNT}:deploymentgroup:shop/*"' in service
    assert f'"Resource": "arn:aws:iam::{ACCOUNT}:role/hosts/{HOSTS}"' in service
    assert all("codedeploy_setup_extend_existing" in said for said in (bucket, hosts, service))
    facts = [item["ansible_facts"] for result in run.results("Set the facts") for item in result["results"]]
    published = {name: value for fact in facts for name, value in fact.items()}
    assert published["slipway_service_role_arn"] == f"arn:aws:iam::{ACCOUNT}:role/teams/{SERVICE}"


def test_what_would_be_added_is_foretold(play: Player, account: Emulator, before: dict[str, t.Any]) -> None:
    run = play(roles("codedeploy_setup"), EXTEND, check=True)
    assert run.writes == []
    assert holds(account) == before
    assert run.changed == [
        "Ensure the policy of the bucket has the statements",
        "Ensure the role has its managed policies and tags",
        "Ensure the policies of the role have the statements",
        "Ensure the role has its managed policies and tags",
        "Ensure the policies of the role have the statements",
    ]
    for sid in (
        "ReadersOfshop",
        "ReadBundlesOfshop",
        "CodeDeployForshop",
        "PassRoleForshop",
        "TagWhatIsLaunchedForshop",
    ):
        assert f'"Sid": "{sid}"' in run.output


def test_only_our_statements_are_added_when_asked(play: Player, account: Emulator, before: dict[str, t.Any]) -> None:
    run = play([*roles("codedeploy_setup"), *roles("codedeploy_setup")], EXTEND)
    now = holds(account)
    added = {
        "bucket": _taken(now["bucket"]["policy"], before["bucket"]["policy"]),
        "service trust": _taken(*(each["service"]["role"]["AssumeRolePolicyDocument"] for each in (now, before))),
        "launch": _taken(*(each["service"]["inline"]["launch-templates"] for each in (now, before))),
        "hosts": _taken(now["hosts"]["inline"].pop("codedeploy-host"), policy()),
    }
    assert added == {
        "bucket": ["ReadersOfshop"],
        "service trust": ["CodeDeployForshop"],
        "launch": ["LaunchFromTemplatesForshop", "TagWhatIsLaunchedForshop", "PassRoleForshop"],
        "hosts": [
            f"{one}shop"
            for one in ("ReadBundlesOf", "ReadTheInstallerFor", "DecryptBundlesOf", "TalkToTheSecureEndpointFor")
        ],
    }
    now["service"]["attached"].remove("AWSCodeDeployRole")
    now["hosts"]["attached"].remove("AmazonSSMManagedInstanceCore")
    assert now == before
    assert sorted(run.writes) == [
        *["AttachRolePolicy"] * 2, "PutBucketPolicy", *["PutRolePolicy"] * 2, "UpdateAssumeRolePolicy",
    ]  # fmt: skip
    assert not any("was not created by" in said for said in run.messages)


def test_our_statements_are_removed_when_asked(play: Player, account: Emulator, before: dict[str, t.Any]) -> None:
    play(roles("codedeploy_setup"), {**EXTEND, **ABSENT})
    now = holds(account)
    now["service"]["attached"].remove("AWSCodeDeployRole")
    now["hosts"]["attached"].remove("AmazonSSMManagedInstanceCore")
    assert now == before


def _absent() -> list[dict[str, t.Any]]:
    return [{**task, "vars": ABSENT} for task in roles("codedeploy_setup")]


def _taken(now: dict[str, t.Any], before: dict[str, t.Any]) -> list[str]:
    """The Sids that came at the end; they are taken out again, so that what is left can be compared."""
    count = len(before["Statement"])
    came = [one["Sid"] for one in now["Statement"][count:]]
    del now["Statement"][count:]
    return came
