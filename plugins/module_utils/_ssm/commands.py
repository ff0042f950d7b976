# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of Run Command. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import datetime
import itertools
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items, pages
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "ssm"
PAGE = 50  # commands in one answer, and ids in one SendCommand
SHELL_DOCUMENT, POWERSHELL_DOCUMENT = "AWS-RunShellScript", "AWS-RunPowerShellScript"
OVER = ("Success", "Failed", "TimedOut", "Cancelled")  # statuses in which a command stays
LONGEST = datetime.timedelta(days=32)  # that a command can be on its way: 30 days to deliver it and two to run it


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


def send_once(aws: Connection, asked: Shape) -> Shape:
    """Send a document that may change hosts; the command. A lost answer is not retried: it may have been carried out."""
    command: Shape = aws.client(SERVICE, once=True).send_command(**asked)["Command"]
    return command


def cancel(aws: Connection, command_id: str, ids: list[str]) -> None:
    """Ask SSM to end a command, on some nodes or everywhere. Harmless to repeat."""
    aws.client(SERVICE).cancel_command(CommandId=command_id, **({"InstanceIds": ids} if ids else {}))


def _sent(answer: Shape) -> Sent:
    return Sent(answer["Command"]["CommandId"], answer["Command"]["RequestedDateTime"])


def read_commands(
    aws: Connection, ids: t.Collection[str], since: datetime.datetime, document: str | None = None
) -> dict[str, Shape]:
    """Commands with their counters, by id; those that SSM does not show yet are left out. One question for any number."""
    if len(ids) == 1:
        return read_command(aws, next(iter(ids)))
    known: dict[str, Shape] = {}
    for page in pages(
        aws, SERVICE, "list_commands", **_listing(since, **({"DocumentName": document} if document else {}))
    ):
        known.update({one["CommandId"]: one for one in page["Commands"] if one["CommandId"] in ids})
        if len(known) == len(ids):
            break
    return known


def read_command(aws: Connection, command_id: str) -> dict[str, Shape]:
    """One command by its id; nothing where SSM does not know it, or not yet."""
    try:
        found = aws.client(SERVICE).list_commands(CommandId=command_id)["Commands"]
    except is_boto3_error_code("InvalidCommandId"):
        return {}
    return {one["CommandId"]: one for one in found}


def commands_of(aws: Connection, document: str, since: datetime.datetime, **narrowed: str) -> list[Shape]:
    """Commands with a document that were sent since then, whoever sent them; newest first. `narrowed` by more filters."""
    found = items(aws, SERVICE, "list_commands", "Commands", **_listing(since, DocumentName=document, **narrowed))
    return sorted(found, key=lambda one: one["RequestedDateTime"], reverse=True)


def latest_commands(aws: Connection, document: str, since: datetime.datetime, most: int) -> t.Iterator[Shape]:
    """The same, as SSM lists them and without reading on: those of `most` pages."""
    for page in itertools.islice(pages(aws, SERVICE, "list_commands", **_listing(since, DocumentName=document)), most):
        yield from page["Commands"]


def _listing(since: datetime.datetime, **narrowed: str) -> Shape:
    """SSM compares whole seconds, so one more is asked for."""
    moment = (since - datetime.timedelta(seconds=1)).astimezone(datetime.timezone.utc)
    wanted = {"InvokedAfter": f"{moment:%Y-%m-%dT%H:%M:%SZ}", **narrowed}
    return {"MaxResults": PAGE, "Filters": [{"key": key, "value": value} for key, value in wanted.items()]}


def has_document(aws: Connection, name: str) -> bool:
    """Whether there is a document of this name in the Region."""
    return read_document(aws, name, None) is not None


def read_document(aws: Connection, name: str, version: str | None) -> Shape | None:
    """What SSM tells of a document without its content; None where there is none of this name or version."""
    asked = {"Name": name, **({"DocumentVersion": version} if version else {})}
    try:
        document: Shape = aws.client(SERVICE).describe_document(**asked)["Document"]
    except is_boto3_error_code(["InvalidDocument", "InvalidDocumentVersion"]):
        return None
    return document


def read_invocations(aws: Connection, command_id: str) -> dict[str, Shape]:
    """How a command ended on each instance, with the output of its steps (2,500 characters at most)."""
    return {one["InstanceId"]: one for one in invocations(aws, command_id)}


def invocations(
    aws: Connection, command_id: str, status: str | None = None, instance_id: str | None = None
) -> t.Iterator[Shape]:
    """The command on one node after the other, page by page: a fleet's output is not held at once."""
    asked: Shape = {"CommandId": command_id, "Details": True, "MaxResults": PAGE}
    asked.update({"InstanceId": instance_id} if instance_id else {})
    narrowed = {"Filters": [{"key": "Status", "value": status}]} if status else {}
    for page in pages(aws, SERVICE, "list_command_invocations", **asked, **narrowed):
        yield from page["CommandInvocations"]


def some_in_progress(aws: Connection, command_id: str) -> list[str]:
    """Ids of nodes on which a command is in progress, as many as one answer has."""
    narrowed = [{"key": "Status", "value": "InProgress"}]
    answer = aws.client(SERVICE).list_command_invocations(CommandId=command_id, Filters=narrowed, MaxResults=PAGE)
    return [one["InstanceId"] for one in answer["CommandInvocations"]]
