# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Old bundles: which ones nobody can still need, and when that cannot be known."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from support.fleets import Fleet
from support.modules import Outcome
from support.pushes import client, here, push

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

OWN, OTHER = "123456789012", "210987654321"


def content(src: Path, number: int) -> None:
    (src / "number").write_text(str(number))
    clock.advance(60)


def release(src: Path, number: int, **options: t.Any) -> dict[str, t.Any]:
    content(src, number)
    done = push(src, **options)
    assert done.msg == ""
    return t.cast("dict[str, t.Any]", done["revision"]["s3_location"])


def keys() -> set[str]:
    return {one["Key"] for one in client("s3").list_objects_v2(Bucket=here.bucket).get("Contents", [])}


def told(outcome: Outcome) -> list[str]:
    assert outcome.msg == ""
    return [one["key"] for one in outcome["old_bundles"]]


def allow(*principals: t.Any, effect: str = "Allow", **more: t.Any) -> None:
    statements = [
        {
            "Effect": effect,
            "Principal": one,
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{here.bucket}/*",
            **more,
        }
        for one in principals
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    client("s3").put_bucket_policy(Bucket=here.bucket, Policy=json.dumps(policy))


def test_old_bundles_are_told_and_deleted_only_when_asked(s3: t.Any, src: Path) -> None:
    old = [release(src, number)["key"] for number in range(5)]
    s3.put_object(Bucket=here.bucket, Key=f"{here.application}/notes.txt", Body=b"x")
    s3.put_object(Bucket=here.bucket, Key=f"{here.application}-2/{old[0].partition('/')[2]}", Body=b"x")
    s3.put_object(Bucket=here.bucket, Key=f"{here.application}/below/{old[0].partition('/')[2]}", Body=b"x")
    content(src, 5)
    before = keys()
    dry = push(src, retain=3)
    assert told(dry) == old[:3] and not dry["pruned"] and len(keys()) == len(before) + 1
    again = push(src, retain=3)
    assert (told(again), again.changed, again.writes) == (old[:3], False, [])
    foretold, done, last = (push(src, check, retain=3, prune=True) for check in (True, False, False))
    assert foretold["diff"] == done["diff"] and told(foretold) == told(done) == old[:3]
    assert [one.changed for one in (foretold, done, last)] == [True, True, False]
    assert (foretold.writes, last.writes, told(last)) == ([], [], [])
    assert keys() == before - set(old[:3]) | {done["revision"]["s3_location"]["key"]}


@pytest.fixture
def fleet(s3: t.Any) -> Fleet:
    found = Fleet()
    found.launch(1)
    return found


def at(location: dict[str, t.Any]) -> dict[str, t.Any]:
    s3 = {"bucket": location["bucket"], "key": location["key"], "bundleType": "zip", "eTag": location["e_tag"]}
    return {"revisionType": "S3", "s3Location": s3}


def test_what_a_group_of_any_application_can_need_is_kept(fleet: Fleet, src: Path) -> None:
    files = [release(src, number) for number in range(6)]
    other = f"{here.application}-other"
    fleet.group("prod", other)
    fleet.group(
        "staging",
        f"{here.application}-third",
        ec2TagFilters=[{"Key": "none", "Value": "none", "Type": "KEY_AND_VALUE"}],
    )
    asked = {"applicationName": other, "deploymentGroupName": "prod"}
    for location, seconds in ((files[0], 3600), (files[1], 3600), (files[2], 1)):
        if location is files[1]:
            fleet.fails(event="AfterInstall", revision_key=location["key"])
        fleet.codedeploy.create_deployment(**asked, revision=at(location))
        clock.advance(seconds)
    old = told(push(src, retain=1))
    needed = (files[0], files[2], files[5])  # live, in flight, and the newest; not the one that failed between
    assert old == [one["key"] for one in files if one not in needed]


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        ("*", "*"),
        ({"AWS": "*"}, "*"),
        ({"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OTHER}:role/x"]}, f"arn:aws:iam::{OTHER}:role/x"),
        ({"AWS": OTHER}, OTHER),
        ({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, "79a59df9"),
    ],
)
def test_a_bucket_that_lets_others_in_is_refused_before_anything_is_written(
    s3: t.Any, src: Path, principal: t.Any, named: str
) -> None:
    allow(principal)
    refused = push(src, retain=1)
    assert refused.failed and refused.writes == []
    assert f"the policy of the bucket {here.bucket} lets {named}" in refused.msg
    assert "whose deployments cannot be seen from this account. Leave retain out" in refused.msg


def test_a_policy_that_names_only_this_account_or_denies_is_no_reason(s3: t.Any, src: Path) -> None:
    allow({"AWS": f"arn:aws:iam::{OWN}:role/hosts"}, {"Service": "codedeploy.amazonaws.com"})
    assert told(push(src, retain=1)) == []
    allow("*", effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert told(push(src, retain=1)) == []


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("GetBucketPolicy", "could not be read, so it is not known whether other accounts use its bundles"),
        ("ListApplications", "codedeploy:ListApplications"),
        ("BatchGetDeploymentGroups", "codedeploy:BatchGetDeploymentGroups"),
    ],
)
def test_what_may_not_be_read_is_refused(s3: t.Any, src: Path, operation: str, said: str) -> None:
    for number in range(2):
        release(src, number)
    Fleet().group("prod", f"{here.application}-other")
    content(src, 3)
    faults.add({"kind": "denied", "operation": operation})
    refused = push(src, retain=1, prune=True)
    assert refused.failed and refused.writes == [] and said in refused.msg


def test_an_object_that_may_not_be_deleted_is_told(s3: t.Any, src: Path) -> None:
    for number in range(2):
        release(src, number)
    faults.add({"kind": "denied", "operation": "DeleteObjects"})
    refused = push(src, retain=1, prune=True)
    assert refused.failed and "s3:DeleteObject" in refused.msg


@pytest.mark.parametrize(
    ("options", "said"),
    [({"retain": 0}, "retain must be at least 1"), ({"retain": 1, "key": "a.zip"}, "mutually exclusive: retain|key")],
)
def test_a_number_that_makes_no_sense_is_refused(s3: t.Any, src: Path, options: dict[str, t.Any], said: str) -> None:
    refused = push(src, **options)
    assert said in refused.msg and refused.calls == []
