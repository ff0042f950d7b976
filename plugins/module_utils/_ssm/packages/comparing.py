# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a published version is what a task has built. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import Package
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.documents import manifest_of
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

Targets = dict[tuple[str, str, str], str]


def differs(document: Shape, package: Package) -> str:
    """What of a version, as GetDocument tells it, is not as built; empty when all is.

    A file is named by what it is made of, so equal names tell enough. Files of other names were built by something else:
    then the sums decide. Where the files came from is never told by AWS.
    """
    live = manifest_of(document)
    refuse_broken(document, live)
    head = {"schemaVersion": "2.0", "version": package.version}
    if package.publisher is not None:
        head["publisher"] = package.publisher
    wrong = [member for member, value in head.items() if live.get(member) != value]
    ours, theirs = package.targets, _targets(live)
    if ours != theirs:
        wrong += _other_files(live, theirs, package)
    return ", ".join(wrong)


def _other_files(live: Shape, theirs: Targets, package: Package) -> list[str]:
    ours = package.targets
    changed = [_spoken(path) for path in sorted(set(ours) ^ set(theirs))]
    if not changed and not any(name in package.files for name in theirs.values()):
        package.measured()
    for path in sorted(set(ours) & set(theirs)):
        mine, other = package.files[ours[path]], theirs[path]
        if other != mine.name and (not mine.sha256 or _sum(live, other) != mine.sha256):
            changed.append(_spoken(path))
    return changed


def refuse_broken(document: Shape, live: Shape) -> None:
    """Raise Refused when a file is not the one that the manifest describes: no host would install it."""
    for kept in document.get("AttachmentsContent") or []:
        name, told = kept.get("Name", ""), str(kept.get("Hash") or "").lower()
        wanted = _sum(live, name)
        if told and wanted and told != wanted:
            raise Refused(
                f"the file {name} of version {document.get('VersionName')} has the SHA-256 sum {told}, but its manifest "
                f"has {wanted}, so no host can install it. Publish the package as another version"
            )


def _sum(live: Shape, name: str) -> str:
    found = _map(_map(_map(live.get("files")).get(name)).get("checksums")).get("sha256")
    return str(found or "").lower()


def _targets(live: Shape) -> Targets:
    return {
        (platform, version, architecture): str(_map(entry).get("file"))
        for platform, versions in _map(live.get("packages")).items()
        for version, architectures in _map(versions).items()
        for architecture, entry in _map(architectures).items()
    }


def _spoken(path: tuple[str, str, str]) -> str:
    return " ".join(map(shown_short, path))


def _map(value: t.Any) -> Shape:
    return value if isinstance(value, dict) else {}
