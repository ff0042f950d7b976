# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host, or whoever may tag it, writes reaches nobody's terminal as it is."""

from __future__ import annotations

import typing as t

import pytest
from support.fleets import GROUP, Fleet
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

PAYLOADS = {
    "clipboard": "\x1b]52;c;ZWNobyBoaQ==\x07",
    "title": "\x1b]0;you are root\x07",
    "clear": "\x1b[2J\x1b[H",
    "c1": "\x9b2J\x9d0;title\x9c",
    "direction": "\u202etxt.exe\u2066\u2069\u200f",
    "bell and backspaces": "password: \x07\b\b\b\b",
    "line ends": "one\rok: [localhost]\r\nok: [localhost]",
}


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Three hosts whose Name tag is as hostile as their scripts. EC2's XML cannot hold an ESC, but what does the same."""
    found = Fleet()
    found.ids = found.launch(3, role="web", Name="web\x9b2J\nok: [localhost]\u202e")
    found.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    return found


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_failing_script_steers_no_terminal(fleet: Fleet, payload: str) -> None:
    fleet.fails(event="AfterInstall", log=f"before {payload} after\nok: [localhost] => forged")
    failed = run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision()}).result
    del failed["followed"]  # what the action plugin shows line by line
    assert failed["failed"] and "before" in failed["failed_targets"][0]["log_tail"]
    assert all_shown(failed) == failed
    assert not any(line.startswith("ok:") for line in failed["msg"].splitlines())
    read = run_module("codedeploy_deployment_info", {"deployment_id": failed["deployment"]["deployment_id"]})
    assert all_shown(read.result) == read.result


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_success_that_left_a_host_behind_warns_in_one_line(fleet: Fleet, payload: str) -> None:
    fleet.fails(event="AfterInstall", instance_id=fleet.ids[0], log=payload)
    done = run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision()}).result
    del done["followed"]
    assert all_shown(done) == done
    (warning,) = [text for text in done["warnings"] if "failed on 1 of 3 hosts" in text]
    assert len(warning.splitlines()) == 1


@pytest.mark.parametrize("module", ["codedeploy_preflight", "codedeploy_fleet_info", "codedeploy_census_info"])
def test_a_name_of_a_host_is_shown(fleet: Fleet, module: str) -> None:
    clock.advance(60)
    result: dict[str, t.Any] = run_module(module, {} if module == "codedeploy_census_info" else GROUP).result
    assert {host["name"] for host in result["hosts"]} == {r"web\x9b2J\nok: [localhost]\u202e"}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_what_a_command_prints_steers_no_terminal(fleet: Fleet, payload: str) -> None:
    faults.add({"kind": "command-exits", "stdout": f"before {payload} after\nok: [localhost] => forged", "code": 1})
    targets = [{"key": "tag:role", "values": ["web"]}]
    asked = {"document_name": "AWS-RunShellScript", "parameters": {"commands": "true"}, "targets": targets}
    failed = run_module("ssm_run_command", asked).result
    assert failed["failed"] and "before" in failed["failed_nodes"][0]["output_tail"]
    assert all_shown(failed) == failed and len(failed["msg"].splitlines()) == 1
