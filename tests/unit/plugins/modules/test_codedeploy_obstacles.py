# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known to make a deployment fail is said by preflight, check run and real run alike, and nothing is created."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from support.codedeploy_shop import REGION
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.faults import faults
from slipway_emulator.services.codedeploy import limits

NO_ALARMS = {"enabled": False}


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.ids = found.launch(4)
    return found


def alarm(name: str, state: str) -> None:
    cloudwatch = boto3.client("cloudwatch", REGION)
    cloudwatch.put_metric_alarm(
        AlarmName=name, MetricName="Errors", Namespace="Shop", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="7 errors in a minute")


def watched(*names: str, **more: t.Any) -> dict[str, t.Any]:
    return {"enabled": True, "alarms": [{"name": name} for name in names], **more}


def three_ways(fleet: Fleet, **options: t.Any) -> tuple[Outcome, Outcome, Outcome]:
    """Preflight, check run, real run."""
    revision = fleet.revision()
    return (
        run_module("codedeploy_preflight", {**GROUP, "revision": revision, "probe": "none", **options}),
        run_module("codedeploy_deployment", {**GROUP, "revision": revision, **options}, check_mode=True),
        run_module("codedeploy_deployment", {**GROUP, "revision": revision, **options}),
    )


def problems(outcome: Outcome) -> list[dict[str, t.Any]]:
    held = outcome.result.get("preflight") or outcome.result.get("plan") or outcome.result
    return list(held.get("problems", []))


def assert_refused(outcomes: tuple[Outcome, ...], cause: str, message: str, remedy: str) -> None:
    for outcome in outcomes:
        (found,) = problems(outcome)
        assert outcome.failed and not outcome.writes
        assert (found["cause"], found["blocks"]) == (cause, True)
        assert message in found["message"] and message.lower() in outcome.msg.lower()
        assert remedy in found["remedy"] and outcome.msg.count(found["remedy"]) == 1


def assert_goes_on(outcomes: tuple[Outcome, ...], *causes: str) -> None:
    preflight, foretold, done = outcomes
    assert not any(one.failed for one in outcomes)
    for outcome in (preflight, foretold):
        assert [(one["cause"], one["blocks"]) for one in problems(outcome)] == [(cause, False) for cause in causes]
    assert done.changed


@pytest.mark.parametrize(
    ("state", "wanted", "cause", "message", "remedy"),
    [
        (
            "ALARM",
            {},
            "alarm_on",
            "the alarm errors is in the ALARM state (7 errors in a minute)",
            "override_alarm_configuration",
        ),
        (None, {}, "alarm_missing", "there is no alarm errors in eu-west-1", "ignore_poll_alarm_failure"),
    ],
)
def test_an_alarm_that_would_stop_it_is_named(
    fleet: Fleet, state: str | None, wanted: dict[str, t.Any], cause: str, message: str, remedy: str
) -> None:
    if state:
        alarm("errors", state)
    fleet.group(alarmConfiguration=watched("errors", **wanted))
    assert_refused(three_ways(fleet), cause, message, remedy)
    assert_goes_on(three_ways(fleet, override_alarm_configuration=NO_ALARMS))


@pytest.mark.parametrize(("state", "ignore"), [("OK", False), ("INSUFFICIENT_DATA", False)])
def test_an_alarm_that_is_off_is_no_problem(fleet: Fleet, state: str, ignore: bool) -> None:
    alarm("errors", state)
    fleet.group(alarmConfiguration=watched("errors", ignorePollAlarmFailure=ignore))
    assert_goes_on(three_ways(fleet))


def test_a_missing_alarm_that_is_ignored_is_only_told(fleet: Fleet) -> None:
    fleet.group(alarmConfiguration=watched("errors", ignorePollAlarmFailure=True))
    outcomes = three_ways(fleet)
    assert_goes_on(outcomes, "alarm_missing")
    assert "There is no alarm errors" in str(outcomes[0]["warnings"])


def test_several_alarms_are_told_each_with_its_cause(fleet: Fleet) -> None:
    for name, state in (("errors", "ALARM"), ("latency", "OK"), ("queue", "ALARM")):
        alarm(name, state)
    fleet.group(alarmConfiguration=watched("errors", "gone", "latency", "queue"))
    for outcome in three_ways(fleet):
        found = [(one["cause"], one["message"].split(" alarm ")[1].split()[0]) for one in problems(outcome)]
        assert found == [("alarm_on", "errors"), ("alarm_on", "queue"), ("alarm_missing", "gone")]
        assert outcome.msg.count("to deploy a fix") == 1 and outcome.msg.count("ignore_poll_alarm_failure") == 1


def test_the_alarms_of_the_override_count_instead_of_the_groups(fleet: Fleet) -> None:
    alarm("errors", "OK")
    fleet.group(alarmConfiguration=watched("errors"))
    outcomes = three_ways(fleet, override_alarm_configuration=watched("gone"))
    assert_refused(outcomes, "alarm_missing", "gone", "Region")


def test_a_composite_alarm_is_found(fleet: Fleet) -> None:
    boto3.client("cloudwatch", REGION).put_composite_alarm(AlarmName="any", AlarmRule="ALARM(errors)")
    fleet.group(alarmConfiguration=watched("any"))
    assert_goes_on(three_ways(fleet))


def test_alarms_that_may_not_be_read_are_told_and_stop_nothing(fleet: Fleet) -> None:
    alarm("errors", "OK")
    fleet.group(alarmConfiguration=watched("errors"))
    faults.add({"kind": "denied", "service": "cloudwatch"})
    outcomes = three_ways(fleet)
    assert_goes_on(outcomes, "alarm_unreadable")
    assert "cloudwatch:DescribeAlarms" in problems(outcomes[0])[0]["remedy"]


def test_alarms_are_read_in_one_call_and_only_when_they_are_switched_on(fleet: Fleet) -> None:
    alarm("errors", "OK")
    fleet.group(alarmConfiguration={**watched("errors"), "enabled": False})
    asked = [call.operation for outcome in three_ways(fleet) for call in outcome.calls if call.service == "cloudwatch"]
    assert asked == []
    fleet.group("canary", alarmConfiguration=watched("errors"))
    outcome = run_module("codedeploy_preflight", {**GROUP, "deployment_group_name": "canary", "probe": "none"})
    assert [call.operation for call in outcome.calls if call.service == "cloudwatch"] == ["DescribeAlarms"]


def test_a_configuration_that_lets_no_host_go(fleet: Fleet) -> None:
    fleet.group(deploymentConfigName=fleet.config("most", "FLEET_PERCENT", 95))
    message = "4 of 4 hosts must stay healthy, which leaves none to deploy to"
    assert_refused(three_ways(fleet), "no_host_left", message, "CodeDeployDefault.OneAtATime")
    assert_goes_on(three_ways(fleet, deployment_config_name="CodeDeployDefault.OneAtATime"))


def test_a_configuration_that_may_not_be_read_stops_neither_preflight_nor_deployment(fleet: Fleet) -> None:
    fleet.group(deploymentConfigName=fleet.config("some", "FLEET_PERCENT", 25))
    faults.add({"kind": "denied", "operation": "GetDeploymentConfig"})
    preflight, _foretold, done = three_ways(fleet)
    assert not preflight.failed and done.changed and not done.failed


def test_more_hosts_than_aws_takes(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import obstacles

    assert obstacles.MOST_HOSTS == limits.INSTANCES_PER_DEPLOYMENT == 1000
    monkeypatch.setattr(obstacles, "MOST_HOSTS", 3)
    fleet.group()
    assert_refused(three_ways(fleet), "too_many_hosts", "to 4 hosts, but AWS allows 3", "raise the quota")
    assert_goes_on(three_ways(fleet, ignore_problems=["too_many_hosts"]), "too_many_hosts")


def test_an_unchanged_second_run_reads_nothing_of_this(fleet: Fleet) -> None:
    alarm("errors", "OK")
    fleet.group(alarmConfiguration=watched("errors"), deploymentConfigName=fleet.config("some", "FLEET_PERCENT", 25))
    options = {**GROUP, "revision": fleet.revision()}
    assert run_module("codedeploy_deployment", options).changed
    again = run_module("codedeploy_deployment", options)
    assert not again.changed
    assert not {"DescribeAlarms", "GetDeploymentConfig"} & {call.operation for call in again.calls}


def test_a_refresh_that_the_deployment_suspends_is_no_obstacle(world: None) -> None:
    fleet = Fleet()
    fleet.scaled("shop", 2)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    fleet.autoscaling.start_instance_refresh(AutoScalingGroupName="shop")
    suspending = {"auto_scaling_group_processes_to_suspend": ["InstanceRefresh"]}
    outcome = run_module("codedeploy_preflight", {**GROUP, "probe": "none", "ec2_deployment_options": suspending})
    assert not outcome.failed and [one["blocks"] for one in problems(outcome)] == [False]
