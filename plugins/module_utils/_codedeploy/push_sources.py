# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a bundle is made from: a directory, or an archive that is taken as it is. Only reads. Private to this collection."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.slipway.aws.plugins.module_utils._bundle.appspec import (
    APPSPEC,
    check_appspec,
    judged,
    no_appspec,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.archive import (
    Archive,
    archive_chunks,
    look_into,
    read_archive,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import part_size
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tar_archive import gzip_chunks, tar_chunks
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, fingerprint, walk
from ansible_collections.slipway.aws.plugins.module_utils._bundle.zip_archive import upper_bound, zip_chunks
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

DEFAULT_TYPE = "zip"  # of the bundle of a directory


@dataclass(frozen=True)
class Source:
    """What is pushed. `check` is what has to be known of it before it is stored, and not where it is stored already."""

    fingerprint: str
    bundle_type: str
    size_of_part: int
    chunks: t.Callable[[], t.Iterator[bytes]]
    check: t.Callable[[], list[str]] = list  # warnings; raises Refused
    warnings: tuple[str, ...] = ()
    told: Shape = field(default_factory=dict)  # members of the result


def read_source(params: Shape) -> Source:
    """What `src` holds. Raises Refused when no host could install it."""
    if not os.path.exists(params["src"]):
        raise Refused(f"src {params['src']} does not exist. Give a directory that holds {APPSPEC}, or an archive")
    return _of_archive(params) if os.path.isfile(params["src"]) else _of_directory(params)


def _of_directory(params: Shape) -> Source:
    kind = params["bundle_type"] or DEFAULT_TYPE
    tree = walk(params["src"], params["exclude"], params["symlinks"], params["ignore_file"])
    warned = check_appspec(tree, params["src"], kind)
    digest = fingerprint(tree)
    return Source(
        digest,
        kind,
        part_size(upper_bound(tree)),
        lambda: _chunks(tree, kind, params["compression_level"]),
        warnings=tuple(warned),
        told={"files": tree.files, "source_size": tree.size},
    )


def _chunks(tree: Tree, bundle_type: str, level: int) -> t.Iterator[bytes]:
    if bundle_type == "zip":
        return zip_chunks(tree, level)
    return tar_chunks(tree) if bundle_type == "tar" else gzip_chunks(tar_chunks(tree), level)


def _of_archive(params: Shape) -> Source:
    archive = read_archive(params["src"])
    if params["bundle_type"] not in (None, archive.kind):
        text = f"{archive.path} is a {archive.kind}, not a {params['bundle_type']}"
        raise Refused(f"{text}. An archive is taken as it is: correct bundle_type or leave it out")
    return Source(
        archive.digest,
        archive.kind,
        part_size(archive.size),
        lambda: archive_chunks(archive),
        lambda: _check_archive(archive),
    )


def _check_archive(archive: Archive) -> list[str]:
    content = look_into(archive)
    if content.appspec is None:
        raise Refused(no_appspec(archive.path, content.files or ()))
    return judged(content.appspec, content.files, archive.kind)
