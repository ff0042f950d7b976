# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_resource_policy against the emulator: policies are set once, promoted, and those of others stay."""

from __future__ import annotations

import json
import typing as t

import pytest
from support.imagebuilder import client, done, ingredients
from support.modules import run_module
from support.nouns import NOUNS

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_resource_policy"
HEAD = "arn:aws:imagebuilder:eu-west-1:123456789012"
COMPONENT = f"{HEAD}:component/web/1.0.0/1"


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def policy(arn: str, *accounts: str) -> dict[str, t.Any]:
    principals = [f"arn:aws:iam::{account}:root" for account in accounts or ("210987654321", "345678901234")]
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "imagebuilder:Get*", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


def features() -> list[str]:
    shares = client("ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
    return [one["featureSet"] for one in shares]


def test_a_policy_is_set_and_promoted_once() -> None:
    wish = {"component": "web", "policy": policy(COMPONENT)}
    told, did = done(MODULE, wish, check_mode=True), done(MODULE, wish)
    assert told.changed and told.writes == [] and told["diff"] == did["diff"]
    assert (did.changed, did["resource_arn"], did["policy"]) == (True, COMPONENT, policy(COMPONENT))
    assert [call.operation for call in did.writes] == ["PutComponentPolicy", "PromoteResourceShareCreatedFromPolicy"]
    assert features() == ["STANDARD"]
    again = done(MODULE, wish)
    assert not again.changed and again.writes == [] and again["promoted"] == []
    assert len(again.calls) == 5, "one of them for the account"


def test_a_promotion_whose_answer_was_lost_is_done() -> None:
    faults.add({"kind": "lost-reply", "operation": "PromoteResourceShareCreatedFromPolicy", "times": 1})
    did = done(MODULE, {"component": "web", "policy": policy(COMPONENT)})
    assert len(did["promoted"]) == 1 and features() == ["STANDARD"]
    again = done(MODULE, {"component": "web", "policy": policy(COMPONENT)})
    assert not again.changed and again.writes == []


def test_the_same_meaning_is_no_difference() -> None:
    done(MODULE, {"component": "web", "policy": policy(COMPONENT)})
    other = policy(COMPONENT, "345678901234", "210987654321")
    statement = {**other["Statement"][0], "Action": ["imagebuilder:Get*"], "Resource": [COMPONENT]}
    statement["Principal"] = {"AWS": ["345678901234", "210987654321"]}
    assert not done(MODULE, {"component": "web", "policy": json.dumps({**other, "Statement": [statement]})}).changed


def test_a_policy_of_others_is_replaced_only_when_asked_to() -> None:
    theirs = policy(COMPONENT, "999999999999")
    client().put_component_policy(componentArn=COMPONENT, policy=json.dumps(theirs))
    wish = {"component": "web", "policy": policy(COMPONENT)}
    refused = run_module(MODULE, wish, check_mode=True)
    assert (
        refused.failed
        and "web/1.0.0/1 has another policy already. Add its statements to policy, or set force" in refused.msg
    )
    assert refused["policy"] == theirs
    did = done(MODULE, {**wish, "force": True})
    assert did["policy"] == policy(COMPONENT) and did["diff"]["before"]["policy"] == theirs


def test_a_share_that_waits_is_promoted_later() -> None:
    wish = {"component": "web", "policy": policy(COMPONENT)}
    assert [call.operation for call in done(MODULE, {**wish, "promote": False}).writes] == ["PutComponentPolicy"]
    assert features() == ["CREATED_FROM_POLICY"]
    told = done(MODULE, wish, check_mode=True)
    assert told.changed and len(told["promoted"]) == 1 and told.writes == []
    assert done(MODULE, wish)["promoted"] == told["promoted"] and features() == ["STANDARD"]


@pytest.mark.parametrize("kind", ["image", "image_recipe", "container_recipe"])
def test_recipes_and_images_have_policies_too(kind: str) -> None:
    if kind == "container_recipe":
        done("imagebuilder_container_recipe", {**NOUNS["imagebuilder_container_recipe"], "name": "web"})
    done("imagebuilder_image", {"image_recipe": "web", "infrastructure_configuration": "web", "wait": False})
    clock.advance(3600)
    arn = f"{HEAD}:{kind.replace('_', '-')}/web/1.0.0{'/1' if kind == 'image' else ''}"
    did = done(MODULE, {kind: "web", "policy": policy(arn)})
    assert did.changed and did["resource_arn"] == arn


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"component": "none", "policy": policy(COMPONENT)}, "there is no component none/x.x.x in eu-west-1"),
        ({"component": "web", "policy": {"Version": "2012-10-17"}}, "policy has no Statement"),
        ({"component": "web", "policy": policy(f"{COMPONENT}1")}, "A statement of the policy is not about"),
    ],
)
def test_what_cannot_be_shared_is_named(options: dict[str, t.Any], why: str) -> None:
    outcome = run_module(MODULE, options)
    assert outcome.failed and outcome.msg.startswith("Failed to share the component ") and why in outcome.msg


def test_check_mode_bears_what_earlier_tasks_would_create() -> None:
    told = done(MODULE, {"component": "none", "policy": policy(COMPONENT)}, check_mode=True)
    assert told.changed and told["resource_arn"] is None
