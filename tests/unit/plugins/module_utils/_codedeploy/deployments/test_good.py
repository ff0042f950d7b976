# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployment was the last good one, and what deployments say of themselves."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import ages, good, notes
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused

STORED = datetime.datetime(2026, 11, 23, 17, 0, 5, tzinfo=datetime.UTC)
ENDINGS = {"+": ("Succeeded", {"Succeeded": 3}), "~": ("Succeeded", {"Succeeded": 2, "Failed": 1}),
           "-": ("Failed", {"Failed": 2, "Skipped": 1}), "x": ("Stopped", {"Skipped": 3}), "0": ("Succeeded", {})}  # fmt: skip


def history(told: str) -> list[dict[str, t.Any]]:
    """`1+ 2- 1+r` as deployments, newest first: the revision, how it ended, and r for a rollback of the one before."""
    found: list[dict[str, t.Any]] = []
    for number, (revision, ending, *rest) in enumerate(told.split()):
        status, counts = ENDINGS[ending]
        one = {
            "deploymentId": f"d-{number}",
            "status": status,
            "deploymentOverview": counts,
            "revision": {"revisionType": "GitHub", "gitHubLocation": {"repository": "a/b", "commitId": revision}},
        }
        if rest == ["r"]:
            one["description"] = notes.described("back", notes.Note(rollback_of=f"d-{number - 1}"))
        if rest == ["a"]:
            one |= {"creator": good.BY_AWS, "rollbackInfo": {"rollbackTriggeringDeploymentId": f"d-{number - 1}"}}
        found.insert(0, one)
    return found


@pytest.mark.parametrize(
    ("told", "back_to"),
    [
        ("1+", None),
        ("1+ 2+", "d-0"),
        ("1+ 2-", "d-0"),
        ("1+ 2x", "d-0"),
        ("1+ 2~ 3+", "d-0"),  # good on some hosts only
        ("1+ 2- 3+", "d-0"),
        ("1+ 2x 3+", "d-0"),
        ("1+ 20 3+", "d-0"),  # reached no host
        ("1+ 2+ 2+", "d-0"),
        ("1+ 2+ 2-", "d-1"),  # what was there before the last deployment
        ("1+ 2+ 1+r 3+", "d-2"),
        ("1+ 2- 1+a 3+", "d-2"),
        ("1+ 2+ 1+r 1+", None),  # the second was taken back
        ("0+ 1+ 2+ 1+r 1+", "d-0"),
        ("1+ 2+ 1+r 2+ 3+", "d-3"),  # taken back, and then deployed again
        ("1+ 2+ 1-r", "d-0"),  # the rollback failed
        ("1+ 2+ 1-r 3+", "d-1"),  # it took nothing back
        ("1- 2+", None),
    ],
)
def test_what_hosts_go_back_to(told: str, back_to: str | None) -> None:
    found = good.before(history(told))
    assert (found and found["deploymentId"]) == back_to


@pytest.mark.parametrize("comment", [None, "a fix [urgent]", "[slipway 1 -> 2]"])
@pytest.mark.parametrize("note", [
    notes.Note(bundle=STORED), notes.Note(rollback_of="d-ABCDEF123"), notes.Note(bundle=STORED, rollback_of="d-ABCDEF123"),
    notes.Note("web:1", "web:2"), notes.Note("1", "2", None, "d-ABCDEF123"),
])  # fmt: skip
def test_a_note_stands_behind_the_comment(comment: str | None, note: notes.Note) -> None:
    text = notes.described(comment, note)
    assert text and text.startswith(comment or "[slipway ") and notes.noted({"description": text}) == note


def test_a_note_that_says_nothing_or_has_no_room_is_left_out() -> None:
    assert notes.described("fix", notes.Note()) == "fix" and notes.described(None, notes.Note()) is None
    assert notes.described("x" * 240, notes.Note(bundle=STORED)) == "x" * 240
    assert notes.noted({"description": "[slipway bundle soon]"}) == notes.Note()


@pytest.mark.parametrize(
    ("live", "wanted"), [("9", "10"), ("web:2", "web:2"), ("web:9", "api:1"), ("web:1", "web:latest")]
)
def test_what_is_not_known_to_be_older_passes(live: str, wanted: str) -> None:
    ages.refuse_lower(live, wanted)


@pytest.mark.parametrize(("live", "wanted"), [("10", "9"), ("web:10", "web:9")])
def test_a_lower_number_is_refused(live: str, wanted: str) -> None:
    with pytest.raises(Refused, match="allow_older"):
        ages.refuse_lower(live, wanted)
