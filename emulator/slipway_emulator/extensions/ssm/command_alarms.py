# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The alarm that stops a command, read from CloudWatch."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.ssm.exceptions import ValidationException

POLL_SECONDS = 60.0  # between two looks; an assumption


def check(asked: dict[str, Any]) -> None:
    """A command has one alarm at most."""
    configuration = asked.get("AlarmConfiguration")
    if configuration and len(configuration.get("Alarms") or []) != 1:
        raise ValidationException("AlarmConfiguration takes exactly one alarm.")


def triggered(account_id: str, region: str, asked: dict[str, Any]) -> list[dict[str, str]]:
    """The alarms that stop a command now, with their states: on, or not to be read."""
    configuration = asked.get("AlarmConfiguration") or {}
    known = cloudwatch_backends[account_id][region].alarms
    found = []
    for name in (alarm["Name"] for alarm in configuration.get("Alarms") or []):
        if name in known and known[name].state_value == "ALARM":
            found.append({"Name": name, "State": "ALARM"})
        elif name not in known and not configuration.get("IgnorePollAlarmFailure"):
            found.append({"Name": name, "State": "UNKNOWN"})
    return found
