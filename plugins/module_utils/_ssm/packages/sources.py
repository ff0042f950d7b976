# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the files of a package are: one folder or zip for each platform, version and architecture. Private to this collection."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.platforms import ANY
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

ZIP = ".zip"
LAYOUT = "PLATFORM/VERSION/ARCHITECTURE, for example amazon/2023/x86_64 or windows/_any/_any"


class Target(t.NamedTuple):
    """Which hosts get what: a folder whose content becomes a zip, or a zip."""

    platform: str
    version: str
    architecture: str
    src: str

    @property
    def path(self) -> tuple[str, str, str]:
        return self.platform, self.version, self.architecture


def targets(params: Shape) -> list[Target]:
    """The targets of a task, sorted. Raises BundleError."""
    found = _listed(params["packages"]) if params["packages"] is not None else _below(params["src"])
    if not found:
        raise BundleError(
            f"there is nothing to publish. Set packages, or put a folder or zip into src for each {LAYOUT}"
        )
    seen: dict[tuple[str, str, str], str] = {}
    for target in found:
        if seen.setdefault(target.path, target.src) != target.src:
            raise BundleError(
                f"{' '.join(target.path)} has two sources, {seen[target.path]} and {target.src}. Keep one."
            )
    return sorted(set(found))


def _listed(packages: list[Shape]) -> list[Target]:
    return [
        Target(one["platform"], one["platform_version"], one["architecture"], os.path.expanduser(one["src"]))
        for one in packages
    ]


def _below(src: str) -> list[Target]:
    if not os.path.isdir(src):
        raise BundleError(f"src {src} is not a directory. Give the directory that has a folder for each {LAYOUT}.")
    if any(os.path.exists(os.path.join(src, name)) for name in ("install.sh", "install.ps1")):
        one = f"[{{platform: {ANY}, src: {src}}}]"
        raise BundleError(
            f"src {src} has scripts at its root, where it needs a folder for each {LAYOUT}. Set packages to {one}."
        )
    return [
        Target(platform, version, name.removesuffix(ZIP), os.path.join(src, platform, version, name))
        for platform in _folders(src)
        for version in _folders(src, platform)
        for name in _members(src, platform, version)
    ]


def _folders(*parts: str) -> list[str]:
    return [name for name in _names(*parts) if os.path.isdir(os.path.join(*parts, name))]


def _members(*parts: str) -> list[str]:
    """Folders and zips; a README beside them is none of the package."""
    return [name for name in _names(*parts) if name.endswith(ZIP) or os.path.isdir(os.path.join(*parts, name))]


def _names(*parts: str) -> list[str]:
    folder = os.path.join(*parts)
    try:
        names = os.listdir(folder)
    except OSError as e:
        raise BundleError(f"{shown_line(folder)} cannot be listed: {e.strerror}. Make it readable.") from e
    return sorted(name for name in names if not name.startswith("."))
