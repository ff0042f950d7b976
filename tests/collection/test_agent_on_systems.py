# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The installation of the CodeDeploy agent on the systems that the role knows, and what it says on others."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from slipway_emulator.contents import Contents
from slipway_emulator.machine import Machine
from tests.collection.package import ROOT, load
from tests.collection.test_templates import SHELL, of_role, render

FACTS: dict[str, tuple[str, str, bool]] = {  # distribution, major version, whether the role takes it
    "Amazon Linux 2023": ("Amazon", "2023", True),
    "Amazon Linux 2": ("Amazon", "2", False),
    "RHEL 9": ("RedHat", "9", True),
    "RHEL 8": ("RedHat", "8", True),
    "RHEL 7": ("RedHat", "7", False),
    "CentOS Stream 9": ("CentOS", "9", True),
    "CentOS 7": ("CentOS", "7", False),
    "Rocky Linux 9": ("Rocky", "9", True),
    "AlmaLinux 10": ("AlmaLinux", "10", True),
    "Oracle Linux 8": ("OracleLinux", "8", True),
    "Debian 12": ("Debian", "12", True),
    "Ubuntu 24.04": ("Ubuntu", "24", True),
    "SLES 15": ("SLES", "15", False),
    "Windows": ("Microsoft Windows Server 2022 Datacenter", "10", False),
}


def templar(**facts: str) -> Templar:
    found = {"ansible_facts": {"service_mgr": "systemd", **facts}, "inventory_hostname": "web1", "omit": None}
    return Templar(loader=DataLoader(), variables={**of_role("codedeploy_agent"), **found})


def refusal() -> dict[str, Any]:
    (task,) = [
        one
        for one in load(ROOT / "roles/codedeploy_agent/tasks/main.yml")
        if one["name"] == "Check that the operating system is supported"
    ]
    return dict(task["ansible.builtin.assert"])


@pytest.mark.parametrize("name", FACTS)
def test_the_role_takes_the_systems_that_it_says(name: str) -> None:
    distribution, major, taken = FACTS[name]
    facts = templar(distribution=distribution, distribution_version=major, distribution_major_version=major)
    answers = [facts.evaluate_conditional(trust_as_template(condition)) for condition in refusal()["that"]]
    assert all(answers) is taken


def test_who_has_windows_hosts_is_told_what_installs_the_agent_there() -> None:
    facts = templar(distribution="Microsoft Windows Server 2022 Datacenter", os_family="Windows")
    said = str(facts.template(trust_as_template(refusal()["fail_msg"])))
    assert "slipway.aws.install_package" in said and "slipway_package_preset=codedeploy-agent" in said


@pytest.mark.parametrize("track", ["1", "2"])
@pytest.mark.parametrize(
    ("system", "version"),
    [
        ("Amazon Linux", "2023"),
        ("Red Hat Enterprise Linux", "8.10"),
        ("Red Hat Enterprise Linux", "9.4"),
        ("Ubuntu", "24.04"),
        ("Debian GNU/Linux", "12"),
    ],
)
def test_user_data_installs_and_starts_the_agent(system: str, version: str, track: str) -> None:
    machine = Machine(Contents(system, version))
    script = render(SHELL, codedeploy_agent_region="eu-west-1", codedeploy_agent_track=track)
    assert machine.run_user_data(script) is None
    installed = machine.contents.agent_version
    assert str(installed).startswith(f"{track}.") and machine.contents.agent_enabled and machine.running
    assert machine.run_user_data(script) is None and machine.contents.agent_version == installed
