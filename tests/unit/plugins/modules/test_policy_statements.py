# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single statements in policies that other people wrote too, against the emulator."""

from __future__ import annotations

import json
import typing as t

import pytest
from botocore.exceptions import ClientError
from support.imagebuilder import client
from support.modules import Outcome, four_steps, run_module

from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("shop")
DENY = {"Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}
READ = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shop/shop/*"]}
TRUST = {
    "Sid": "CodeDeploy",
    "Effect": "Allow",
    "Principal": {"Service": "codedeploy.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
}
EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
SHARED = {**DENY, "Sid": "Readers", "Effect": "Allow", "Principal": {"AWS": ["210987654321"]}}
INLINE = {"role": "shop", "policy_name": "ours"}
PLACES: dict[str, dict[str, t.Any]] = {"bucket": {"bucket": "shop"}, "trust": {"role": "shop"}, "inline": INLINE}
OURS = {"bucket": {**SHARED, "Sid": "Ours"}, "trust": TRUST, "inline": READ}
THEIRS = {"bucket": [DENY, SHARED], "trust": [EC2], "inline": [{**READ, "Sid": "Theirs", "Resource": "*"}]}
READS = {"bucket": "GetBucketPolicy", "trust": "GetRole", "inline": "GetRolePolicy"}
WRITES = {"bucket": "PutBucketPolicy", "trust": "UpdateAssumeRolePolicy", "inline": "PutRolePolicy"}
each_place = pytest.mark.parametrize("kind", PLACES)


def text(*statements: t.Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def shop(world: None) -> t.Iterator[None]:
    location = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket="shop", CreateBucketConfiguration=location)
    client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument=text(EC2))
    yield
    faults.remove()


def theirs(kind: str) -> None:
    if kind == "bucket":
        client("s3").put_bucket_policy(Bucket="shop", Policy=text(*THEIRS[kind]))
    if kind == "inline":
        client("iam").put_role_policy(RoleName="shop", PolicyName="ours", PolicyDocument=text(*THEIRS[kind]))


def held(kind: str) -> t.Any:
    iam = client("iam")
    if kind == "bucket":
        return json.loads(client("s3").get_bucket_policy(Bucket="shop")["Policy"])["Statement"]
    if kind == "trust":
        return iam.get_role(RoleName="shop")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    return iam.get_role_policy(RoleName="shop", PolicyName="ours")["PolicyDocument"]["Statement"]


def ensure(kind: str, *statements: t.Any, check_mode: bool = False, **options: t.Any) -> Outcome:
    return run_module("policy_statements", {**PLACES[kind], "statements": list(statements), **options}, check_mode)


@each_place
def test_a_statement_joins_those_of_others_once(kind: str) -> None:
    theirs(kind)
    foretold, done, *again = four_steps("policy_statements", {**PLACES[kind], "statements": [OURS[kind]]})
    assert foretold.changed and done.changed
    assert foretold.writes == []
    assert [call.operation for call in done.writes] == [WRITES[kind]]
    assert foretold["diff"] == done["diff"]
    assert done["diff"]["before"]["Statement"] == THEIRS[kind]
    assert foretold["missing"] == done["missing"] == [OURS[kind]]
    assert held(kind) == [*THEIRS[kind], OURS[kind]]
    assert not any(one.changed or one.writes or one["missing"] for one in again)


@each_place
def test_a_statement_leaves_without_the_others(kind: str) -> None:
    theirs(kind)
    ensure(kind, OURS[kind])
    foretold, done, *again = four_steps(
        "policy_statements", {**PLACES[kind], "state": "absent", "statements": [{"Sid": OURS[kind]["Sid"]}]}
    )
    assert foretold.changed and done.changed
    assert held(kind) == THEIRS[kind]
    assert not any(one.changed or one.writes for one in again)


@pytest.mark.parametrize("kind", ["bucket", "inline"])
def test_a_policy_comes_with_its_first_statement_and_goes_with_its_last(kind: str) -> None:
    assert ensure(kind, OURS[kind])["diff"]["before"] == {}
    assert held(kind) == [OURS[kind]]
    gone = ensure(kind, OURS[kind], state="absent")
    assert gone.changed
    assert gone["policy"] == {}
    with pytest.raises(ClientError, match="NoSuchBucketPolicy|NoSuchEntity"):
        held(kind)


@each_place
def test_what_may_not_be_read_is_not_written(kind: str) -> None:
    theirs(kind)
    before = held(kind)
    faults.add({"kind": "denied", "operation": READS[kind], "code": "AccessDenied", "times": 1})
    outcome = ensure(kind, OURS[kind])
    assert outcome.failed
    assert outcome.msg.startswith("Failed to change the ")
    assert "Grant the caller this permission in an IAM policy" in outcome.msg
    assert outcome.writes == []
    assert held(kind) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**PLACES["trust"], "statements": [EC2]}, "the trust policy of the role shop: each statement needs a unique Sid"),
        ({**PLACES["bucket"], "statements": [DENY, DENY]}, "the policy of the bucket shop: each statement"),
        ({**INLINE, "statements": [{"Sid": "A"}]}, "the policy ours of the role shop: the statement A is not complete."),
        ({"bucket": "none", "statements": [DENY]}, "(NoSuchBucket)"),
        ({"role": "none", "statements": [TRUST]}, "(NoSuchEntity)"),
        ({"statements": [TRUST]}, "one of the following is required: bucket, role"),
        ({"bucket": "shop", "policy_name": "p", "statements": [DENY]}, "mutually exclusive: bucket|policy_name"),
    ],
)  # fmt: skip
def test_what_is_refused(given: t.Any, said: str) -> None:
    outcome = run_module("policy_statements", given)
    assert outcome.failed
    assert said in outcome.msg


def test_a_check_run_foretells_a_policy_of_what_is_not_there_yet() -> None:
    for where in ({"bucket": "none"}, {"role": "none"}, {"role": "none", "policy_name": "ours"}):
        outcome = run_module("policy_statements", {**where, "statements": [DENY]}, check_mode=True)
        assert outcome.changed
        assert outcome["missing"] == [DENY]


def test_the_last_statement_of_trust_stays() -> None:
    ensure("trust", {**EC2, "Sid": "Ec2"})
    assert held("trust") == [{**EC2, "Sid": "Ec2"}]
    outcome = ensure("trust", {"Sid": "Ec2"}, state="absent")
    assert "a trust policy needs at least one statement" in outcome.msg
    assert held("trust") == [{**EC2, "Sid": "Ec2"}]


def test_rights_that_others_grant_are_not_added() -> None:
    theirs("inline")
    outcome = ensure("inline", {**READ, "Sid": "Wanted"}, unless_allowed=True)
    assert not outcome.changed
    assert outcome["missing"] == []


def _in_another_inline_policy(document: str) -> None:
    client("iam").put_role_policy(RoleName="shop", PolicyName="theirs", PolicyDocument=document)


def _in_an_attached_policy(document: str) -> None:
    made = client("iam").create_policy(PolicyName="theirs", PolicyDocument=document)
    client("iam").attach_role_policy(RoleName="shop", PolicyArn=made["Policy"]["Arn"])


@pytest.mark.parametrize("grant", [_in_another_inline_policy, _in_an_attached_policy])
def test_rights_that_another_policy_of_the_role_grants_are_not_added(grant: t.Callable[[str], None]) -> None:
    grant(text({**READ, "Action": "s3:*"}))
    assert not ensure("inline", READ, unless_allowed=True).changed
    assert ensure("inline", READ).changed


def test_a_policy_that_may_not_be_read_is_named() -> None:
    _in_an_attached_policy(text(READ))
    faults.add({"kind": "denied", "operation": "GetPolicyVersion", "code": "AccessDenied"})
    outcome = ensure("inline", READ, unless_allowed=True, check_mode=True)
    assert outcome["missing"] == [READ]
    assert outcome["unread"] == ["theirs"]


def test_a_narrower_statement_of_others_is_neither_enough_nor_replaced() -> None:
    narrow = {**{k: v for k, v in TRUST.items() if k != "Sid"}, "Condition": {"StringEquals": {"aws:SourceArn": "x"}}}
    client("iam").update_assume_role_policy(RoleName="shop", PolicyDocument=text(narrow))
    assert ensure("trust", TRUST, unless_allowed=True).changed
    assert held("trust") == [narrow, TRUST]
