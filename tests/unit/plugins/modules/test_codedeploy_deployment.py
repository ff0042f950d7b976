# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from support.codedeploy_shop import APPSPEC, FILES
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Six hosts with the agent, and a group of them."""
    found = Fleet()
    found.ids = found.launch(6)
    found.group(deploymentConfigName="CodeDeployDefault.HalfAtATime")
    return found


def deploy(revision: dict[str, t.Any], check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "revision": revision, **options}, check_mode=check)


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def test_a_revision_is_deployed_once(fleet: Fleet) -> None:
    revision = fleet.revision()
    foretold = deploy(revision, check=True)
    assert foretold.changed and not foretold.writes
    assert [len(wave) for wave in foretold["plan"]["waves"]] == [3, 3]
    assert {one["condition"] for one in foretold["plan"]["hosts"]} == {"unknown"}
    done = deploy(revision)
    assert done.changed and done["deployment"]["status"] == "Succeeded"
    assert done["deployment"]["deployment_overview"]["succeeded"] == 6
    assert [call.operation for call in done.writes] == ["CreateDeployment"]
    assert done["diff"] == foretold["diff"] == {"before": {"revision": None}, "after": {"revision": revision}}
    again = deploy(revision)
    assert not again.failed and not again.changed and not again.writes
    assert again["deployment"]["deployment_id"] == done["deployment"]["deployment_id"]
    assert again["reason"] == "it is live on every host"
    assert not deploy(revision, check=True).changed


def test_the_next_revision_is_foretold_from_the_one_before(fleet: Fleet) -> None:
    old, new = fleet.revision("app-1.zip"), fleet.revision("app-2.zip")
    deploy(old)
    foretold = deploy(new, check=True)
    assert foretold["previous_revision"]["s3_location"]["key"] == "app-1.zip"
    assert {one["condition"] for one in foretold["plan"]["hosts"]} == {"old"}
    done = deploy(new)
    assert done["previous_revision"]["s3_location"]["key"] == "app-1.zip"
    assert "previous_revision" not in done["deployment"]  # once is enough


def test_a_failed_hook_is_told_with_all_that_is_known(fleet: Fleet) -> None:
    deploy(fleet.revision("app-1.zip"))
    victim = fleet.ids[2]
    fleet.fails(
        instance_id=victim, event="AfterInstall", revision_key="app-2.zip", exit_code=7, log="db: no route to host"
    )
    outcome = deploy(
        fleet.revision("app-2.zip"),
        deployment_config_name="CodeDeployDefault.OneAtATime",
        auto_rollback_configuration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    )
    assert outcome.failed and outcome.changed
    (failed,) = outcome["failed_targets"]
    assert (failed["target_id"], failed["lifecycle_event_name"]) == (victim, "AfterInstall")
    assert (failed["script_name"], failed["error_code"]) == ("scripts/configure.sh", "ScriptFailed")
    assert "db: no route to host" in failed["log_tail"] and failed["hint"]
    assert failed["private_ip_address"].count(".") == 3
    assert outcome["rollback"]["deployment"]["status"] == "Succeeded"
    assert outcome["rollback"]["deployment"]["revision"]["s3_location"]["key"] == "app-1.zip"
    for said in (
        victim,
        "AfterInstall",
        "scripts/configure.sh",
        "exit code 7",
        "HEALTH_CONSTRAINTS",
        "rolled back to s3://",
    ):
        assert said in outcome.msg
    assert not deploy(fleet.revision("app-1.zip")).changed


def test_a_failure_without_anything_to_roll_back_to(fleet: Fleet) -> None:
    fleet.fails(event="AfterInstall")
    rollback = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    outcome = deploy(fleet.revision(), auto_rollback_configuration=rollback)
    assert outcome.failed and "No rollback: There is no earlier successful deployment" in outcome.msg
    assert len(outcome["failed_targets"]) == 3


def test_a_rollback_that_fails_is_told_and_not_repeated(fleet: Fleet) -> None:
    deploy(fleet.revision("app-1.zip"))
    fleet.fails(event="AfterInstall")
    rollback = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    outcome = deploy(fleet.revision("app-2.zip"), auto_rollback_configuration=rollback)
    assert outcome.failed and "The rollback to " in outcome.msg and "is Failed." in outcome.msg
    assert outcome["rollback"]["failed_targets"]
    assert [call.operation for call in outcome.writes] == ["CreateDeployment"]


def test_the_log_of_a_hook_is_left_out_on_wish(fleet: Fleet) -> None:
    fleet.fails(event="AfterInstall", log="password=hunter2")
    outcome = deploy(fleet.revision(), log_tail=False)
    assert outcome.failed and "hunter2" not in str(outcome.result)


def test_a_host_without_agent_is_not_hidden_by_success(fleet: Fleet) -> None:
    faults.add({"kind": "agent-absent", "instance_id": fleet.ids[0]})
    revision = fleet.revision()
    outcome = deploy(revision, deployment_config_name="CodeDeployDefault.AllAtOnce")
    assert not outcome.failed and outcome["deployment"]["status"] == "Succeeded"
    assert [one["target_id"] for one in outcome["failed_targets"]] == [fleet.ids[0]]
    assert "failed on 1 of 6 hosts" in str(outcome["warnings"]) and "install_agent" in str(outcome["warnings"])
    strict = deploy(revision, deployment_config_name="CodeDeployDefault.AllAtOnce", fail_on_failed_targets=True)
    assert strict.failed and strict.changed and "failed on 1 of 6 hosts" in strict.msg and fleet.ids[0] in strict.msg


def test_one_at_a_time_needs_every_host(fleet: Fleet) -> None:
    foretold = deploy(fleet.revision(), check=True, deployment_config_name="CodeDeployDefault.OneAtATime")
    assert [len(wave) for wave in foretold["plan"]["waves"]] == [1] * 6
    assert foretold["plan"]["minimum_healthy_hosts"] == 5


def test_a_configuration_that_cannot_be_met_is_foretold(fleet: Fleet) -> None:
    name = fleet.config("nearly-all", "FLEET_PERCENT", 95)
    foretold = deploy(fleet.revision(), check=True, deployment_config_name=name)
    assert (
        foretold["plan"]["waves"] == []
        and "6 of 6 hosts must stay healthy" in foretold["plan"]["problems"][0]["message"]
    )
    outcome = deploy(fleet.revision(), deployment_config_name=name)
    assert outcome.failed and "OneAtATime" in outcome.msg and not outcome.writes
    outcome = deploy(fleet.revision(), deployment_config_name=name, ignore_problems=["no_host_left"])
    assert outcome.failed and "HEALTH_CONSTRAINTS_INVALID" in outcome.msg and "OneAtATime" in outcome.msg


def test_hosts_where_the_last_deployment_failed_come_first(fleet: Fleet) -> None:
    deploy(fleet.revision("app-1.zip"))
    fleet.fails(instance_id=fleet.ids[4], event="AfterInstall", times=1)
    deploy(fleet.revision("app-2.zip"), deployment_config_name="CodeDeployDefault.AllAtOnce")
    plan = deploy(fleet.revision("app-3.zip"), check=True)["plan"]
    assert plan["waves"][0][0] == fleet.ids[4]
    assert {one["instance_id"]: one["condition"] for one in plan["hosts"]}[fleet.ids[4]] == "unhealthy"


def test_a_deployment_in_flight_of_the_same_revision_is_joined(fleet: Fleet) -> None:
    revision = fleet.revision()
    first = deploy(revision, wait=False)
    assert first.changed and first["deployment"]["status"] == "Created"
    second = deploy(revision)
    assert second["joined"] and not second.writes and second["deployment"]["status"] == "Succeeded"
    assert second["deployment"]["deployment_id"] == first["deployment"]["deployment_id"]


def test_a_time_out_leaves_all_as_it_is_and_a_second_run_joins(fleet: Fleet) -> None:
    revision = fleet.revision()
    first = deploy(revision, wait_timeout=5)
    assert first.failed and "wait_timeout" in first.msg and "join" in first.msg
    second = deploy(revision)
    assert second["joined"] and second["deployment"]["deployment_id"] == first["deployment"]["deployment_id"]
    assert not deploy(revision).changed


def test_another_revision_in_flight_is_refused(fleet: Fleet) -> None:
    busy = deploy(fleet.revision("app-1.zip"), wait=False)["deployment"]["deployment_id"]
    for check in (True, False):
        outcome = deploy(fleet.revision("app-2.zip"), check=check)
        assert outcome.failed and busy in outcome.msg and "when_active" in outcome.msg and not outcome.writes
        assert outcome["active_deployment_id"] == busy


def test_another_revision_in_flight_is_waited_for(fleet: Fleet) -> None:
    busy = deploy(fleet.revision("app-1.zip"), wait=False)["deployment"]["deployment_id"]
    outcome = deploy(fleet.revision("app-2.zip"), when_active="wait")
    assert not outcome.failed and outcome["deployment"]["revision"]["s3_location"]["key"] == "app-2.zip"
    assert fleet.info(busy)["status"] == "Succeeded"
    assert any(busy in line for line in outcome["followed"]["lines"])


def test_another_revision_in_flight_is_stopped(fleet: Fleet) -> None:
    busy = deploy(fleet.revision("app-1.zip"), wait=False)["deployment"]["deployment_id"]
    clock.advance(6)
    outcome = deploy(fleet.revision("app-2.zip"), when_active="stop")
    assert not outcome.failed and outcome["deployment"]["revision"]["s3_location"]["key"] == "app-2.zip"
    assert fleet.info(busy)["status"] == "Stopped"


def test_nothing_is_stopped_by_a_task_that_cannot_go_on(fleet: Fleet) -> None:
    busy = deploy(fleet.revision("app-1.zip"), wait=False)["deployment"]["deployment_id"]
    outcome = deploy(fleet.revision("app-2.zip"), when_active="stop", wait=False)
    assert outcome.failed and "wait" in outcome.msg and not outcome.writes
    assert fleet.info(busy)["status"] == "Created"


def test_a_lost_answer_does_not_deploy_twice(fleet: Fleet) -> None:
    faults.add({"kind": "lost-reply", "operation": "CreateDeployment", "times": 1})
    outcome = deploy(fleet.revision(), description="release 1")
    assert not outcome.failed and outcome["deployment"]["status"] == "Succeeded"
    assert [call.operation for call in outcome.writes] == ["CreateDeployment"]
    assert len(fleet.codedeploy.list_deployments()["deployments"]) == 1


def test_a_lost_request_is_not_repeated_blindly(fleet: Fleet) -> None:
    faults.add({"kind": "no-reply", "operation": "CreateDeployment", "times": 1})
    outcome = deploy(fleet.revision())
    assert outcome.failed and "Run the task again" in outcome.msg
    assert fleet.codedeploy.list_deployments()["deployments"] == []


def test_throttled_polls_are_no_failure(fleet: Fleet) -> None:
    faults.add({"kind": "throttle", "operation": "GetDeployment", "times": 30, "skip": 2})
    assert deploy(fleet.revision())["deployment"]["status"] == "Succeeded"


def test_a_race_for_the_group_is_lost_with_the_winner_named(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls

    seen, real = [], calls.active_deployments

    def late(*args: t.Any) -> list[t.Any]:
        seen.append(args)
        if len(seen) == 1:
            fleet.deploy(fleet.bundle("app-9.zip"))
            return []
        return real(*args)

    monkeypatch.setattr(calls, "active_deployments", late)
    outcome = deploy(fleet.revision())
    assert outcome.failed and "app-9.zip" in outcome.msg and "when_active" in outcome.msg


def test_force_deploys_what_is_live(fleet: Fleet) -> None:
    revision = fleet.revision()
    first = deploy(revision)["deployment"]["deployment_id"]
    forced = deploy(revision, force=True)
    assert forced.changed and forced["deployment"]["deployment_id"] != first


def test_a_host_that_came_later_is_noticed(fleet: Fleet) -> None:
    revision = fleet.revision()
    deploy(revision)
    newcomer = fleet.launch(1)[0]
    foretold = deploy(revision, check=True)
    assert foretold.changed and newcomer in foretold["reason"]
    assert deploy(revision).changed and not deploy(revision).changed


def test_outdated_hosts_alone_count_together_with_the_rest(fleet: Fleet) -> None:
    revision = fleet.revision()
    deploy(revision)
    newcomer = fleet.launch(1)[0]
    outcome = deploy(revision, update_outdated_instances_only=True, check=True)
    assert outcome["plan"]["waves"] == []
    outcome = deploy(
        revision, update_outdated_instances_only=True, deployment_config_name="CodeDeployDefault.AllAtOnce"
    )
    assert list(fleet.targets(outcome["deployment"]["deployment_id"])) == [newcomer]
    assert not deploy(revision).changed


def test_launch_deployments_make_a_revision_live_on_new_hosts(world: None) -> None:
    fleet = Fleet()
    fleet.scaled("shop", 3)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    revision = fleet.revision()
    deploy(revision)
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=5)
    clock.run_until(lambda: len(fleet.in_service("shop")) == 5)
    again = deploy(revision)
    assert not again.changed and not again.writes


def test_an_instance_refresh_forbids_a_deployment(world: None) -> None:
    fleet = Fleet()
    fleet.scaled("shop", 2)
    fleet.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    refresh = fleet.autoscaling.start_instance_refresh(AutoScalingGroupName="shop")["InstanceRefreshId"]
    outcome = deploy(fleet.revision())
    assert outcome.failed and refresh in outcome.msg and "shop" in outcome.msg and not outcome.writes
    assert outcome["instance_refreshes"][0]["auto_scaling_group_name"] == "shop"


def test_unknown_things_are_refused_before_anything_is_written(fleet: Fleet) -> None:
    revision = fleet.revision()
    for wrong, said in (
        ({"application_name": "shop"}, "no application shop"),
        ({"deployment_group_name": "staging"}, "no deployment group staging"),
        ({"description": "x" * 257}, "256"),
    ):
        outcome = deploy(revision, **wrong)
        assert outcome.failed and said in outcome.msg and not outcome.writes
    outcome = deploy(revision, deployment_config_name="nobody")
    assert outcome.failed and "nobody" in outcome.msg
    outcome = deploy(revision, check=True, deployment_config_name="nobody")
    assert outcome.failed and "deployment_config_name" in outcome.msg


def test_a_missing_group_is_only_a_guess_in_check_mode(world: None) -> None:
    fleet = Fleet()
    outcome = deploy(fleet.revision(), check=True)
    assert not outcome.failed and outcome.changed and "no application app" in outcome["plan"]["problems"][0]["message"]


def test_a_group_that_selects_nothing_is_refused(world: None) -> None:
    fleet = Fleet()
    fleet.group()
    outcome = deploy(fleet.revision())
    assert outcome.failed and "selects no instance" in outcome.msg and not outcome.writes


def test_an_unpinned_revision_is_warned_of(fleet: Fleet) -> None:
    revision = fleet.revision()
    del revision["s3_location"]["e_tag"]
    assert "e_tag" in str(deploy(revision)["warnings"])
    again = deploy(revision)
    assert not again.changed and "e_tag" in str(again["warnings"])


def test_a_caller_who_may_not_read_hosts_deploys_each_time(fleet: Fleet) -> None:
    faults.add({"kind": "denied", "service": "ec2"})
    revision = fleet.revision()
    deploy(revision)
    again = deploy(revision)
    assert again.changed and not again.failed and "could not be read" in str(again["warnings"])


def test_a_restart_is_asked_of_aws(fleet: Fleet) -> None:
    outcome = run_module("codedeploy_deployment", {**GROUP, "deployment_mode": "RESTART"})
    assert outcome.failed  # the emulator does not run it
    assert outcome.writes[0].parameters["deploymentMode"] == "RESTART"
    both = deploy(fleet.revision(), deployment_mode="RESTART")
    assert both.failed and "cannot be combined with revision" in both.msg and not both.writes


def test_a_broken_bundle_is_explained(fleet: Fleet) -> None:
    files = {**FILES, "appspec.yml": APPSPEC.replace("scripts/configure.sh", "configure.sh")}
    outcome = deploy(fleet.revision(files=files), ignore_problems=["appspec_invalid"])
    assert outcome.failed and outcome["failed_targets"][0]["error_code"] == "ScriptMissing"
    assert "relative to the root of the bundle" in outcome.msg
