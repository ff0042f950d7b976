# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Bundles: fetched from S3 and unpacked in memory as the host agent does it on disk."""

from __future__ import annotations

import gzip
import io
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

from slipway_emulator.unpacked import Unpacked, parents, relative

from .appspec import script_locations

APPSPEC = ("appspec.yml", "appspec.yaml")
APPSPEC_LIMIT = 1024 * 1024
SCRIPT_LIMIT = 64 * 1024
LINKS = 40  # the kernel follows no more


class BundleError(Exception):
    """The agent's message for a bundle it cannot fetch or unpack."""


@dataclass(frozen=True)
class Bundle:
    """The files of an unpacked bundle and the text of its AppSpec file, None when it has none."""

    unpacked: Unpacked
    appspec: str | None
    etag: str


class Bundles:
    """Reads bundles of one account and region, each content once."""

    def __init__(self, account_id: str, region: str) -> None:
        self.s3: S3Backend = s3_backends[account_id][get_partition(region)]
        self._read: dict[tuple[str, str], Bundle] = {}

    def fetch(self, s3: dict[str, Any]) -> Bundle:
        """The bundle at an S3 location now: the named version, else the newest; raises BundleError."""
        value, etag = self.content(s3)
        cached = (etag, s3["bundleType"])
        if cached not in self._read:
            self._read[cached] = unpack(value, s3["bundleType"], etag)
        return self._read[cached]

    def content(self, s3: dict[str, Any]) -> tuple[bytes, str]:
        """The object as it is, and its eTag; raises BundleError."""
        key = self._key(s3)
        wanted, actual = str(s3.get("eTag") or "").strip('"'), key.etag.strip('"')
        if wanted and wanted != actual:
            raise BundleError(f'Expected deployment artifact bundle etag {s3["eTag"]} but was actually "{actual}"')
        return key.value, actual

    def _key(self, s3: dict[str, Any]) -> Any:
        try:
            key = self.s3.get_object(s3["bucket"], s3["key"], version_id=s3.get("version"))
        except (S3ClientError, ServiceException) as refused:
            raise BundleError(str(getattr(refused, "description", "") and _text(refused) or refused)) from refused
        if key is None:
            versioned = (
                "The specified version does not exist." if s3.get("version") else "The specified key does not exist."
            )
            raise BundleError(versioned)
        return key


def _text(refused: Any) -> str:
    return str(getattr(refused, "message", None) or "The specified bucket does not exist")


def unpack(data: bytes, kind: str, etag: str = "") -> Bundle:
    """The files in an archive; a single top-level folder that holds an AppSpec file is stripped."""
    try:
        archive = _Zip(data) if kind == "zip" else _Tar(data, kind)
        return _bundle(archive, etag)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        UnicodeError,
        NotImplementedError,
    ) as bad:
        code = 9 if kind == "zip" else 2
        raise BundleError(f"Error extracting {'zip' if kind == 'zip' else 'tar'} archive: {code}") from bad


def _bundle(archive: _Zip | _Tar, etag: str) -> Bundle:
    """The AppSpec is read first: of the other files only those that it calls scripts are."""
    top = _top(archive.names)
    names = {name.removeprefix(top): name for name in archive.names}
    directories = {name.removeprefix(top) for name in archive.directories}
    appspec = archive.read(names[APPSPEC[0]], APPSPEC_LIMIT) if APPSPEC[0] in names else None
    text = None if appspec is None else appspec.decode("utf-8", errors="surrogateescape")
    begins = {name: archive.read(names[name], SCRIPT_LIMIT) for name in _scripts(text) if name in names}
    unpacked = Unpacked(
        files=frozenset(names),
        directories=parents((*names, *directories)) | directories,
        scripts={name: begin for name, begin in begins.items() if begin is not None},
        dangling=frozenset(name for name, begin in begins.items() if begin is None),
    )
    return Bundle(unpacked, text, etag)


def _scripts(appspec: str | None) -> set[str]:
    locations = script_locations(appspec) if appspec is not None else []
    return {relative(started) for location in locations for started in (location, location.split()[0])}


def _top(names: Iterable[str]) -> str:
    tops = {name.split("/", 1)[0] for name in names}
    if len(tops) != 1 or any("/" not in name for name in names):
        return ""
    top = f"{tops.pop()}/"
    return top if any(f"{top}{name}" in names for name in APPSPEC) else ""


class _Zip:
    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        entries = self._archive.infolist()
        self.names = {posixpath.normpath(entry.filename): entry for entry in entries if not entry.is_dir()}
        self.directories = {posixpath.normpath(entry.filename) for entry in entries if entry.is_dir()}

    def read(self, name: str, limit: int) -> bytes | None:
        """How a file begins; None for a link that leads nowhere."""
        for _link in range(LINKS):
            entry = self.names.get(name)
            if entry is None:
                return None
            with self._archive.open(entry) as content:
                begin = content.read(limit)
            if not stat.S_ISLNK(entry.external_attr >> 16):
                return begin
            name = posixpath.normpath(posixpath.join(posixpath.dirname(name), begin.decode()))
        return None


class _Tar:
    def __init__(self, data: bytes, kind: str) -> None:
        # read here and there, for which gzip would begin anew each time
        plain = gzip.decompress(data) if kind == "tgz" else data
        self._archive = tarfile.TarFile(fileobj=io.BytesIO(plain))
        entries = self._archive.getmembers()
        self.names = {posixpath.normpath(entry.name): entry for entry in entries if not entry.isdir()}
        self.directories = {posixpath.normpath(entry.name) for entry in entries if entry.isdir()}

    def read(self, name: str, limit: int) -> bytes | None:
        """How a file begins; None for a link that leads nowhere."""
        try:
            content = self._archive.extractfile(self.names[name])
        except (KeyError, RecursionError):  # tarfile follows a link to itself for ever
            return None
        return content.read(limit) if content else b""
