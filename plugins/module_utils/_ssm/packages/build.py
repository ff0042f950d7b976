# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zips and the manifest of a package, made of folders and zips. Knows nothing of AWS. Private to this collection.

A zip is named by a digest of what it is made of. So whether a published version has this content is told by its manifest,
without packing anything, and however the zlib of this machine packs.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError, refuse
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import (
    FILE,
    LINK,
    Tree,
    add_file,
    fingerprint,
    read_entry,
    walk,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.zip_archive import upper_bound, zip_chunks
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.files import MOST_FILES
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.problems import package_manifest_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence, warnings
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.archive import Archive
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.layout import (
    INVENTORY,
    Member,
    inventory,
    problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.sources import ZIP, Target, targets

LARGEST = 1024**3  # bytes of one file
DIGITS = 32  # of a fingerprint in a name
SCHEMA = "2.0"
NO_SUM = "0" * 64  # stands for a sum where only the rest of a manifest counts


@dataclasses.dataclass
class File:
    """One zip. `sha256` and `size` are known once it was measured."""

    name: str
    chunks: t.Callable[[], t.Iterator[bytes]]
    bound: int  # bytes that it certainly does not exceed
    sha256: str = ""
    size: int = 0

    def measure(self) -> None:
        """Make it once, keep nothing, and note its sum and size. Raises BundleError when it is too large."""
        if self.sha256:
            return
        whole, size = hashlib.sha256(), 0
        for chunk in self.chunks():
            whole.update(chunk)
            size += len(chunk)
        if size > LARGEST:
            raise BundleError(
                f"{self.name} would have {size} bytes, but a file of a package has 1 GB at most. Split it."
            )
        self.sha256, self.size = whole.hexdigest(), size

    def as_measured(self) -> t.Iterator[bytes]:
        """Its bytes again. Raises BundleError at their end when they are not what was measured."""
        whole = hashlib.sha256()
        for chunk in self.chunks():
            whole.update(chunk)
            yield chunk
        if whole.hexdigest() != self.sha256:
            raise BundleError(
                f"{self.name} changed while it was read. Run the task again when nothing writes to its source."
            )


@dataclasses.dataclass
class Package:
    """What is to be published: which hosts get which zip."""

    version: str
    publisher: str | None
    targets: dict[tuple[str, str, str], str]  # a target over the name of its file
    files: dict[str, File]
    warnings: tuple[str, ...] = ()

    def manifest(self) -> Shape:
        """The manifest; its sums are zeros until the files were measured."""
        nested: Shape = {}
        for (platform, version, architecture), name in self.targets.items():
            nested.setdefault(platform, {}).setdefault(version, {})[architecture] = {"file": name}
        sums = {name: {"checksums": {"sha256": file.sha256 or NO_SUM}} for name, file in sorted(self.files.items())}
        head = {"schemaVersion": SCHEMA, "version": self.version}
        publisher = {} if self.publisher is None else {"publisher": self.publisher}
        return {**head, **publisher, "packages": nested, "files": sums}

    def measured(self) -> Package:
        """With the sums of all files."""
        for file in self.files.values():
            file.measure()
        return self


def build(params: Shape) -> Package:
    """Read and check all sources; nothing is packed yet. Raises BundleError that names every problem."""
    found = targets(params)
    by_source: dict[str, list[Target]] = {}
    for target in found:
        by_source.setdefault(os.path.realpath(target.src), []).append(target)
    wrong: list[str] = []
    named: dict[tuple[str, str, str], str] = {}
    files: dict[str, File] = {}
    for group in by_source.values():
        try:
            file = _file(group, params)
        except BundleError as e:
            wrong += [f"{group[0].src}: {line}" for line in str(e).split("\n")]
            continue
        files[file.name] = file
        named.update({target.path: file.name for target in group})
    refuse(wrong)
    package = Package(params["version"], params["publisher"], dict(sorted(named.items())), files)
    return dataclasses.replace(package, warnings=_checked(package))


def _checked(package: Package) -> tuple[str, ...]:
    """Warnings about the manifest. Raises BundleError for its errors."""
    if len(package.files) > MOST_FILES:
        raise BundleError(
            f"the package has {len(package.files)} different zips, but AWS accepts {MOST_FILES} at most. "
            "Let several targets have the same src, or publish two packages."
        )
    found = package_manifest_problems(json.dumps(package.manifest()))
    refuse([sentence(problem._replace(line=None)) for problem in errors(found)])
    return tuple(sentence(problem._replace(line=None)) for problem in warnings(found))


def _file(group: list[Target], params: Shape) -> File:
    platforms = tuple(dict.fromkeys(target.platform for target in group))
    member = Member(params["name"], params["version"], platforms, params["in_place_update"])
    architectures = {target.architecture for target in group}
    added = inventory(member, architectures.pop() if len(architectures) == 1 else "_any", params["publisher"])
    wanted = added if params["inventory_manifest"] else b""
    src = group[0].src
    digest, chunks, bound = (_of_zip if src.endswith(ZIP) else _of_folder)(src, member, wanted, params["exclude"])
    return File(_name(group[0], digest), chunks, bound)


def _of_folder(
    src: str, member: Member, added: bytes, exclude: list[str]
) -> tuple[str, t.Callable[[], t.Iterator[bytes]], int]:
    if not os.path.isdir(src):
        raise BundleError("it is neither a directory nor a zip. Correct src.")
    tree = walk(src, exclude)
    links = [path.decode() for path in tree.links]
    refuse(
        [
            f"{path} is a symlink, which SSM Agent unpacks as a text file. Replace it with what it leads to."
            for path in links
        ]
    )
    refuse(problems(tree.names, _reader(tree), member))
    if added and tree.find(INVENTORY.encode()) is None:
        add_file(tree, INVENTORY.encode(), added)
    fingerprint(tree)
    for entry in tree.entries:
        if entry.kind not in (LINK,):  # of the bits on disk only one is the same in every checkout
            entry.mode = 0o755 if entry.mode & 0o100 or entry.kind != FILE else 0o644
    return fingerprint(tree), functools.partial(zip_chunks, tree), upper_bound(tree)


def _of_zip(
    src: str, member: Member, added: bytes, _exclude: list[str]
) -> tuple[str, t.Callable[[], t.Iterator[bytes]], int]:
    archive = Archive(src)
    refuse(problems(archive.names, archive.read, member))
    new = {INVENTORY: added} if added and INVENTORY not in archive.names else {}
    digest = hashlib.sha256(b"slipway zip 1\n" + archive.digest + b"".join(new.values())).hexdigest()
    size = os.path.getsize(src) + len(added)
    return digest, functools.partial(archive.chunks, new), size + size // 100 + 64 * 1024


def _reader(tree: Tree) -> t.Callable[[str], bytes]:
    entries = {entry.path: entry for entry in tree.entries}

    def read(name: str) -> bytes:
        try:
            return read_entry(tree, entries[name.encode()])
        except BundleError:  # what cannot be read is told by the fingerprint; what is larger is no script
            return b""

    return read


def _name(target: Target, digest: str) -> str:
    """What the file is for, and what it is made of."""
    spoken = "-".join(part.removeprefix("_").replace("*", "x") for part in target.path)
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '', spoken)[:80]}-{digest[:DIGITS]}{ZIP}"
