# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_lifecycle_policy and its _info against the emulator: what a user sees, and what the runs did."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import client, done, ingredients, life_of
from support.modules import run_module
from support.nouns import NOUNS, RETIREMENT

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_lifecycle_policy"
NOUN = "lifecycle_policy"
DAY = 86_400
DEPRECATE: dict[str, t.Any] = {
    "action": {"type": "DEPRECATE", "include_resources": {"amis": True}},
    "filter": {"type": "AGE", "value": 1, "unit": "MONTHS"},
}
BASE: dict[str, t.Any] = {
    **NOUNS[MODULE],
    "name": "Old Images",
    "description": "Images that nobody needs",
    "policy_details": [DEPRECATE, RETIREMENT],
    "tags": {"Team": "shop"},
}
CHANGED = {**BASE, "description": "", "status": "DISABLED", "policy_details": [RETIREMENT], "tags": {"Stage": "prod"}}
UNDONE = {**BASE, "status": "ENABLED"}


@pytest.fixture(autouse=True)
def _role(world: None) -> None:
    client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument="{}")


def test_whole_life_with_check_mode_before_each_step() -> None:
    life_of(MODULE, NOUN, BASE, CHANGED, UNDONE)


def test_order_and_false_flags_mean_nothing_and_a_role_may_be_named_either_way() -> None:
    one = {"name": "api", "semantic_version": "2.x.x"}
    other = {"name": "web", "semantic_version": "1.x.x"}
    done(MODULE, {**BASE, "resource_selection": {"recipes": [other, one]}})
    flags = {"amis": True, "snapshots": False, "containers": False}
    again = {
        **BASE,
        "execution_role": "arn:aws:iam::123456789012:role/deployer",
        "policy_details": [RETIREMENT, {**DEPRECATE, "action": {"type": "DEPRECATE", "include_resources": flags}}],
        "resource_selection": {"recipes": [one, other]},
    }
    assert not done(MODULE, again).changed


def test_an_update_keeps_what_is_not_given() -> None:
    """AWS would enable a disabled policy, and forget its description."""
    done(MODULE, {**BASE, "status": "DISABLED"})
    after = done(MODULE, {"name": "Old Images", "policy_details": [RETIREMENT]})
    assert [call.operation for call in after.writes] == ["UpdateLifecyclePolicy"]
    assert (after[NOUN]["status"], after[NOUN]["description"]) == ("DISABLED", BASE["description"])
    assert after[NOUN]["resource_selection"] == BASE["resource_selection"]


def test_what_is_missing_of_a_new_one_is_said() -> None:
    outcome = run_module(MODULE, {"name": "new", "execution_role": "deployer"}, check_mode=True)
    assert outcome.failed and "requires resource_type and policy_details and resource_selection" in outcome.msg


def test_the_type_of_images_cannot_change() -> None:
    done(MODULE, BASE)
    rule = {**RETIREMENT, "action": {"type": "DELETE"}}
    outcome = run_module(MODULE, {**BASE, "resource_type": "CONTAINER_IMAGE", "policy_details": [rule]})
    assert outcome.failed and "AWS cannot change resource_type" in outcome.msg


def test_a_role_that_is_not_there_is_a_warning() -> None:
    outcome = done(MODULE, {**BASE, "execution_role": "nobody"}, check_mode=True)
    assert outcome["warnings"][0].startswith("Not found in eu-west-1: role nobody.")
    theirs = done(MODULE, {**BASE, "execution_role": "arn:aws:iam::210987654321:role/theirs"})
    assert "warnings" not in theirs.result


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"policy_details": []}, "policy_details requires at least one rule"),
        ({"policy_details": [RETIREMENT, RETIREMENT]}, "more than one rule with the action DELETE"),
        (
            {"policy_details": [{**DEPRECATE, "filter": {"type": "COUNT", "value": 1}}]},
            "the filter type COUNT requires the action DELETE (in the rule DEPRECATE)",
        ),
        ({"policy_details": [{**DEPRECATE, "filter": {"type": "AGE", "value": 1}}]}, "filter.unit is required"),
        (
            {"policy_details": [{**RETIREMENT, "filter": {"type": "COUNT", "value": 1, "retain_at_least": 1}}]},
            "filter.retain_at_least requires",
        ),
        (
            {
                "policy_details": [
                    {**DEPRECATE, "action": {"type": "DISABLE", "include_resources": {"snapshots": True}}}
                ]
            },
            "include_resources.snapshots requires",
        ),
        (
            {
                "policy_details": [
                    {**RETIREMENT, "action": {"type": "DELETE", "include_resources": {"containers": True}}}
                ]
            },
            "requires the resource_type CONTAINER_IMAGE",
        ),
        ({"resource_type": "CONTAINER_IMAGE", "policy_details": [DEPRECATE]}, "container images can only be deleted"),
        ({"resource_selection": {}}, "either recipes or tag_map"),
        (
            {"resource_selection": {"recipes": [{"name": "web", "semantic_version": "newest"}]}},
            "semantic_version 'newest' is not valid",
        ),
    ],
)
def test_wrong_rules_are_refused_before_anything_is_written(change: dict[str, t.Any], text: str) -> None:
    outcome = run_module(MODULE, {**BASE, **change}, check_mode=True)
    assert outcome.failed and text in outcome.msg.replace("Container", "container"), outcome.msg


def test_what_runs_did_is_read() -> None:
    ingredients()
    build = {"image_recipe": "web", "infrastructure_configuration": "web", "force": True, "wait": False}
    images = []
    for _turn in range(2):
        images.append(done("imagebuilder_image", build)["image"]["arn"])
        clock.advance(DAY)
    done(MODULE, {**BASE, "policy_details": [{**RETIREMENT, "filter": {"type": "COUNT", "value": 1}}]})
    faults.add({"kind": "retiring-fails", "times": 1})
    clock.advance(DAY + 60)
    asked = {"name": "Old Images", "include_executions": True}
    (policy,) = done(f"{MODULE}_info", asked)["lifecycle_policies"]
    (run,) = policy["executions"]
    (image,) = run["resources"]
    assert (run["state"]["status"], image["resource_id"]) == ("FAILED", images[0])
    assert image["resources"][0]["state"]["reason"] == "You are not authorized to perform this operation."
    clock.advance(DAY)
    (policy,) = done(f"{MODULE}_info", asked)["lifecycle_policies"]
    newest, before = policy["executions"]
    assert (newest["state"]["status"], before["state"]["status"]) == ("SUCCESS", "FAILED")
    assert "resources" not in newest["resources"][0] and "resources" not in before
