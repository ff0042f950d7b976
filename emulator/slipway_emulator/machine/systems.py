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


def system_of(contents: Contents) -> tuple[str, str, tuple[str, ...]]:
    known = (about for name, about in SYSTEMS.items() if contents.platform_name.startswith(name))
    return next(known, ("linux", "", PACKAGE_TOOLS))
