# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instance refreshes of the group `fleet`, by the API."""

from __future__ import annotations

from typing import Any

from slipway_emulator.clock import clock
from support import compute

NEW = {"LaunchTemplate": {"LaunchTemplateName": "fleet", "Version": "2"}}
OF_FLEET = {"AutoScalingGroupName": "fleet"}


def fleet(desired: int = 4) -> Any:
    """A group on version 1 of a template that has a version 2; its client."""
    compute.template(compute.image())
    compute.client("ec2").create_launch_template_version(
        LaunchTemplateName="fleet", SourceVersion="1", LaunchTemplateData={"ImageId": compute.image("1.8.1")}
    )
    compute.group(desired)
    clock.advance(60)
    return compute.client("autoscaling")


def start(scaling: Any, desired: dict[str, Any] | None = None, **preferences: Any) -> str:
    more = {"DesiredConfiguration": desired} if desired else {}
    wanted = {"MinHealthyPercentage": 50, "InstanceWarmup": 60, **preferences}
    return str(scaling.start_instance_refresh(**OF_FLEET, Preferences=wanted, **more)["InstanceRefreshId"])


def refresh(scaling: Any) -> dict[str, Any]:
    found: dict[str, Any] = scaling.describe_instance_refreshes(**OF_FLEET)["InstanceRefreshes"][0]
    return found


def versions() -> list[str]:
    return sorted(m["LaunchTemplate"]["Version"] for m in compute.members())


def alarm(name: str, state: str = "OK") -> None:
    """An alarm of CloudWatch in this state."""
    cloudwatch = compute.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, MetricName="5xx", Namespace="shop", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="7 errors in a minute")
