# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems of the manifest of a Distributor package."""

from __future__ import annotations

import collections.abc as c
import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.json_tree import JsonError, read_json
from ansible_collections.slipway.aws.plugins.module_utils._documents.package import targets
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.files import MOST_FILES, file_map
from ansible_collections.slipway.aws.plugins.module_utils._documents.placeholders import placeholder, settled
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import ERROR, Problem, by_line
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Shape, below
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

MAX_BYTES = 64 * 1024  # of any document of SSM
SCHEMA = "2.0"
VERSION = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def package_manifest_problems(text: str | bytes, attachments: c.Iterable[str] | None = None) -> list[Problem]:
    """Everything wrong with a manifest, in the order of its lines.

    Level `error` is what AWS or the agent refuses, or what can never be installed; `warning` what is accepted and is likely
    to surprise. `attachments`: the names of the files that will be attached, which leaves no time for placeholders.
    """
    size = len(tree.to_bytes(text))
    if size > MAX_BYTES:
        what = f"The manifest has {size} bytes, but AWS accepts at most {MAX_BYTES}."
        return [Problem(None, "", what, f"Use {targets.ANY} for what has the same file, or split the package.")]
    try:
        manifest = read_json(text)
    except JsonError as err:
        return by_line([_not_json(text, err)])
    found = list(_manifest(manifest, "", manifest.line))
    if isinstance(manifest.data, dict):
        found += [*targets.traps(manifest), *_references(manifest), *_attached(manifest, attachments)]
    level = rules.WARNING if attachments is None else ERROR
    return by_line(settled(found, level))


def _not_json(text: str | bytes, err: JsonError) -> Problem:
    """Of another notation than JSON the first word tells nothing."""
    begins = tree.to_bytes(text).lstrip()[:1]
    remedy = (
        "Write it as JSON, which begins with a brace: AWS does not take YAML here." if begins.isalnum() else err.remedy
    )
    return Problem(err.line, "", f"The manifest cannot be read as JSON: {err}.", remedy)


def _schema_version(value: Value, path: str, line: int) -> Problems:
    if value.data != SCHEMA:
        yield Problem(line, path, f"schemaVersion is {describe(value.data)}.", f'Write "schemaVersion": "{SCHEMA}".')


def _version(value: Value, path: str, line: int) -> Problems:
    if isinstance(value.data, str) and VERSION.fullmatch(value.data):
        return
    what = f"version is {describe(value.data)}, but must be text of 1 to 128 letters, digits, dots, hyphens and underscores."
    quote = isinstance(value.data, (int, float)) and not isinstance(value.data, bool)
    yield Problem(line, path, what, "Put it in double quotes." if quote else 'Write a version such as "1.0.0".')


_manifest = Shape(
    {
        "schemaVersion": _schema_version,
        "version": placeholder(_version),
        "publisher": rules.optional_text,
        "description": rules.optional_text,
        "packages": targets.packages,
        "files": file_map,
    },
    ("schemaVersion", "version", "packages", "files"),
    twice=ERROR,
)


def _references(manifest: Value) -> Problems:
    """Every file that is named must be described, and the other way round."""
    described = manifest.get("files")
    known = described.data if described and isinstance(described.data, dict) else None
    if known is None:
        return
    named: set[str] = set()
    for value, path, line in targets.file_names(manifest):
        named.add(value)
        if value not in known:
            what = f"{shown_short(value)} is not in files."
            yield Problem(line, path, what, "Add it to files with its SHA-256 sum, or correct the name.")
    for name, entry in known.items():
        if name not in named:
            what = f"{shown_short(name)} is not used by any platform in packages."
            yield Problem(entry.line, below("files", name), what, "Use it in packages, or remove it.", rules.WARNING)


def _attached(manifest: Value, attachments: c.Iterable[str] | None) -> Problems:
    described = manifest.get("files")
    if attachments is None or described is None or not isinstance(described.data, dict):
        return
    names = list(dict.fromkeys(attachments))
    line = manifest.line_of("files")
    for name, entry in described.data.items():
        if name not in names:
            what = f"{shown_short(name)} is not among the attachments."
            yield Problem(entry.line, below("files", name), what, "Attach it, or remove it from files.")
    for name in names:
        if name not in described.data:
            what = f"The attachment {shown_short(name)} is not in files."
            yield Problem(line, "files", what, "Add it to files with its SHA-256 sum, or do not attach it.")
    if len(names) > MOST_FILES:
        what = f"{len(names)} files are attached, but AWS accepts at most {MOST_FILES}."
        yield Problem(line, "files", what, "Let several platforms share one file, or split the package.")
