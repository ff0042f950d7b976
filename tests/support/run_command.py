# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Commands as a client of Run Command sends and reads them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slipway_emulator.clock import clock
from support import compute

SHELL = "AWS-RunShellScript"


def send(commands: list[str] | None = None, document: str = SHELL, **asked: Any) -> str:
    parameters = {"Parameters": {"commands": commands}} if commands else {}
    return compute.client("ssm").send_command(DocumentName=document, **parameters, **asked)["Command"]["CommandId"]


def command(command_id: str) -> dict[str, Any]:
    return compute.client("ssm").list_commands(CommandId=command_id)["Commands"][0]


def invocations(command_id: str, **asked: Any) -> list[dict[str, Any]]:
    return compute.client("ssm").list_command_invocations(CommandId=command_id, **asked)["CommandInvocations"]


def fleet(*agents: str | None, **tags: str) -> list[str]:
    """One booted host for every version of the agent."""
    ids = [instance for agent in agents for instance in compute.run(compute.image(agent), tags=tags or None)]
    compute.boot()
    return ids


def nodes(count: int, **tags: str) -> list[str]:
    """So many booted hosts."""
    ids = compute.run(compute.image(), count, tags=tags or None)
    compute.boot()
    return ids


def finish() -> None:
    clock.advance(10)


def refused(**asked: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        compute.client("ssm").send_command(**asked)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]
