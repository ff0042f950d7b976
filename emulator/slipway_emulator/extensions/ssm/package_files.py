# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The zip of a package on a node: its checksum, its root, its scripts, what it tells inventory."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .attachments import Attachment, content_of

ACTIONS = ("install", "uninstall", "update", "validate")
KINDS = (".sh", ".ps1")
ROW_FILE = "manifest.json"
SCRIPT_LIMIT = 256 * 1024  # bytes that are read of a file
SMALL = 4096  # bytes of any other file that is read
KNOWN_SUMS = ("sha256", "md5")
ROW = {  # inventory's names -> those of manifest.json, the first that is given
    "Name": ("appname", "name"),
    "Version": ("version",),
    "Architecture": ("architecture",),
    "Publisher": ("apppublisher",),
    "URL": ("appreferenceurl",),
    "ApplicationType": ("apptype",),
}


class BadPackage(Exception):
    """What the agent finds wrong with a package."""


@dataclass(frozen=True)
class Unzipped:
    """How many files and directories there are, and the texts of those at the root."""

    files: int
    directories: int
    texts: Mapping[str, str]


@functools.lru_cache(maxsize=64)
def unzip(region: str, attachment: Attachment) -> Unzipped:
    """An attachment as it lies unpacked on a node; the same for every node."""
    try:
        with zipfile.ZipFile(io.BytesIO(content_of(region, attachment))) as archive:
            names = [entry for entry in archive.infolist() if not entry.is_dir()]
            folders = {entry.filename.split("/")[0] for entry in archive.infolist() if "/" in entry.filename}
            texts = {entry.filename: _text(archive, entry) for entry in names if "/" not in entry.filename}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as bad:
        raise BadPackage(f"failed to extract the package {attachment.name}: {bad}") from None
    return Unzipped(len(texts), len(folders), texts)


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    if not entry.filename.endswith((*KINDS, ".json")) and entry.file_size > SMALL:
        return ""
    with archive.open(entry) as content:
        return content.read(SCRIPT_LIMIT).decode("utf-8", "replace")


def check_sums(region: str, attachment: Attachment, expected: Any) -> None:
    """All sums that the agent knows must be right; none at all is taken for right."""
    sums = {str(name).lower(): str(value) for name, value in (expected or {}).items()} if expected else {}
    if not sums or list(sums.values()) == [""]:
        return
    known = {name: value for name, value in sums.items() if name in KNOWN_SUMS}
    content = content_of(region, attachment)
    if not known or any(hashlib.new(name, content).hexdigest() != value.lower() for name, value in known.items()):
        raise BadPackage(f"failed to verify the package {attachment.name}: the checksum does not match the manifest")


def check_root(unzipped: Unzipped) -> None:
    """The scripts must lie at the root, one for each action."""
    if unzipped.files < 2 and not unzipped.directories:
        raise BadPackage("Package is incomplete")
    for action in ACTIONS:
        if all(f"{action}{kind}" in unzipped.texts for kind in KINDS):
            raise BadPackage(f"{action} has more than one implementation (sh, ps1)")
    if script_of(unzipped.texts, "install") is None:
        raise BadPackage("Package is not supported (package is missing install action)")


def script_of(files: Mapping[str, str], action: str) -> str | None:
    """The file that does an action."""
    return next((f"{action}{kind}" for kind in KINDS if f"{action}{kind}" in files), None)


def row_of(unzipped: Unzipped, arn: str, version: str) -> dict[str, str]:
    """What the package tells of itself to inventory; nothing without a file for that."""
    text = unzipped.texts.get(ROW_FILE)
    if text is None:
        return {}
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadPackage(f"Package manifest is invalid: {ROW_FILE} is no JSON object")
    problem = _wrong(told, arn, version)
    if problem:
        raise BadPackage(f"Package manifest is invalid: {problem}")
    return {shown: next((str(told[name]) for name in names if told.get(name)), "") for shown, names in ROW.items()}


def _wrong(told: dict[str, Any], arn: str, version: str) -> str | None:
    name = told.get("name")
    if not name:
        return "empty package name"
    if not arn.endswith(str(name)):
        return f"the name {name} is not that of the package"
    if told.get("version") != version:
        return f"the version {told.get('version')} is not {version}"
    return None if told.get("platform") and told.get("architecture") else "empty platform or architecture"
