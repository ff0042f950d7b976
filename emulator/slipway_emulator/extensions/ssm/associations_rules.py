# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What State Manager refuses: targets, schedules, parameters, output of an association."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.ssm.exceptions import SSMException, ValidationException

from slipway_emulator.clock import clock
from slipway_emulator.numerals import is_number
from slipway_emulator.schedules import DAYS, OF_MONTH, cron_fields, next_match, rate_minutes

from . import documents

AT = re.compile(r"at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\)")
KINDS = ("Command", "Automation", "Policy")
SHORTEST, LONGEST = 30, 31 * 1440  # minutes
HOURS = ("1", "2", "4", "8", "12")
GROUP, GROUP_TYPES = "resource-groups:Name", "resource-groups:ResourceTypeFilters"
KEYS = ("InstanceIds", "instanceids", "tag-key", "ParameterValues", "ResourceGroup", GROUP, GROUP_TYPES)
NOT_WITH_ID = (
    "AssociationName",
    "DocumentVersion",
    "MaxErrors",
    "MaxConcurrency",
    "OutputLocation",
    "ScheduleExpression",
    "Targets",
)


def check(backend: Any, asked: dict[str, Any]) -> Any:
    """Raise what AWS answers to members that do not hold; the document."""
    document = documents.find(backend, asked["Name"], asked.get("DocumentVersion"), KINDS)
    _check_instance(asked, document)
    _check_targets(asked, document)
    _check_schedule(asked)
    documents.parameters(document, asked.get("Parameters") or {}, asked.get("AutomationTargetParameterName"))
    location = (asked.get("OutputLocation") or {}).get("S3Location") or {}
    if location and not location.get("OutputS3BucketName"):
        raise SSMException("InvalidOutputLocation", "The output location is not valid or does not exist.")
    return document


def _check_instance(asked: dict[str, Any], document: Any) -> None:
    """An association of one instance by `InstanceId` is for documents of the first schema, and takes little else."""
    if not asked.get("InstanceId"):
        return
    if document.content_json.get("schemaVersion", "1.2") >= "2":
        raise ValidationException("Documents of schema version 2.0 or later take Targets, and not InstanceId.")
    beside = [name for name in NOT_WITH_ID if asked.get(name)]
    if beside:
        raise ValidationException(f"InstanceId cannot be used together with {', '.join(beside)}.")


def _check_targets(asked: dict[str, Any], document: Any) -> None:
    targets, maps = asked.get("Targets") or [], asked.get("TargetMaps") or []
    if targets and maps:
        raise SSMException("InvalidTargetMaps", "Targets and TargetMaps cannot be specified together.")
    for target in targets:
        _check_target(target.get("Key", ""), target.get("Values") or [])
    if document.document_type == "Automation":
        if (targets or maps) and not asked.get("AutomationTargetParameterName"):
            raise SSMException("InvalidTarget", "AutomationTargetParameterName is needed together with targets.")
    elif not (targets or maps or asked.get("InstanceId")):
        raise SSMException("InvalidTarget", "The association needs Targets, TargetMaps or InstanceId.")


def _check_target(key: str, values: list[str]) -> None:
    if key not in KEYS and not key.startswith("tag:"):
        raise SSMException("InvalidTarget", f"The target key {key} is not valid.")
    if key == GROUP and len(values) != 1:
        raise SSMException("InvalidTarget", "The target resource-groups:Name takes one resource group.")


def _check_schedule(asked: dict[str, Any]) -> None:
    expression = asked.get("ScheduleExpression")
    cron_only = bool(asked.get("ApplyOnlyAtCronInterval"))
    if expression and not _holds(expression):
        raise _invalid(f"The schedule expression {expression} is not valid for an association.")
    if cron_only and (not expression or rate_minutes(expression) is not None):
        raise _invalid("ApplyOnlyAtCronInterval needs a cron expression.")
    if asked.get("ScheduleOffset") and _moment(expression or "") is not None:
        raise _invalid("ScheduleOffset needs a cron expression.")
    for name in ("ScheduleOffset", "Duration"):
        if asked.get(name) and not cron_only:
            raise _invalid(f"{name} needs ApplyOnlyAtCronInterval.")


def _holds(expression: str) -> bool:
    """A rate of 30 minutes to 31 days, one moment, or a cron expression of the few forms that State Manager has."""
    minutes = rate_minutes(expression)
    if minutes is not None:
        return SHORTEST <= minutes < LONGEST
    fields = _cron(expression)
    return _moment(expression) is not None or (fields is not None and _usual(*fields))


def _moment(expression: str) -> float | None:
    """`at(2027-01-01T02:00:00)`, in UTC."""
    if not AT.fullmatch(expression):
        return None
    try:
        return datetime.fromisoformat(expression[3:-1]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _usual(minute: str, hour: str, day: str, month: str, weekday: str, year: str) -> bool:
    """Every half hour, some hours, daily, on weekdays, or on the nth or last weekday of a month; never by month or year."""
    if (month, year) != ("*", "*") or day not in ("*", "?"):
        return False
    first, _mark, step = hour.partition("/")
    often = minute in ("0/30", "*/30") if hour in ("*", "0/1") and "/" in minute else is_number(minute)
    hourly = hour == "*" or is_number(hour) or (first in ("0", "*") and step in HOURS)
    return often and hourly and _weekdays(weekday.upper())


def _weekdays(field: str) -> bool:
    if field in ("*", "?") or OF_MONTH.fullmatch(field):
        return True
    return all(day in DAYS or day in "1234567" for part in field.split(",") for day in part.split("-"))


def _cron(expression: str) -> list[str] | None:
    """Six fields; a seventh before them are the seconds, which can only be 0."""
    fields = expression.removeprefix("cron(").removesuffix(")").split()
    if len(fields) == 7 and fields[0] == "0" and expression.startswith("cron("):
        expression = f"cron({' '.join(fields[1:])})"
    found = cron_fields(expression)
    return found if found and len(found) == 6 else None


def next_run(asked: dict[str, Any]) -> float | None:
    """When the association runs next by its schedule, after now; None when it has none."""
    expression = asked.get("ScheduleExpression") or ""
    minutes = rate_minutes(expression)
    if minutes is not None:
        return clock.now() + minutes * 60
    moment = _moment(expression)
    if moment is not None:
        return moment if moment > clock.now() else None
    fields = _cron(expression)
    if fields is None:
        return None
    offset = timedelta(days=asked.get("ScheduleOffset") or 0)
    matched = next_match(fields, clock.datetime() - offset)
    return (matched + offset).timestamp() if matched else None


def _invalid(message: str) -> SSMException:
    return SSMException("InvalidSchedule", message)
