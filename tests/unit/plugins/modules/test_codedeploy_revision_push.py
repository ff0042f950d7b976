# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pushing a revision: what a run says, what it writes, and what it costs."""

from __future__ import annotations

import io
import os
import typing as t
import zipfile
from pathlib import Path

import pytest
import yaml
from support.modules import CONNECTION, run_module
from support.pushes import APPSPEC, calls, client, here, push, registered

from ansible_collections.slipway.aws.plugins.modules import codedeploy_revision, codedeploy_revision_info
from slipway_emulator.faults import faults


def test_check_push_check_again_push_again(s3: t.Any, src: Path) -> None:
    foretold, done, again, last = (push(src, check_mode=check) for check in (True, False, True, False))
    assert [outcome.changed for outcome in (foretold, done, again, last)] == [True, True, False, False]
    assert foretold.writes == []
    assert foretold["diff"] == done["diff"]
    assert [(outcome["uploaded"], outcome["registered"]) for outcome in (foretold, done, last)] == [
        (True, True),
        (True, True),
        (False, False),
    ]
    location = done["revision"]["s3_location"]
    assert location["key"] == f"{here.application}/{done['fingerprint']}.zip"
    assert location["e_tag"] == s3.head_object(Bucket=here.bucket, Key=location["key"])["ETag"].strip('"')
    assert last["revision"] == again["revision"] == done["revision"]
    assert last["diff"]["before"] == last["diff"]["after"]
    assert foretold["revision"]["s3_location"] == {k: location[k] for k in ("bucket", "key", "bundle_type")}
    assert (done["files"], done["source_size"], done["size"]) == (2, len(APPSPEC) + 10, last["size"])


def test_an_unchanged_push_is_two_calls_and_reads_every_file_once(
    s3: t.Any, src: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        (src / f"{number}.txt").write_text(str(number))
    push(src)
    opened: list[bytes] = []
    real = os.open

    def noted(path: t.Any, flags: int, *rest: t.Any, **more: t.Any) -> int:
        if more and not flags & os.O_DIRECTORY:
            opened.append(path)
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", noted)
    again = push(src)
    assert calls(again) == ["HeadObject", "GetApplicationRevision"]
    assert again.writes == []
    assert len(opened) == len(set(opened)) == 302 + 1  # and looks once for an ignore file


def test_what_a_push_calls(s3: t.Any, src: Path) -> None:
    assert calls(push(src)) == [
        "HeadObject",
        "HeadBucket",
        "GetApplication",
        "PutObject",
        "RegisterApplicationRevision",
    ]


@pytest.mark.parametrize("bundle_type", ["zip", "tar", "tgz"])
def test_the_bundle_holds_the_directory(s3: t.Any, src: Path, bundle_type: str) -> None:
    (src / ".git").mkdir()
    (src / ".git/config").write_text("secret")
    done = push(src, bundle_type=bundle_type)
    location = done["revision"]["s3_location"]
    assert location["bundle_type"] == bundle_type
    body = s3.get_object(Bucket=here.bucket, Key=location["key"])["Body"].read()
    assert len(body) == done["size"]
    assert done["files"] == 2
    if bundle_type == "zip":
        assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["appspec.yml", "scripts/after.sh"]


def test_the_revision_is_registered_with_its_description(s3: t.Any, src: Path) -> None:
    done = push(src, description="nightly")
    found = run_module("codedeploy_revision_info", {"application_name": here.application})["revisions"]
    assert [one["revision"] for one in found] == [done["revision"]]
    assert (found[0]["description"], found[0]["fingerprint"]) == ("nightly", done["fingerprint"])


def test_changed_content_is_another_revision_and_the_old_one_stays(s3: t.Any, src: Path) -> None:
    first = push(src)
    (src / "scripts/after.sh").write_text("#!/bin/sh\nexit 0\n")
    second = push(src)
    assert second.changed
    assert first["revision"] != second["revision"]
    assert len(registered()) == 2
    assert len(s3.list_objects_v2(Bucket=here.bucket)["Contents"]) == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"key_prefix": "a/b/"}, "a/b/{}.zip"),
        ({"key_prefix": ""}, "{}.zip"),
        ({"key": "current.zip"}, "current.zip"),
    ],
)
def test_where_the_bundle_goes(s3: t.Any, src: Path, options: dict[str, str], expected: str) -> None:
    done = push(src, **options)
    assert done["revision"]["s3_location"]["key"] == expected.format(done["fingerprint"])


def test_a_fixed_key_is_replaced_when_the_content_changed_and_pinned_by_its_version(s3: t.Any, src: Path) -> None:
    s3.put_bucket_versioning(Bucket=here.bucket, VersioningConfiguration={"Status": "Enabled"})
    first = push(src, key="current.zip")
    assert not push(src, key="current.zip").changed
    (src / "new").write_text("new")
    foretold, second = push(src, check_mode=True, key="current.zip"), push(src, key="current.zip")
    assert second["uploaded"]
    assert foretold["diff"] == second["diff"]
    assert second["diff"]["before"]["fingerprint"] == first["fingerprint"]
    assert "version" not in foretold["revision"]["s3_location"]
    assert first["revision"]["s3_location"]["version"] != second["revision"]["s3_location"]["version"]
    assert len(registered()) == 2


def test_never_leaves_the_registration_to_the_deployment(s3: t.Any, src: Path) -> None:
    done = push(src, register="never")
    assert (done["uploaded"], done["registered"]) == (True, False)
    assert calls(done) == ["HeadObject", "HeadBucket", "PutObject"]
    assert registered() == []
    again = push(src, register="never")
    assert (again.changed, again.writes) == (False, [])
    assert calls(again) == ["HeadObject", "GetApplicationRevision", "HeadObject"]


def test_a_registration_that_was_lost_is_made_up_for(s3: t.Any, src: Path) -> None:
    faults.add({"kind": "denied", "operation": "RegisterApplicationRevision", "times": 1})
    lost = push(src)
    assert lost.failed
    assert "could not be registered" in lost.msg
    assert "Run the task again to register it; it is not uploaded again" in lost.msg
    foretold, fixed, again = push(src, check_mode=True), push(src), push(src)
    assert foretold["diff"] == fixed["diff"]
    assert (fixed.changed, fixed["uploaded"], fixed["registered"]) == (True, False, True)
    assert (again.changed, again.writes) == (False, [])
    assert len(registered()) == 1


def test_an_object_of_s3_is_registered_once_and_pinned(s3: t.Any) -> None:
    s3.put_bucket_versioning(Bucket=here.bucket, VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket=here.bucket, Key="built.zip", Body=b"PK")
    asked = {"bucket": here.bucket, "key": "built.zip", "bundle_type": "zip"}
    foretold, done, again = push(None, check_mode=True, s3=asked), push(None, s3=asked), push(None, s3=asked)
    assert [outcome.changed for outcome in (foretold, done, again)] == [True, True, False]
    assert foretold["diff"] == done["diff"]
    assert foretold.writes == []
    assert done["revision"]["s3_location"] == {**asked, "version": put["VersionId"], "e_tag": put["ETag"].strip('"')}
    assert calls(again) == ["HeadObject", "GetApplicationRevision"]


def test_encryption_and_owner_are_handed_to_s3(s3: t.Any, src: Path) -> None:
    done = push(
        src,
        server_side_encryption="aws:kms",
        sse_kms_key_id="alias/releases",
        expected_bucket_owner="123456789012",
    )
    head = s3.head_object(Bucket=here.bucket, Key=done["revision"]["s3_location"]["key"])
    assert head["ServerSideEncryption"] == "aws:kms"


def test_the_documented_examples_run(s3: t.Any, src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(src.parent)
    s3.create_bucket(Bucket="example-releases", CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]})
    s3.put_object(Bucket="example-releases", Key="storefront-1.4.2.zip", Body=b"PK")
    client("codedeploy").create_application(applicationName="storefront")
    with zipfile.ZipFile("storefront-1.5.0.zip", "w") as archive:
        for path in ("appspec.yml", "scripts/after.sh"):
            archive.write(src / path, path)
    for task in yaml.safe_load(codedeploy_revision.EXAMPLES):
        (src / "release").write_text(task["name"])
        outcome = run_module("codedeploy_revision", task["slipway.aws.codedeploy_revision"])
        assert (outcome.msg, outcome.changed) == ("", True), task["name"]
    found = [
        len(run_module("codedeploy_revision_info", task["slipway.aws.codedeploy_revision_info"])["revisions"])
        for task in yaml.safe_load(codedeploy_revision_info.EXAMPLES)
    ]
    assert found == [5, 3, 0]
