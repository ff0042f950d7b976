# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operating systems: which family one is of, its package managers, what /etc/os-release says."""

from __future__ import annotations

from ..contents import Contents

MANAGERS = ("dnf", "yum", "microdnf", "apt", "apt-get", "zypper")
PACKAGE_TOOLS = (*MANAGERS, "dpkg", "rpm")
RED_HAT, DEBIAN, SUSE = ("dnf", "yum", "rpm"), ("apt", "apt-get", "dpkg"), ("zypper", "rpm")
# beginning of the system's name -> (ID and ID_LIKE of os-release, package managers)
SYSTEMS = {
    "Amazon Linux": ("amzn", "fedora", RED_HAT),
    "Debian": ("debian", "", DEBIAN),
    "Ubuntu": ("ubuntu", "debian", DEBIAN),
    "Red Hat": ("rhel", "fedora", RED_HAT),
    "SLES": ("sles", "suse", SUSE),
    "SUSE": ("sles", "suse", SUSE),
}
DEBIAN_FAMILY = ("Debian", "Ubuntu")
BUILDS = {"2016": "10.0.14393", "2019": "10.0.17763", "2022": "10.0.20348", "2025": "10.0.26100"}  # of Windows Server


def is_debian(contents: Contents) -> bool:
    return contents.platform_name.startswith(DEBIAN_FAMILY)


def os_release(contents: Contents) -> dict[str, str]:
    """The variables of /etc/os-release that scripts look at."""
    identity, like, _tools = system_of(contents)
    name, version = contents.platform_name, contents.platform_version
    return {
        "ID": identity,
        "ID_LIKE": like,
        "NAME": name,
        "VERSION_ID": version,
        "VERSION": version,
        "PRETTY_NAME": f"{name} {version}",
    }


def platform_version(contents: Contents) -> str:
    """The version as the SSM agent reads it from the system: Windows tells its build."""
    version = contents.platform_version
    return BUILDS.get(version, version) if contents.windows else version


def system_of(contents: Contents) -> tuple[str, str, tuple[str, ...]]:
    known = (about for name, about in SYSTEMS.items() if contents.platform_name.startswith(name))
    return next(known, ("linux", "", PACKAGE_TOOLS))
