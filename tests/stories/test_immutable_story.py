# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of images, with an application of another kind: other hooks, other files, blanks in its paths."""

from __future__ import annotations

from pathlib import Path

from support.stories import told

APPSPEC = """
version: 0.0
os: linux
files:
  - source: public files/
    destination: /srv/price list
hooks:
  BeforeInstall: [{location: hooks/make-room.sh, timeout: 30}]
  ValidateService: [{location: hooks/look.sh}]
"""


def test_another_application_is_released_and_returned(tmp_path: Path) -> None:
    app = tmp_path / "price list"
    for name in ("hooks", "public files"):
        (app / name).mkdir(parents=True)
    (app / "appspec.yml").write_text(APPSPEC)
    (app / "public files" / "index.html").write_text("prices")
    for script in ("make-room.sh", "look.sh"):
        (app / "hooks" / script).write_text("#!/bin/sh\ntest -d /srv\n")
        (app / "hooks" / script).chmod(0o755)
    shown, figures = told("immutable", "--regions", "eu-west-1,ap-south-1", "--fleet", "3", app=app)
    assert figures["second_run"] == {"changed": 0, "write_calls": 0}
    first, second = (one["image_ids"] for one in figures["images"])
    assert set(first) == set(second) == {"eu-west-1", "ap-south-1"} and first != second
    assert figures["rolled_back_to"] == first
    released = [(one["region"], one["status"], one["to"]) for one in figures["refreshes"]]
    assert released == [
        ("eu-west-1", "Successful", first["eu-west-1"]),
        ("ap-south-1", "Successful", first["ap-south-1"]),
        ("eu-west-1", "Successful", second["eu-west-1"]),
        ("eu-west-1", "Successful", first["eu-west-1"]),
    ]
    assert [one["action"] for one in figures["retired"]] == ["keep", "keep"] and "All steps ended as expected" in shown
