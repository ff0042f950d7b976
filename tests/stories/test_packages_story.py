# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stories of the demonstration, told from the first step to the last as a user has them told."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from support.plays import ROOT

FEWEST = 4
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}  # a test has none of its own


def test_the_story_of_packages() -> None:
    """The proof that a run which has nothing to do is silent, that the census counts what runs where, and that a fleet is healed."""
    # What `make demo` runs. A second make would wait for the first one, which holds .venv while the tests run.
    command = [
        sys.executable,
        "-B",
        "tools/demo.py",
        "examples/storefront",
        "--story",
        "packages",
        "--fleet",
        str(FEWEST),
    ]
    told = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **KEYS}, capture_output=True, text=True, check=False, timeout=400
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-4000:]
    assert "All steps ended as expected" in told.stdout
    figures = json.loads((ROOT / "build" / "demo" / "packages.json").read_text())
    assert figures["published"] == {"name": "performance-history", "versions": ["1.0.0", "2.0.0"]}
    assert figures["installed"] == FEWEST - 2
    assert [sorted(host) for host in figures["failed"]] == [["id", "reason"]] * 2
    assert all(host["id"] in told.stdout for host in figures["failed"])
    assert figures["second_run"] == {"changed": 0, "write_calls": 0, "probes": 0}
    assert figures["rolled_back_to"] == "1.0.0"
    assert figures["census"] == {"performance-history": {"1.0.0": FEWEST}}
    assert (figures["agent"]["not_ready"], figures["agent"]["status"]) == (FEWEST, "Succeeded")
