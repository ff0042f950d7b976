# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every noun when the answer to a write is lost, and when somebody else is a moment faster."""

from __future__ import annotations

import dataclasses
import importlib
import json
import typing as t

import pytest
from support.codedeploy_shop import ROLE
from support.imagebuilder import HELLO, PARENT, client, distributions, done, ingredients
from support.modules import run_module
from support.nouns import NOUNS as EVERY_NOUN

from ansible_collections.slipway.aws.plugins.module_utils._core import resource as engine
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Plan, Resource
from slipway_emulator.faults import faults

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
NOUNS: dict[str, dict[str, t.Any]] = {
    "codedeploy_application": {"name": "other", "compute_platform": "Server", "tags": {"Team": "shop"}},
    "codedeploy_deployment_config": {"name": "other", "minimum_healthy_hosts": {"type": "HOST_COUNT", "value": 1}},
    "codedeploy_deployment_group": {
        "name": "other",
        "application_name": "web",
        "service_role_arn": ROLE,
        "alarm_configuration": {"alarms": [{"name": "slow"}]},
        "tags": {"Team": "shop"},
    },
    "imagebuilder_component": {"name": "other", "platform": "Linux", "data": HELLO},
    "imagebuilder_image_recipe": {
        "name": "other",
        "parent_image": PARENT,
        "semantic_version": "1.0.0",
        "working_directory": "/opt",
    },
    "imagebuilder_infrastructure_configuration": {
        "name": "other",
        "description": "ours",
        "instance_profile_name": "image-builder",
    },
    "imagebuilder_distribution_configuration": {"name": "other", "distributions": distributions("eu-west-1")},
    "imagebuilder_image_pipeline": {
        "name": "other",
        "status": "ENABLED",
        "image_recipe": "web",
        "infrastructure_configuration": "web",
    },
    "imagebuilder_container_recipe": {
        **EVERY_NOUN["imagebuilder_container_recipe"],
        "semantic_version": "1.0.0",
        "working_directory": "/opt",
    },
    "imagebuilder_workflow": EVERY_NOUN["imagebuilder_workflow"],
    "imagebuilder_lifecycle_policy": {**EVERY_NOUN["imagebuilder_lifecycle_policy"], "status": "ENABLED"},
}
# An option to which somebody else gave another value, for nouns of which a name is taken once.
OTHERWISE: dict[str, dict[str, t.Any]] = {
    "codedeploy_application": {"compute_platform": "Lambda"},
    "codedeploy_deployment_config": {"minimum_healthy_hosts": {"type": "HOST_COUNT", "value": 2}},
    "codedeploy_deployment_group": {"alarm_configuration": {"alarms": [{"name": "broken"}]}},
    "imagebuilder_image_recipe": {"working_directory": "/var/tmp"},
    "imagebuilder_container_recipe": {"working_directory": "/var/tmp"},
    "imagebuilder_infrastructure_configuration": {"description": "mine"},
    "imagebuilder_distribution_configuration": {"distributions": distributions("us-east-1")},
    "imagebuilder_image_pipeline": {"status": "DISABLED"},
    "imagebuilder_lifecycle_policy": {"status": "DISABLED"},
}


@pytest.fixture(autouse=True)
def _surroundings(world: None) -> None:
    client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    done("codedeploy_application", {"name": "web"})
    ingredients()


def resource_of(module: str) -> Resource:
    found = vars(importlib.import_module(f"ansible_collections.slipway.aws.plugins.modules.{module}")).values()
    return next(value for value in found if isinstance(value, Resource))


@pytest.fixture
def faster(monkeypatch: pytest.MonkeyPatch) -> t.Callable[[str, dict[str, t.Any]], None]:
    """Somebody else who acts between the look and the write."""
    apply = engine.apply

    def at_once(module: str, params: dict[str, t.Any]) -> None:
        def late(resource: Resource, aws: t.Any, todo: Plan) -> None:
            monkeypatch.setattr(engine, "apply", apply)
            done(module, params)
            apply(resource, aws, todo)

        monkeypatch.setattr(engine, "apply", late)

    return at_once


@pytest.mark.parametrize("noun", NOUNS)
def test_a_create_whose_answer_was_lost_is_done(noun: str) -> None:
    faults.add({"kind": "lost-reply", "operation": "Create*", "times": 1})
    made = run_module(noun, NOUNS[noun])
    assert made.msg == "" and made.changed
    assert made[resource_of(noun).name]
    creates = [call for call in made.writes if call.operation.startswith("Create")]
    assert len(creates) == 2, "the fault acted, and the client asked once more"
    assert not done(noun, NOUNS[noun]).changed


@pytest.mark.parametrize("noun", NOUNS)
def test_a_delete_whose_answer_was_lost_is_done(noun: str) -> None:
    done(noun, NOUNS[noun])
    faults.add({"kind": "lost-reply", "operation": "Delete*", "times": 1})
    identity = {key: NOUNS[noun][key] for key in ("name", "application_name", "type") if key in NOUNS[noun]}
    gone = run_module(noun, {**identity, "state": "absent"})
    assert gone.msg == "" and gone.changed
    assert not done(noun, {**identity, "state": "absent"}).changed


@pytest.mark.parametrize("noun", NOUNS)
def test_what_somebody_else_made_just_so_is_taken(noun: str, faster: t.Any) -> None:
    faster(noun, NOUNS[noun])
    met = run_module(noun, NOUNS[noun])
    assert met.msg == "" and not met.changed
    assert met["diff"]["before"] == met["diff"]["after"]
    assert met[resource_of(noun).name] == done(noun, NOUNS[noun])[resource_of(noun).name]


@pytest.mark.parametrize("noun", OTHERWISE)
def test_what_somebody_else_made_otherwise_is_left_alone(noun: str, faster: t.Any) -> None:
    theirs = {**NOUNS[noun], **OTHERWISE[noun]}
    faster(noun, theirs)
    refused = run_module(noun, NOUNS[noun])
    assert refused.failed
    words = resource_of(noun).name.replace("_", " ")
    assert refused.msg.startswith(f"Failed to create the {words} other: someone else created a {words} with this name")
    assert next(iter(OTHERWISE[noun])) in refused.msg
    assert not done(noun, theirs).changed


def test_a_name_that_is_taken_and_cannot_be_seen_is_told_in_the_words_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    done("codedeploy_application", NOUNS["codedeploy_application"])
    module = importlib.import_module("ansible_collections.slipway.aws.plugins.modules.codedeploy_application")
    blind = dataclasses.replace(module.APPLICATION, find=lambda _aws, _params: None)
    monkeypatch.setattr(module, "APPLICATION", blind)
    refused = run_module("codedeploy_application", NOUNS["codedeploy_application"])
    assert refused.failed and refused["error"]["code"] == "ApplicationAlreadyExistsException"
