# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AppSpec out of an archive of which only pieces are read, and archives made to do harm."""

from __future__ import annotations

import gzip
import io
import os
import random
import stat
import struct
import tarfile
import zipfile

import pytest
from support.codedeploy_shop import APPSPEC, FILES, tarred, zipped

from ansible_collections.slipway.aws.plugins.module_utils._bundle import remote
from ansible_collections.slipway.aws.plugins.module_utils._bundle.remote import BLOCK, BROKEN, Content, TooMuch

NAMES = ("app/main.py", "appspec.yml", "scripts/configure.sh", "scripts/start.sh", "scripts/stop.sh")


class Store:
    """An object of which ranges are fetched, counted."""

    def __init__(self, data: bytes) -> None:
        self.data, self.fetched = data, [len(data[-BLOCK:])]

    def range(self, first: int, last: int) -> bytes:
        self.fetched.append(last - first + 1)
        return self.data[first : last + 1]

    def read(self) -> Content:
        return remote.read_zip(len(self.data), self.range, self.data[-BLOCK:])


def read_tar(data: bytes, kind: str = "tgz") -> Content:
    return remote.read_tar(kind, io.BytesIO(data))


def padded(files: dict[str, str], megabytes: int, entries: int = 1) -> bytes:
    """A zip with the files at its beginning and noise behind them."""
    noise, held = random.Random(7), io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
        for number in range(entries):
            archive.writestr(f"data/{number:06}-{'x' * 60}.bin", noise.randbytes(megabytes * 1024 * 1024 // entries))
    return held.getvalue()


def test_a_small_zip_is_read_at_once() -> None:
    store = Store(zipped(FILES))
    found = store.read()
    assert found.appspec == APPSPEC.encode() and sorted(found.files or ()) == sorted(NAMES)
    assert len(store.fetched) == 1


@pytest.mark.parametrize("entries", [1, 3000])
def test_of_a_large_zip_only_pieces_are_fetched(entries: int) -> None:
    store = Store(padded(FILES, 12, entries))
    assert store.read().appspec == APPSPEC.encode()
    assert len(store.fetched) <= 4 and sum(store.fetched) < 1024 * 1024 < 12 * 1024 * 1024 < len(store.data)


@pytest.mark.parametrize("kind", ["tar", "tgz"])
def test_a_tar_is_read_from_its_beginning(kind: str) -> None:
    found = read_tar(tarred(FILES, "w:" if kind == "tar" else "w:gz"), kind)
    assert found.appspec == APPSPEC.encode() and sorted(found.files or ()) == sorted(NAMES)


@pytest.mark.parametrize("pack", [lambda files: Store(zipped(files)).read(), lambda files: read_tar(tarred(files))])
@pytest.mark.parametrize(
    ("prefix", "spare", "found"),
    [
        ("./", {}, True),
        ("storefront-1.0/", {}, True),
        ("./storefront-1.0/", {}, True),
        ("storefront-1.0/", {"README": "read me"}, False),
        ("one/two/", {}, False),
    ],
)
def test_the_appspec_is_looked_for_where_the_agent_does(pack: object, prefix: str, spare: dict, found: bool) -> None:
    content = pack({**{f"{prefix}{name}": text for name, text in FILES.items()}, **spare})  # type: ignore[operator]
    assert (content.appspec == APPSPEC.encode()) is found and (content.appspec is None) is not found
    if found:
        assert sorted(content.files) == sorted(NAMES)


def linked_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        entry = zipfile.ZipInfo("scripts")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "other")
        archive.writestr("appspec.yml", APPSPEC)
    return held.getvalue()


def linked_tar(name: str) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for member, text in FILES.items():
            if member != name:
                entry = tarfile.TarInfo(member)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo(name)
        link.type, link.linkname = tarfile.SYMTYPE, "other"
        archive.addfile(link)
    return held.getvalue()


def test_with_links_in_it_nothing_is_said_of_what_it_lacks() -> None:
    assert Store(linked_zip()).read() == Content(APPSPEC.encode(), None)
    assert read_tar(linked_tar("scripts2")) == Content(APPSPEC.encode(), None)
    with pytest.raises(TooMuch):
        read_tar(linked_tar("appspec.yml"))


def bomb() -> bytes:
    """A tgz of 200 KB that unpacks to 200 MB before the AppSpec comes."""
    return gzip.compress(tarred({"zeros": "\0" * (200 * 1024 * 1024), **FILES}, "w:"), 9)


def spec_bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("appspec.yml", "#" * (50 * 1024 * 1024))
    return held.getvalue()


def far_directory() -> bytes:
    """The end of a zip that says its directory has 400 MB."""
    return b"\0" * 4096 + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 400 * 1024 * 1024, 0, 0)


def test_what_is_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooMuch):
        read_tar(bomb())
    with pytest.raises(TooMuch):
        Store(spec_bomb()).read()
    monkeypatch.setattr(remote, "MOST_FETCHED", 100 * 1024)
    with pytest.raises(TooMuch):
        Store(padded(FILES, 1, 3000)).read()


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"PK\5\6", far_directory(), os.urandom(3000)])
def test_what_is_no_archive_is_told_and_nothing_else_breaks(data: bytes) -> None:
    with pytest.raises(BROKEN):
        Store(data).read()
    with pytest.raises(BROKEN):
        read_tar(data)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_archive_is_an_archive_or_none(seed: int) -> None:
    chance = random.Random(seed)
    for data, read in ((zipped(FILES), lambda d: Store(d).read()), (tarred(FILES, "w:"), lambda d: read_tar(d, "tar"))):
        harmed = bytearray(data)
        for _place in range(chance.randint(1, 30)):
            harmed[chance.randrange(len(harmed))] = chance.randrange(256)
        try:
            found = read(bytes(harmed[: chance.randint(1, len(harmed))]))
        except (*BROKEN, TooMuch):
            continue
        assert isinstance(found, Content)
