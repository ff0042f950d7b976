# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every call of ssm_run_command, ssm_managed_node_info and ssm_package_fleet_info with every fault: right, or one clear sentence; nothing runs twice."""

from __future__ import annotations

import typing as t

import pytest
from support import compute, packages
from support.every_fault import FAULTS, NEVER_AGAIN, PASSES, is_a_sentence
from support.imagebuilder import done
from support.modules import run_module
from support.run_command import SHELL, nodes, send

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
TARGETS = [{"key": "tag:role", "values": ["web"]}]


def asked(name: str) -> dict[str, t.Any]:
    return {"document_name": SHELL, "parameters": {"commands": "true"}, "targets": TARGETS, "comment": name}


def sent(name: str) -> list[str]:
    found = compute.client("ssm").list_commands()["Commands"]
    return [one["CommandId"] for one in found if one["Comment"].startswith(f"{name} ")]


@pytest.mark.parametrize("operation", ["ListCommands", "SendCommand", "ListCommandInvocations"])
def test_a_command_is_right_or_explained_and_never_runs_twice(operation: str) -> None:
    nodes(1, role="web")
    for name, fault in FAULTS.items():
        faults.add({**fault, "operation": operation})
        first = run_module("ssm_run_command", asked(name))
        faults.remove()
        passes = name in PASSES and not (operation == "SendCommand" and name in NEVER_AGAIN)
        assert first.failed is not passes, f"{name}: {first.msg}"
        before = sent(name)
        assert len(before) == (1 if passes or operation == "ListCommandInvocations" else 0), name
        if first.failed:
            is_a_sentence(first.msg, f"Failed to run the document {SHELL}: ")
            assert done("ssm_run_command", asked(name))["command"]["completed_count"] == 1


@pytest.mark.parametrize("operation", ["ListCommands", "CancelCommand"])
def test_canceling_is_right_or_explained(operation: str) -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-slow", "seconds": 3000})
    for name, fault in FAULTS.items():
        command_id = send(["true"], Targets=[{"Key": "tag:role", "Values": ["web"]}])
        clock.advance(5)
        rule = faults.add({**fault, "operation": operation})
        first = run_module("ssm_run_command", {"command_id": command_id, "state": "cancelled"})
        faults.remove(rule["id"])
        assert first.failed is not (name in PASSES), f"{name}: {first.msg}"
        if first.failed:
            is_a_sentence(first.msg, f"Failed to cancel the command {command_id}: ")
            assert done("ssm_run_command", {"command_id": command_id, "state": "cancelled"}).changed


@pytest.mark.parametrize("operation", ["DescribeInstanceInformation", "GetInventory", "DescribeTags"])
def test_reading_is_right_or_explained(operation: str) -> None:
    nodes(1, role="web")
    clock.advance(1800)
    for name, fault in FAULTS.items():
        faults.add({**fault, "operation": operation})
        first = run_module("ssm_managed_node_info", {"include_tags": True, "package_name": "codedeploy-agent"})
        faults.remove()
        assert first.failed is not (name in PASSES), f"{name}: {first.msg}"
        if first.failed:
            is_a_sentence(first.msg, "Failed to read the managed nodes: ")
        else:
            assert len(first["nodes"]) == 1


NEEDED = (
    "DescribeInstanceInformation",
    "ListDocumentVersions",
    "GetDocument",
    "ListCommands",
    "ListCommandInvocations",
)
BESIDES = ("DescribeInstances", "ListAssociations", "GetInventory")  # without which less is known


def test_what_a_fleet_has_is_right_or_explained() -> None:
    one, other = nodes(2, role="web")
    packages.published(name="agent")
    packages.configure(one, version="1.0")
    gathers = [{"Key": "InstanceIds", "Values": ["*"]}]
    compute.client("ssm").create_association(Name="AWS-GatherSoftwareInventory", Targets=gathers)
    asked = {"name": "agent", "tag_filters": {"role": "web"}, "check": ["true"]}
    states = {one: "unchecked", other: "due"}
    for operation in (*NEEDED, *BESIDES):
        for name, fault in FAULTS.items():
            faults.add({**fault, "operation": operation})
            read = run_module("ssm_package_fleet_info", asked)
            faults.remove()
            assert operation in [call.operation for call in read.calls], operation
            may_pass = name in PASSES or operation in BESIDES
            assert read.failed is not may_pass, f"{operation}, {name}: {read.msg}"
            if read.failed:
                is_a_sentence(read.msg, "Failed to read the package agent on the nodes: ")
            else:
                assert {node["instance_id"]: node["state"] for node in read["nodes"]} == states
