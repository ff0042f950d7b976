# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions as the API has them: which one it is, and in words. Pure, so action plugins use it too. Private."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def same_revision(live: Shape | None, wanted: Shape | None) -> bool:
    """Whether a revision as AWS returns it is the wanted one: every member the wish names must agree.

    AWS returns the ETag of an object with its quotes at times, and without at others.
    """
    if not live or not wanted:
        return False
    there, here = _identity(live), _identity(wanted)
    return all(there.get(name) == value for name, value in here.items())


def is_pinned(revision: Shape) -> bool:
    """Whether it names content, not only a place in S3 where something else may lie tomorrow."""
    location = revision.get("s3Location")
    return location is None or bool(location.get("version") or location.get("eTag"))


def as_sent(revision: Shape) -> Shape:
    """A revision as AWS returned it, in the form that it takes: an ETag without quotes."""
    s3 = revision.get("s3Location")
    if not s3 or not s3.get("eTag"):
        return revision
    return {**revision, "s3Location": {**s3, "eTag": s3["eTag"].strip('"')}}


def in_words(revision: Shape | None) -> str:
    """The revision in one short text."""
    if not revision:
        return "nothing"
    s3, github = revision.get("s3Location"), revision.get("gitHubLocation")
    if s3:
        pin = s3.get("version") or (s3.get("eTag") or "").strip('"')
        return f"s3://{s3.get('bucket')}/{s3.get('key')}" + (f" ({pin})" if pin else "")
    if github:
        return f"{github.get('repository')}@{github.get('commitId')}"
    written = revision.get("appSpecContent") or revision.get("string")
    if written:
        return f"the AppSpec {str(written.get('sha256'))[:8]}"
    return str(revision.get("revisionType"))


def _identity(revision: Shape) -> dict[str, str]:
    found = {"revisionType": revision.get("revisionType")}
    for member in ("s3Location", "gitHubLocation"):
        found.update(revision.get(member) or {})
    # AWS returns no more than the digest of an AppSpec.
    found.update({"sha256": (revision.get("appSpecContent") or {}).get("sha256")})
    return {name: str(value).strip('"') for name, value in found.items() if value not in (None, "")}
