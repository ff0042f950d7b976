# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Sending a command: what SendCommand does, and whatever else of SSM sends commands."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.moto_api._internal import mock_random
from moto.ssm.exceptions import InvalidDocument

from ...clock import clock
from ...faults import faults
from ...hosts import Host
from . import command_alarms, command_output, command_targets, documents
from .commands import DELIVERY_SECONDS, Command

faults.declare(
    "command-refused",
    "SSM ends a command before it reaches a node (RateExceeded, LimitExceeded, AccessDenied)",
    ("document", "region"),
    details="RateExceeded",
)
HASHES = {"Sha256": "sha256", "Sha1": "sha1"}


def send(backend: Any, asked: dict[str, Any]) -> Command:
    """Make a command of the members of SendCommand and set it on its way. One bad instance id fails the whole.

    Nodes are looked up after the answer, so tags that match nothing only show later.
    """
    document = documents.find(backend, asked["DocumentName"], asked.get("DocumentVersion"))
    _check_hash(document, asked)
    ids, targets = asked.get("InstanceIds", []), asked.get("Targets", [])
    command_targets.check(ids, targets)
    account, region = backend.account_id, backend.region_name
    command_alarms.check(asked)
    command_output.check(account, region, asked)
    steps = documents.steps(document, documents.parameters(document, asked.get("Parameters", {})))
    hosts = command_targets.by_ids(account, region, ids, steps) if ids else []
    command = Command(
        command_id=str(mock_random.uuid4()),
        account_id=account,
        region=region,
        document=document,
        steps=steps,
        asked=asked,
        parameters=asked.get("Parameters", {}),
        at_once=50,
        allowed_errors=0,
        sent=clock.now(),
    )
    known(backend)[command.command_id] = command
    clock.after(0, lambda: _begin(command, hosts if ids else command_targets.by_targets(account, region, targets)))
    return command


def known(backend: Any) -> dict[str, Command]:
    """The commands of an account and Region by their ids, in the order they were sent."""
    return backend.__dict__.setdefault("run_commands", {})


def _check_hash(document: Any, asked: dict[str, Any]) -> None:
    wanted = asked.get("DocumentHash")
    kind = HASHES[asked.get("DocumentHashType") or "Sha256"]
    if wanted and wanted.lower() != hashlib.new(kind, document.content.encode()).hexdigest():
        raise InvalidDocument("The hash of the document does not match DocumentHash.")


def _begin(command: Command, hosts: list[Host]) -> None:
    command.address(hosts)
    count = len(hosts)
    command.at_once = max(1, _share(command.asked.get("MaxConcurrency", "50"), count))
    command.allowed_errors = _share(command.asked.get("MaxErrors", "0"), count)
    refused = faults.take("command-refused", document=command.document.name, region=command.region)
    command.refused = refused["details"] if refused else None
    clock.after(DELIVERY_SECONDS, command.begin)


def _share(text: str, count: int) -> int:
    return count * int(text[:-1]) // 100 if text.endswith("%") else int(text)
