# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failed deployment advises: from what AWS tells of the instance and the alarms at the failure, before any guess."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from support.codedeploy_shop import REGION
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.ids = found.launch(3)
    found.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    return found


def started(fleet: Fleet, seconds: float = 3) -> dict[str, t.Any]:
    """A deployment under way; the options that join it."""
    options = {**GROUP, "revision": fleet.revision(), "fail_on_failed_targets": True}
    run_module("codedeploy_deployment", {**options, "wait": False})
    clock.advance(seconds)
    return options


def by_host(outcome: Outcome) -> dict[str, str]:
    return {one["target_id"]: one["cause"] for one in outcome["failed_targets"]}


@pytest.mark.parametrize(("act", "cause", "words"), [
    ("terminate_instances", "instance_terminated", "The instance was terminated"),
    ("stop_instances", "instance_stopped", "Start the instance"),
])  # fmt: skip
@pytest.mark.parametrize("seconds", [3, 12])
def test_a_host_that_is_taken_away_in_the_midst_is_told_as_that(
    fleet: Fleet, act: str, cause: str, words: str, seconds: float
) -> None:
    options = started(fleet, seconds)
    getattr(fleet.ec2, act)(InstanceIds=[fleet.ids[1]])
    outcome = run_module("codedeploy_deployment", options)
    assert outcome.failed and by_host(outcome) == {fleet.ids[1]: cause}
    assert words in outcome.msg and "install_agent" not in outcome.msg


def test_hosts_that_fail_for_different_causes_get_a_remedy_each(fleet: Fleet) -> None:
    faults.add({"kind": "agent-absent", "instance_id": fleet.ids[0]})
    fleet.fails(instance_id=fleet.ids[2], event="AfterInstall")
    options = started(fleet)
    fleet.ec2.terminate_instances(InstanceIds=[fleet.ids[1]])
    outcome = run_module("codedeploy_deployment", options)
    causes = dict(zip(fleet.ids, ["agent_unreachable", "instance_terminated", "script_failed"]))
    assert by_host(outcome) == causes
    for words in ("install_agent", "The instance was terminated", "log_tail"):
        assert outcome.msg.count(words) == 1


def test_who_may_not_ask_ec2_gets_the_guess(fleet: Fleet) -> None:
    options = started(fleet)
    fleet.ec2.stop_instances(InstanceIds=[fleet.ids[1]])
    faults.add({"kind": "denied", "service": "ec2"})
    assert by_host(run_module("codedeploy_deployment", options)) == {fleet.ids[1]: "agent_unreachable"}


def test_what_became_of_a_host_later_is_not_why_it_failed(fleet: Fleet) -> None:
    faults.add({"kind": "agent-absent", "instance_id": fleet.ids[1]})
    run_module("codedeploy_deployment", started(fleet))
    clock.advance(60)
    fleet.ec2.terminate_instances(InstanceIds=[fleet.ids[1]])
    listed = run_module("codedeploy_deployment_info", {**GROUP, "targets": "failed"})["deployments"][0]
    assert [one["cause"] for one in listed["failed_targets"]] == ["agent_unreachable"]


def test_a_stall_names_the_state_of_the_instance(fleet: Fleet) -> None:
    options = started(fleet, 0)
    fleet.ec2.stop_instances(InstanceIds=[fleet.ids[1]])
    outcome = run_module("codedeploy_deployment", options)
    lines = [line for line in outcome["followed"]["lines"] if "has made no progress" in line]
    assert lines and all(f"{fleet.ids[1]}: The instance is stopped" in line for line in lines)


def stopped_by_alarm(fleet: Fleet, *names: str, override: bool = False) -> Outcome:
    """The alarms of these names stop a deployment that the task takes for sound."""
    alarms = {"enabled": True, "alarms": [{"name": name} for name in names]}
    options = {"override_alarm_configuration": alarms} if override else {}
    if not override:
        fleet.group("watched", alarmConfiguration=alarms, deploymentConfigName="CodeDeployDefault.AllAtOnce")
        options = {"deployment_group_name": "watched"}
    ignored = {"ignore_problems": ["alarm_on", "alarm_missing"]}
    return run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision(), **options, **ignored})


def alarm_on(name: str) -> None:
    cloudwatch = boto3.client("cloudwatch", REGION)
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule="FALSE")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="too slow")


@pytest.mark.parametrize("override", [False, True])
def test_an_alarm_that_stopped_a_deployment_is_told_by_what_it_is(fleet: Fleet, override: bool) -> None:
    alarm_on("latency")
    outcome = stopped_by_alarm(fleet, "latency", override=override)
    assert (
        outcome.failed
        and "ALARM_ACTIVE" in outcome.msg
        and "The alarm latency is in the ALARM state (too slow)" in outcome.msg
    )
    assert "override_alarm_configuration" in outcome.msg and "ignore_poll_alarm_failure" not in outcome.msg
    assert [one["cause"] for one in outcome["problems"]] == ["alarm_on"]


@pytest.mark.parametrize("override", [False, True])
def test_a_missing_alarm_that_stopped_a_deployment_is_not_answered_as_one_that_is_on(
    fleet: Fleet, override: bool
) -> None:
    outcome = stopped_by_alarm(fleet, "gone", override=override)
    assert outcome.failed and "ALARM_ACTIVE" in outcome.msg and "There is no alarm gone" in outcome.msg
    assert "ignore_poll_alarm_failure" in outcome.msg and "override_alarm_configuration" not in outcome.msg


def test_alarms_that_may_not_be_read_then_leave_the_general_advice(fleet: Fleet) -> None:
    faults.add({"kind": "denied", "service": "cloudwatch"})
    outcome = stopped_by_alarm(fleet, "gone")
    assert outcome.failed and "cloudwatch:DescribeAlarms" in outcome.msg
