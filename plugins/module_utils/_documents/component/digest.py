# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether two component documents say the same, whatever their formatting, comments and order of keys."""

from __future__ import annotations

import hashlib
import json

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import plain
from ansible_collections.slipway.aws.plugins.module_utils._documents.yaml_values import read


def canonical(text: str | bytes) -> str:
    """One spelling for all texts that parse to the same structure; a text that is no single YAML document stands for itself."""
    try:
        document, next_line = read(text)
    except tree.YamlError:
        document, next_line = None, None
    if document is None or next_line is not None:
        return json.dumps({"text": tree.to_bytes(text).decode("utf-8", "backslashreplace")})
    return json.dumps({"document": plain(document)}, sort_keys=True, separators=(",", ":"))


def document_digest(text: str | bytes) -> str:
    """SHA-256 of the canonical spelling, in hexadecimal digits."""
    return hashlib.sha256(canonical(text).encode()).hexdigest()


def same_document(first: str | bytes, second: str | bytes) -> bool:
    return canonical(first) == canonical(second)
