# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a deployment would go back to an older bundle by accident. Only reads. Private to this collection.

A bundle is as old as its object in S3. The deployment that brought the live one notes that in its description, since the
object may be gone by now; of a deployment made by others the object itself is asked.
"""

from __future__ import annotations

import datetime

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    bundles,
    history,
    notes,
    revisions,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def refuse_older(aws: Connection, group: Shape, revision: Shape) -> tuple[str, ...]:
    """Refuse a bundle that is older than the live one. Returns warnings, where it is not known which one is older."""
    live = history.live_deployment(history.past(aws, group))
    if live is None or revisions.same_revision(live.get("revision"), revision):
        return ()
    mine, theirs = bundles.stored_at(aws, revision), _age(aws, live)
    words, live_words = revisions.in_words(revision), revisions.in_words(live.get("revision"))
    if mine is None or theirs is None:
        unknown = words if mine is None else live_words
        return (f"It is not known whether {words} is older than {live_words}, which is live: {unknown} is not in S3.",)
    if mine < theirs:
        text = f"{words} was stored on {_shown(mine)}, but {live_words}, which {live['deploymentId']} brought, on {_shown(theirs)}"
        raise Refused(f"{text}. Set allow_older to true to go back, or state to rolled_back.")
    return ()


def refuse_lower(live: str, wanted: str) -> None:
    """Refuse a version, or a revision of the same family, with a lower number than the one that serves. Pure."""
    (family, _colon, now), (wanted_family, _colon, then) = live.rpartition(":"), wanted.rpartition(":")
    if family == wanted_family and now.isdigit() and then.isdigit() and int(then) < int(now):
        raise Refused(
            f"{wanted} is older than {live}, which serves. Set allow_older to true to go back, or state to rolled_back."
        )


def _age(aws: Connection, live: Shape) -> datetime.datetime | None:
    note = notes.noted(live)
    return note.bundle if note and note.bundle else bundles.stored_at(aws, live.get("revision"))


def _shown(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
