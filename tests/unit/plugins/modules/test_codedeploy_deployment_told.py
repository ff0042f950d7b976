# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment task tells: each fact once, what is armed, what a failed rollback leaves, and what check mode keeps to itself."""

from __future__ import annotations

import json
import typing as t

import pytest
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.faults import faults

ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
ALARMS = {"enabled": True, "alarms": [{"name": "cpu"}]}


@pytest.fixture
def fleet(world: None) -> Fleet:
    """Four hosts with the agent, and a group of them that goes one at a time and rolls back."""
    found = Fleet()
    found.ids = found.launch(4)
    found.group(deploymentConfigName="CodeDeployDefault.OneAtATime", autoRollbackConfiguration=ROLLBACK)
    return found


def deploy(revision: dict[str, t.Any], check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "revision": revision, **options}, check_mode=check)


def test_a_failure_tells_each_fact_once(fleet: Fleet) -> None:
    deploy(fleet.revision("app-1.zip"))
    fleet.fails(instance_id=fleet.ids[1], event="AfterInstall", revision_key="app-2.zip", log="no such table")
    outcome = deploy(fleet.revision("app-2.zip"))
    assert outcome.failed
    assert set(outcome["rollback"]["deployment"]) == {"deployment_id", "status", "deployment_overview", "revision"}
    assert set(outcome["deployment"]) <= {
        "deployment_id", "application_name", "deployment_group_name", "deployment_config_name", "status",
        "deployment_overview", "error_information", "creator", "create_time", "start_time", "complete_time", "revision", "description",
    }  # fmt: skip
    assert json.dumps(outcome.result).count("no such table") == 1
    assert outcome["rollback"]["left"] == []


def test_a_failed_rollback_tells_what_runs_on_which_host(fleet: Fleet) -> None:
    first, second = fleet.revision("app-1.zip"), fleet.revision("app-2.zip")
    deploy(first)
    broken = fleet.ids[1]
    fleet.fails(instance_id=broken, event="AfterInstall")
    outcome = deploy(second)
    assert outcome.failed and outcome["rollback"]["deployment"]["status"] == "Failed"
    left = outcome["rollback"]["left"]
    runs = {
        host: one["revision"]["s3_location"]["key"] for one in left if one["complete"] for host in one["target_ids"]
    }
    assert broken not in runs and set(runs.values()) <= {"app-1.zip", "app-2.zip"}
    assert sorted([*runs, broken]) == sorted(fleet.ids)
    (unknown,) = [one for one in left if not one["complete"]]
    assert unknown["target_ids"] == [broken] and unknown["revision"]["s3_location"]["key"] == "app-1.zip"
    assert left[-1] is unknown  # the answer to "what runs" comes before what is not known


def test_a_caller_who_may_not_read_the_group_again_still_hears_the_cause(fleet: Fleet) -> None:
    deploy(fleet.revision("app-1.zip"))
    fleet.fails(event="AfterInstall")
    faults.add({"kind": "denied", "operation": "GetDeploymentGroup", "skip": 1})
    outcome = deploy(fleet.revision("app-2.zip"))
    assert outcome.failed and outcome["failed_targets"] and outcome["rollback"]["left"] == []


def test_a_log_is_alerted_of_a_failed_host_in_one_line_without_its_output(fleet: Fleet) -> None:
    fleet.fails(instance_id=fleet.ids[1], event="AfterInstall", log="no such table")
    followed = deploy(fleet.revision())["followed"]
    assert followed["alerts"] == [f"{fleet.ids[1]} failed in AfterInstall (scripts/configure.sh)"]
    assert set(followed["alerts"]) < set(followed["lines"]) and "no such table" not in str(followed)


def test_a_hang_is_alerted_of(fleet: Fleet) -> None:
    faults.add({"kind": "agent-stopped", "instance_id": fleet.ids[0]})
    followed = deploy(fleet.revision(), deployment_config_name="CodeDeployDefault.AllAtOnce")["followed"]
    assert any("has made no progress" in line for line in followed["alerts"])


@pytest.mark.parametrize(
    ("group", "options", "rollback", "alarms"),
    [
        ({}, {}, ROLLBACK, {}),
        ({"alarmConfiguration": {"enabled": False, "alarms": [{"name": "cpu"}]}}, {}, ROLLBACK, "group"),
        ({}, {"auto_rollback_configuration": {"enabled": False}}, {"enabled": False}, {}),
        ({}, {"override_alarm_configuration": {"enabled": False}}, ROLLBACK, {"enabled": False}),
    ],
)
def test_the_plan_tells_what_is_armed(
    fleet: Fleet, group: t.Any, options: t.Any, rollback: t.Any, alarms: t.Any
) -> None:
    names = {"applicationName": "app", "currentDeploymentGroupName": "prod"}
    fleet.codedeploy.update_deployment_group(**names, **group)
    plan = deploy(fleet.revision(), check=True, **options)["plan"]
    assert plan["auto_rollback_configuration"] == rollback
    told = plan["alarm_configuration"]
    if alarms == "group":
        assert told["enabled"] is False and told["alarms"] == [{"name": "cpu"}]
    else:
        assert {
            name: value for name, value in told.items() if value not in ([], None, False) or name in alarms
        } == alarms


def test_a_revision_that_will_be_pushed_is_not_warned_of(fleet: Fleet) -> None:
    stored = fleet.revision("app-1.zip")
    del stored["s3_location"]["e_tag"]
    foretold = {**stored, "s3_location": {**stored["s3_location"], "key": "not-there-yet.zip"}}
    assert "e_tag" in str(deploy(stored, check=True).result.get("warnings"))
    coming = deploy(foretold, check=True)
    assert not coming.failed and coming["plan"]["problems"] == [] and coming["plan"]["hooks"] is None
    assert "e_tag" not in str(coming.result.get("warnings"))
    assert deploy(foretold).failed  # outside check mode nobody will push it
    look = run_module("codedeploy_preflight", {**GROUP, "revision": foretold}, check_mode=True)
    assert not look.failed and look["preflight"]["problems"] == []


def test_the_plan_names_the_scripts_of_a_stored_bundle(fleet: Fleet) -> None:
    hooks = deploy(fleet.revision(), check=True)["plan"]["hooks"]
    assert {"lifecycle_event_name": "AfterInstall", "scripts": ["scripts/configure.sh"]} in hooks
