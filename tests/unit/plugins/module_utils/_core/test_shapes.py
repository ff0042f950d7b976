# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing, merging and renaming API-shaped data."""

from __future__ import annotations

import datetime

import botocore.session
import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import (
    BLUE_GREEN,
    LOAD_BALANCERS,
    PAIR,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import (
    USER_KEYED,
    Choice,
    Unordered,
    covers,
    differences,
    given,
    option_name,
    overlay,
    to_api,
    to_result,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import PLACEMENT, SCANNING
from ansible_collections.slipway.aws.plugins.modules.codedeploy_deployment_config import ROUTING


def test_what_hosts_say_is_shown_and_data_stays() -> None:
    shape = {
        "description": "\x1b",
        "tags": {"message": "\x1b"},
        "lifecycleEvents": [{"diagnostics": {"logTail": "a\x1b\nb", "scriptName": "\x9b"}}],
        "errorInformation": {"code": "X", "message": "\u202e"},
        "StatusReason": "\x07",
        "problems": [{"cause": "alarm_on", "message": "\x07"}],
    }
    assert to_result(shape) == {
        "description": "\x1b",
        "tags": {"message": "\x1b"},
        "lifecycle_events": [{"diagnostics": {"log_tail": "a\\x1b\nb", "script_name": "\\x9b"}}],
        "error_information": {"code": "X", "message": "\\u202e"},
        "status_reason": "\\x07",
        "problems": [{"cause": "alarm_on", "message": "\\x07"}],
    }


@pytest.mark.parametrize(
    ("live", "wanted", "same"),
    [
        ([1, 2], [2, 1], False),
        ([1, 2], Unordered([2, 1]), True),
        ([1], Unordered([1, 1]), False),
        ([1, 1], Unordered([1, 2]), False),
        ([{"a": 1, "b": 2}], Unordered([{"a": 1}]), True),
        ([[1, 2], [3]], Unordered([Unordered([3]), Unordered([2, 1])]), True),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": []}, True),
        (None, {}, True),
        (None, {"a": [], "b": {}}, True),
        (None, {"a": [], "b": 1}, False),
        ({"a": 1}, {}, False),
        ([1], [], False),
        ("text", "", False),
        (None, "", True),
        (0, 0, True),
        (None, 0, False),
        (None, False, False),
    ],
)
def test_live_covers_what_is_wanted(live: object, wanted: object, same: bool) -> None:
    assert covers(live, wanted) is same


def test_differences_are_named_by_path() -> None:
    live = {"style": {"kind": "a", "option": "x"}, "list": [1, 2], "tags": {"A": "1"}}
    wanted = {"style": {"kind": "b"}, "list": Unordered([2, 1]), "tags": {}}
    assert differences(live, wanted) == {"style.kind", "tags"}


READY = {"action": None, "wait": 0, "after": {"seconds": None, "exact": True}}


@pytest.mark.parametrize(
    ("live", "wanted", "different"),
    [
        ({"action": "STOP", "wait": 60}, {"action": "GO"}, {"x.action", "x.wait"}),
        ({"action": "STOP", "wait": 60}, {"action": "STOP"}, {"x.wait"}),
        ({"action": "GO"}, {"action": "GO"}, set()),
        ({"action": "GO", "wait": 0}, {"action": "GO"}, set()),
        ({"action": "GO"}, {"action": "GO", "wait": 0}, set()),
        ({"action": "GO", "madeBy": "AWS"}, {"action": "GO"}, set()),
        ({"action": "GO"}, {}, {"x.action"}),
        (None, {}, set()),
        (None, {"action": "GO"}, {"x.action"}),
        ({"after": {"seconds": 5}}, {"after": {"seconds": 5, "exact": True}}, set()),
        ({"after": {"seconds": 5, "exact": False}}, {"after": {"seconds": 5}}, {"x.after.exact"}),
        ({"after": {"seconds": 5}, "action": "GO"}, {"action": "GO"}, {"x.after.seconds"}),
    ],
)
def test_a_choice_is_one_value(live: object, wanted: dict, different: set) -> None:
    """What it leaves out has to go; what AWS fills in, and what no option can say, is no difference."""
    wish = Choice(wanted, READY)
    assert differences({"x": live}, {"x": wish}) == different
    assert covers(live, wish) is (not different)
    assert covers([live], Unordered([wish])) is (not different)
    assert overlay({"x": live}, {"x": wish}) == {"x": wanted}


def test_nulls_in_a_choice_are_dropped_and_it_stays_one() -> None:
    wish = given({"x": Choice({"action": None, "after": {"seconds": 5, "exact": None}}, READY)})
    assert wish == {"x": {"after": {"seconds": 5}}}
    assert differences({"x": {"after": {"seconds": 5, "exact": False}}}, wish) == {"x.after.exact"}


@pytest.mark.parametrize(
    ("service", "shape", "members"),
    [
        ("codedeploy", "LoadBalancerInfo", LOAD_BALANCERS),
        ("codedeploy", "TargetGroupPairInfo", PAIR),
        ("codedeploy", "BlueGreenDeploymentConfiguration", BLUE_GREEN),
        ("codedeploy", "TrafficRoutingConfig", ROUTING),
        ("imagebuilder", "Placement", PLACEMENT),
        ("imagebuilder", "ImageScanningConfiguration", SCANNING),
    ],
)
def test_the_members_of_choices_are_those_of_the_service_models(service: str, shape: str, members: dict) -> None:
    def same(model: botocore.model.Shape, known: dict) -> bool:
        inner = [(model.members[name], value) for name, value in known.items() if isinstance(value, dict)]
        return set(model.members) == set(known) and all(same(*each) for each in inner)

    assert same(botocore.session.get_session().get_service_model(service).shape_for(shape), members)


def test_nulls_of_suboptions_are_dropped_and_empty_values_stay() -> None:
    wished = {"a": None, "b": {"c": None, "d": []}, "e": Unordered([{"f": None, "g": ""}])}
    assert given(wished) == {"b": {"d": []}, "e": [{"g": ""}]}
    assert isinstance(given(wished)["e"], Unordered)


def test_overlay_merges_maps_and_replaces_the_rest() -> None:
    assert overlay({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 9}, "d": []}) == {"a": {"b": 9, "c": 2}, "d": []}
    assert overlay({"a": 1}, {}) == {}


def test_keys_of_the_user_keep_their_case() -> None:
    assert to_result({"amiTags": {"CostCenter": "1"}, "ec2TagSet": [], "eTag": "x"}) == {
        "ami_tags": {"CostCenter": "1"},
        "ec2_tag_set": [],
        "e_tag": "x",
    }


def test_keys_of_users_stay_as_they_are_at_any_depth() -> None:
    shape = {"image": {"tags": {"Team": "a"}, "distributions": [{"amiTags": {"CostCenter": "1"}}]}}
    assert to_result(shape) == {"image": {"tags": {"Team": "a"}, "distributions": [{"ami_tags": {"CostCenter": "1"}}]}}


def test_dates_become_text() -> None:
    moment = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
    assert to_result([{"createTime": moment}]) == [{"create_time": "2026-11-23T00:00:00+00:00"}]


def test_options_become_api_members() -> None:
    assert to_api({"listener_arns": ["x"], "target_groups": [{"name": "a", "other_one": None}]}) == {
        "listenerArns": ["x"],
        "targetGroups": [{"name": "a"}],
    }


def test_options_are_named_as_the_user_writes_them() -> None:
    assert option_name("deploymentStyle.deploymentType") == "deployment_style.deployment_type"


@pytest.mark.parametrize("service", ["codedeploy", "imagebuilder", "ecs"])
def test_every_map_of_the_service_models_is_known_as_keyed_by_the_user(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    maps = {
        name
        for shape in map(model.shape_for, model.shape_names)
        if shape.type_name == "structure"
        for name, member in shape.members.items()
        if member.type_name == "map"
    }
    assert maps <= set(USER_KEYED)
