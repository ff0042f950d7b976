# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What deployments of ours say of themselves at the end of their description. Pure. Private to this collection.

AWS keeps neither the task definition of a deployment to ECS, nor how old a bundle was, nor that a deployment took another
one back. So the description says it, behind the comment of the user and where there is room.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

LONGEST = 256  # characters of a description
_NOTE = re.compile(r"\[slipway(?: bundle (\S+?))?(?: (\S+) -> (\S+?))?(?:,? rollback of (d-\w+))?\]\Z")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Note(t.NamedTuple):
    """`before` and `after`: what served. `bundle`: when the bundle was stored. `rollback_of`: the deployment taken back."""

    before: str | None = None
    after: str | None = None
    bundle: datetime.datetime | None = None
    rollback_of: str | None = None


def described(comment: str | None, note: Note) -> str | None:
    """The comment with the note behind it; the comment alone where that has no room."""
    parts = [f"bundle {note.bundle.astimezone(datetime.timezone.utc):{_TIME}}"] if note.bundle else []
    parts += [f"{note.before} -> {note.after}"] if note.after else []
    parts += [f"rollback of {note.rollback_of}"] if note.rollback_of else []
    text = " ".join(filter(None, [comment, f"[slipway {', '.join(parts)}]"]))
    return text if parts and len(text) <= LONGEST else comment


def noted(deployment: Shape) -> Note | None:
    """What the description of a deployment says; None where it was not written here."""
    found = _NOTE.search(deployment.get("description") or "")
    if not found:
        return None
    bundle, before, after, rollback_of = found.groups()
    return Note(before, after, _moment(bundle), rollback_of)


def _moment(text: str | None) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text or "", _TIME).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
