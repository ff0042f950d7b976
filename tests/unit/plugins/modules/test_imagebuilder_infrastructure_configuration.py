# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_infrastructure_configuration against the emulator: what a user sees, and which calls it took."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import instance_profile, life_of, pipeline_with_recipe
from support.modules import run_module

from slipway_emulator.faults import faults

MODULE = "imagebuilder_infrastructure_configuration"
NOUN = "infrastructure_configuration"
BASE: dict[str, t.Any] = {
    "name": "Golden Base",
    "description": "Where golden images are built",
    "instance_profile_name": "image-builder",
    "instance_types": ["t3.small", "t3a.small"],
    "resource_tags": {"cost_center": 7},
    "tags": {"Team": "shop"},
}
CHANGED = {
    **BASE,
    "description": "",
    "instance_types": ["t3.medium"],
    "subnet_id": "subnet-0123456789abcdef0",
    "security_group_ids": ["sg-1", "sg-2"],
    "logging": {"s3_logs": {"s3_bucket_name": "logs"}},
    "resource_tags": {"cost_center": 7, "Purpose": "bake"},
    "tags": {"Team": "shop", "Stage": "prod"},
}
UNDONE = {**BASE, "subnet_id": "", "security_group_ids": [], "logging": {}}


@pytest.fixture(autouse=True)
def _profile(world: None) -> None:
    instance_profile()


def test_whole_life_with_check_mode_before_each_step() -> None:
    life_of(MODULE, NOUN, BASE, CHANGED, UNDONE)


def test_metadata_needs_tokens_unless_said_otherwise() -> None:
    assert run_module(MODULE, BASE)[NOUN]["instance_metadata_options"] == {"http_tokens": "required"}
    lax = {**BASE, "instance_metadata_options": {"http_tokens": "optional", "http_put_response_hop_limit": 2}}
    changed = run_module(MODULE, lax)
    assert changed.changed
    assert changed["diff"]["after"]["instance_metadata_options"] == {
        "http_tokens": "optional",
        "http_put_response_hop_limit": 2,
    }
    assert not run_module(MODULE, lax).changed
    assert not run_module(MODULE, BASE).changed  # nobody asks for tokens any more


def test_what_is_not_given_stays() -> None:
    run_module(MODULE, {**BASE, "terminate_instance_on_failure": False, "key_pair": "ops"})
    after = run_module(MODULE, {"name": "golden-base", "description": "Other"})
    assert after.failed and "name" in after.msg  # the same resource by another spelling is not renamed in silence
    after = run_module(MODULE, {"name": "Golden Base", "description": "Other"})
    assert (after[NOUN]["key_pair"], after[NOUN]["terminate_instance_on_failure"]) == ("ops", False)
    assert after[NOUN]["resource_tags"] == {"cost_center": "7"}
    assert [call.operation for call in after.writes] == ["UpdateInfrastructureConfiguration"]


def test_order_of_security_groups_means_nothing() -> None:
    run_module(MODULE, CHANGED)
    assert not run_module(MODULE, {**CHANGED, "security_group_ids": ["sg-2", "sg-1"]}).changed


def test_a_new_one_needs_a_profile() -> None:
    outcome = run_module(MODULE, {"name": "golden"}, check_mode=True)
    assert outcome.failed and "instance_profile_name" in outcome.msg


def test_a_subnet_needs_security_groups() -> None:
    outcome = run_module(MODULE, {**BASE, "subnet_id": "subnet-0123456789abcdef0"}, check_mode=True)
    assert outcome.failed and "security_group_ids" in outcome.msg


def test_one_that_a_pipeline_uses_is_not_deleted_in_silence() -> None:
    run_module(MODULE, BASE)
    pipeline_with_recipe("golden-base")
    outcome = run_module(MODULE, {"name": "Golden Base", "state": "absent"})
    assert outcome.failed and "used by image pipeline golden. Change or remove what uses it first" in outcome.msg


def test_a_denied_call_says_what_to_do() -> None:
    faults.add({"kind": "denied", "service": "imagebuilder", "operation": "CreateInfrastructureConfiguration"})
    outcome = run_module(MODULE, BASE)
    assert outcome.failed and outcome.msg.startswith("Failed to create the infrastructure configuration Golden Base:")
    assert "Grant the caller this permission in an IAM policy" in outcome.msg


def test_a_lost_answer_does_not_lead_to_a_second_write() -> None:
    """botocore repeats the request with the same client token, and the service answers as before."""
    faults.add(
        {"kind": "lost-reply", "service": "imagebuilder", "operation": "CreateInfrastructureConfiguration", "times": 1}
    )
    outcome = run_module(MODULE, BASE)
    assert not outcome.failed and outcome.changed
    assert not run_module(MODULE, BASE).changed
