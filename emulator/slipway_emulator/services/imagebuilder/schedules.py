# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Schedules of pipelines: checked, when the next run is, and what becomes of a pipeline whose runs fail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slipway_emulator.clock import clock
from slipway_emulator.schedules import cron_fields, next_match, rate_minutes

from .exceptions import InvalidParameterValueException

DEFAULTS = {
    "timezone": "UTC",
    "pipelineExecutionStartCondition": "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE",
}

CRON_FIELDS = 6  # the year is not optional
MOST_FAILURES = 5  # of scheduled runs in a row, unless the schedule says otherwise


def check(schedule: dict[str, Any]) -> None:
    """The expression and the time zone; InvalidParameterValueException names the wrong one."""
    expression = schedule.get("scheduleExpression", "")
    if rate_minutes(expression) is None and len(cron_fields(expression) or []) != CRON_FIELDS:
        raise InvalidParameterValueException(
            "schedule.scheduleExpression",
            "scheduleExpression must be rate(value unit) or cron(minutes hours day-of-month month day-of-week year).",
        )
    try:
        ZoneInfo(schedule.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidParameterValueException("schedule.timezone", "timezone must be an IANA time zone.") from None


def next_run(pipeline: dict[str, Any]) -> datetime | None:
    """When the schedule matches next; None when there is none in force."""
    schedule = pipeline.get("schedule")
    if not schedule or pipeline["status"] != "ENABLED":
        return None
    zone, expression = ZoneInfo(schedule["timezone"]), schedule["scheduleExpression"]
    present = clock.datetime().astimezone(zone).replace(second=0, microsecond=0)
    minutes = rate_minutes(expression)
    if minutes is not None:
        return present + timedelta(minutes=minutes)
    return next_match(cron_fields(expression) or [], present)


def note_run(pipeline: dict[str, Any], image: dict[str, Any]) -> None:
    """How a build of the pipeline stands; scheduled ones that fail in a row disable it."""
    status = pipeline["lastRunStatus"] = image["state"]["status"]
    if status == "AVAILABLE":
        pipeline["consecutiveFailures"] = 0
    if status != "FAILED" or image["buildType"] != "SCHEDULED":
        return
    pipeline["consecutiveFailures"] += 1
    policy = pipeline.get("schedule", {}).get("autoDisablePolicy", {})
    if pipeline["consecutiveFailures"] >= policy.get("failureCount", MOST_FAILURES):
        pipeline["status"] = "DISABLED"
        pipeline.pop("dateNextRun", None)
