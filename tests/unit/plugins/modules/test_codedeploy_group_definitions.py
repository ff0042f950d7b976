# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Published deployment groups: made, found unchanged, changed and changed back, and emptied block by block. And their configurations."""

from __future__ import annotations

import collections
import typing as t

import pytest
from support.codedeploy_shop import ROLE
from support.group_definitions import Definition, definitions, surroundings
from support.imagebuilder import done
from support.modules import Outcome, run_module
from support.told import tells

from slipway_emulator.world import world as emulated_world

GROUP, CONFIG = "codedeploy_deployment_group", "codedeploy_deployment_config"
GROUPS, CONFIGURATIONS = definitions("deployment_groups"), definitions("deployment_configs")
FEWEST = {"Server": 70, "ECS": 20, "Lambda": 11}  # public ones that AWS takes
DEFAULT = "CodeDeployDefault."
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
# Suboptions that a task does not name stay as they are, so these are what takes a change of them back.
UNSAID: dict[str, t.Any] = {"alarm_configuration": {"alarms": [], "ignore_poll_alarm_failure": False}}
NEEDED = {
    "Server": (),
    "ECS": ("load_balancer_info", "deployment_style", "blue_green_deployment_configuration"),
    "Lambda": ("deployment_style",),
}
CONFIGS = {"Server": "OneAtATime", "ECS": "ECSLinear10PercentEvery3Minutes", "Lambda": "LambdaAllAtOnce"}


def good(of: list[Definition]) -> list[Definition]:
    return [each for each in of if not each.refused]


def every(of: list[Definition]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("each", of, ids=lambda each: each.name)


@pytest.fixture(scope="module", autouse=True)
def _surroundings() -> t.Iterator[None]:
    with emulated_world():
        surroundings(GROUPS, good(CONFIGURATIONS))
        yield


def shown(outcome: Outcome) -> dict[str, t.Any]:
    return dict(outcome["deployment_group"])


def based(each: Definition) -> dict[str, t.Any]:
    return {"application_name": each.platform.lower(), "name": each.name, "service_role_arn": ROLE}


def settled(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """The group after the task that changed it, which a second run finds as it is."""
    made = done(GROUP, options)
    assert made.changed and made.writes
    again = done(GROUP, options)
    assert not again.changed and not again.writes and shown(again) == shown(made)
    return shown(made)


def test_there_are_many_public_ones_of_every_platform() -> None:
    public = [each for each in GROUPS if each.is_public]
    counts = collections.Counter(each.platform for each in good(public))
    assert all(counts[platform] >= fewest for platform, fewest in FEWEST.items()), counts
    assert len({(each.platform, each.name) for each in GROUPS}) == len(GROUPS)


@every(good(GROUPS))
def test_a_definition_through_its_life(each: Definition) -> None:
    base = based(each)
    config = f"{DEFAULT}{each.platform.replace('Server', '')}AllAtOnce"
    whole = {"deployment_config_name": config, "tags": {}, **base, **each.options}
    made = settled(whole)
    assert tells({**made, "name": made["deployment_group_name"]}, each.options)
    other = {
        "deployment_config_name": DEFAULT + CONFIGS[each.platform],
        "alarm_configuration": {"alarms": [{"name": "other"}]},
        "auto_rollback_configuration": {"events": ["DEPLOYMENT_STOP_ON_REQUEST"]},
        "tags": {"Other": "x"},
        **each.change,
    }
    changed = shown(done(GROUP, {**whole, **other}))
    kept = made.keys() - {*other}
    assert {key: changed[key] for key in kept} == {key: made[key] for key in kept}
    assert all(changed[key] != made.get(key) for key in each.change)
    assert shown(done(GROUP, {**whole, **{key: taken_back(key, whole) for key in other}})) == made
    emptied_block_by_block(each, base, made)
    done(GROUP, {**base, "state": "absent"})


def taken_back(option: str, whole: dict[str, t.Any]) -> t.Any:
    said = whole.get(option, EMPTIED.get(option))
    return {**UNSAID[option], **said} if option in UNSAID else said


def emptied_block_by_block(each: Definition, base: dict[str, t.Any], before: dict[str, t.Any]) -> None:
    """Each block is emptied by itself, and the others stay as they are."""
    cleared = {o: empty for o, empty in EMPTIED.items() if o in each.options and o not in NEEDED[each.platform]}
    for option, empty in cleared.items():
        after = shown(done(GROUP, {**base, option: empty}))
        others = before.keys() - {option, "tags"}
        assert {key: after.get(key) for key in others} == {key: before[key] for key in others}, option
        before = after
    again = done(GROUP, {**base, **cleared})
    assert not again.changed and not again.writes


@every([each for each in GROUPS if each.refused])
def test_a_group_that_aws_does_not_take_is_refused(each: Definition) -> None:
    """Before any write, or by AWS when it depends on what is there."""
    outcome = run_module(GROUP, {**based(each), **each.options})
    assert outcome.failed and all(call.error for call in outcome.writes)
    assert each.refused in outcome.msg


@every(good(CONFIGURATIONS))
def test_a_configuration_through_its_life(each: Definition) -> None:
    """The configuration is there. AWS cannot change it, so only another takes its place."""
    again = done(CONFIG, each.options)
    assert not again.changed and not again.writes
    hosts = {"minimum_healthy_hosts": {"type": "HOST_COUNT", "value": 7}}
    other = {"traffic_routing_config": {"type": "AllAtOnce"}} if each.options.get("traffic_routing_config") else hosts
    changed = run_module(CONFIG, {**each.options, **other})
    assert changed.failed and not changed.writes and "AWS cannot change" in changed.msg
    absent = {"name": each.name, "state": "absent"}
    assert done(CONFIG, absent).changed
    gone = done(CONFIG, absent)
    assert not gone.changed and not gone.writes
    assert done(CONFIG, each.options).changed


@every([each for each in CONFIGURATIONS if each.refused])
def test_a_configuration_that_aws_does_not_take_is_refused(each: Definition) -> None:
    outcome = run_module(CONFIG, each.options)
    assert outcome.failed and not outcome.writes
    assert each.refused in outcome.msg
