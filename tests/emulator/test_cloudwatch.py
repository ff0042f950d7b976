# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import boto3
import pytest


@pytest.fixture
def cloudwatch(world: None) -> Any:
    client = boto3.client("cloudwatch", "eu-west-1")
    for name in ("errors", "latency"):
        client.put_metric_alarm(
            AlarmName=name, MetricName="Errors", Namespace="Shop", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
    client.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(errors) OR ALARM(latency)")
    return client


def names(answer: dict[str, Any]) -> tuple[list[str], list[str]]:
    return tuple([one["AlarmName"] for one in answer[key]] for key in ("MetricAlarms", "CompositeAlarms"))  # type: ignore[return-value]


def test_composite_alarms_are_told_only_to_who_asks_for_them(cloudwatch: Any) -> None:
    assert names(cloudwatch.describe_alarms(AlarmNames=["errors", "any"])) == (["errors"], [])
    both = ["MetricAlarm", "CompositeAlarm"]
    assert names(cloudwatch.describe_alarms(AlarmNames=["errors", "any"], AlarmTypes=both)) == (["errors"], ["any"])
    cloudwatch.set_alarm_state(AlarmName="any", StateValue="ALARM", StateReason="because")
    (found,) = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (found["StateValue"], found["AlarmRule"]) == ("ALARM", "ALARM(errors) OR ALARM(latency)")


def test_alarms_come_in_pages(cloudwatch: Any) -> None:
    first = cloudwatch.describe_alarms(MaxRecords=1)
    second = cloudwatch.describe_alarms(MaxRecords=1, NextToken=first["NextToken"])
    assert (names(first), names(second)) == ((["errors"], []), (["latency"], [])) and "NextToken" not in second
    with pytest.raises(cloudwatch.exceptions.ClientError, match="MaxRecords"):
        cloudwatch.describe_alarms(MaxRecords=101)
