# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._screen.plan import lines, refusal

HOOKS = {"ApplicationStop": ["stop.sh"], "BeforeInstall": ["a.sh", "b.sh"], "ValidateService": ["check.sh"]}


def revision(number: int) -> dict[str, t.Any]:
    return {"revision_type": "S3", "s3_location": {"bucket": "b", "key": f"app-{number}.zip", "bundle_type": "zip"}}


def foretold(**plan: t.Any) -> dict[str, t.Any]:
    hosts = [f"i-{n}" for n in range(4)]
    told = {
        "deployment_config_name": "CodeDeployDefault.HalfAtATime",
        "minimum_healthy_hosts": 2,
        "hosts": [{"instance_id": host} for host in hosts],
        "waves": [hosts[:2], hosts[2:]],
        "problems": [],
        "auto_rollback_configuration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        "alarm_configuration": {"enabled": True, "alarms": [{"name": "cpu"}]},
    }
    reason = "the last deployment brought another"
    return {"reason": reason, "revision": revision(2), "previous_revision": revision(1), "plan": {**told, **plan}}


def test_the_plan_says_what_goes_where_and_what_is_armed() -> None:
    assert lines(foretold(), "app/prod", HOOKS, 100) == [
        "Plan: deploy to app/prod",
        "  revision   s3://b/app-1.zip -> s3://b/app-2.zip",
        "  reason     the last deployment brought another",
        "  hosts      4 in 2 waves, 2 must stay healthy (CodeDeployDefault.HalfAtATime)",
        "  wave 1     i-0, i-1",
        "  wave 2     i-2, i-3",
        "  hooks      BeforeInstall (a.sh, b.sh), ValidateService (check.sh); ApplicationStop of the revision",
        "             that a host has",
        "  rollback   on DEPLOYMENT_FAILURE",
        "  alarms     cpu",
    ]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"alarm_configuration": {"enabled": False, "alarms": [{"name": "cpu"}]}}, "  alarms     off (cpu)"),
        ({"alarm_configuration": {}}, "  alarms     none"),
        ({"auto_rollback_configuration": {"enabled": False}}, "  rollback   off"),
        ({"auto_rollback_configuration": {}}, "  rollback   off"),
    ],
)
def test_what_is_not_armed_is_told(plan: dict[str, t.Any], said: str) -> None:
    assert said in lines(foretold(**plan), "app/prod", {}, 100)


@pytest.mark.parametrize(("hooks", "said"), [(None, "not known: the AppSpec is in the bundle"), ({}, "none")])
def test_hooks_that_are_not_known_are_not_none(hooks: t.Any, said: str) -> None:
    assert f"  hooks      {said}" in lines(foretold(), "app/prod", hooks, 100)


def test_hooks_of_a_stored_bundle_come_with_the_plan() -> None:
    stored = [{"lifecycle_event_name": "AfterInstall", "scripts": ["a.sh"]}]
    assert "  hooks      AfterInstall (a.sh)" in lines(foretold(hooks=stored), "app/prod", None, 100)


def test_problems_that_block_come_first_each_with_its_remedy() -> None:
    found = [
        {"cause": "a", "message": "the alarms could not be read", "remedy": "Allow it.", "blocks": False},
        {"cause": "b", "message": "the alarm cpu is on.", "remedy": "Wait.", "blocks": True},
    ]
    result = {**foretold(problems=found), "msg": "Failed to deploy to app/prod: the alarm cpu is on. Wait."}
    assert lines(result, "app/prod", {}, 100)[-2:] == [
        "  PROBLEM  the alarm cpu is on. Wait.",
        "  warning  the alarms could not be read. Allow it.",
    ]
    assert refusal(result) == "Failed to deploy to app/prod: 1 problem prevents it."


def test_waves_and_their_hosts_are_cut() -> None:
    wave = [f"i-{n}" for n in range(8)]
    told = lines(foretold(waves=[wave] * 12), "app/prod", {}, 100)
    assert "  wave 10    i-0, i-1, i-2, i-3, i-4, i-5 and 2 more" in told and "  +2 more waves" in told
    assert not any("wave 11" in line for line in told)


def test_a_group_that_is_yet_to_come_has_what_is_known() -> None:
    plan = {
        "hosts": [],
        "waves": [],
        "problems": [{"cause": "c", "message": "no group", "remedy": "Create it.", "blocks": False}],
    }
    told = lines({"plan": plan, "revision": revision(1), "previous_revision": None}, "app/prod", None, 100)
    assert told == [
        "Plan: deploy to app/prod",
        "  revision   nothing -> s3://b/app-1.zip",
        "  warning  no group. Create it.",
    ]


def test_a_deployment_in_flight_is_joined() -> None:
    told = lines({**foretold(), "joined": True, "deployment": {"deployment_id": "d-1"}}, "app/prod", None, 100)
    assert told[0] == "Plan: join d-1, which is already deploying to app/prod"


def test_without_a_plan_there_is_nothing_to_show() -> None:
    assert lines({"reason": "it is live"}, "app/prod", None, 79) == []


def test_a_plan_that_moves_traffic_says_when_how_much_moves() -> None:
    plan = {
        "compute_platform": "ECS",
        "deployment_config_name": "mine",
        "traffic": [{"minutes": 2 * n, "percent": 10 * n + 10} for n in range(10)],
        "hooks": [{"lifecycle_event_name": "BeforeAllowTraffic", "function_name": "check"}],
        "copied": {"platform_version": "1.4.0"},
        "ready_wait_minutes": 30,
        "termination_wait_minutes": 5,
        "alarm_configuration": {},
        "problems": [],
    }
    place = {"cluster_name": "shop", "service_name": "web", "task_definition": "arn:x:task-definition/web:"}
    before, after = ({**place, "task_definition": f"arn:x:task-definition/web:{n}"} for n in (1, 2))
    told = {"reason": "web:1 serves", "target": after, "previous_target": before, "plan": plan}
    assert lines(told, "app/prod", None, 110) == [
        "Plan: deploy to app/prod",
        "  of         the service web in shop",
        "  moves      web:1 -> web:2",
        "  reason     web:1 serves",
        '  as now     platform_version "1.4.0"',
        "  traffic    10 % at once, 20 % after 2 minutes, 30 % after 4 minutes, ..., 100 % after 18 minutes (mine)",
        "  hooks      BeforeAllowTraffic (check)",
        "  waits      up to 30 minutes to be continued before traffic moves, then it stops",
        "  old tasks  end 5 minutes after all traffic moved",
        "  alarms     none",
    ]


def test_a_plan_with_zones_tells_them_in_order() -> None:
    zones = [{"availability_zone": "a", "waves": [["i-0", "i-1"]], "monitor_seconds": 60}]
    zones += [{"availability_zone": "b", "waves": [["i-2"], ["i-3"]], "monitor_seconds": 0}]
    told = lines(foretold(zones=zones), "app/prod", {}, 100)
    assert told[4:6] == ["  zone       a: 2 hosts, then 60 s to watch", "  zone       b: 2 hosts"]


def test_a_plan_of_two_fleets_tells_who_takes_over_and_in_which_steps() -> None:
    green = {
        "provisioning": "COPY_AUTO_SCALING_GROUP", "host_count": 2, "wave_sizes": [1, 1], "copy_of": "web",
        "auto_scaling_group": "CodeDeploy_prod_<deployment id>",
        "not_copied": {"scaling_policies": ["more"], "lifecycle_hooks": None},
    }  # fmt: skip
    steps = [("install_on_green", 2, None), ("wait_to_be_continued", None, 60), ("keep_blue", 2, None)]
    plan = {
        "green": green,
        "blue": {"hosts": ["i-0", "i-1"], "action": "KEEP_ALIVE"},
        "steps": [{"step": step, "hosts": hosts, "minutes": minutes} for step, hosts, minutes in steps],
    }
    told = lines(foretold(**plan, hosts=[], waves=[]), "app/prod", {}, 120)
    assert told[3:10] == [
        "  green      2 new hosts in CodeDeploy_prod_<deployment id>, a copy of web; deployed to by 1, 1",
        "  not copied lifecycle hooks: could not be read; scaling policies: more",
        "  blue       i-0, i-1",
        "  step 1     deploy to 2 green hosts",
        "  step 2     wait up to 60 minutes to be continued, else stop",
        "  step 3     keep 2 blue hosts running",
        "  hooks      none",
    ]
