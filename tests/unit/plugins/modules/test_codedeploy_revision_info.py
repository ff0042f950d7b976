# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading revisions, against the emulator."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.world import world as emulated_world

KEYS = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
COUNT = 30


def place(number: int) -> dict[str, str]:
    bucket = "releases" if number % 2 else "others"
    return {"bucket": bucket, "key": f"web/{number:02}.zip", "bundleType": "zip", "eTag": f"e{number}"}


@pytest.fixture(scope="module", autouse=True)
def revisions() -> t.Iterator[None]:
    """Thirty revisions, one a second; this module only reads, so one world serves all tests."""
    with emulated_world():
        client = boto3.client("codedeploy", region_name=CONNECTION["region"], **KEYS)
        client.create_application(applicationName="web")
        for number in range(COUNT):
            clock.advance(1)
            client.register_application_revision(
                applicationName="web",
                revision={"revisionType": "S3", "s3Location": place(number)},
                description=f"number {number}",
            )
        yield


def read(**params: t.Any) -> Outcome:
    outcome = run_module("codedeploy_revision_info", {"application_name": "web", **params})
    assert outcome.msg == ""
    assert not outcome.changed
    assert outcome.writes == []
    return outcome


def keys(outcome: Outcome) -> list[str]:
    return [one["revision"]["s3_location"]["key"] for one in outcome["revisions"]]


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def test_all_with_details_25_a_call() -> None:
    outcome = read()
    assert sorted(keys(outcome)) == [f"web/{number:02}.zip" for number in range(COUNT)]
    assert operations(outcome).count("BatchGetApplicationRevisions") == 2
    for one in outcome["revisions"]:
        number = int(one["revision"]["s3_location"]["key"][4:6])
        assert one["description"] == f"number {number}"
        assert one["revision"]["s3_location"]["e_tag"] == f"e{number}"
        assert one["register_time"]


def test_without_details_the_list_alone() -> None:
    outcome = read(details=False)
    assert len(outcome["revisions"]) == COUNT
    assert set(outcome["revisions"][0]) == {"revision"}
    assert set(operations(outcome)) == {"ListApplicationRevisions"}


def test_the_newest_first() -> None:
    outcome = read(sort_by="registerTime", sort_order="descending", limit=3)
    assert keys(outcome) == ["web/29.zip", "web/28.zip", "web/27.zip"]


def test_by_bucket_and_prefix() -> None:
    assert len(read(s3_bucket="releases")["revisions"]) == COUNT // 2
    assert keys(read(s3_bucket="releases", s3_key_prefix="web/2", sort_by="registerTime")) == [
        f"web/{number}.zip" for number in (21, 23, 25, 27, 29)
    ]


def test_by_being_deployed() -> None:
    assert read(deployed="include")["revisions"] == []
    assert len(read(deployed="exclude")["revisions"]) == COUNT


def test_one_by_its_location() -> None:
    asked = {"bucket": "releases", "key": "web/07.zip", "bundle_type": "zip", "e_tag": "e7"}
    outcome = read(revision={"s3_location": asked})
    assert operations(outcome) == ["GetApplicationRevision"]
    assert outcome["revisions"][0]["revision"] == {"revision_type": "S3", "s3_location": asked}
    assert outcome["revisions"][0]["description"] == "number 7"


@pytest.mark.parametrize(
    "params",
    [
        {"application_name": "shop"},
        {"application_name": "shop", "revision": {"git_hub_location": {"repository": "a/b", "commit_id": "c" * 40}}},
        {"revision": {"s3_location": {"bucket": "releases", "key": "none.zip", "bundle_type": "zip"}}},
    ],
)
def test_what_does_not_exist_is_empty(params: dict[str, t.Any]) -> None:
    assert read(**params)["revisions"] == []


def test_a_prefix_needs_its_bucket() -> None:
    outcome = run_module("codedeploy_revision_info", {"application_name": "web", "s3_key_prefix": "web"})
    assert "missing parameter(s) required by 's3_key_prefix': s3_bucket" in outcome.msg
    assert outcome.calls == []
