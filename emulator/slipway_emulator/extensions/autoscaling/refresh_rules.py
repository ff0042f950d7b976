# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What Auto Scaling refuses of the preferences of an instance refresh, and the alarms that fail one."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.cloudwatch.models import cloudwatch_backends

from . import maintenance
from .refresh_configuration import Launching

RANGES = {
    "CheckpointDelay": (0, 172_800),
    "BakeTime": (0, 172_800),
}
CHOICES = {
    "ScaleInProtectedInstances": ("Refresh", "Ignore", "Wait"),
    "StandbyInstances": ("Terminate", "Ignore", "Wait"),
}
MOST_ALARMS = 10


def check(
    group: Any, strategy: str, preferences: dict[str, Any], desired: dict[str, Any] | None, original: Launching | None
) -> None:
    if strategy != "Rolling":
        raise ValidationError(f"The instance refresh strategy {strategy} is not built in this emulator; use Rolling")
    _check_values(preferences)
    maintenance.check(preferences)
    _check_checkpoints(preferences)
    _check_alarms(group, preferences)
    if preferences.get("AutoRollback") and (not desired or original is None or original.moves()):
        raise ValidationError(
            "AutoRollback requires a desired configuration, and a launch template of the Auto Scaling group that uses "
            "neither an AWS Systems Manager parameter nor the version $Latest or $Default"
        )


def _check_values(preferences: dict[str, Any]) -> None:
    for name, (low, high) in RANGES.items():
        value = preferences.get(name)
        if value is not None and not low <= int(value) <= high:
            raise ValidationError(f"{name} must be between {low} and {high}, not {value}")
    if int(preferences.get("InstanceWarmup") or 0) < 0:
        raise ValidationError("InstanceWarmup must not be negative")
    for name, values in CHOICES.items():
        if preferences.get(name) not in (None, *values):
            raise ValidationError(f"{name} must be one of {', '.join(values)}, not {preferences[name]}")


def _check_checkpoints(preferences: dict[str, Any]) -> None:
    steps = [int(step) for step in preferences.get("CheckpointPercentages", [])]
    if steps != sorted(set(steps)) or any(not 1 <= step <= 100 for step in steps):
        raise ValidationError("CheckpointPercentages must be ascending percentages from 1 to 100")
    if preferences.get("CheckpointDelay") is not None and not steps:
        raise ValidationError("CheckpointDelay needs CheckpointPercentages")


def _check_alarms(group: Any, preferences: dict[str, Any]) -> None:
    names = _alarms(preferences)
    if len(names) > MOST_ALARMS:
        raise ValidationError(f"An alarm specification can contain at most {MOST_ALARMS} alarms")
    unknown = [name for name in names if name not in _known(group)]
    if unknown:
        raise ValidationError(f"The following CloudWatch alarms do not exist: {', '.join(unknown)}")


def ringing(group: Any, preferences: dict[str, Any]) -> list[str]:
    """The alarms of a refresh that are on."""
    known = _known(group)
    return [name for name in _alarms(preferences) if name in known and known[name].state_value == "ALARM"]


def _alarms(preferences: dict[str, Any]) -> list[str]:
    return list((preferences.get("AlarmSpecification") or {}).get("Alarms") or [])


def _known(group: Any) -> dict[str, Any]:
    found: dict[str, Any] = cloudwatch_backends[group.account_id][group.region].alarms
    return found
