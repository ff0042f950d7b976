# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of packages that are published."""

from __future__ import annotations

from support.distributor import Shelf
from support.modules import run_module

MODULE = "ssm_distributor_package"


def test_info_tells_what_is_published(shelf: Shelf) -> None:
    done = shelf.done(tags={"Team": "a"}, shared_accounts=["210987654321"])
    shelf.done("2.0.0")
    info = run_module(f"{MODULE}_info", {"names": [shelf.name, "no-such-package"], "include_tags": True})
    (found,) = info["packages"]
    assert info.writes == []
    assert (found["version"], found["default_version"], found["status"]) == ("1.0.0", "1.0.0", "Active")
    assert [one["version_name"] for one in found["versions"]] == ["2.0.0", "1.0.0"]
    assert found["manifest"] == done["package"]["manifest"]
    assert {one["name"]: one["sha256"] for one in found["files"]} == {
        one["name"]: one["sha256"] for one in done["package"]["files"]
    }
    assert all(one["size"] > 0 for one in found["files"])
    assert (found["tags"], found["shared_accounts"]) == ({"Team": "a"}, ["210987654321"])
    every = run_module(f"{MODULE}_info", {})
    assert shelf.name in [one["name"] for one in every["packages"]]
    newer = run_module(f"{MODULE}_info", {"names": [shelf.name], "version": "2.0.0"})
    assert newer["packages"][0]["manifest"]["version"] == "2.0.0"
    assert "manifest" not in run_module(f"{MODULE}_info", {"names": [shelf.name], "version": "3.0.0"})["packages"][0]


def test_info_reads_packages_of_aws(shelf: Shelf) -> None:
    info = run_module(f"{MODULE}_info", {"names": ["AWSCodeDeployAgent"], "include_tags": True})
    (found,) = info["packages"]
    assert (found["owner"], found["default_version"]) == ("Amazon", found["manifest"]["version"])
    assert not {"shared_accounts", "tags"} & set(found)
