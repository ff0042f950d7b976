# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Bundles: fetched from S3 and unpacked in memory as the host agent does it on disk."""

from __future__ import annotations

import io
import posixpath
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

APPSPEC = ("appspec.yml", "appspec.yaml")
APPSPEC_LIMIT = 1024 * 1024


class BundleError(Exception):
    """The agent's message for a bundle it cannot fetch or unpack."""


@dataclass(frozen=True)
class Bundle:
    """The files of an unpacked bundle and the text of its AppSpec file, None when it has none."""

    members: frozenset[str]
    appspec: str | None
    etag: str


class Bundles:
    """Reads bundles of one account and region, each content once."""

    def __init__(self, account_id: str, region: str) -> None:
        self.s3: S3Backend = s3_backends[account_id][get_partition(region)]
        self._read: dict[tuple[str, str], Bundle] = {}

    def fetch(self, s3: dict[str, Any]) -> Bundle:
        """The bundle at an S3 location now: the named version, else the newest; raises BundleError."""
        key = self._key(s3)
        wanted, actual = str(s3.get("eTag") or "").strip('"'), key.etag.strip('"')
        if wanted and wanted != actual:
            raise BundleError(f'Expected deployment artifact bundle etag {s3["eTag"]} but was actually "{actual}"')
        cached = (actual, s3["bundleType"])
        if cached not in self._read:
            self._read[cached] = unpack(key.value, s3["bundleType"], actual)
        return self._read[cached]

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
        files = _zip_files(data) if kind == "zip" else _tar_files(data, kind)
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
    files = _stripped(files)
    appspec = files.get(APPSPEC[0])
    text = None if appspec is None else appspec.decode("utf-8", errors="surrogateescape")
    return Bundle(frozenset(files), text, etag)


def _keep(name: str) -> bool:
    return posixpath.basename(name) in APPSPEC


def _zip_files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            posixpath.normpath(entry.filename): archive.read(entry) if _wanted(entry.filename, entry.file_size) else b""
            for entry in archive.infolist()
            if not entry.is_dir()
        }


def _tar_files(data: bytes, kind: str) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz" if kind == "tgz" else "r:") as archive:
        for entry in archive:
            if entry.isdir():
                continue
            content = archive.extractfile(entry) if entry.isfile() and _wanted(entry.name, entry.size) else None
            found[posixpath.normpath(entry.name)] = content.read() if content else b""
    return found


def _wanted(name: str, size: int) -> bool:
    return _keep(name) and size <= APPSPEC_LIMIT


def _stripped(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) != 1 or any("/" not in name for name in files):
        return files
    top = f"{tops.pop()}/"
    inner = {name.removeprefix(top): content for name, content in files.items()}
    return inner if any(name in inner for name in APPSPEC) else files
