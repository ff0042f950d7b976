# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""CloudWatch: composite alarms, and alarms by their type, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from ._patching import put, wrap

PAGE = 50  # alarms in an answer, unless MaxRecords says otherwise
MOST = 100
MEMBERS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}


def extend() -> None:
    put(CloudWatchResponse, put_composite_alarm)
    wrap(CloudWatchResponse, "describe_alarms", _describe_alarms)


def put_composite_alarm(self: Any) -> ActionResult:
    """PutCompositeAlarm. Its rule is not evaluated: SetAlarmState sets its state."""
    self.cloudwatch_backend.put_metric_alarm(
        name=self._get_param("AlarmName"),
        rule=self._get_param("AlarmRule"),
        description=self._get_param("AlarmDescription"),
        alarm_actions=self._get_param("AlarmActions", []),
        tags=self._get_param("Tags", []),
        dimensions=[],
        **dict.fromkeys(("namespace", "metric_name", "comparison_operator", "evaluation_periods"), None),
        **dict.fromkeys(("period", "threshold", "statistic"), None),
    )
    return EmptyResult()


def _describe_alarms(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """Without AlarmTypes only metric alarms are told."""
    found: Any = original(self).result
    size, start = self._get_int_param("MaxRecords", PAGE), int(self._get_param("NextToken") or 0)
    if not 1 <= size <= MOST:
        raise ValidationError(f"MaxRecords must be between 1 and {MOST}")
    wanted = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
    listed = [(member, alarm) for kind, member in MEMBERS.items() if kind in wanted for alarm in found[member]]
    page = listed[start : start + size]
    answer = {member: [alarm for held, alarm in page if held == member] for member in MEMBERS.values()}
    more = {"NextToken": str(start + size)} if start + size < len(listed) else {}
    return ActionResult({**answer, **more})
