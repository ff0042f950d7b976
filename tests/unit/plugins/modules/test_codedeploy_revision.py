# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pushing a revision, against the emulator: what a run says, what it writes, and what it costs."""

from __future__ import annotations

import io
import itertools
import os
import typing as t
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import yaml
from support.modules import CONNECTION, Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._bundle import tree
from ansible_collections.slipway.aws.plugins.modules import codedeploy_revision, codedeploy_revision_info
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world

APPSPEC = """\
version: 0.0
os: linux
files:
  - source: /
    destination: /srv/storefront
hooks:
  AfterInstall:
    - location: scripts/after.sh
      timeout: 60
"""
KEYS = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}


def client(service: str, region: str = CONNECTION["region"]) -> t.Any:
    return boto3.client(service, region_name=region, **KEYS)


@dataclass
class Here:
    """The bucket and the application of the test that runs."""

    bucket: str = ""
    application: str = ""


here = Here()


@pytest.fixture(scope="module")
def aws() -> t.Iterator[t.Iterator[int]]:
    """One world for all tests here, each with names of its own: to make one takes longer than most of the tests."""
    with emulated_world():
        yield itertools.count(1)


@pytest.fixture
def s3(aws: t.Iterator[int]) -> t.Any:
    number = next(aws)
    here.bucket, here.application = f"releases{number}", f"storefront{number}"
    faults.remove()
    made = client("s3")
    made.create_bucket(Bucket=here.bucket, CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]})
    client("codedeploy").create_application(applicationName=here.application, computePlatform="Server")
    return made


@pytest.fixture
def src(tmp_path: Path) -> Path:
    root = tmp_path / "storefront"
    (root / "scripts").mkdir(parents=True)
    (root / "appspec.yml").write_text(APPSPEC)
    (root / "scripts/after.sh").write_text("#!/bin/sh\n")
    (root / "scripts/after.sh").chmod(0o755)
    return root


def run(src: Path, options: dict[str, t.Any], check_mode: bool = False) -> Outcome:
    params = {"application_name": here.application, "src": str(src), "bucket": here.bucket, **options}
    given = {name: value for name, value in params.items() if value is not None}
    return run_module("codedeploy_revision", given, check_mode=check_mode)


def push(src: Path | None, check_mode: bool = False, **options: t.Any) -> Outcome:
    params: dict[str, t.Any] = {"application_name": here.application}
    if src is not None:
        params.update(src=str(src), bucket=here.bucket)
    return run_module("codedeploy_revision", {**params, **options}, check_mode=check_mode)


def calls(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def registered() -> list[dict[str, t.Any]]:
    return client("codedeploy").list_application_revisions(applicationName=here.application)["revisions"]


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
    assert len(opened) == len(set(opened)) == 302


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


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"key": "none.zip"}, "/none.zip does not exist"),
        ({"bucket": "nowhere"}, "Bucket nowhere does not exist"),
        ({"e_tag": "abc"}, "not abc: it was replaced"),
    ],
)
def test_an_object_that_is_not_as_asked_is_refused(s3: t.Any, asked: dict[str, str], said: str) -> None:
    s3.put_object(Bucket=here.bucket, Key="built.zip", Body=b"PK")
    outcome = push(None, s3={"bucket": here.bucket, "key": "built.zip", "bundle_type": "zip", **asked})
    assert outcome.failed
    assert said in outcome.msg
    assert outcome.writes == []


def broken(src: Path, name: str) -> None:
    if name == "missing":
        (src / "appspec.yml").unlink()
    elif name == "yaml":
        (src / "appspec.yml").rename(src / "appspec.yaml")
    elif name == "unparsable":
        (src / "appspec.yml").write_text("version: 0.0\nos: [linux\n")
    elif name == "hook":
        (src / "scripts/after.sh").unlink()
    elif name == "carriage return":
        (src / "scripts/after.sh").write_bytes(b"#!/bin/sh\r\nexit 0\r\n")
    elif name == "windows":
        (src / "appspec.yml").write_text("version: 0.0\nos: windows\n")
    elif name == "pipe":
        os.mkfifo(src / "pipe")
    elif name == "symlink":
        (src / "out").symlink_to("../other")
    elif name == "not a directory":
        (src / "scripts/after.sh").unlink()
        (src / "scripts").rmdir()
        (src / "appspec.yml").unlink()
        src.rmdir()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("missing", ["has no appspec.yml", "Put one there"]),
        ("yaml", ["has no appspec.yml", "Rename appspec.yaml"]),
        ("unparsable", ["appspec.yml, line "]),
        ("hook", ["appspec.yml, line 8", "scripts/after.sh"]),
        ("carriage return", ["appspec.yml, line 8", "scripts/after.sh cannot start on Linux", "dos2unix"]),
        ("windows", ["a tgz cannot be deployed to Windows", "Use bundle_type=zip"]),
        ("pipe", ["pipe is a named pipe"]),
        ("symlink", ["out is a symlink that leaves the directory or forms a loop, to ../other"]),
        ("not a directory", ["is not a directory"]),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_bad_input_is_named_before_anything_is_called(
    s3: t.Any, src: Path, damage: str, said: list[str], check_mode: bool
) -> None:
    broken(src, damage)
    outcome = push(src, check_mode=check_mode, bundle_type="tgz")
    assert outcome.failed
    assert outcome.msg.startswith(f"Failed to push a revision of the application {here.application}: ")
    for text in said:
        assert text in outcome.msg
    assert outcome.calls == []


def test_a_description_that_is_too_long_is_said_before_anything_is_called(s3: t.Any, src: Path) -> None:
    outcome = push(src, description="x" * 176)
    assert "description has 176 characters; at most 175 are allowed, because the fingerprint" in outcome.msg
    assert outcome.calls == []
    outcome = push(None, description="x" * 257, s3={"bucket": here.bucket, "key": "k", "bundle_type": "zip"})
    assert "description has 257 characters; at most 256 are allowed" in outcome.msg
    assert outcome.calls == []
    assert push(src, description="x" * 175).changed


def test_what_is_wrong_with_the_appspec_is_told_as_data_too(s3: t.Any, src: Path) -> None:
    broken(src, "hook")
    problems = push(src)["problems"]
    assert [(problem["line"], problem["level"]) for problem in problems] == [(8, "error")]
    assert set(problems[0]) == {"line", "path", "what", "remedy", "level"}


def test_a_script_behind_a_symlink_is_read_and_read_once(s3: t.Any, src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = count_opened(monkeypatch)
    (src / "scripts").rename(src / "scripts-2")
    (src / "scripts").symlink_to("scripts-2")
    assert not push(src, check_mode=True).failed
    assert opened.count("after.sh") == 1
    (src / "scripts-2/after.sh").write_bytes(b"#!/bin/sh\r\n")
    assert "cannot start on Linux" in push(src).msg


def test_a_hook_that_is_a_large_program_is_no_script(s3: t.Any, src: Path) -> None:
    (src / "scripts/after.sh").write_bytes(b"\x7fELF" + bytes(1024 * 1024))
    assert not push(src, check_mode=True).failed


def count_opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened to be read, from now on."""
    opened: list[str] = []
    really = tree._open

    def counted(folders: t.Any, entry: t.Any) -> t.Any:
        opened.append(entry.path.decode().rpartition("/")[2])
        return really(folders, entry)

    monkeypatch.setattr(tree, "_open", counted)
    return opened


def test_a_script_reached_through_a_symlink_is_in_the_bundle(s3: t.Any, src: Path) -> None:
    (src / "scripts").rename(src / "scripts-2")
    (src / "scripts").symlink_to("scripts-2")
    assert not push(src).failed


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_bucket_in_another_region_is_said_before_anything_is_written(s3: t.Any, src: Path, check_mode: bool) -> None:
    bucket = f"american-{here.bucket}"
    client("s3", "us-east-1").create_bucket(Bucket=bucket)
    outcome = push(src, check_mode, bucket=bucket)
    assert f"Bucket {bucket} is in us-east-1, not in eu-west-1" in outcome.msg
    assert outcome.writes == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bucket": "nowhere"}, "Bucket nowhere does not exist. Create it first"),
        ({"application_name": "shop"}, "There is no application shop in this region. Create it with"),
        (
            {"src": None, "bucket": None, "s3": {"bucket": "nowhere", "key": "k", "bundle_type": "zip"}},
            "Bucket nowhere",
        ),
    ],
)
def test_what_is_missing_is_said_before_anything_is_written_and_foretold(
    s3: t.Any, src: Path, options: dict[str, t.Any], said: str
) -> None:
    outcome = run(src, options)
    assert outcome.failed
    assert said in outcome.msg
    foretold = run(src, options, check_mode=True)
    assert (foretold.failed, foretold.changed) == (False, True)
    assert said in str(foretold["warnings"])
    assert outcome.writes == foretold.writes == []


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


def test_encryption_and_owner_are_handed_to_s3(s3: t.Any, src: Path) -> None:
    done = push(
        src,
        server_side_encryption="aws:kms",
        sse_kms_key_id="alias/releases",
        expected_bucket_owner="123456789012",
    )
    head = s3.head_object(Bucket=here.bucket, Key=done["revision"]["s3_location"]["key"])
    assert head["ServerSideEncryption"] == "aws:kms"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "one of the following is required: src, s3"),
        ({"src": "/tmp"}, "missing parameter(s) required by 'src': bucket"),
        (
            {"src": "/tmp", "bucket": "b", "key": "k", "key_prefix": "p"},
            "parameters are mutually exclusive: key|key_prefix",
        ),
        ({"src": "/tmp", "bucket": "b", "exclude": ["!x"]}, "exclude pattern '!x' is not supported"),
    ],
)
def test_options_that_make_no_sense_together(s3: t.Any, options: dict[str, t.Any], said: str) -> None:
    outcome = run_module("codedeploy_revision", {"application_name": here.application, **options})
    assert said in outcome.msg
    assert outcome.calls == []


def test_the_documented_examples_run(s3: t.Any, src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(src.parent)
    s3.create_bucket(Bucket="example-releases", CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]})
    s3.put_object(Bucket="example-releases", Key="storefront-1.4.2.zip", Body=b"PK")
    client("codedeploy").create_application(applicationName="storefront")
    for task in yaml.safe_load(codedeploy_revision.EXAMPLES):
        outcome = run_module("codedeploy_revision", task["slipway.aws.codedeploy_revision"])
        assert (outcome.msg, outcome.changed) == ("", True), task["name"]
    found = [
        len(run_module("codedeploy_revision_info", task["slipway.aws.codedeploy_revision_info"])["revisions"])
        for task in yaml.safe_load(codedeploy_revision_info.EXAMPLES)
    ]
    assert found == [3, 1, 0]
