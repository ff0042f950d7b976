# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with what is to be pushed is said before anything is called or written."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from support.modules import run_module
from support.pushes import client, here, push, run

from ansible_collections.slipway.aws.plugins.module_utils._bundle import tree


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
    elif name == "gone":
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
        ("gone", ["does not exist. Give a directory"]),
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
