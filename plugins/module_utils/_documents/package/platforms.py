# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What SSM Agent calls platforms, their versions and architectures when it looks for the file of a host.

It takes the name and the version of os-release, but renames some. What it never says can never match.
"""

from __future__ import annotations

import difflib
import re
import typing as t

ANY = "_any"
STAR = "*"  # a version that matches after ANY

# With the versions that hosts report, where one form is known for all of them, and an example of it.
_MAJOR, _BOTH = r"[0-9]+(\.[0-9]+)*", r"[0-9]+\.[0-9]+"
VERSIONS = {
    "amazon": (_MAJOR, "2023"),
    "redhat": (_BOTH, "9.4"),
    "suse": (_MAJOR, "15.6"),
    "ubuntu": (_BOTH, "24.04"),
    "debian": (_MAJOR, "12"),
    "raspbian": (_MAJOR, "12"),
    "centos": (_MAJOR, "9"),
    "opensuse": (_MAJOR, "15.6"),
    "opensuseleap": (_MAJOR, "15.6"),
    "oracle": (_BOTH, "9.4"),
    "windows": (r"[0-9]+\.[0-9]+\.[0-9]+(nano)?", "10.0.20348"),
    "rocky": (_BOTH, "9.4"),
    "almalinux": (_BOTH, "9.4"),
    "fedora": (_MAJOR, "41"),
    "bottlerocket": (_MAJOR, "1.26.0"),
    "alpine": (_MAJOR, "3.20.0"),
    "flatcar": (_MAJOR, "3975.2.2"),
}
PLATFORMS = (*VERSIONS, "arch", "gentoo", "mac_os_x", ANY)
UNSUPPORTED = "mac_os_x"  # the agent knows it, Distributor does not
_OTHER_NAMES = {
    "amzn": "amazon",
    "amazonlinux": "amazon",
    "amazon-linux": "amazon",
    "amazon_linux": "amazon",
    "al2": "amazon",
    "al2023": "amazon",
    "rhel": "redhat",
    "sles": "suse",
    "sle": "suse",
    "ol": "oracle",
    "oraclelinux": "oracle",
    "opensuse-leap": "opensuseleap",
    "opensuse-tumbleweed": "opensuse",
    "rockylinux": "rocky",
    "alma": "almalinux",
    "win": "windows",
    "windows_server": "windows",
    "darwin": "mac_os_x",
    "macos": "mac_os_x",
    "linux": ANY,
    "any": ANY,
    STAR: ANY,
}
# How the name of a system begins in the list of managed nodes, which has NAME of os-release and not its ID.
_NAMES = {
    "amazon": "amazon linux",
    "redhat": "red hat",
    "suse": "sles",
    "ubuntu": "ubuntu",
    "debian": "debian",
    "raspbian": "raspbian",
    "centos": "centos",
    "opensuseleap": "opensuse leap",
    "opensuse": "opensuse",
    "oracle": "oracle linux",
    "rocky": "rocky",
    "almalinux": "almalinux",
    "fedora": "fedora",
    "bottlerocket": "bottlerocket",
    "alpine": "alpine",
    "flatcar": "flatcar",
    "mac_os_x": "macos",
}
ARCHITECTURES = ("x86_64", "arm64", "386", "arm", ANY)
_OTHER_ARCHITECTURES = {
    "amd64": "x86_64",
    "x64": "x86_64",
    "x86-64": "x86_64",
    "aarch64": "arm64",
    "armv8": "arm64",
    "i386": "386",
    "i686": "386",
    "x86": "386",
    "armv7l": "arm",
    "any": ANY,
    STAR: ANY,
}
_IDENTIFIER = re.compile(r"[a-z0-9._-]+")  # what os-release allows
_WILDCARD = re.compile(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*\.\*")
_ALIKE = 0.8


def instead_of_platform(key: str) -> str | None:
    """What to write in place of a platform that the agent never reports; None where it may report it."""
    if key in PLATFORMS:
        return None
    plain = key.strip().lower().replace(" ", "")
    meant = _known(plain) or (ANY if plain.startswith("_") else None)
    beginning = _known(re.sub(r"[-_.]?[0-9][0-9.]*\Z", "", plain))
    if beginning and not meant:
        return f"Write {beginning}, and the version below it."
    near = difflib.get_close_matches(plain, PLATFORMS, 1, _ALIKE)
    if meant or near:
        return f"Write {meant or near[0]}."
    if _IDENTIFIER.fullmatch(key):
        return None
    return f"Use one of {', '.join(PLATFORMS)}, or the ID of another system's os-release file."


def _known(plain: str) -> str | None:
    return plain if plain in PLATFORMS else _OTHER_NAMES.get(plain)


def instead_of_architecture(key: str) -> str | None:
    """The same for an architecture."""
    if key in ARCHITECTURES:
        return None
    meant = _OTHER_ARCHITECTURES.get(key.strip().lower())
    plain = key.strip().lower()
    meant = plain if plain in ARCHITECTURES else meant
    return f"Write {meant}." if meant else f"Use one of {', '.join(ARCHITECTURES)}."


def instead_of_version(platform: str, key: str) -> str | None:
    """The same for a version of a platform."""
    if key in (ANY, STAR):
        return None
    _form, example = VERSIONS.get(platform, ("", "1.2"))
    if is_wildcard(key):
        return None
    if STAR in key:
        return f"Write a star behind a dot and at the end only, for example {example.split('.')[0]}.*, or {ANY}."
    if not re.fullmatch(r"[0-9A-Za-z._~-]+", key) or (platform in VERSIONS and not re.match(r"[0-9]", key)):
        return f"Write the number that hosts report, for example {example}, or {ANY}."
    if platform == "windows" and not _reported(platform, key):
        return f"Write the version number of Windows, for example {example}, or 10.0.*, or {ANY}."
    return None


def rarely_matches(platform: str, key: str) -> str | None:
    """What to write in place of a version that hosts of this platform do not report in this form."""
    if key in (ANY, STAR) or is_wildcard(key) or platform not in VERSIONS or _reported(platform, key):
        return None
    return f"Write {key}.* for all of its minor versions, or a full version such as {VERSIONS[platform][1]}."


def is_wildcard(key: str) -> bool:
    """Whether it stands for all versions that begin so."""
    return _WILDCARD.fullmatch(key) is not None


def falls_in(version: str, wider: str) -> bool:
    """Whether hosts that an entry takes would also be taken by a wider one, were it not there."""
    if version == wider:
        return False
    if wider == ANY:
        return version != STAR
    if wider == STAR:
        return version != ANY
    return is_wildcard(wider) and (version + ".").startswith(wider[:-1])


def version_for(keys: t.Collection[str], version: str) -> str | None:
    """The entry that the agent takes for a host's version: the exact one, the narrowest that begins so, or one for all."""
    if version in keys:
        return version
    beginnings = [key for key in keys if is_wildcard(key) and falls_in(version, key)]
    if beginnings:
        return max(beginnings, key=len)
    return next((key for key in (ANY, STAR) if key in keys), None)


def platform_of(kind: str, name: str) -> str | None:
    """What the agent calls a system that Systems Manager lists under this type and name; None where it is not known."""
    if kind == "Windows":
        return "windows"
    plain = name.lower()
    return next((key for key, beginning in _NAMES.items() if plain.startswith(beginning)), None)


def _reported(platform: str, key: str) -> bool:
    return re.fullmatch(VERSIONS[platform][0], key) is not None
