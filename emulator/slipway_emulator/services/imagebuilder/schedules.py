# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Schedules of pipelines: checked and stored, and when the next run would be; nothing starts by itself."""

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


def check(schedule: dict[str, Any]) -> None:
    """The expression and the time zone; InvalidParameterValueException names the wrong one."""
    expression = schedule.get("scheduleExpression", "")
    if rate_minutes(expression) is None and cron_fields(expression) is None:
        raise InvalidParameterValueException(
            "schedule.scheduleExpression",
            "scheduleExpression must be rate(value unit) or cron(minutes hours day-of-month month day-of-week year).",
        )
    try:
        ZoneInfo(schedule.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidParameterValueException("schedule.timezone", "timezone must be an IANA time zone.") from None


def with_next_run(pipeline: dict[str, Any]) -> dict[str, Any]:
    """The pipeline as Get answers, with dateNextRun where there is a schedule in force."""
    schedule = pipeline.get("schedule")
    if not schedule or pipeline["status"] != "ENABLED":
        return pipeline
    moment = _next(schedule["scheduleExpression"], ZoneInfo(schedule["timezone"]))
    text = (
        moment.astimezone(ZoneInfo("UTC")).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
    )
    return {**pipeline, "dateNextRun": text}


def _next(expression: str, zone: ZoneInfo) -> datetime | None:
    present = clock.datetime().astimezone(zone).replace(second=0, microsecond=0)
    minutes = rate_minutes(expression)
    if minutes is not None:
        return present + timedelta(minutes=minutes)
    return next_match(cron_fields(expression) or [], present)
