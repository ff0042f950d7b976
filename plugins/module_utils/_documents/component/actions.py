# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions of a component document as data: their inputs, the form these take, and where they run."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import (
    Problems,
    Rule,
    Shape,
    anything,
    flag,
    list_of,
    one_of,
    optional_text,
    strict_text,
    text,
    whole_number,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe

LINUX, WINDOWS, MACOS = "Linux", "Windows", "macOS"
EVERYWHERE = (LINUX, WINDOWS, MACOS)
UNIX = (LINUX, MACOS)

_ENCODING = re.compile(r"utf-?(?:8|16|32)(?:-?(?:le|be))?", re.IGNORECASE)


def _encoding(value: Value, path: str, line: int) -> Problems:
    if not isinstance(value.data, str) or not _ENCODING.fullmatch(value.data):
        what = f"encoding is {describe(value.data)}, which is not known."
        yield Problem(line, path, what, "Use utf8, utf16 or utf32, with -LE or -BE if necessary.", WARNING)


@dataclasses.dataclass(frozen=True)
class Action:
    """`form`: `map` or `list` of maps. `exactly_one` and `together` name inputs; `outputs` are what later steps may read."""

    inputs: t.Mapping[str, Rule] = dataclasses.field(default_factory=dict)
    required: tuple[str, ...] = ()
    form: str = "list"
    optional: bool = False
    platforms: tuple[str, ...] = EVERYWHERE
    exactly_one: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def shape(self) -> Shape:
        return Shape(self.inputs, self.required)


_TEXTS = list_of(text)
_OWNED: dict[str, Rule] = {"owner": text, "group": text, "permissions": strict_text}
_COPY = Action({"source": text, "destination": text, "overwrite": flag}, ("source", "destination"))
_MSI = Action(
    {
        "path": text,
        "reboot": one_of("Allow", "Force", "Skip"),
        "logOptions": optional_text,
        "logFile": text,
        "properties": Shape({}, open=True),
        "ignoreAuthenticodeSignatureErrors": flag,
        "allowUnsignedInstaller": flag,
    },
    ("path",),
    form="map",
    platforms=(WINDOWS,),
    outputs=("stdout",),
)
_PARAMETER = Shape({"name": text, "value": anything}, ("name", "value"))

ACTIONS: dict[str, Action] = {
    "ExecuteBash": Action({"commands": _TEXTS}, ("commands",), form="map", platforms=UNIX, outputs=("stdout",)),
    "ExecutePowerShell": Action(
        {"commands": _TEXTS, "file": text},
        form="map",
        platforms=(WINDOWS,),
        exactly_one=("commands", "file"),
        outputs=("stdout",),
    ),
    "ExecuteBinary": Action({"path": text, "arguments": _TEXTS}, ("path",), form="map", outputs=("stdout",)),
    "ExecuteDocument": Action(
        {
            "document": text,
            "document-s3-bucket-owner": strict_text,
            "phases": text,
            "parameters": list_of(_PARAMETER),
        },
        ("document",),
        form="map",
        outputs=("stdout",),
    ),
    # Its inputs are a condition, which _conditions checks.
    "Assert": Action(form="map"),
    "S3Download": Action(
        {"source": text, "destination": text, "expectedBucketOwner": strict_text, "overwrite": flag},
        ("source", "destination"),
    ),
    "S3Upload": Action(
        {"source": text, "destination": text, "recurse": flag, "expectedBucketOwner": strict_text},
        ("source", "destination"),
    ),
    "WebDownload": Action(
        {
            "source": text,
            "destination": text,
            "overwrite": flag,
            "checksum": strict_text,
            "algorithm": one_of("MD5", "SHA1", "SHA256", "SHA512"),
            "ignoreCertificateErrors": flag,
        },
        ("source", "destination"),
        together=("checksum", "algorithm"),
        outputs=("destination",),
    ),
    "CreateFile": Action(
        {"path": text, "content": optional_text, "encoding": _encoding, "overwrite": flag, **_OWNED}, ("path",)
    ),
    "AppendFile": Action({"path": text, "content": optional_text, "encoding": _encoding}, ("path",)),
    "ReadFile": Action(
        {"path": text, "encoding": _encoding, "printFileContent": flag}, ("path",), outputs=("content",)
    ),
    "CopyFile": _COPY,
    "MoveFile": _COPY,
    "CopyFolder": _COPY,
    "MoveFolder": _COPY,
    "CreateFolder": Action({"path": text, "overwrite": flag, **_OWNED}, ("path",)),
    "CreateSymlink": Action({"path": text, "target": text, "force": flag}, ("path", "target"), platforms=UNIX),
    "DeleteFile": Action({"path": text}, ("path",)),
    "DeleteFolder": Action({"path": text, "force": flag}, ("path",)),
    "ListFiles": Action({"path": text, "fileNamePattern": text, "recursive": flag}, ("path",), outputs=("files",)),
    "SetFileEncoding": Action({"path": text, "encoding": _encoding}, ("path",)),
    "SetFileOwner": Action({"path": text, "owner": text, "group": text}, ("path", "owner"), platforms=UNIX),
    "SetFolderOwner": Action(
        {"path": text, "owner": text, "group": text, "recursive": flag}, ("path", "owner"), platforms=UNIX
    ),
    "SetFilePermissions": Action({"path": text, "permissions": strict_text}, ("path", "permissions"), platforms=UNIX),
    "SetFolderPermissions": Action(
        {"path": text, "permissions": strict_text, "recursive": flag}, ("path", "permissions"), platforms=UNIX
    ),
    "InstallMSI": _MSI,
    "UninstallMSI": _MSI,
    "Reboot": Action({"delaySeconds": whole_number(0)}, form="either", optional=True),
    "SetRegistry": Action(
        {"path": text, "name": text, "value": anything, "type": text},
        ("path", "name", "value", "type"),
        platforms=(WINDOWS,),
    ),
    "UpdateOS": Action({"include": _TEXTS, "exclude": _TEXTS}, form="map", optional=True, platforms=(LINUX, WINDOWS)),
}
