# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of Run Command. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items, pages
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "ssm"
PAGE = 50  # commands in one answer, and ids in one SendCommand
SHELL_DOCUMENT, POWERSHELL_DOCUMENT = "AWS-RunShellScript", "AWS-RunPowerShellScript"
OVER = ("Success", "Failed", "TimedOut", "Cancelled")  # statuses in which a command stays


class Sent(t.NamedTuple):
    """A command that is on its way."""

    command_id: str
    at: datetime.datetime  # by the clock of AWS


def send_to_targets(aws: Connection, targets: list[Shape], asked: Shape) -> Sent:
    """Send a document to all that have these tags. For documents that change nothing: a lost answer is retried."""
    return _sent(aws.client(SERVICE).send_command(Targets=targets, **asked))


def send_to_ids(aws: Connection, ids: list[str], asked: Shape) -> tuple[list[Sent], list[str]]:
    """Send a document to instances, 50 a command; the commands, and the instances that SSM would not take one for.

    One instance that cannot take it fails a whole call: then by halves. For documents that change nothing on the host:
    a lost answer is retried, and the command may then run twice.
    """
    sent: list[Sent] = []
    refused: list[str] = []
    parts = [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
    while parts:
        part = parts.pop(0)
        try:
            sent.append(_sent(aws.client(SERVICE).send_command(InstanceIds=part, **asked)))
        except is_boto3_error_code("UnsupportedPlatformType"):
            refused += part
        except is_boto3_error_code("InvalidInstanceId"):
            halves = [part[: len(part) // 2], part[len(part) // 2 :]] if len(part) > 1 else []
            parts[:0] = halves
            refused += [] if halves else part
    return sent, refused


def _sent(answer: Shape) -> Sent:
    return Sent(answer["Command"]["CommandId"], answer["Command"]["RequestedDateTime"])


def read_commands(aws: Connection, ids: t.Collection[str], since: datetime.datetime) -> dict[str, Shape]:
    """Commands with their counters, by id; those that SSM does not show yet are left out. One question for any number."""
    if len(ids) == 1:
        found = aws.client(SERVICE).list_commands(CommandId=next(iter(ids)))["Commands"]
        return {one["CommandId"]: one for one in found}
    known: dict[str, Shape] = {}
    for page in pages(aws, SERVICE, "list_commands", **_listing(since)):
        known.update({one["CommandId"]: one for one in page["Commands"] if one["CommandId"] in ids})
        if len(known) == len(ids):
            break
    return known


def commands_of(aws: Connection, document: str, since: datetime.datetime) -> list[Shape]:
    """Commands with a document that were sent since then, whoever sent them; newest first."""
    found = items(aws, SERVICE, "list_commands", "Commands", **_listing(since, DocumentName=document))
    return sorted(found, key=lambda one: one["RequestedDateTime"], reverse=True)


def _listing(since: datetime.datetime, **narrowed: str) -> Shape:
    """SSM compares whole seconds, so one more is asked for."""
    moment = (since - datetime.timedelta(seconds=1)).astimezone(datetime.timezone.utc)
    wanted = {"InvokedAfter": f"{moment:%Y-%m-%dT%H:%M:%SZ}", **narrowed}
    return {"MaxResults": PAGE, "Filters": [{"key": key, "value": value} for key, value in wanted.items()]}


def has_document(aws: Connection, name: str) -> bool:
    """Whether there is a document of this name in the Region."""
    try:
        aws.client(SERVICE).describe_document(Name=name)
    except is_boto3_error_code("InvalidDocument"):
        return False
    return True


def read_invocations(aws: Connection, command_id: str) -> dict[str, Shape]:
    """How a command ended on each instance, with the output of its steps (2,500 characters at most)."""
    asked: Shape = {"CommandId": command_id, "Details": True, "MaxResults": PAGE}
    found = items(aws, SERVICE, "list_command_invocations", "CommandInvocations", **asked)
    return {one["InstanceId"]: one for one in found}
