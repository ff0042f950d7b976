# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as a playbook's author meets it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.filter.appspec_problems import FilterModule

appspec_problems = FilterModule().filters()["appspec_problems"]
BROKEN = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - timeout: 3\n  Deploy:\n    - location: a.sh\n"


def test_it_lists_what_the_agent_refuses() -> None:
    assert appspec_problems(BROKEN) == [
        {
            "line": 5,
            "path": "hooks.AfterInstall[0].location",
            "what": "hooks.AfterInstall[0] has no location.",
            "remedy": "Give the path of the script, from the root of the bundle.",
            "level": "error",
        }
    ]


def test_a_good_file_has_none() -> None:
    assert appspec_problems("version: 0.0\nos: linux\n") == []


def test_warnings_are_listed_when_asked_for() -> None:
    found = appspec_problems(BROKEN, warnings=True)
    assert [(problem["line"], problem["level"]) for problem in found] == [(5, "error"), (6, "warning")]


def test_the_bundle_and_the_system_are_considered() -> None:
    text = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: a.sh\n"
    assert appspec_problems(text, files=["a.sh"], os="linux") == []
    found = appspec_problems(text, files=["b.sh"], os="windows")
    assert [problem["path"] for problem in found] == ["os", "hooks.AfterInstall[0].location"]


@pytest.mark.parametrize("files", [None, ["appspec.yml", "a.sh"]])
def test_the_scripts_in_a_directory_are_read(tmp_path: Path, files: list[str] | None) -> None:
    text = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: a.sh\n"
    (tmp_path / "a.sh").write_bytes(b"#!/bin/sh\n")
    assert appspec_problems(text, src=str(tmp_path), files=files) == []
    (tmp_path / "a.sh").write_bytes(b"#!/bin/sh\r\n")
    assert [p["line"] for p in appspec_problems(text, src=str(tmp_path), files=files)] == [5]
    (tmp_path / "a.sh").unlink()
    found = appspec_problems(text, src=str(tmp_path), files=files)
    assert [p["what"] for p in found] == ([] if files else ["The script a.sh is not in the bundle."])


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", {"src": ["app"]}, "appspec_problems takes src as the path of a directory, not a list."),
        ("", {"src": "/no/such/directory"}, "appspec_problems cannot take /no/such/directory as a bundle: "),
        ({"version": 0.0}, {}, "appspec_problems takes the text of an AppSpec, not a map."),
        ([1], {}, "appspec_problems takes the text of an AppSpec, not a list."),
        (3, {}, "appspec_problems takes the text of an AppSpec, not 3."),
        ("", {"os": "macos"}, "appspec_problems takes os=linux or os=windows, not 'macos'."),
        (
            "",
            {"compute_platform": "EKS"},
            "takes compute_platform=Server or compute_platform=ECS or compute_platform=Lambda",
        ),
        (
            "",
            {"compute_platform": "ECS", "src": "app"},
            "appspec_problems takes src only with compute_platform=Server.",
        ),
        ("", {"files": "a.sh"}, "appspec_problems takes files as a list of paths, not 'a.sh'."),
    ],
)
def test_wrong_use_is_said(text: t.Any, options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        appspec_problems(text, **options)
    assert said in str(refused.value)


LAMBDA = """version: 0.0
Resources:
  - shop:
      Type: AWS::Lambda::Function
      Properties: {Name: shop, Alias: live, CurrentVersion: 6, TargetVersion: $LATEST}
Hooks:
  - BeforeAllowTraffic: <CHECK>
"""


def test_the_platform_is_recognized_by_the_resources() -> None:
    (problem,) = appspec_problems(LAMBDA)
    assert (problem["line"], problem["path"]) == (5, "Resources[0].shop.Properties.TargetVersion")
    assert [problem["line"] for problem in appspec_problems(LAMBDA, warnings=True)] == [5, 7]


@pytest.mark.parametrize("options", [{"compute_platform": "Server"}, {"os": "linux"}, {"files": []}])
def test_for_servers_it_is_no_appspec(options: dict[str, t.Any]) -> None:
    (problem,) = appspec_problems(LAMBDA, **options)
    assert "not of a server" in problem["what"]


def test_the_platform_that_is_wanted_is_told() -> None:
    assert [problem["path"] for problem in appspec_problems(LAMBDA, compute_platform="ECS")] == [
        "Resources[0].shop.Type",
        "Resources[0].shop.Properties.TargetVersion",
    ]
    (problem,) = appspec_problems("version: 0.0\nos: linux\n", compute_platform="ECS")
    assert problem["what"] == "Resources is missing."
