# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import os
import random
import shutil
import stat
import subprocess
import tarfile
import threading
import typing as t
import warnings
import zipfile
from pathlib import Path

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._bundle import tar_archive, tree, zip_archive
from ansible_collections.slipway.aws.plugins.module_utils._bundle.dates import content_date
from ansible_collections.slipway.aws.plugins.module_utils._bundle.deflate import compressible, in_order
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Entry, Tree, fingerprint, walk

TEXT = b"the quick brown fox jumps over the lazy dog and runs away. " * 4000  # 236 KB
NOISE = random.Random(7).randbytes(300_000)
CONTENT = {
    "appspec.yml": b"version: 0.0\nos: linux\n",
    "bin/start": b"#!/bin/sh\nexit 0\n",
    "empty": b"",
    "été/naïve.txt": TEXT[:5000],
    "lib/text": TEXT,
    "lib/noise.jar": NOISE,
    "lib/" + "long" * 40 + "/x": b"x",
}
ARCHIVES = ["zip", "tar", "tgz"]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens with files over a mebibyte, on files of some hundred kilobytes."""
    for module in (tree, zip_archive, tar_archive):
        monkeypatch.setattr(module, "BLOCK", 16 * 1024)


def build(root: Path) -> Path:
    for name, data in CONTENT.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    (root / "bin/start").chmod(0o750)
    (root / "var/empty").mkdir(parents=True)
    (root / "var/empty").chmod(0o700)
    (root / "bin/current").symlink_to("start")
    return root


def made(root: Path) -> Tree:
    found = walk(str(root))
    fingerprint(found)
    return found


def archive(found: Tree, kind: str, level: int = 6, workers: int = 2) -> bytes:
    if kind == "zip":
        return b"".join(zip_archive.zip_chunks(found, level, workers))
    chunks = tar_archive.tar_chunks(found)
    return b"".join(chunks if kind == "tar" else tar_archive.gzip_chunks(chunks, level, workers))


def unpack(data: bytes, kind: str, into: Path) -> None:
    """By the programs the host agent runs, where they are installed."""
    bundle = into.with_suffix("." + kind)
    bundle.write_bytes(data)
    into.mkdir()
    if kind != "zip":
        subprocess.run(["tar", "-zxpsf" if kind == "tgz" else "-xpsf", bundle, "-C", into], check=True)
    elif shutil.which("unzip"):
        done = subprocess.run(["unzip", "-qo", bundle, "-d", into], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    else:
        warnings.warn(
            "unzip is not installed: the archive is unpacked with zipfile, which knows no symlinks", stacklevel=1
        )
        for member in zipfile.ZipFile(bundle).infolist():
            place(member, zipfile.ZipFile(bundle).read(member), into / member.filename)


def place(member: zipfile.ZipInfo, data: bytes, path: Path) -> None:
    mode = member.external_attr >> 16
    path.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(mode):
        path.symlink_to(data.decode())
    elif stat.S_ISDIR(mode):
        path.mkdir(mode & 0o777)
    else:
        path.write_bytes(data)
        path.chmod(mode & 0o777)


def sound(data: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(data))
    assert found.testzip() is None
    return found


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("blocks", ["large", "small"])
def test_what_is_unpacked_is_what_was_packed(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str, blocks: str
) -> None:
    if blocks == "small":
        request.getfixturevalue("small_blocks")
    found = made(build(tmp_path / "src"))
    unpack(archive(found, kind), kind, tmp_path / "host")
    assert fingerprint(walk(str(tmp_path / "host"))) == fingerprint(found)
    assert os.readlink(tmp_path / "host/bin/current") == "start"
    assert stat.S_IMODE((tmp_path / "host/bin/start").stat().st_mode) == 0o750


@pytest.mark.parametrize("kind", ARCHIVES)
def test_the_same_content_elsewhere_gives_the_same_bytes(tmp_path: Path, kind: str, small_blocks: None) -> None:
    one, two = build(tmp_path / "one"), build(tmp_path / "very/much/elsewhere")
    for path in two.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    first = archive(made(one), kind)
    assert archive(made(two), kind, workers=1) == first
    assert archive(made(one), kind, workers=3) == first


@pytest.mark.parametrize("kind", ARCHIVES)
def test_members_belong_to_root_whoever_packs(tmp_path: Path, kind: str) -> None:
    data = archive(made(build(tmp_path / "src")), kind)
    if kind == "zip":
        assert {member.extra for member in zipfile.ZipFile(io.BytesIO(data)).infolist()} == {b""}
    else:
        with tarfile.open(fileobj=io.BytesIO(data)) as found:
            members = found.getmembers()
        assert {(m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, "", "")}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_the_archive_fits_its_upper_bound(tmp_path: Path, kind: str, small_blocks: None) -> None:
    found = made(build(tmp_path / "src"))
    (tmp_path / "none").mkdir()
    nothing = made(tmp_path / "none")
    assert len(archive(found, kind, level=0)) <= zip_archive.upper_bound(found)
    assert len(archive(nothing, kind)) <= zip_archive.upper_bound(nothing)


def test_dates_follow_the_content(tmp_path: Path) -> None:
    root = build(tmp_path / "src")
    before = {member.filename: member.date_time for member in sound(archive(made(root), "zip")).infolist()}
    (root / "bin/start").write_bytes(b"#!/bin/sh\nexit 1\n")
    after = {member.filename: member.date_time for member in sound(archive(made(root), "zip")).infolist()}
    assert {name for name in before if before[name] != after[name]} == {"bin/start"}
    assert all(1980 <= when[0] <= 1997 for when in after.values())
    assert before["var/empty/"] == (1980, 1, 1, 0, 0, 0)


def test_the_widest_date_fits_a_zip() -> None:
    last = content_date(Entry(b"x", "file", digest=b"\xff" * 32))
    assert (last.year, last.second % 2) == (1997, 0)


def test_what_cannot_shrink_is_stored(tmp_path: Path) -> None:
    members = {m.filename: m for m in sound(archive(made(build(tmp_path / "src")), "zip")).infolist()}
    assert members["lib/noise.jar"].compress_type == zipfile.ZIP_STORED
    assert members["empty"].compress_type == zipfile.ZIP_STORED
    assert members["lib/text"].compress_type == zipfile.ZIP_DEFLATED
    assert members["lib/text"].compress_size < len(TEXT) / 20
    assert not any(member.flag_bits & 0x008 for member in members.values())


def test_a_large_file_that_cannot_shrink_hardly_grows(tmp_path: Path, small_blocks: None) -> None:
    members = {m.filename: m for m in sound(archive(made(build(tmp_path / "src")), "zip")).infolist()}
    assert members["lib/noise.jar"].compress_size < len(NOISE) * 1.001
    assert members["lib/text"].compress_size < len(TEXT) / 20


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_a_higher_level_is_smaller(tmp_path: Path, kind: str) -> None:
    found = made(build(tmp_path / "src"))
    sizes = [len(archive(found, kind, level)) for level in (0, 1, 9)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.5 * sizes[1]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_file_about_the_size_of_a_block(tmp_path: Path, extra: int, small_blocks: None) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/x").write_bytes(TEXT[: 32 * 1024 + extra])
    assert sound(archive(made(tmp_path / "src"), "zip")).read("x") == TEXT[: 32 * 1024 + extra]


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_the_number_of_members_is_not_limited(tmp_path: Path, count: int) -> None:
    found = walk(str(tmp_path))
    found.entries = [Entry(b"%05d" % i, "link", target=b"t") for i in range(count)]
    data = archive(found, "zip")
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == count
    check_with_unzip(data, tmp_path)


@pytest.mark.parametrize("limit", [20_000, 100_000, 299_000, 300_500])
def test_sizes_and_offsets_beyond_32_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_blocks: None, limit: int
) -> None:
    monkeypatch.setattr(zip_archive, "ZIP64_SIZE", limit)
    data = archive(made(build(tmp_path / "src")), "zip")
    found = zipfile.ZipFile(io.BytesIO(data))
    assert {name: found.read(name) for name in CONTENT} == CONTENT
    assert b"PK\6\6" in data
    check_with_unzip(data, tmp_path)


def check_with_unzip(data: bytes, folder: Path) -> None:
    bundle = folder / "bundle.zip"
    bundle.write_bytes(data)
    if not shutil.which("unzip"):
        warnings.warn("unzip is not installed: archives are checked with zipfile only", stacklevel=1)
        return
    done = subprocess.run(["unzip", "-tqq", bundle], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_file_that_changed_since_the_fingerprint_ends_the_archive(tmp_path: Path, kind: str) -> None:
    found = made(build(tmp_path / "src"))
    (tmp_path / "src/lib/text").write_bytes(TEXT[::-1])
    with pytest.raises(BundleError, match="lib/text changed while it was read"):
        archive(found, kind)


def test_jobs_keep_their_order_and_few_are_in_flight() -> None:
    drawn: list[int] = []

    def jobs() -> t.Iterator[t.Callable[[], int]]:
        for i in range(50):
            drawn.append(i)
            yield lambda i=i: i

    results = in_order(jobs(), workers=2, ahead=3)
    assert next(results) == 0
    assert len(drawn) == 4
    assert list(results) == list(range(1, 50))


def test_the_first_error_ends_the_work_and_its_threads() -> None:
    def fail() -> int:
        raise BundleError("no")

    before = threading.active_count()
    results = in_order(iter([lambda: 1, fail, lambda: 3]))
    assert next(results) == 1
    with pytest.raises(BundleError, match="no"):
        list(results)
    assert threading.active_count() == before


def test_samples_tell_noise_from_text() -> None:
    assert compressible(TEXT)
    assert not compressible(NOISE)
    assert compressible(NOISE[:1000])
