# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Where the CodeDeploy agent and its installer are downloaded from, and which version that is."""

from __future__ import annotations

import re
from posixpath import basename

from .shell_text import UNKNOWN

DEFAULT_VERSION = "1.8.1"
INSTALLERS = {"latest": DEFAULT_VERSION, "latestv2": "2.1.0"}  # by the prefix in the bucket

WINDOWS_INSTALLER = "codedeploy-agent.msi"

REGION_PARTS = ("bucket", "endpoint", "path_bucket", "path_endpoint")
_REGION = rf"[a-z]{{2}}(?:-[a-z]+)+-\d|{UNKNOWN}"
_DOMAIN = rf"(?:amazonaws\.com(?P<china>\.cn)?|{UNKNOWN})"
_HOST = re.compile(
    rf"https?://(?:aws-codedeploy-(?P<bucket>{_REGION})\.s3(?:[.-](?P<endpoint>{_REGION}))?\.{_DOMAIN}"
    rf"|s3(?:[.-](?P<path_endpoint>{_REGION}))?\.{_DOMAIN.replace('china', 'path_china')}"
    rf"/aws-codedeploy-(?P<path_bucket>{_REGION}))/(?P<path>.+)"
)
_S3 = re.compile(rf"s3://aws-codedeploy-(?P<bucket>{_REGION})/(?P<path>.+)")
_VERSION = re.compile(r"codedeploy-agent[-_](?P<version>[12]\.\d+(?:\.\d+|-\d+\.\d+))")


def about(source: str) -> bool:
    """Whether the address is meant for a bucket of CodeDeploy's."""
    return "aws-codedeploy" in source


def mirrored(source: str) -> str | None:
    """The agent version whose installer is at this address, if that may be a mirror of a bucket of CodeDeploy's."""
    folder, _mark, name = source.rpartition("/")
    return INSTALLERS.get(basename(folder)) if name == "install" else None


def version_at(source: str) -> str | None:
    """The agent version that the file at this address installs; None when there is no such file."""
    match = _HOST.fullmatch(source) or _S3.fullmatch(source)
    if match is None:
        return None
    found = match.groupdict()
    regions = {found.get(name) for name in REGION_PARTS} - {None, UNKNOWN}
    if len(regions) > 1:
        return None
    china = bool(found.get("china") or found.get("path_china"))
    if "amazonaws.com" in source and any(str(region).startswith("cn-") != china for region in regions):
        return None
    return _version_of(str(found["path"]))


def _version_of(path: str) -> str | None:
    prefix, _mark, name = path.partition("/")
    if name == "install":
        return INSTALLERS.get(prefix)
    if name == WINDOWS_INSTALLER:
        return DEFAULT_VERSION if prefix == "latest" else None
    return package_version(path) if prefix == "releases" else None


def package_version(path: str) -> str | None:
    """The version in the name of an agent package, as `-v` of the installer takes it."""
    match = _VERSION.match(basename(path))
    return match.group("version") if match else None
