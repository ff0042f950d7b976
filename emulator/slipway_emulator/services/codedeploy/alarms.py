# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Alarms of a deployment, read from CloudWatch."""

from __future__ import annotations

from moto.cloudwatch.models import cloudwatch_backends

from .deployment import Deployment


def firing(deployment: Deployment, account_id: str, region: str) -> str | None:
    """Why alarms stop the deployment, or None."""
    configuration = deployment.effective("alarmConfiguration")
    if not configuration.get("enabled"):
        return None
    known = cloudwatch_backends[account_id][region].alarms
    names = [alarm["name"] for alarm in configuration.get("alarms") or []]
    active = [name for name in names if name in known and known[name].state_value == "ALARM"]
    if active:
        return f"One or more alarms have been activated according to the Amazon CloudWatch metrics you selected: {', '.join(active)}"
    unreadable = [name for name in names if name not in known]
    if unreadable and not configuration.get("ignorePollAlarmFailure"):
        return f"The state of one or more alarms could not be read from Amazon CloudWatch: {', '.join(unreadable)}"
    return None
