# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions of component documents take, and on which platforms."""

from __future__ import annotations

import pytest
from support.component_documents import found, steps

from ansible_collections.slipway.aws.plugins.module_utils._documents.component.actions import ACTIONS


@pytest.mark.parametrize(
    ("action", "platform", "exists"),
    [
        ("ExecuteBash", "Linux", True),
        ("ExecuteBash", "macOS", True),
        ("ExecuteBash", "Windows", False),
        ("ExecuteBash", None, True),
        ("UpdateOS", "Linux", True),
        ("UpdateOS", "macOS", False),
        ("SetRegistry", "Linux", False),
        ("SetRegistry", "Windows", True),
    ],
)
def test_actions_are_held_against_the_platform(action: str, platform: str | None, exists: bool) -> None:
    inputs = {
        "ExecuteBash": "{commands: [ls]}",
        "UpdateOS": "{include: [a]}",
        "SetRegistry": "[{path: a, name: b, value: 1, type: DWORD}]",
    }
    problems = found(steps(f"- {{name: A, action: {action}, inputs: {inputs[action]}}}"), platform)
    assert bool(problems) is not exists
    assert all("does not exist on" in what for _line, _path, what in problems)


@pytest.mark.parametrize(
    ("action", "inputs", "said"),
    [
        ("AppendFile", "[{path: /a, encoding: UTF-16LE}]", ""),
        ("AppendFile", "[{path: /a, encoding: latin1}]", "encoding is "),
        ("AppendFile", "[{path: /a, encoding: 8}]", "encoding is "),
        ("Reboot", "", ""),
        ("Reboot", "{delaySeconds: 0}", ""),
        ("Reboot", "[{delaySeconds: 60}]", ""),
        ("Reboot", "{delaySeconds: -1}", "delaySeconds is "),
        ("UpdateOS", "", ""),
        ("ExecuteBinary", "", "ExecuteBinary has no inputs."),
        ("CreateFile", "{path: /a}", "The inputs of CreateFile are a map"),
        ("ExecuteBinary", "[{path: /a}]", "The inputs of ExecuteBinary are a list"),
        ("InstallMSI", "{path: a, properties: {ANY: x}}", ""),
        ("InstallMSI", "{path: a, reboot: Perhaps}", "reboot is "),
        ("SetFileOwner", "[{path: /a}]", "owner is missing"),
        ("SetFileOwner", "[{path: /a, owner: root}]", ""),
        ("CreateFolder", "[{path: /a, overwrite: 1}]", "overwrite is "),
        ("CreateFolder", "[{path: /a, overwrite: true}]", ""),
    ],
)
def test_what_each_action_takes(action: str, inputs: str, said: str) -> None:
    step = f"- {{name: A, action: {action}{f', inputs: {inputs}' if inputs else ''}}}"
    told = [what for _line, _path, what in found(steps(step))]
    assert len(told) == bool(said)
    assert all(what.startswith(said) for what in told)


@pytest.mark.parametrize("name", ACTIONS)
def test_required_inputs_are_known_inputs(name: str) -> None:
    action = ACTIONS[name]
    assert set(action.required + action.exactly_one + action.together) <= set(action.inputs)
