# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a file is that a user names by a relative path."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.filter.local_path import FilterModule

local_path = FilterModule().filters()["local_path"]


@pytest.mark.parametrize("there", ["project/files", "project", "cwd"])
def test_places_come_before_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    for place in ("project/files", "cwd"):
        (tmp_path / place).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "cwd")
    (tmp_path / there / "motd.yml").touch()
    (tmp_path / "cwd" / "motd.yml").touch()
    assert local_path("motd.yml", [str(tmp_path / "project")]) == str(tmp_path / there / "motd.yml")


def test_an_absolute_path_stays_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    assert local_path("/srv/motd.yml") == "/srv/motd.yml"
    with pytest.raises(AnsibleFilterError, match="there is no motd.yml in any of"):
        local_path("motd.yml", [str(tmp_path)])


def test_a_new_file_is_put_into_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert local_path("new.yml", new=True) == str(tmp_path / "new.yml")
    assert local_path("~/new.yml", new=True) == str(Path.home() / "new.yml")
    assert local_path("/srv/new.yml", new=True) == "/srv/new.yml"
