# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role puts into a script is checked to its last character: `$` fits before a newline at the end, too."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLES = Path(__file__).resolve().parents[3] / "roles"
GIVEN: dict[str, t.Any] = {
    "codedeploy_agent_region": "eu-central-1",
    "codedeploy_agent_installer_url": "https://mirror.example.com/agent",
    "codedeploy_agent_proxy_uri": "",
    "codedeploy_agent_configuration": {"max_revisions": 2},
    "codedeploy_agent_release": "1.8.1-26",
    "codedeploy_agent_track": "1",
    "__codedeploy_agent_track": "1",
    "__codedeploy_agent_build": "1.8.1-26",
    "golden_image_name": "web-base",
    "golden_image_security_group_ids": [],
    "golden_image_subnet_id": "",
    "golden_image_regions": ["eu-central-1"],
    "__golden_image_region": "eu-central-1",
}
CHECKS = {
    "codedeploy_agent": ("codedeploy_agent/tasks/check.yml", "Check the region, the addresses and the settings"),
    "codedeploy_agent_release": ("codedeploy_agent/tasks/check.yml", "Check the release"),
    "golden_image": ("golden_image/tasks/main.yml", "Check the inputs"),
}


def passes(check: str, **given: t.Any) -> bool:
    """Whether the conditions of an assert task hold."""
    file, name = CHECKS[check]
    (task,) = [task for task in yaml.safe_load((ROLES / file).read_text()) if task["name"] == name]
    variables = {**task.get("vars", {}), **GIVEN, **given}
    templar = Templar(loader=DataLoader(), variables=variables)
    conditions = task["ansible.builtin.assert"]["that"]
    return all(templar.template(trust_as_template(f"{{{{ {condition} }}}}")) for condition in conditions)


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_right_passes(check: str) -> None:
    assert passes(check)


@pytest.mark.parametrize("tail", ["\n", "\nrm -rf /", "\r\n"])
@pytest.mark.parametrize(
    ("check", "name"),
    [
        ("codedeploy_agent", "codedeploy_agent_region"),
        ("codedeploy_agent", "codedeploy_agent_installer_url"),
        ("codedeploy_agent", "codedeploy_agent_proxy_uri"),
        ("codedeploy_agent_release", "codedeploy_agent_release"),
        ("golden_image", "golden_image_name"),
    ],
)
def test_nothing_may_follow(check: str, name: str, tail: str) -> None:
    assert not passes(check, **{name: GIVEN[name] + tail})


@pytest.mark.parametrize("key", ["max_revisions\n", "a: b", "Max"])
def test_a_setting_of_the_agent_is_a_name(key: str) -> None:
    assert not passes("codedeploy_agent", codedeploy_agent_configuration={key: 1})
