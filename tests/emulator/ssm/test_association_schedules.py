# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Schedules of State Manager: which are taken, and which are not."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute

pytestmark = pytest.mark.usefixtures("world")


def associate(expression: str) -> dict[str, Any]:
    asked = {"Name": "AWS-RunShellScript", "Parameters": {"commands": ["true"]}, "ScheduleExpression": expression}
    targets = [{"Key": "tag:role", "Values": ["web"]}]
    return compute.client("ssm").create_association(**asked, Targets=targets)["AssociationDescription"]


@pytest.mark.parametrize(
    "expression",
    [
        "rate(30 minutes)",
        "rate(30 days)",
        "cron(0/30 * * * ? *)",
        "cron(0 0/1 * * ? *)",
        "cron(0 0/12 * * ? *)",
        "cron(0 */2 ? * * *)",
        "cron(15 13 ? * * *)",
        "cron(0 2 ? * SUN *)",
        "cron(15 7 ? * MON-FRI *)",
        "cron(30 23 ? * TUE#3 *)",
        "cron(0 2 ? * THUL *)",
        "cron(0 0 0/12 ? * * *)",
        "cron(00 00 ? * * *)",
    ],
)
def test_schedules_that_state_manager_takes(expression: str) -> None:
    assert associate(expression)["ScheduleExpression"] == expression


@pytest.mark.parametrize(
    "expression",
    [
        "rate(29 minutes)",
        "rate(31 days)",
        "rate(1 week)",
        "cron(0/5 * * * ? *)",
        "cron(0 0/3 * * ? *)",
        "cron(0 2 1 * ? *)",
        "cron(0 2 ? JAN SUN *)",
        "cron(0 2 ? * SUN 2027)",
        "cron(0 2 * * *)",
        "cron(30 0 2 ? * SUN *)",
        "cron(0 2 ? * FUN *)",
        "cron(0 2 ? * FUN#2 *)",
        "0 2 * * *",
        "at(2027-13-01T00:00:00)",
        "at(2027-01-01)",
        "at(2027-01-01T00:00:00Z)",
    ],
)
def test_schedules_that_it_does_not_take(expression: str) -> None:
    with pytest.raises(ClientError) as refused:
        associate(expression)
    assert refused.value.response["Error"]["Code"] == "InvalidSchedule"
