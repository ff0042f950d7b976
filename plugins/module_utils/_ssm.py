# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of Systems Manager: managed nodes, inventory, commands. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._paging import items
from ansible_collections.slipway.aws.plugins.module_utils._shapes import Shape

SERVICE = "ssm"
PAGE = 50  # nodes in one answer, and ids in one SendCommand
INVENTORY_VALUES = 40  # values in one filter of GetInventory
SHELL_DOCUMENT = "AWS-RunShellScript"
OVER = ("Success", "Failed", "TimedOut", "Cancelled")  # statuses in which a command stays


def managed_nodes(aws: Connection, ids: list[str]) -> dict[str, Shape]:
    """What SSM knows of these instances, by id; those it does not know are left out. One call per 50."""
    found: dict[str, Shape] = {}
    for start in range(0, len(ids), PAGE):
        asked = [{"Key": "InstanceIds", "Values": ids[start : start + PAGE]}]
        try:
            found.update(_nodes(aws, Filters=asked))
        except is_boto3_error_code("InvalidInstanceId"):  # one unknown id may fail the whole question
            everything = _nodes(aws)
            return {i: node for i, node in everything.items() if i in set(ids)}
    return found


def _nodes(aws: Connection, **asked: t.Any) -> dict[str, Shape]:
    asked["MaxResults"] = PAGE
    found = items(aws, SERVICE, "describe_instance_information", "InstanceInformationList", **asked)
    return {node["InstanceId"]: node for node in found}


def inventory_of(aws: Connection, ids: list[str], application: str) -> dict[str, Shape]:
    """What inventory knows of one application, by instance id: `{version, capturedAt}`; version None: not installed.

    Instances that no inventory was gathered from are left out. Inventory proves what was installed when it was
    gathered (every 30 minutes at best), never what runs now. One call per 40 ids.
    """
    found: dict[str, Shape] = {}
    for start in range(0, len(ids), INVENTORY_VALUES):
        part = ids[start : start + INVENTORY_VALUES]
        asked: Shape = {
            "Filters": [{"Key": "AWS:InstanceInformation.InstanceId", "Values": part, "Type": "Equal"}],
            "ResultAttributes": [{"TypeName": "AWS:Application"}],
        }
        found.update(_applications(items(aws, SERVICE, "get_inventory", "Entities", **asked), application))
    return found


def _applications(entities: t.Iterable[Shape], application: str) -> dict[str, Shape]:
    found = {}
    for entity in entities:
        data = entity.get("Data", {}).get("AWS:Application")
        if data:
            versions = [row.get("Version") for row in data.get("Content") or [] if row.get("Name") == application]
            found[entity["Id"]] = {
                "version": versions[0] if versions else None,
                "capturedAt": data.get("CaptureTime"),
            }
    return found


class Sent(t.NamedTuple):
    """Commands that are on their way, and instances that SSM would not take one for."""

    command_ids: list[str]
    refused: list[str]


def send_command(aws: Connection, ids: list[str], asked: Shape) -> Sent:
    """Send a document to instances, 50 a command. One instance that cannot take it fails a whole call: then by halves.

    For documents that change nothing on the host: a lost answer is retried, and the command may then run twice.
    """
    sent = Sent([], [])
    for start in range(0, len(ids), PAGE):
        _send(aws, ids[start : start + PAGE], asked, sent)
    return sent


def _send(aws: Connection, ids: list[str], asked: Shape, sent: Sent) -> None:
    try:
        sent.command_ids.append(aws.client(SERVICE).send_command(InstanceIds=ids, **asked)["Command"]["CommandId"])
    except is_boto3_error_code("InvalidInstanceId"):
        if len(ids) == 1:
            sent.refused.extend(ids)
            return
        _send(aws, ids[: len(ids) // 2], asked, sent)
        _send(aws, ids[len(ids) // 2 :], asked, sent)


def read_command(aws: Connection, command_id: str) -> Shape | None:
    """The command with its counters, or None while SSM does not show it yet."""
    found = aws.client(SERVICE).list_commands(CommandId=command_id)["Commands"]
    return found[0] if found else None


def read_invocations(aws: Connection, command_id: str) -> dict[str, Shape]:
    """How a command ended on each instance, with the output of its first step (2,500 characters at most)."""
    asked: Shape = {"CommandId": command_id, "Details": True, "MaxResults": PAGE}
    found = items(aws, SERVICE, "list_command_invocations", "CommandInvocations", **asked)
    return {one["InstanceId"]: one for one in found}
