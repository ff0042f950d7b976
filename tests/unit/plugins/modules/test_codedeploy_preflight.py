# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import boto3
import pytest
from support.codedeploy_shop import REGION
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import GATHER_SECONDS


@pytest.fixture
def fleet(world: None) -> Fleet:
    """An application and a group of the hosts that a test launches."""
    found = Fleet()
    found.group()
    return found


def preflight(check: bool = False, **options: t.Any) -> Outcome:
    chosen = {} if "instance_ids" in options or "auto_scaling_groups" in options else GROUP
    return run_module("codedeploy_preflight", {**chosen, **options}, check_mode=check)


def reasons(outcome: Outcome) -> dict[str, str]:
    return {one["instance_id"]: one["reason"] for one in outcome["hosts"]}


def test_a_sound_fleet_is_ready(fleet: Fleet) -> None:
    ids = fleet.launch(3)
    outcome = preflight()
    assert not outcome.failed and not outcome.changed
    assert outcome["preflight"]["verdict"] == "ready" and sorted(outcome["preflight"]["ready"]) == sorted(ids)
    assert set(reasons(outcome).values()) == {"the CodeDeploy agent 1.8.1 is running"}
    assert [call.operation for call in outcome.probes] == ["SendCommand"] and not outcome.writes


def test_hosts_without_agent_stop_it_in_seconds_by_name(fleet: Fleet) -> None:
    good, bad = fleet.launch(2), fleet.launch(1, fleet.image(agent=None))
    before = clock.now()
    outcome = preflight()
    assert outcome.failed and clock.now() - before < 30
    assert outcome["preflight"]["verdict"] == "not_ready"
    assert [one["id"] for one in outcome["preflight"]["not_ready"]] == bad
    assert outcome["preflight"]["not_ready"][0]["reason"] == "the CodeDeploy agent is not installed"
    assert "1 of 3 hosts are not ready" in outcome.msg and bad[0] in outcome.msg and "install_agent" in outcome.msg
    assert not any(one in outcome.msg for one in good)


def test_every_reason_has_its_words(fleet: Fleet) -> None:
    halted, lonely = fleet.launch(1)[0], fleet.launch(1, profile=None)[0]
    dead, old = fleet.launch(1, fleet.image(enabled=False))[0], fleet.launch(1, fleet.image("1.3.2"))[0]
    lost, unmanaged = fleet.launch(2)
    fleet.ec2.stop_instances(InstanceIds=[halted])
    faults.add({"kind": "ssm-offline", "instance_id": lost})
    faults.add({"kind": "ssm-unmanaged", "instance_id": unmanaged})
    outcome = preflight()
    said = reasons(outcome)
    assert said[halted].startswith("the instance is stop")
    assert "no instance profile" in said[lonely]
    assert said[dead] == "the CodeDeploy agent 1.8.1 is stopped"
    assert said[old] == "the CodeDeploy agent is 1.3.2, older than 1.6.0"
    assert "ConnectionLost" in said[lost] and "SSM does not know" in said[unmanaged]
    assert outcome.failed and "6 of 6 hosts are not ready" in outcome.msg
    for remedy in ("Start the agent", "Update the agent", "Attach an instance profile", "AmazonSSMManagedInstanceCore"):
        assert remedy in outcome.msg


def test_the_minimum_version_can_be_raised(fleet: Fleet) -> None:
    fleet.launch(1)
    assert preflight(minimum_agent_version="1.8.1")["preflight"]["verdict"] == "ready"
    assert "older than 1.8.2" in preflight(minimum_agent_version="1.8.2").msg


def test_levels_decide_what_fails(fleet: Fleet) -> None:
    fleet.launch(1)
    assert not preflight(probe="none").failed
    assert preflight(probe="none")["preflight"]["verdict"] == "unknown"
    strict = preflight(probe="none", fail_on="unknown")
    assert strict.failed and "It is not known" in strict.msg and not strict.writes
    fleet.launch(1, fleet.image(agent=None))
    lenient = preflight(fail_on="never")
    assert not lenient.failed and lenient["preflight"]["verdict"] == "not_ready"


def test_ten_hosts_are_named_and_the_others_counted(fleet: Fleet) -> None:
    fleet.launch(10, profile=None)
    assert "10 of 10 hosts are not ready" in preflight().msg and " more, see preflight" not in preflight().msg
    fleet.launch(1, profile=None)
    assert "And 1 more, see preflight." in preflight().msg


def test_inventory_tells_what_was_installed_and_no_more(fleet: Fleet) -> None:
    with_agent, without = fleet.launch(1)[0], fleet.launch(1, fleet.image(agent=None))[0]
    silent = fleet.launch(1)[0]
    faults.add({"kind": "inventory-off", "instance_id": silent})
    clock.advance(GATHER_SECONDS)
    outcome = preflight(probe="inventory", fail_on="never")
    said = reasons(outcome)
    assert (
        "1.8.1 is installed (inventory of 20" in said[with_agent]
        and "it was not checked whether it is running" in said[with_agent]
    )
    assert "not installed (inventory of" in said[without]
    assert said[silent] == "no inventory was collected from it"
    assert [one["id"] for one in outcome["preflight"]["unknown"]] == [silent]
    assert not outcome.writes


def test_check_mode_sends_no_command(fleet: Fleet) -> None:
    fleet.launch(2)
    clock.advance(GATHER_SECONDS)
    outcome = preflight(check=True)
    assert not outcome.writes and outcome["preflight"]["probe"] == "inventory"
    assert outcome["preflight"]["verdict"] == "ready" and "In check mode no command is sent" in str(outcome["warnings"])


@pytest.mark.parametrize("level", ["not_ready", "unknown"])
def test_in_check_mode_inventory_alone_is_no_failure(fleet: Fleet, level: str) -> None:
    """It is older than the agent on one host, and was never gathered from another."""
    late, silent = fleet.launch(1, fleet.image(None))[0], fleet.launch(1)[0]
    faults.add({"kind": "inventory-off", "instance_id": silent})
    clock.advance(GATHER_SECONDS)
    outcome = preflight(check=True, fail_on=level)
    assert not outcome.failed and outcome["preflight"]["verdict"] == "unknown"
    assert "may be older than the agent" in reasons(outcome)[late]
    told = preflight(probe="inventory")  # who asks for inventory is told what it says
    assert told.failed and "1 of 2 hosts are not ready" in told.msg and "It is not known" not in told.msg


def test_in_check_mode_what_is_sure_is_a_failure(fleet: Fleet) -> None:
    stopped, _other = fleet.launch(2)
    fleet.ec2.stop_instances(InstanceIds=[stopped])
    outcome = preflight(check=True)
    assert outcome.failed and [one["id"] for one in outcome["preflight"]["not_ready"]] == [stopped]


def test_hosts_are_told_with_the_revision_that_they_have(fleet: Fleet) -> None:
    ids = fleet.launch(2)
    run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision("app-7.zip")})
    newcomer = fleet.launch(1)[0]
    has = {one["instance_id"]: one["revision"] for one in preflight()["hosts"]}
    assert {has[i]["s3_location"]["key"] for i in ids} == {"app-7.zip"} and has[newcomer] is None


def test_who_may_not_read_deployments_still_gets_a_verdict(fleet: Fleet) -> None:
    fleet.launch(1)
    faults.add({"kind": "denied", "operation": "ListDeployments"})
    outcome = preflight()
    assert outcome["preflight"]["verdict"] == "ready" and "revision" not in outcome["hosts"][0]


def test_who_may_not_ask_ssm_is_told_that_nothing_is_known(fleet: Fleet) -> None:
    ids = fleet.launch(2)
    faults.add({"kind": "denied", "service": "ssm"})
    outcome = preflight()
    assert not outcome.failed and outcome["preflight"]["verdict"] == "unknown"
    assert sorted(one["id"] for one in outcome["preflight"]["unknown"]) == sorted(ids)
    assert "could not be read" in str(outcome["warnings"])
    assert {one["ssm_ping"] for one in outcome["hosts"]} == {"unknown"}


def test_who_may_not_send_commands_is_told(fleet: Fleet) -> None:
    fleet.launch(1)
    faults.add({"kind": "denied", "operation": "SendCommand"})
    outcome = preflight()
    assert outcome["preflight"]["verdict"] == "unknown" and not outcome.failed
    (found,) = outcome["preflight"]["unknown"]
    assert "is not allowed to send commands" in found["reason"] and "ssm:SendCommand" in found["remedy"]
    for words in (found["id"], found["reason"], found["remedy"]):
        assert words in str(outcome["warnings"])


def test_a_host_that_does_not_answer_is_not_waited_for_for_ever(fleet: Fleet) -> None:
    ids = fleet.launch(2)
    first = preflight(follow={"seconds": 15})
    assert not first["followed"]["done"] and not first.changed
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    follow = {"id": first["followed"]["id"], "seconds": 600, "seen": first["followed"]["seen"]}
    while True:
        outcome = preflight(follow=follow)
        if outcome["followed"]["done"]:
            break
        follow = {"id": outcome["followed"]["id"], "seconds": 600, "seen": outcome["followed"]["seen"]}
    assert outcome.failed and "ConnectionLost" in reasons(outcome)[ids[0]]
    assert outcome["preflight"]["ready"] == [ids[1]] and not outcome.writes


def test_an_instance_refresh_makes_the_whole_not_ready(world: None) -> None:
    fleet = Fleet()
    fleet.scaled("shop", 2)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    refresh = fleet.autoscaling.start_instance_refresh(AutoScalingGroupName="shop")["InstanceRefreshId"]
    percent = 0
    while not percent:
        clock.advance(30)
        (found,) = fleet.autoscaling.describe_instance_refreshes(AutoScalingGroupName="shop")["InstanceRefreshes"]
        percent = found["PercentageComplete"]
    outcome = preflight()
    assert (
        outcome.failed
        and f"{refresh} of the Auto Scaling group shop is InProgress ({percent} %)" in outcome.msg
        and outcome["preflight"]["verdict"] == "not_ready"
    )
    assert outcome["preflight"]["instance_refreshes"][0]["instance_refresh_id"] == refresh


def test_missing_things_are_named(fleet: Fleet) -> None:
    assert "matches no instance" in preflight().msg
    gone = "i-0123456789abcdef0"
    outcome = preflight(instance_ids=[*fleet.launch(1), gone])
    assert outcome.failed and f"{gone}: the instance does not exist" in outcome.msg and "1 of 2" in outcome.msg
    outcome = run_module("codedeploy_preflight", {**GROUP, "deployment_group_name": "staging"})
    assert outcome.failed and "no deployment group staging" in outcome.msg and "deployment_group_name" in outcome.msg
    outcome = run_module("codedeploy_preflight", {**GROUP, "deployment_group_name": "staging"}, check_mode=True)
    assert not outcome.failed and outcome["preflight"]["verdict"] == "unknown"


def test_a_document_of_ones_own_is_sent_without_parameters(fleet: Fleet) -> None:
    fleet.launch(1)
    content = {"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "probe", "inputs": {}}]}
    boto3.client("ssm", REGION).create_document(Name="Probe", Content=json.dumps(content), DocumentType="Command")
    sent = next(call for call in preflight(document_name="Probe").calls if call.operation == "SendCommand")
    assert sent.parameters["DocumentName"] == "Probe" and sent.parameters.get("Parameters") is None


def test_its_own_time_limit_holds_over_all_slices(fleet: Fleet) -> None:
    fleet.launch(2)
    first = preflight(follow={"seconds": 15})["followed"]
    assert not first["done"]
    late = preflight(follow={"id": first["id"], "seconds": 0, "seen": first["seen"], "spent": 300})
    assert late["followed"]["done"]
    assert late["preflight"]["ready"] == []
