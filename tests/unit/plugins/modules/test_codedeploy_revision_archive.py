# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pushing an archive as it is, a commit on GitHub, and what a push can be told beside: links, an ignore file, tags."""

from __future__ import annotations

import copy
import hashlib
import io
import os
import shutil
import stat
import tarfile
import typing as t
import zipfile
from pathlib import Path

import pytest
from support.modules import Outcome
from support.pushes import APPSPEC, calls, here, push, registered

from ansible_collections.slipway.aws.plugins.module_utils._bundle import archive as archives
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import push_sources

FILES = {"appspec.yml": APPSPEC, "scripts/after.sh": "#!/bin/sh\n"}
COMMIT = "1f8a4c2e9b7d6f5a4b3c2d1e0f9a8b7c6d5e4f3a"


def zipped(path: Path, files: dict[str, str] | None = None, **links: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (FILES if files is None else files).items():
            archive.writestr(name, text)
        for name, target in links.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, target)
    return path


def tarred(path: Path, mode: str, *more: tarfile.TarInfo, files: dict[str, str] | None = None) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # the mode is a text
        for name, text in (FILES if files is None else files).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
        for entry in more:
            archive.addfile(entry)
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


@pytest.mark.parametrize("kind", ["zip", "tar", "tgz"])
def test_an_archive_is_taken_as_it_is_and_once(s3: t.Any, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "release"  # whose type is told by its content
    made = zipped(path) if kind == "zip" else tarred(path, {"tar": "w", "tgz": "w:gz"}[kind])
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    foretold, done, again = push(made, check_mode=True), push(made), push(made)
    assert [one.changed for one in (foretold, done, again)] == [True, True, False], done.msg
    assert foretold["diff"] == done["diff"] and foretold.writes == again.writes == []
    location = done["revision"]["s3_location"]
    assert (location["key"], location["bundle_type"]) == (f"{here.application}/{digest}.{kind}", kind)
    assert s3.get_object(Bucket=here.bucket, Key=location["key"])["Body"].read() == made.read_bytes()
    assert calls(again) == ["HeadObject", "GetApplicationRevision"]
    assert (done["fingerprint"], done["size"], "files" in done.result) == (digest, made.stat().st_size, False)


def test_what_is_known_is_not_looked_into_again(s3: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = zipped(tmp_path / "a.zip")
    push(made)
    monkeypatch.setattr(archives, "MOST_ENTRIES", 0)
    assert not push(made).failed
    assert "holds more than is taken" in push(made, key_prefix="other").msg


def refused(made: Path, **options: t.Any) -> str:
    outcome: Outcome = push(made, **options)
    assert outcome.failed and outcome.writes == []
    assert outcome.msg == push(made, check_mode=True, **options).msg
    return outcome.msg.removeprefix(f"Failed to push a revision of the application {here.application}: ")


@pytest.mark.parametrize(
    ("files", "links", "said"),
    [
        ({"a": ""}, {}, "has no appspec.yml"),
        ({"appspec.yaml": APPSPEC}, {}, "Rename appspec.yaml"),
        ({"appspec.yml": APPSPEC}, {}, "scripts/after.sh"),
        ({**FILES, "../up": ""}, {}, "../up is a path that leaves the archive"),
        ({**FILES, "/etc/passwd": ""}, {}, "/etc/passwd is a path that leaves the archive"),
        ({**FILES, "a\x1bb": ""}, {}, "has a control character in its name"),
        (FILES, {"out": "../x"}, "out is a symlink that leaves the archive or forms a loop, to ../x"),
        (FILES, {"out": "/etc"}, "out is a symlink that leaves the archive"),
        ({**FILES, "appspec.yml": APPSPEC + "#" * 300_000}, {}, "an AppSpec of 256 KiB that is no link"),
        ({"scripts/after.sh": ""}, {"appspec.yml": "x"}, "an AppSpec of 256 KiB that is no link"),
    ],
)
def test_a_zip_that_no_host_should_get_is_refused(
    s3: t.Any, tmp_path: Path, files: dict[str, str], links: dict[str, str], said: str
) -> None:
    assert said in refused(zipped(tmp_path / "a.zip", files, **links))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (special("null", tarfile.CHRTYPE), "null is a device, a named pipe or a socket"),
        (special("pipe", tarfile.FIFOTYPE), "pipe is a device, a named pipe or a socket"),
        (special("a/b", tarfile.SYMTYPE, "../../x"), "a/b is a symlink that leaves the archive"),
        (special("a/b", tarfile.LNKTYPE, "../x"), "a/b is a symlink that leaves the archive"),
        (special("a/b", tarfile.LNKTYPE, "/etc/passwd"), "a/b is a symlink that leaves the archive"),
        (special("a\udcff", tarfile.DIRTYPE), "has a name that is not UTF-8"),
    ],
)
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_that_no_host_should_get_is_refused(
    s3: t.Any, tmp_path: Path, entry: tarfile.TarInfo, said: str, mode: str
) -> None:
    assert said in refused(tarred(tmp_path / "a", mode, entry))


def test_a_tar_with_plain_links_is_taken(s3: t.Any, tmp_path: Path) -> None:
    links = [special("a/b", tarfile.SYMTYPE, "../scripts"), special("a/c", tarfile.LNKTYPE, "scripts/after.sh")]
    assert push(tarred(tmp_path / "a", "w", *links)).msg == ""


def test_a_name_of_a_zip_that_is_not_utf8_or_encrypted_is_refused(s3: t.Any, tmp_path: Path) -> None:
    made = zipped(tmp_path / "a.zip", {**FILES, "caf#.txt": ""})
    whole = made.read_bytes()
    made.write_bytes(whole.replace(b"caf#", b"caf\xe9"))
    assert "has a name that is not UTF-8" in refused(made)
    made.write_bytes(whole.replace(b"caf#", b"caf\xe9").replace(b"\0\0\0\0caf", b"\0\0\0\0caf"))
    central = whole.index(b"PK\1\2")
    made.write_bytes(whole[: central + 8] + b"\1" + whole[central + 9 :])
    assert "appspec.yml is encrypted, and hosts have no password" in refused(made)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither a zip nor a tar nor a tar in gzip"),
        (b"#!/bin/sh\n", "neither a zip nor a tar nor a tar in gzip"),
        (b"PK\3\4" + bytes(100), "cannot be unpacked as zip"),
        (b"\x1f\x8b" + bytes(100), "cannot be unpacked as tgz"),
    ],
)
def test_a_file_that_is_no_archive_is_refused(s3: t.Any, tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert said in refused(path)


def test_a_tar_that_unpacks_to_too_much_is_refused(s3: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1024 * 1024)
    made = tarred(tmp_path / "a", "w:gz", files={**FILES, "zeros": "\0" * (4 * 1024 * 1024)})
    assert "holds more than is taken" in refused(made)


def test_the_type_of_an_archive_is_not_changed(s3: t.Any, tmp_path: Path) -> None:
    text = refused(zipped(tmp_path / "a.tgz"), bundle_type="tgz")
    assert "is a zip, not a tgz. An archive is taken as it is: correct bundle_type or leave it out" in text


def test_an_archive_that_changes_under_the_push_is_not_stored(
    s3: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = zipped(tmp_path / "a.zip")
    look = archives.look_into

    def late(archive: archives.Archive) -> t.Any:
        found = look(archive)
        zipped(made, {**FILES, "late": "x"})
        return found

    monkeypatch.setattr(push_sources, "look_into", late)
    outcome = push(made)
    assert f"{made} changed while it was read" in outcome.msg
    assert s3.list_objects_v2(Bucket=here.bucket)["KeyCount"] == 0


def test_an_archive_of_more_than_65535_files_is_taken(s3: t.Any, tmp_path: Path) -> None:
    made = tmp_path / "many.zip"
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
        for number in range(65_536):  # in the directory only, where it is counted
            entry = copy.copy(archive.filelist[-1])
            entry.filename = str(number)
            archive.filelist.append(entry)
    assert push(made, check_mode=True).msg == ""


def test_an_entry_beyond_4_gib_is_taken(s3: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sparse file: hashed it would take seconds, so only its end is looked at."""
    made = tmp_path / "big.zip"
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
        with archive.open(zipfile.ZipInfo("big"), "w", force_zip64=True) as member:
            member._file_size = 5 * 1024**3  # type: ignore[attr-defined]
            archive.fp.seek(5 * 1024**3, os.SEEK_CUR)  # type: ignore[union-attr]
    found = archives.look_into(archives.Archive(str(made), "zip", made.stat().st_size, ""))
    assert found.appspec == APPSPEC.encode() and "big" in (found.files or ())


def test_a_commit_on_github_is_passed_on(s3: t.Any) -> None:
    commit = {"repository": "example/storefront", "commit_id": COMMIT}
    foretold, done, again = (push(None, check, github=commit) for check in (True, False, False))
    assert [one.changed for one in (foretold, done, again)] == [True, True, False]
    assert foretold["diff"] == done["diff"] and foretold.writes == again.writes == []
    assert done["revision"] == {"revision_type": "GitHub", "git_hub_location": commit}
    assert (done["uploaded"], done["registered"], len(registered())) == (False, True, 1)
    assert push(None, github=commit, register="never").calls == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"commit_id": "main"}, "github.commit_id main is not the complete ID of a commit, 40 hexadecimal digits"),
        ({"bucket": "b"}, "mutually exclusive: github|bucket"),
    ],
)
def test_a_commit_that_is_none_is_refused(s3: t.Any, options: dict[str, str], said: str) -> None:
    commit = {"repository": "example/storefront", "commit_id": options.pop("commit_id", COMMIT)}
    outcome = push(None, github=commit, **options)
    assert said in outcome.msg and outcome.calls == []


def test_tags_are_put_on_the_object(s3: t.Any, src: Path) -> None:
    done = push(src, object_tags={"Commit": "1f8a + more=x", "Build": 7})
    assert done.msg == ""
    tags = s3.get_object_tagging(Bucket=here.bucket, Key=done["revision"]["s3_location"]["key"])["TagSet"]
    assert {one["Key"]: one["Value"] for one in tags} == {"Commit": "1f8a + more=x", "Build": "7"}
    assert not push(src, object_tags={"Commit": "other"}).changed


def test_links_and_an_ignore_file_decide_what_is_bundled(s3: t.Any, src: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("x")
    (src / "outside.txt").symlink_to(tmp_path / "outside.txt")
    (src / ".slipwayignore").write_text("*.tmp\n")
    (src / "a.tmp").write_text("x")
    assert "outside.txt is a symlink that leaves the directory" in push(src).msg
    assert "outside.txt is a symlink. Remove it" in push(src, symlinks="fail").msg
    assert push(src, symlinks="follow")["files"] == 3
    assert push(src, symlinks="follow", ignore_file="")["files"] == 5


def test_a_file_or_directory_that_vanishes_under_the_push_is_told(
    s3: t.Any, src: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = push_sources.walk

    def late(*args: t.Any) -> t.Any:
        found = walk(*args)
        shutil.rmtree(src / "gone")
        return found

    monkeypatch.setattr(push_sources, "walk", late)
    for name in ("gone/file", "gone/deep/file"):
        (src / name).parent.mkdir(parents=True, exist_ok=True)
        (src / name).write_text("x")
        said = f"{name} changed while it was read. Push again when nothing writes below src"
        assert said in push(src).msg
    assert s3.list_objects_v2(Bucket=here.bucket)["KeyCount"] == 0
