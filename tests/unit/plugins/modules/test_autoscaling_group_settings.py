# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of one Auto Scaling group that another lacks: added once, by their names, and nothing else is touched."""

from __future__ import annotations

import datetime
import time
import typing as t

import boto3
import botocore.session
import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.fleets import Fleet
from support.modules import Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import settings
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world

MODULE, REGION = "autoscaling_group_settings", "eu-west-1"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:fleet"
KINDS = {
    "lifecycle_hooks": ["drain"],
    "notification_configurations": [TOPIC],
    "metrics": ["GroupTotalInstances"],
    "group_tags": ["team"],
    "suspended_processes": ["AZRebalance"],
    "warm_pool": ["warm pool"],
    "scheduled_actions": ["night"],
    "scaling_policies": ["cpu", "more"],
}
TRACKING = {
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
    "TargetValue": 50.0,
    "DisableScaleIn": False,
}


class Fleets(Fleet):
    """`old` has something of every kind; a group made by `bare` has what CodeDeploy puts on it."""

    def __init__(self) -> None:
        super().__init__(REGION)
        at, old = self.autoscaling, {"AutoScalingGroupName": "old"}
        self.scaled("old", 0)
        hook = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 300}
        to = {
            "NotificationTargetARN": TOPIC,
            "RoleARN": "arn:aws:iam::123456789012:role/tell",
            "NotificationMetadata": "x",
        }
        at.put_lifecycle_hook(**old, LifecycleHookName="drain", DefaultResult="CONTINUE", **hook, **to)
        at.put_lifecycle_hook(**old, LifecycleHookName="CodeDeploy-managed-automatic-launch", **hook)
        at.put_notification_configuration(
            **old, TopicARN=TOPIC, NotificationTypes=["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:TEST_NOTIFICATION"]
        )  # fmt: skip
        at.enable_metrics_collection(**old, Metrics=["GroupTotalInstances"], Granularity="1Minute")
        tag = {"ResourceId": "old", "ResourceType": "auto-scaling-group"}
        at.create_or_update_tags(Tags=[{**tag, "Key": "team", "Value": "a", "PropagateAtLaunch": True}])
        at.suspend_processes(**old, ScalingProcesses=["AZRebalance"])
        at.put_warm_pool(**old, MaxGroupPreparedCapacity=0, MinSize=0, PoolState="Stopped")
        self.action("night", Recurrence="0 1 * * *", DesiredCapacity=1)
        at.put_scaling_policy(
            **old, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=TRACKING
        )
        more = at.put_scaling_policy(**old, PolicyName="more", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1)
        boto3.client("cloudwatch", REGION).put_metric_alarm(
            AlarmName="busy", Namespace="shop", MetricName="load", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1.0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[more["PolicyARN"]],
        )  # fmt: skip

    def action(self, name: str, **members: t.Any) -> None:
        self.autoscaling.put_scheduled_update_group_action(
            AutoScalingGroupName="old", ScheduledActionName=name, **members
        )

    def bare(self, name: str) -> str:
        """A group without any of it, of the same launch template."""
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, AvailabilityZones=[f"{REGION}a"],
            LaunchTemplate={"LaunchTemplateName": "old", "Version": "$Latest"},
        )  # fmt: skip
        return name

    def of(self, name: str) -> dict[str, t.Any]:
        outcome = run_module(f"{MODULE}_info", {"names": [name, "nobody"]})
        assert not outcome.failed, outcome.msg
        [found] = outcome["auto_scaling_groups"]
        assert found["auto_scaling_group_name"] == name
        return dict(found["settings"])


@pytest.fixture(scope="module")
def at() -> t.Iterator[Fleets]:
    with world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", clock.advance)  # between the attempts of a call
        yield Fleets()


def give(name: str, wanted: dict[str, t.Any], check: bool = False) -> Outcome:
    outcome = run_module(MODULE, {"name": name, "settings": wanted}, check_mode=check)
    assert not outcome.failed, outcome.msg
    return outcome


def plain(found: dict[str, t.Any]) -> dict[str, t.Any]:
    """Without what only AWS assigns, which differs from group to group."""
    own = {"auto_scaling_group_name", "policy_arn", "scheduled_action_arn", "alarms"}
    return {kind: [{k: v for k, v in one.items() if k not in own} for one in listed] for kind, listed in found.items()}


def test_a_group_gets_what_it_lacks_and_once(at: Fleets) -> None:
    wanted, name = at.of("old"), at.bare("all-of-it")
    foretold = give(name, wanted, check=True)
    assert (foretold.changed, foretold["added"], foretold.writes) == (True, KINDS, [])
    done = give(name, wanted)
    assert (done.changed, done["added"], done["diff"]) == (True, KINDS, foretold["diff"])
    assert plain(at.of(name)) == plain(wanted)
    again = give(name, wanted)
    assert (again.changed, again["added"], again.writes) == (False, {}, [])
    assert len(again.calls) == 5


def test_what_can_launch_hosts_is_added_last(at: Fleets) -> None:
    done = give(at.bare("in-order"), at.of("old"))
    assert [call.operation for call in done.writes][-3:] == ["PutScheduledUpdateGroupAction", *["PutScalingPolicy"] * 2]


def test_alarms_name_the_policy_of_one_group(at: Fleets) -> None:
    [said] = give(at.bare("alarmed"), at.of("old"))["warnings"]
    assert "The scaling policy more was called by the alarms busy" in said
    assert "autoScalingGroupName/alarmed:policyName/more in their actions" in said


def test_what_the_group_has_stays_as_it_is(at: Fleets) -> None:
    name = at.bare("own")
    at.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=name, LifecycleHookName="drain", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING"
    )
    at.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name, PolicyName="own", AdjustmentType="ChangeInCapacity", ScalingAdjustment=3
    )
    before, wanted = at.of(name), at.of("old")
    done = give(name, {"lifecycle_hooks": wanted["lifecycle_hooks"], "group_tags": wanted["group_tags"]})
    assert done["added"] == {"group_tags": ["team"]}
    assert at.of(name) == {**before, "group_tags": wanted["group_tags"]}


def test_times_that_have_passed_are_left_out(at: Fleets) -> None:
    name, now = at.bare("late"), datetime.datetime.now(datetime.UTC)
    past, future = (now + datetime.timedelta(days=days) for days in (-30, 30))
    actions = [
        {"scheduled_action_name": "done", "start_time": past.isoformat(), "desired_capacity": 1},
        {"scheduled_action_name": "over", "recurrence": "0 1 * * *", "end_time": past.isoformat(), "min_size": 1},
        {"scheduled_action_name": "daily", "recurrence": "0 1 * * *", "start_time": past.isoformat(), "min_size": 0},
        {
            "scheduled_action_name": "once",
            "start_time": future.isoformat(),
            "end_time": future.isoformat(),
            "max_size": 2,
        },
    ]
    assert give(name, {"scheduled_actions": actions})["added"] == {"scheduled_actions": ["daily", "once"]}
    assert [one.get("start_time") for one in at.of(name)["scheduled_actions"]] == [None, future.isoformat()]


def test_a_group_that_does_not_exist_is_said(at: Fleets) -> None:
    outcome = run_module(MODULE, {"name": "nobody", "settings": {}})
    assert outcome.failed and outcome.msg.startswith(
        "Failed to read the Auto Scaling group nobody: there is no Auto Scaling group"
    )


def test_results_are_spelled_as_the_api_again() -> None:
    """For every member that AWS describes."""
    model = botocore.session.get_session().get_service_model("autoscaling")
    shapes = ("LifecycleHook", "ScalingPolicy", "ScheduledUpdateGroupAction", "WarmPoolConfiguration", "EnabledMetric")
    members = {name: 1 for shape in shapes for name in model.shape_for(shape).members}
    shown = {"lifecycle_hooks": [to_result({**members, "TopicARN": 1})]}
    assert settings.from_options(shown)["lifecycleHooks"] == [{**members, "TopicARN": 1}]


CALLS = {
    "DescribeAutoScalingGroups": "metrics",
    "DescribePolicies": "scaling_policies",
    "DescribeNotificationConfigurations": "notification_configurations",
    "PutLifecycleHook": "lifecycle_hooks",
    "EnableMetricsCollection": "metrics",
    "CreateOrUpdateTags": "group_tags",
    "PutScalingPolicy": "scaling_policies",
}


@pytest.mark.parametrize("operation", CALLS)
def test_every_call_is_right_or_explained_and_the_next_run_finishes(at: Fleets, operation: str) -> None:
    kind = CALLS[operation]
    wanted = {kind: at.of("old")[kind]}
    for fault, rule in FAULTS.items():
        name = at.bare(f"{operation} {fault}")
        faults.add({**rule, "operation": operation})
        outcome = run_module(MODULE, {"name": name, "settings": wanted})
        faults.remove()
        assert outcome.failed is not (fault in PASSES), f"{fault}: {outcome.msg}"
        if outcome.failed:
            assert outcome["missing"][kind] == wanted[kind]
            is_a_sentence(outcome.msg, f"Failed to {'read' if operation.startswith('Describe') else 'add '}")
        assert give(name, wanted).changed is outcome.failed
        assert not give(name, wanted).writes
