# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On-premises instances: registered, tagged, deregistered and read."""

from __future__ import annotations

import typing as t

import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.modules import Outcome, run_module

from slipway_emulator.faults import faults

MODULE = "codedeploy_on_premises_instance"
USER = "arn:aws:iam::123456789012:user/web-1"
SESSION = "arn:aws:sts::123456789012:assumed-role/hosts/web-1"
HOST = {"name": "web-1", "iam_user_arn": USER, "tags": {"role": "web", "rank": 1}}
ABSENT = {"name": "web-1", "state": "absent"}


def done(**options: t.Any) -> Outcome:
    outcome = run_module(MODULE, options)
    assert outcome.msg == ""
    return outcome


def read(**options: t.Any) -> list[dict[str, t.Any]]:
    outcome = run_module(f"{MODULE}_info", options)
    assert outcome.msg == "" and not outcome.changed and outcome.writes == []
    return t.cast("list[dict[str, t.Any]]", outcome["on_premises_instances"])


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.writes]


def test_an_instance_through_its_life(world: None) -> None:
    other = {**HOST, "tags": {"role": "shop"}}
    steps = [(HOST, True), (HOST, False), (other, True), (other, False), (HOST, True), (ABSENT, True), (ABSENT, False)]
    for options, changed in [*steps, (HOST, True)]:
        foretold, real = run_module(MODULE, options, check_mode=True), done(**options)
        assert (foretold.msg, foretold.changed, real.changed) == ("", changed, changed)
        assert foretold.writes == [] and bool(real.writes) == changed
        assert foretold["diff"] == real["diff"]
    assert real["on_premises_instance"]["tags"] == {"role": "web", "rank": "1"}


def test_a_tag_is_removed_by_its_value_before_it_is_given_another(world: None) -> None:
    done(**HOST)
    changed = done(**{**HOST, "tags": {"role": "shop"}})
    assert operations(changed) == ["RemoveTagsFromOnPremisesInstances", "AddTagsToOnPremisesInstances"]
    kept = done(**{**HOST, "tags": {"rank": 2}, "purge_tags": False})
    assert kept["on_premises_instance"]["tags"] == {"role": "shop", "rank": "2"}
    assert operations(done(**{**HOST, "tags": {}})) == ["RemoveTagsFromOnPremisesInstances"]


def test_who_the_host_is_cannot_be_changed(world: None) -> None:
    done(**HOST)
    for other in ({"iam_user_arn": f"{USER}0"}, {"iam_session_arn": SESSION}):
        refused = run_module(MODULE, {"name": "web-1", **other})
        assert refused.failed and refused.writes == []
        assert "AWS cannot change iam_" in refused.msg and "remove web-1 with state=absent first" in refused.msg


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "state is present but any of the following are missing: iam_user_arn, iam_session_arn"),
        ({"iam_user_arn": USER, "iam_session_arn": SESSION}, "mutually exclusive: iam_user_arn|iam_session_arn"),
        ({"iam_user_arn": USER, "tags": {"role": ""}}, "the tag role has no value, and AWS requires one"),
        ({"iam_user_arn": USER, "name": "i-0123"}, "InvalidInstanceNameException"),
        ({"iam_user_arn": "web-1"}, "InvalidIamUserArnException"),
    ],
)
def test_what_cannot_be_registered_is_refused(world: None, options: dict[str, t.Any], said: str) -> None:
    refused = run_module(MODULE, {"name": "web-1", **options})
    assert refused.failed and said in refused.msg
    assert read() == []


def test_a_user_of_another_host_is_refused_in_the_words_of_aws(world: None) -> None:
    done(**HOST)
    refused = run_module(MODULE, {**HOST, "name": "web-2"})
    assert refused.msg.startswith("Failed to create the on premises instance web-2: ")
    assert refused["error"]["code"] == "IamUserArnAlreadyRegisteredException"


def test_a_registration_whose_answer_was_lost_is_tagged_all_the_same(world: None) -> None:
    faults.add({"kind": "lost-reply", "operation": "RegisterOnPremisesInstance", "times": 1})
    assert done(**HOST)["on_premises_instance"]["tags"] == {"role": "web", "rank": "1"}
    assert not done(**HOST).changed


def test_tags_that_were_refused_are_added_by_the_next_run(world: None) -> None:
    faults.add({"kind": "denied", "operation": "AddTagsToOnPremisesInstances", "times": 1})
    assert "codedeploy:AddTagsToOnPremisesInstances" in run_module(MODULE, HOST).msg
    assert operations(done(**HOST)) == ["AddTagsToOnPremisesInstances"]


def test_instances_are_read_by_name_status_and_tags(world: None) -> None:
    for number in range(30):
        done(name=f"web-{number}", iam_user_arn=f"{USER}{number}", tags={"role": "web" if number % 2 else "db"})
    done(name="web-1", state="absent")
    assert len(read()) == 30
    assert len(read(registration_status="Registered", tag_filters=[{"key": "role", "value": "web"}])) == 14
    (gone,) = read(registration_status="Deregistered")
    assert gone["instance_name"] == "web-1" and gone["deregister_time"]
    assert [one["tags"] for one in read(names=["web-2", "nobody"])] == [{"role": "db"}]


CALLS = (
    "GetOnPremisesInstance", "RegisterOnPremisesInstance", "AddTagsToOnPremisesInstances",
    "RemoveTagsFromOnPremisesInstances", "DeregisterOnPremisesInstance",
)  # fmt: skip


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_befalls_a_call_it_is_told_or_overcome_and_the_next_run_finishes(
    world: None, operation: str, fault: str
) -> None:
    steps = [HOST, {**HOST, "tags": {"role": "shop"}}, ABSENT]
    faults.add({**FAULTS[fault], "operation": operation})
    for options in steps:
        outcome = run_module(MODULE, options)
        if outcome.failed:
            assert fault not in PASSES
            is_a_sentence(outcome.msg, "Failed to ")
            faults.remove()
            done(**options)
        assert not done(**options).changed
    assert read(registration_status="Registered") == []
