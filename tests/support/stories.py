# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stories of the demonstration, told from the first step to the last as `make demo` tells them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

from support.plays import ROOT

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}  # a test has none of its own
LIMIT = 600  # seconds


def told(story: str, *chosen: str, app: Path = ROOT / "examples" / "storefront") -> tuple[str, dict[str, t.Any]]:
    """What a story shows, and its figures. A second make would wait for the first one, which holds .venv while the tests run."""
    command = [sys.executable, "-B", "tools/demo.py", str(app), "--story", story, *chosen]
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **KEYS}, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    return ended.stdout, json.loads((ROOT / "build" / "demo" / f"{story}.json").read_text())
