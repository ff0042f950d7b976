# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment groups of many shapes: made, found unchanged, changed and changed back, and emptied block by block."""

from __future__ import annotations

import json
import typing as t

import pytest
from support.codedeploy_shop import ROLE
from support.deployment_groups import ecs_services, scaling_group
from support.group_definitions import DEFAULT, DEFINITIONS, Definition
from support.imagebuilder import client, done
from support.modules import Outcome

from slipway_emulator.world import world as emulated_world

GROUP = "codedeploy_deployment_group"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
# In this order: what others of them depend on comes last.
EMPTIED: dict[str, t.Any] = {
    "ec2_tag_filters": [],
    "ec2_tag_set": {},
    "on_premises_instance_tag_filters": [],
    "on_premises_tag_set": {},
    "alarm_configuration": {},
    "auto_rollback_configuration": {},
    "trigger_configurations": [],
    "ec2_deployment_options": {},
    "termination_hook_enabled": False,
    "outdated_instances_strategy": "UPDATE",
    "tags": {},
    "deployment_style": {"deployment_type": "IN_PLACE", "deployment_option": "WITHOUT_TRAFFIC_CONTROL"},
    "load_balancer_info": {},
    "blue_green_deployment_configuration": {"green_fleet_provisioning_option": {"action": "DISCOVER_EXISTING"}},
    "auto_scaling_groups": [],
}
NEEDED = {
    "Server": (),
    "ECS": ("load_balancer_info", "deployment_style", "blue_green_deployment_configuration"),
    "Lambda": ("deployment_style",),
}
CONFIGS = {"Server": "OneAtATime", "ECS": "ECSLinear10PercentEvery3Minutes", "Lambda": "LambdaAllAtOnce"}


@pytest.fixture(scope="module", autouse=True)
def _surroundings() -> t.Iterator[None]:
    with emulated_world():
        client("iam").create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps(TRUST))
        for platform in CONFIGS:
            done("codedeploy_application", {"name": platform.lower(), "compute_platform": platform})
        ecs_services()
        for name in ("one", "two"):
            scaling_group(name)
        yield


def shown(outcome: Outcome) -> dict[str, t.Any]:
    return dict(outcome["deployment_group"])


def settled(options: Definition, changed: bool) -> dict[str, t.Any]:
    """The group after the task, which a second run finds as it is."""
    made = done(GROUP, options)
    assert (made.changed, bool(made.writes)) == (changed, changed), made.result
    again = done(GROUP, options)
    assert not again.changed and not again.writes and shown(again) == shown(made)
    return shown(made)


@pytest.mark.parametrize(("platform", "name", "definition"), DEFINITIONS, ids=[row[1] for row in DEFINITIONS])
def test_a_definition_through_its_life(platform: str, name: str, definition: Definition) -> None:
    base = {"application_name": platform.lower(), "name": name, "service_role_arn": ROLE, "tags": {}}
    whole = {"deployment_config_name": f"{DEFAULT}{platform.replace('Server', '')}AllAtOnce", **base, **definition}
    made = settled(whole, True)
    other = {
        "deployment_config_name": DEFAULT + CONFIGS[platform],
        "alarm_configuration": {"alarms": [{"name": "other"}]},
        "auto_rollback_configuration": {"events": ["DEPLOYMENT_STOP_ON_REQUEST"]},
        "tags": {"Other": "x"},
    }
    changed = shown(done(GROUP, {**whole, **other}))
    kept = made.keys() - {*other}
    assert {key: changed[key] for key in kept} == {key: made[key] for key in kept}
    undone = shown(done(GROUP, {**whole, **{key: whole.get(key, {}) for key in other}}))
    assert undone == made
    emptied_block_by_block(platform, base, definition, made)
    done(GROUP, {**base, "state": "absent"})


def emptied_block_by_block(platform: str, base: Definition, definition: Definition, before: dict[str, t.Any]) -> None:
    """Each block is emptied by itself, and the others stay as they are."""
    base = {key: value for key, value in base.items() if key != "tags"}
    cleared = {o: empty for o, empty in EMPTIED.items() if o in definition and o not in NEEDED[platform]}
    for option, empty in cleared.items():
        after = shown(done(GROUP, {**base, option: empty}))
        others = before.keys() - {option, "tags"}
        assert {key: after.get(key) for key in others} == {key: before[key] for key in others}, option
        before = after
    again = done(GROUP, {**base, **cleared})
    assert not again.changed and not again.writes
