# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stories of the demonstration, told from the first step to the last as a user has them told."""

from __future__ import annotations

from support.stories import told

FEWEST = 4


def test_the_story_of_packages() -> None:
    """The proof that a run which has nothing to do is silent, that the census counts what runs where, and that a fleet is healed."""
    shown, figures = told("packages", "--fleet", str(FEWEST))
    assert "All steps ended as expected" in shown
    assert figures["published"] == {"name": "performance-history", "versions": ["1.0.0", "2.0.0"]}
    assert figures["installed"] == FEWEST - 2
    assert [sorted(host) for host in figures["failed"]] == [["id", "reason"]] * 2
    assert all(host["id"] in shown for host in figures["failed"])
    assert figures["second_run"] == {"changed": 0, "write_calls": 0, "probes": 0}
    assert figures["rolled_back_to"] == "1.0.0"
    assert figures["census"] == {"performance-history": {"1.0.0": FEWEST}}
    assert (figures["agent"]["not_ready"], figures["agent"]["status"]) == (FEWEST, "Succeeded")
