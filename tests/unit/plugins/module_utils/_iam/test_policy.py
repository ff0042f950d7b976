# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements of policies: what means the same, what merging leaves alone, which rights are missing."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._iam.statements import (
    equal,
    merged,
    missing,
    same,
    spans,
    without,
)

READ: dict[str, t.Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
    "Resource": ["arn:aws:s3:::b/shop/*"],
}
TRUST: dict[str, t.Any] = {
    "Sid": "CodeDeploy",
    "Effect": "Allow",
    "Principal": {"Service": "codedeploy.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:codedeploy:*:123456789012:deploymentgroup:shop/*"},
    },
}
THEIRS: dict[str, t.Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
BARE = {key: value for key, value in TRUST.items() if key not in ("Sid", "Condition")}


def policy(*statements: t.Any, **more: str) -> dict[str, t.Any]:
    return {"Version": "2012-10-17", **more, "Statement": list(statements)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "s3:Get*"}, {"Action": ["s3:get*"]}),
        ({"Resource": ["b", "a"]}, {"Resource": ["a", "b", "a"]}),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, {"Principal": {"AWS": ["123456789012"]}}),
        ({"Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"}}, {"Principal": {"AWS": "123456789012"}}),
        ({"Condition": {"Bool": {"aws:SecureTransport": False}}}, {"Condition": {"Bool": {"AWS:secureTransport": ["false"]}}}),
        ({"Condition": {"NumericLessThan": {"a": 3}}}, {"Condition": {"NumericLessThan": {"a": "3"}}}),
        ({"Sid": "", "Effect": "Deny", "Condition": {}}, {"Effect": "Deny"}),
    ],
)  # fmt: skip
def test_what_means_the_same(one: t.Any, other: t.Any) -> None:
    for pair in ((one, other), (other, one)):
        assert same(*pair)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Effect": "Allow"}, {"Effect": "Deny"}),
        ({"Action": "s3:Get*"}, {"NotAction": "s3:Get*"}),
        ({"Resource": "a/B"}, {"Resource": "a/b"}),
        ({"Principal": {"AWS": "*"}}, {"Principal": {"Service": "*"}}),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/root"}}, {"Principal": {"AWS": "123456789012"}}),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringLike": {"a": "b"}}}),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {}),
        ({"Sid": "A"}, {"Sid": "B"}),
    ],
)
def test_what_does_not(one: t.Any, other: t.Any) -> None:
    assert not same(one, other)


def test_statements_of_others_stay_in_their_order_and_form() -> None:
    before = policy(THEIRS, {**READ, "Resource": "old"}, {"Sid": "Theirs", **THEIRS}, Id="Key1")
    kept = copy.deepcopy(before)
    after = merged(before, [READ, {**READ, "Sid": "More"}])
    assert after == policy(THEIRS, READ, {"Sid": "Theirs", **THEIRS}, {**READ, "Sid": "More"}, Id="Key1")
    assert before == kept


def test_a_policy_may_have_one_statement_as_a_map_or_be_missing() -> None:
    assert merged({"Version": "2008-10-17", "Statement": THEIRS}, [READ])["Statement"] == [THEIRS, READ]
    assert merged({}, [READ]) == policy(READ)


def test_what_means_the_same_is_left_as_it_was_written() -> None:
    written = {**READ, "Resource": READ["Resource"][0]}
    assert merged(policy(written), [READ]) == policy(written)


def test_conditions_that_somebody_added_to_our_statement_stay() -> None:
    hardened = {**TRUST, "Condition": {"StringEquals": {"AWS:SourceAccount": "1", "aws:PrincipalOrgID": "o-1"}}}
    (after,) = merged(policy(hardened), [TRUST])["Statement"]
    assert after["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012", "aws:PrincipalOrgID": "o-1"},
        "ArnLike": TRUST["Condition"]["ArnLike"],
    }
    assert TRUST["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_a_statement_without_a_sid_is_taken_for_ours_only_when_asked() -> None:
    before = policy(THEIRS, {**BARE, "Condition": {"Bool": {"a": "true"}}})
    (theirs, ours) = merged(before, [TRUST])["Statement"]
    assert (theirs, ours["Sid"], ours["Condition"]["Bool"]) == (THEIRS, "CodeDeploy", {"a": "true"})
    assert merged(before, [TRUST], adopt=False)["Statement"] == [*before["Statement"], TRUST]


def test_only_what_is_ours_is_taken_out() -> None:
    assert without(policy(THEIRS, READ, TRUST), {"Read", "None"}) == policy(THEIRS, TRUST)
    assert without(policy(READ), {"Read"}) == {}
    assert equal(without(policy(THEIRS), {"Read"}), policy(THEIRS))


@pytest.mark.parametrize(
    "held",
    [
        [READ],
        [{**READ, "Sid": "Other", "Action": "S3:get*"}],
        [{**READ, "Action": "*", "Resource": "*"}],
        [{**READ, "Action": "s3:GetObject"}, {**READ, "Action": "s3:GetObjectVersio?", "Resource": "arn:aws:s3:::?/*"}],
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
        [{**READ, "Principal": "*"}],
    ],
)
def test_rights_that_are_there(held: list[t.Any]) -> None:
    assert missing([policy(one) for one in held], [READ]) == []


@pytest.mark.parametrize(
    "held",
    [
        [],
        [THEIRS],
        [{**READ, "Effect": "Deny"}],
        [{**READ, "Action": "s3:GetObject"}],
        [{**READ, "Resource": "arn:aws:s3:::b/shop/?"}],
        [{**READ, "Resource": "arn:aws:s3:::b/shop/1.zip"}],
        [{**READ, "Resource": "arn:aws:s3:::B/*"}],
        [{**READ, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}],
        [{"Effect": "Allow", "NotAction": "s3:GetObject*", "Resource": "*"}],
        [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"}],
    ],
)
def test_rights_that_are_missing(held: list[t.Any]) -> None:
    assert missing([policy(one) for one in held], [READ]) == [READ]


@pytest.mark.parametrize(
    ("trust", "enough"),
    [
        (BARE, True),
        ({**BARE, "Principal": {"Service": ["ec2.amazonaws.com", "codedeploy.amazonaws.com"]}}, True),
        ({**BARE, "Principal": {"AWS": "*"}}, False),
        ({**BARE, "Principal": {"Service": "ec2.amazonaws.com"}}, False),
        ({**BARE, "Condition": {"StringEquals": {"AWS:SourceAccount": ["1", "123456789012"]}}}, True),
        ({**BARE, "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}}, True),
        ({**BARE, "Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}}, False),
        ({**BARE, "Condition": {"StringLike": {"aws:SourceArn": "arn:aws:codedeploy:*"}}}, True),
        ({**BARE, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:codedeploy:*:*:deploymentgroup:shop/prod"}}}, False),
        ({**BARE, "Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}}, False),
        ({**BARE, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}, False),
        ({**BARE, "Action": ["sts:AssumeRole", "sts:TagSession"]}, True),
    ],
)  # fmt: skip
def test_a_trust_policy_is_enough_where_its_conditions_hold_for_ours(trust: t.Any, enough: bool) -> None:
    assert missing([policy(trust)], [TRUST]) == ([] if enough else [TRUST])


def test_a_denial_is_there_only_as_it_is() -> None:
    assert missing([policy({"Sid": "X", **THEIRS})], [THEIRS]) == []
    assert missing([policy({**THEIRS, "Resource": "a"})], [THEIRS]) == [THEIRS]


@pytest.mark.parametrize(
    ("pattern", "text", "whole"),
    [
        ("", "", True),
        ("*", "", True),
        ("a*", "a", True),
        ("*a", "ba", True),
        ("a*c*e", "abcde", True),
        ("a*c", "acb", False),
        ("a?c", "abc", True),
        ("a?c", "a*c", False),
        ("a*c", "a*?c", True),
        ("abc", "a*c", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_spans_another(pattern: str, text: str, whole: bool) -> None:
    assert spans(pattern, text) is whole


def test_many_stars_come_to_an_end() -> None:
    """A matcher that goes back to every star, as regular expressions do, would still be at it tomorrow."""
    assert not spans("a*" * 50 + "b", "a" * 5_000)
