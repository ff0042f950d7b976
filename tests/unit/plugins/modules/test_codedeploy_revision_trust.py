# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object is taken for the bundle only if it is proven: by its registration, or by its bytes."""

from __future__ import annotations

import io
import typing as t
import zipfile
from pathlib import Path

import pytest
from moto.s3.models import s3_backends
from support.pushes import client, here, push

from slipway_emulator.faults import faults


def test_without_the_right_to_list_the_upload_tells_whether_the_bundle_is_there(s3: t.Any, src: Path) -> None:
    faults.add({"kind": "denied", "operation": "HeadObject", "times": 1})
    first = push(src)
    assert first["uploaded"]
    assert "cannot be read" in str(first["warnings"])
    faults.add({"kind": "denied", "operation": "HeadObject", "times": 1})
    again = push(src)
    assert (again.changed, again["uploaded"], again["registered"]) == (False, False, False)
    assert again["revision"] == first["revision"]


def forged(s3: t.Any, key: str, digest: str, how: str) -> None:
    """An object of another author under the key of ours, which says of itself whatever it likes."""
    sayings: dict[str, t.Any] = {
        "nothing": {},
        "metadata": {"Metadata": {"slipway-fingerprint": digest, "slipway-content": digest}},
        "checksum": {"ChecksumAlgorithm": "SHA256", "Metadata": {"slipway-fingerprint": digest}},
        "tags": {"Tagging": f"slipway-fingerprint={digest}"},
    }
    s3.put_object(Bucket=here.bucket, Key=key, Body=b"#!/bin/sh evil", **sayings[how])


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("how", ["nothing", "metadata", "checksum", "tags"])
@pytest.mark.parametrize("when", ["before the first push", "after it"])
def test_an_object_that_is_not_this_bundle_is_refused_and_left(
    s3: t.Any, src: Path, when: str, how: str, check_mode: bool
) -> None:
    ours = push(src, check_mode=when != "after it")
    key = ours["revision"]["s3_location"]["key"]
    forged(s3, key, ours["fingerprint"], how)
    outcome = push(src, check_mode=check_mode)
    assert f"s3://{here.bucket}/{key} holds an object that is not this bundle" in outcome.msg
    assert "Find out who uploaded it. Then delete it" in outcome.msg
    assert outcome.writes == []
    assert s3.get_object(Bucket=here.bucket, Key=key)["Body"].read() == b"#!/bin/sh evil"


def test_a_newer_version_of_another_author_is_refused(s3: t.Any, src: Path) -> None:
    s3.put_bucket_versioning(Bucket=here.bucket, VersioningConfiguration={"Status": "Enabled"})
    ours = push(src)
    forged(s3, ours["revision"]["s3_location"]["key"], ours["fingerprint"], "metadata")
    assert "is not this bundle" in push(src).msg


def test_a_bundle_that_is_there_and_not_registered_is_built_and_compared(s3: t.Any, src: Path) -> None:
    """The first push of a second application that shares the prefix; nothing is uploaded twice."""
    first = push(src, key_prefix="shared")
    client("codedeploy").create_application(applicationName=f"{here.application}-2", computePlatform="Server")
    second = push(src, key_prefix="shared", application_name=f"{here.application}-2")
    assert (second["uploaded"], second["registered"]) == (False, True)
    assert second["revision"] == first["revision"]
    assert not push(src, key_prefix="shared", application_name=f"{here.application}-2").changed


def test_the_same_content_compressed_otherwise_is_told_by_its_registration(s3: t.Any, src: Path) -> None:
    (src / "text").write_text("text " * 10_000)
    first = push(src, compression_level=9)
    again = push(src, compression_level=1)
    assert (again.changed, again["revision"]) == (False, first["revision"])
    faults.add({"kind": "denied", "operation": "HeadObject", "times": 1})
    unseen = push(src, compression_level=1)  # found out by the upload
    assert (unseen.changed, unseen["revision"]) == (False, first["revision"])


def test_whoever_may_not_read_the_object_is_told_why(s3: t.Any, src: Path) -> None:
    push(src, register="never")
    faults.add({"kind": "denied", "operation": "HeadObject", "times": 1})
    outcome = push(src, register="never")
    assert not outcome.failed  # the upload tells
    faults.add({"kind": "denied", "operation": "PutObject", "times": 1})
    (src / "new").write_text("new")
    outcome = push(src, expected_bucket_owner="self")
    assert "cannot be written" in outcome.msg
    assert "or the bucket does not belong to the account 123456789012. Allow s3:PutObject on it" in outcome.msg


def test_a_fixed_key_that_somebody_else_has_overwritten_is_replaced_by_this_content(s3: t.Any, src: Path) -> None:
    first = push(src, key="current.zip")
    forged(s3, "current.zip", first["fingerprint"], "metadata")
    second = push(src, key="current.zip")
    assert second["uploaded"]
    body = s3.get_object(Bucket=here.bucket, Key="current.zip")["Body"].read()
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["appspec.yml", "scripts/after.sh"]


@pytest.mark.parametrize(("owner", "works"), [("self", True), ("123456789012", True), ("999999999999", False)])
def test_the_bucket_has_to_belong_to_the_account_that_is_named(s3: t.Any, src: Path, owner: str, works: bool) -> None:
    outcome = push(src, expected_bucket_owner=owner)
    assert outcome.failed is not works
    assert outcome.changed is works


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, ()),
        ({"server_side_encryption": "aws:kms"}, ("kms:Decrypt", "AWS manages, which only serves its own account")),
        (
            {"server_side_encryption": "aws:kms", "sse_kms_key_id": "arn:aws:kms:eu-west-1:210987654321:key/a"},
            ("kms:Decrypt", "encrypted with arn:aws:kms:eu-west-1:210987654321:key/a"),
        ),
    ],
)
def test_what_hosts_need_of_a_bucket_of_another_account_is_told_once(
    s3: t.Any, src: Path, options: dict[str, str], said: tuple[str, ...]
) -> None:
    s3_backends["123456789012"]["aws"].buckets[here.bucket].account_id = "210987654321"
    done = push(src, expected_bucket_owner="210987654321", **options)
    (warning,) = done["warnings"]
    assert f"The bucket {here.bucket} belongs to the account 210987654321" in warning
    assert "s3:GetObject" in warning and "BucketOwnerEnforced" in warning
    assert all(text in warning for text in said) and ("kms" in warning) == bool(said)
    assert "warnings" not in push(src, expected_bucket_owner="210987654321", **options).result
    refused = push(src, expected_bucket_owner="210987654321", retain=1)
    assert "could not be read, so it is not known whether other accounts use its bundles" in refused.msg
