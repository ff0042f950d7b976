# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Schedules of pipelines: checked and stored, and when the next run would be; nothing starts by itself."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slipway_emulator.clock import clock
from slipway_emulator.numerals import is_number

from .exceptions import InvalidParameterValueException

DEFAULTS = {
    "timezone": "UTC",
    "pipelineExecutionStartCondition": "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE",
}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((.+)\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}
MONTHS = {
    name: str(number)
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
DAYS = {name: str(number) for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], start=1)}
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
SPECIAL = re.compile(r"\d*[LW]|L|LW|\d+#\d")
LOOK_AHEAD_DAYS = 1500


def check(schedule: dict[str, Any]) -> None:
    """The expression and the time zone; InvalidParameterValueException names the wrong one."""
    expression = schedule.get("scheduleExpression", "")
    match = CRON.fullmatch(expression)
    if not RATE.fullmatch(expression) and not (match and _cron_holds(match.group(1).split())):
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


def _cron_holds(fields: list[str]) -> bool:
    """Six fields, `?` in exactly one of day of month and day of week."""
    if len(fields) not in (5, 6) or (fields[2] == "?") == (fields[4] == "?"):
        return False
    return all(_values(field, *BOUNDS[index]) is not None for index, field in enumerate(fields))


def _values(field: str, low: int, high: int) -> set[int] | None:
    """The numbers a field stands for; empty for L, W and #, None for nonsense."""
    found: set[int] = set()
    for part in field.upper().split(","):
        body, _mark, step = part.partition("/")
        if SPECIAL.fullmatch(body):
            continue
        first, _mark, last = body.partition("-")
        first, last = _number(first), _number(last)
        if body in ("*", "?"):
            first, last = str(low), str(high)
        elif not last:
            last = str(high) if step else first
        if not all(is_number(each) for each in (first, last, step or "1")):
            return None
        if not low <= int(first) <= int(last) <= high or int(step or 1) == 0:
            return None
        found |= set(range(int(first), int(last) + 1, int(step or 1)))
    return found


def _number(name: str) -> str:
    return MONTHS.get(name, DAYS.get(name, name))


def _next(expression: str, zone: ZoneInfo) -> datetime | None:
    present = clock.datetime().astimezone(zone).replace(second=0, microsecond=0)
    rate = RATE.fullmatch(expression)
    if rate:
        return present + timedelta(minutes=int(rate.group(1)) * MINUTES[rate.group(2)])
    fields = CRON.fullmatch(expression)
    sets = (
        [_values(field, *BOUNDS[index]) or set() for index, field in enumerate(fields.group(1).split())]
        if fields
        else []
    )
    for day in range(LOOK_AHEAD_DAYS):
        date = (present + timedelta(days=day)).replace(hour=0, minute=0)
        if not _on_day(date, sets):
            continue
        times = [date.replace(hour=hour, minute=minute) for hour in sorted(sets[1]) for minute in sorted(sets[0])]
        later = [moment for moment in times if moment > present]
        if later:
            return later[0]
    return None


def _on_day(date: datetime, sets: list[set[int]]) -> bool:
    weekday = date.isoweekday() % 7 + 1  # Sunday is 1
    year = len(sets) < 6 or date.year in sets[5]
    return year and date.day in sets[2] and date.month in sets[3] and weekday in sets[4]
