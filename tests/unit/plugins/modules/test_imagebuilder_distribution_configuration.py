# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_distribution_configuration against the emulator: what a user sees, and which calls it took."""

from __future__ import annotations

import copy
import typing as t

import pytest
from support.imagebuilder import done, life_of
from support.modules import run_module

MODULE = "imagebuilder_distribution_configuration"
NOUN = "distribution_configuration"
AMI = {"name": "web {{ imagebuilder:buildDate }}", "ami_tags": {"cost_center": 7}}
BASE: dict[str, t.Any] = {
    "name": "web",
    "description": "Near and far",
    "distributions": [{"region": "eu-west-1", "ami_distribution_configuration": AMI}],
    "tags": {"Team": "shop"},
}
FAR = {
    "region": "us-east-1",
    "ami_distribution_configuration": {**AMI, "launch_permission": {"user_ids": ["210987654321"]}},
    "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/web"}],
    "launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0"}],
}

pytestmark = pytest.mark.usefixtures("world")


def test_whole_life_with_check_mode_before_each_step() -> None:
    changed = {**BASE, "description": "", "distributions": [*BASE["distributions"], FAR], "tags": {}}
    life_of(MODULE, NOUN, BASE, changed, BASE)


def test_what_an_item_leaves_out_is_removed() -> None:
    more = copy.deepcopy(BASE)
    more["distributions"][0]["ami_distribution_configuration"]["description"] = "a description"
    more["distributions"][0]["ami_distribution_configuration"]["launch_permission"] = {"user_groups": ["all"]}
    done(MODULE, more)
    less = done(MODULE, BASE)
    assert less.changed
    assert less[NOUN]["distributions"] == [
        {"region": "eu-west-1", "ami_distribution_configuration": {**AMI, "ami_tags": {"cost_center": "7"}}}
    ]


def test_empty_suboptions_are_no_difference() -> None:
    done(MODULE, BASE)
    empty = copy.deepcopy(BASE)
    empty["distributions"][0]["ami_distribution_configuration"].update(description="", target_account_ids=[])
    assert not done(MODULE, empty).changed


def test_keys_of_tags_stay_as_they_are() -> None:
    shown = done(MODULE, BASE)[NOUN]["distributions"][0]["ami_distribution_configuration"]
    assert shown["ami_tags"] == {"cost_center": "7"}


def test_a_new_one_needs_distributions() -> None:
    outcome = run_module(MODULE, {"name": "web"}, check_mode=True)
    assert outcome.failed and "a new distribution configuration requires distributions" in outcome.msg


def test_the_words_of_the_service_reach_the_user() -> None:
    name = "web {{ imagebuilder:buildDate }} {{ imagebuilder:mood }}"
    bad = {**BASE, "distributions": [{"region": "eu-west-1", "ami_distribution_configuration": {"name": name}}]}
    outcome = run_module(MODULE, bad)
    assert outcome.failed and outcome.msg.startswith("Failed to create the distribution configuration web:")
    assert "'imagebuilder:mood' is not a variable" in outcome.msg
    assert "'distributions[0].ami_distribution_configuration.name'" in outcome.msg
