# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a bundle is made from: a directory, or an archive that is taken as it is. Only reads. Private to this collection."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.slipway.aws.plugins.module_utils._bundle.archive import (
    Archive,
    archive_chunks,
    look_into,
    read_archive,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.beginnings import reader
from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import part_size
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tar_archive import gzip_chunks, tar_chunks
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, fingerprint, read_member, walk
from ansible_collections.slipway.aws.plugins.module_utils._bundle.zip_archive import upper_bound, zip_chunks
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import appspec_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import parse_appspec
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence, warnings

APPSPEC = "appspec.yml"
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
        raise Refused(_no_appspec(archive.path, content.files or ()))
    return _judged(content.appspec, content.files, archive.kind)


def check_appspec(tree: Tree, src: str, bundle_type: str) -> list[str]:
    """Warnings about the AppSpec. Raises Refused, with every error and its line, when the host agent would refuse it."""
    names = tree.names
    if APPSPEC not in names:
        raise Refused(_no_appspec(src, names))
    return _judged(read_member(tree, APPSPEC.encode()), names, bundle_type, reader(tree))


def _no_appspec(src: str, names: t.Container[str]) -> str:
    remedy = (
        "Rename appspec.yaml" if "appspec.yaml" in names else "Put one there, and check exclude and the ignore file"
    )
    return f"{src} has no {APPSPEC}, which the CodeDeploy agent reads from the root of the bundle. {remedy}"


def _judged(
    text: bytes, names: t.Sequence[str] | None, bundle_type: str, read: t.Callable[[str], bytes] | None = None
) -> list[str]:
    problems = appspec_problems(text, files=names, read=read)
    wrong = errors(problems)
    if wrong:
        told = "\n".join(sentence(problem, APPSPEC) for problem in wrong)
        raise Refused(told, problems=[problem._asdict() for problem in wrong])
    if bundle_type != "zip" and parse_appspec(text).os == "windows":
        raise Refused(f"a {bundle_type} cannot be deployed to Windows, which {APPSPEC} specifies. Use bundle_type=zip")
    return [sentence(problem, APPSPEC) for problem in warnings(problems)]
