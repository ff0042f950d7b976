# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Rate and cron expressions of AWS: what they say, and when they match next."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta

from .numerals import is_number

RATE = re.compile(r"rate\((\d{1,6}) (minute|hour|day)s?\)")
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
OF_MONTH = re.compile(r"([A-Z]{3}|[1-7])(?:#([1-5])|L)")  # the nth, or the last, such weekday of a month
NEAREST = re.compile(r"([0-9]{1,2}|L)W")  # the weekday that is closest to a day of a month
LOOK_AHEAD_DAYS = 1500


def rate_minutes(expression: str) -> int | None:
    """The interval of a rate expression; None when it is none."""
    rate = RATE.fullmatch(expression)
    return int(rate[1]) * MINUTES[rate[2]] if rate else None


def cron_fields(expression: str) -> list[str] | None:
    """The fields of a cron expression that holds: five or six, `?` in exactly one of day of month and day of week."""
    match = CRON.fullmatch(expression)
    fields = match[1].split() if match else []
    if len(fields) not in (5, 6) or (fields[2] == "?") == (fields[4] == "?"):
        return None
    held = all(_values(field, *BOUNDS[index]) is not None for index, field in enumerate(fields))
    return fields if held else None


def next_match(fields: list[str], after: datetime) -> datetime | None:
    """The first whole minute after that moment that the fields of a cron expression match, in its time zone."""
    sets = [_values(field, *BOUNDS[index]) or set() for index, field in enumerate(fields)]
    present = after.replace(second=0, microsecond=0)
    for day in range(LOOK_AHEAD_DAYS):
        date = (present + timedelta(days=day)).replace(hour=0, minute=0)
        if not _on_day(date, sets, fields[2].upper(), fields[4].upper()):
            continue
        times = [date.replace(hour=hour, minute=minute) for hour in sorted(sets[1]) for minute in sorted(sets[0])]
        later = [moment for moment in times if moment > present]
        if later:
            return later[0]
    return None


def _values(field: str, low: int, high: int) -> set[int] | None:
    """The numbers a field stands for; empty for L, W and #, None for nonsense."""
    found: set[int] = set()
    for part in field.upper().split(","):
        body, _mark, step = part.partition("/")
        if SPECIAL.fullmatch(body) or (high == 7 and OF_MONTH.fullmatch(body) and _is_day(body[:-1].rstrip("#"))):
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


def _is_day(name: str) -> bool:
    return name in DAYS or is_number(name)


def _number(name: str) -> str:
    return MONTHS.get(name, DAYS.get(name, name))


def _on_day(date: datetime, sets: list[set[int]], days: str, weekdays: str) -> bool:
    weekday = date.isoweekday() % 7 + 1  # Sunday is 1
    year = len(sets) < 6 or date.year in sets[5]
    named = weekday in sets[4] or any(_is_nth(date, weekday, part) for part in weekdays.split(","))
    day = date.day in sets[2] or any(_is_day_of_month(date, part) for part in days.split(","))
    return year and day and date.month in sets[3] and named


def _is_day_of_month(date: datetime, part: str) -> bool:
    """Whether it is the last day of its month (`L`), or the weekday that is closest to one (`15W`, `LW`)."""
    last = calendar.monthrange(date.year, date.month)[1]
    if part == "L":
        return date.day == last
    near = NEAREST.fullmatch(part)
    if near is None:
        return False
    wanted = date.replace(day=last if near[1] == "L" else min(int(near[1]), last))
    away = {5: -1, 6: 1}.get(wanted.weekday(), 0)  # Saturday, Sunday; but never into another month
    if not 1 <= wanted.day + away <= last:
        away *= -2
    return date.day == wanted.day + away


def _is_nth(date: datetime, weekday: int, part: str) -> bool:
    """Whether it is the nth (`TUE#3`), or the last (`TUEL`), such weekday of its month."""
    found = OF_MONTH.fullmatch(part)
    if found is None or _number(found[1]) != str(weekday):
        return False
    if found[2]:
        return (date.day - 1) // 7 + 1 == int(found[2])
    return date.day + 7 > calendar.monthrange(date.year, date.month)[1]
