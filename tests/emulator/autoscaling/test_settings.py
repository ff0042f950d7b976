# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Scaling policies, scheduled actions and notifications: each belongs to one group, and goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.fleets import Fleet

from slipway_emulator.world import world

TOPIC = "arn:aws:sns:eu-west-1:123456789012:fleet"
LAUNCH, END = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"
MORE = {"PolicyName": "more", "AdjustmentType": "ChangeInCapacity"}


@pytest.fixture
def at() -> Iterator[Any]:
    with world():
        fleet = Fleet()
        for name in ("one", "two"):
            fleet.scaled(name, 0)
        yield fleet.autoscaling


def policies(at: Any, name: str) -> list[tuple[str, int]]:
    found = at.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
    return [(one["PolicyName"], one["ScalingAdjustment"]) for one in found]


def test_two_groups_have_a_policy_of_one_name(at: Any) -> None:
    at.put_scaling_policy(AutoScalingGroupName="one", ScalingAdjustment=1, **MORE)
    arn = at.put_scaling_policy(AutoScalingGroupName="two", ScalingAdjustment=2, **MORE)["PolicyARN"]
    assert (policies(at, "one"), policies(at, "two")) == ([("more", 1)], [("more", 2)])
    at.execute_policy(PolicyName=arn)
    sizes = {g["AutoScalingGroupName"]: g["DesiredCapacity"] for g in at.describe_auto_scaling_groups()["AutoScalingGroups"]}  # fmt: skip
    assert sizes == {"one": 0, "two": 2}
    at.delete_policy(AutoScalingGroupName="one", PolicyName="more")
    assert (policies(at, "one"), policies(at, "two")) == ([], [("more", 2)])
    with pytest.raises(ClientError, match="does not have a policy named more"):
        at.delete_policy(AutoScalingGroupName="one", PolicyName="more")
    with pytest.raises(ClientError, match="AutoScalingGroup 'three' not found"):
        at.put_scaling_policy(AutoScalingGroupName="three", ScalingAdjustment=1, **MORE)


def test_two_groups_have_an_action_of_one_name(at: Any) -> None:
    for name in ("one", "two"):
        at.put_scheduled_update_group_action(
            AutoScalingGroupName=name, ScheduledActionName="night", Recurrence="0 1 * * *", DesiredCapacity=1
        )
    at.delete_scheduled_action(AutoScalingGroupName="one", ScheduledActionName="night")
    [left] = at.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert left["AutoScalingGroupName"] == "two"
    with pytest.raises(ClientError, match="not found"):
        at.delete_scheduled_action(AutoScalingGroupName="one", ScheduledActionName="night")


def test_a_topic_is_told_of_types_until_it_is_not(at: Any) -> None:
    at.put_notification_configuration(AutoScalingGroupName="one", TopicARN=TOPIC, NotificationTypes=[LAUNCH])
    at.put_notification_configuration(AutoScalingGroupName="one", TopicARN=TOPIC, NotificationTypes=[LAUNCH, END])
    page = at.describe_notification_configurations(AutoScalingGroupNames=["one", "two"], MaxRecords=1)
    assert page["NextToken"]
    found = at.describe_notification_configurations(AutoScalingGroupNames=["one"])["NotificationConfigurations"]
    assert [(one["TopicARN"], one["NotificationType"]) for one in found] == [(TOPIC, LAUNCH), (TOPIC, END)]
    at.delete_notification_configuration(AutoScalingGroupName="one", TopicARN=TOPIC)
    assert at.describe_notification_configurations()["NotificationConfigurations"] == []


def test_all_of_it_goes_with_the_group(at: Any) -> None:
    at.put_scaling_policy(AutoScalingGroupName="one", ScalingAdjustment=1, **MORE)
    at.put_scheduled_update_group_action(
        AutoScalingGroupName="one", ScheduledActionName="night", Recurrence="0 1 * * *"
    )
    at.put_notification_configuration(AutoScalingGroupName="one", TopicARN=TOPIC, NotificationTypes=[LAUNCH])
    at.delete_auto_scaling_group(AutoScalingGroupName="one")
    assert at.describe_policies()["ScalingPolicies"] == []
    assert at.describe_scheduled_actions()["ScheduledUpdateGroupActions"] == []
    assert at.describe_notification_configurations()["NotificationConfigurations"] == []


def test_a_policy_tells_which_alarms_call_it(at: Any) -> None:
    arn = at.put_scaling_policy(AutoScalingGroupName="one", ScalingAdjustment=1, **MORE)["PolicyARN"]
    boto3.client("cloudwatch", "eu-west-1").put_metric_alarm(
        AlarmName="busy", Namespace="shop", MetricName="load", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1.0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[arn],
    )  # fmt: skip
    [policy] = at.describe_policies(AutoScalingGroupName="one")["ScalingPolicies"]
    assert [alarm["AlarmName"] for alarm in policy["Alarms"]] == ["busy"]
