# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Which file of a package is meant for a node, and what its scripts are told of the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...hosts import Host
from ...machine.systems import os_release, platform_version, system_of
from .._instances import instance_of

ANY = "_any"
NAMES = {"amzn": "amazon", "rhel": "redhat", "sles": "suse", "ol": "oracle"}  # of os-release -> as manifests have them
ARCHITECTURES = {"i386": "386", "x86_64_mac": "x86_64", "arm64_mac": "arm64"}


class NoTarget(Exception):
    """The manifest has no file for a node."""


@dataclass(frozen=True)
class Platform:
    """A node as manifests name it."""

    name: str
    version: str
    family: str
    architecture: str
    manager: str


def platform_of(host: Host) -> Platform:
    contents = host.contents
    architecture = str(instance_of(host).architecture or "x86_64")
    architecture = ARCHITECTURES.get(architecture, architecture)
    if contents.windows:
        return Platform("windows", platform_version(contents), "windows", architecture, "windows")
    identity = os_release(contents)["ID"]
    manager = system_of(contents)[2][0]
    family = {"apt": "debian", "zypper": "suse"}.get(manager, "rhel")
    return Platform(
        NAMES.get(identity, identity), contents.platform_version, family, architecture, manager.replace("dnf", "yum")
    )


def file_for(packages: dict[str, Any], platform: Platform) -> str:
    """The name of the file. What a key leads to is final: there is no way back to `_any` above it."""
    versions = packages.get(platform.name, packages.get(ANY))
    architectures = _by_version(versions, platform.version) if isinstance(versions, dict) else None
    if isinstance(architectures, dict):
        target = architectures.get(platform.architecture, architectures.get(ANY))
        if isinstance(target, dict) and target.get("file"):
            return str(target["file"])
    raise NoTarget(
        f"no manifest found for platform: {platform.name}, version {platform.version}, "
        f"architecture {platform.architecture}"
    )


def _by_version(versions: dict[str, Any], version: str) -> Any:
    """The version itself, else the longest `X.Y.*` that it begins with, else any."""
    if version in versions:
        return versions[version]
    fitting = [key for key in versions if key.endswith(".*") and _begins(version, key)]
    if fitting:
        return versions[max(fitting, key=lambda key: key.count("."))]
    return versions.get(ANY, versions.get("*"))


def _begins(version: str, key: str) -> bool:
    parts = key.removesuffix(".*").split(".")
    return version.split(".")[: len(parts)] == parts


def environment(host: Host, platform: Platform, action: str) -> dict[str, str]:
    """The variables that a script finds, beside the arguments of its own."""
    instance = instance_of(host)
    about = {
        "ACTION_NAME": action,
        "PLATFORM_NAME": platform.name,
        "PLATFORM_VERSION": platform.version,
        "PLATFORM_FAMILY": platform.family,
        "ARCHITECTURE": platform.architecture,
        "INIT_SYSTEM": "windows" if host.contents.windows else "systemd",
        "PACKAGE_MANAGER": platform.manager,
        "INSTANCE_ID": host.instance_id,
        "INSTANCE_TYPE": str(instance.instance_type),
        "REGION": host.region,
        "ACCOUNT_ID": host.account_id,
        "AVAILABILITY_ZONE": str(instance.placement.zone),
    }
    agent = {
        "INSTANCE_ID": host.instance_id,
        "REGION_NAME": host.region,
        "PLATFORM_NAME": host.contents.platform_name,
        "PLATFORM_VERSION": platform.version,
    }
    return {
        **{f"BWS_{name}": value for name, value in about.items()},
        **{f"AWS_SSM_{name}": value for name, value in agent.items()},
    }
