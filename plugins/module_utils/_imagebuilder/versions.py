# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What components, workflows and recipes share: they cannot be changed, so changed content becomes a new version. Private.

A version is "the same content" when it holds all that is asked for; or when its tag says that it was made from just
that, however the service has written it since (documents reformatted, defaults filled in). Either way a second run of
a task makes no second version.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, differences, given, overlay
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import document_digest
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import spoken

DIGEST_TAG = "slipway:content-digest"


def content_digest(content: Shape) -> str:
    """SHA-256 over content in the API's shape; documents count by what they say, not by how they are written."""
    plain = spoken(given(content))
    if "data" in plain:
        plain["data"] = document_digest(plain["data"])
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def without_mark(live: Shape) -> t.Tuple[Shape, str]:
    """The shape without our tag, which is not the user's to see and to purge; and what the tag says."""
    tags = dict(live.get("tags") or {})
    mark = tags.pop(DIGEST_TAG, "")
    return {**live, "tags": tags}, mark


def with_mark(wanted: Shape, content: t.Iterable[str]) -> Shape:
    """The shape to create, with our tag for the content it is made from."""
    mark = content_digest({key: wanted.get(key) for key in content})
    return {**wanted, "tags": {**wanted.get("tags", {}), DIGEST_TAG: mark}}


def same_content(live: Shape, asked: Shape, mark: str) -> bool:
    """Whether a version is what is asked for."""
    wish = given(asked)
    now = {key: live[key] for key in asked if key in live}
    digests = (content_digest(wish), content_digest(overlay(now, wish) if wish else now))
    return mark in digests or not differences(live, wish)
