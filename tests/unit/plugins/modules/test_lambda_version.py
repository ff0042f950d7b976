# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of Lambda functions: when one is published, and which are pruned."""

from __future__ import annotations

import functools
import json
import time
import typing as t

import boto3
import botocore.client
import botocore.session
import pytest
from support.codedeploy_shop import zipped
from support.every_fault import FAULTS, NEVER_AGAIN, PASSES, is_a_sentence
from support.modules import CONNECTION, Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._lambda.publishing import OF_ONE_VERSION
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "lambda_version"
SECRET = "between-us-4711"


def client(service: str) -> t.Any:
    keys = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
    return boto3.client(service, region_name=CONNECTION["region"], **keys)


@pytest.fixture
def name(numbers: t.Iterator[int]) -> str:
    """A function without versions."""
    faults.remove()
    number = next(numbers)
    role = client("iam").create_role(RoleName=f"fn{number}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName=f"shop{number}", Role=role, Runtime="python3.13", Handler="main.handler", Description="The shop",
        Code={"ZipFile": code("1")}, Environment={"Variables": {"PASSWORD": SECRET, "CamelCase": "1"}},
    )  # fmt: skip
    return f"shop{number}"


def change(name: str, text: str) -> None:
    client("lambda").update_function_code(FunctionName=name, ZipFile=code(text))


@functools.cache
def code(text: str) -> bytes:
    """The same bytes for the same text: an archive holds the time when it was made."""
    return zipped({"main.py": text})


def run(name: str, **params: t.Any) -> Outcome:
    check_mode = params.pop("check_mode", False)
    return run_module(MODULE, {"name": name, **params}, check_mode=check_mode)


def publish(name: str, count: int) -> None:
    for number in range(count):
        change(name, f"release {number}")
        assert run(name).changed


def foretold_and_done(name: str, **params: t.Any) -> Outcome:
    foretold, done, again = run(name, check_mode=True, **params), run(name, **params), run(name, **params)
    assert (foretold.msg, done.msg, again.msg) == ("", "", "")
    assert (foretold.changed, done.changed, again.changed) == (True, True, False)
    assert foretold["diff"] == done["diff"]
    assert foretold["published"] == done["published"]
    assert foretold.writes == again.writes == []
    return done


def test_a_first_version(name: str) -> None:
    done = foretold_and_done(name, description="Release 1")
    assert (done["version"]["version"], done["version"]["description"]) == ("1", "Release 1")
    assert done["diff"]["before"] == {"content": {}}
    assert done["version"]["environment"]["variables"].keys() == {"PASSWORD", "CamelCase"}
    assert [call.operation for call in done.calls] == [
        "GetFunctionConfiguration", "ListVersionsByFunction", "PublishVersion",
    ]  # fmt: skip


def test_other_code_and_other_settings(name: str) -> None:
    publish(name, 1)
    change(name, "2")
    done = foretold_and_done(name)
    assert (done["version"]["version"], done["version"]["description"]) == ("2", "The shop")
    client("lambda").update_function_configuration(FunctionName=name, MemorySize=512)
    done = foretold_and_done(name)
    assert (done["version"]["version"], done["version"]["memory_size"]) == ("3", 512)
    before, after = (done["diff"][side]["content"] for side in ("before", "after"))
    assert {key for key in after if before[key] != after[key]} == {"memory_size"}


def test_the_same_content_is_not_published_again(name: str) -> None:
    publish(name, 1)
    change(name, "release 0")
    client("lambda").update_function_configuration(FunctionName=name, Description="Another one")
    again = run(name, description="Another one")
    assert (again.changed, again["version"]["version"], again.writes) == (False, "1", [])


def test_content_that_was_there_before_is_a_new_version(name: str) -> None:
    publish(name, 2)
    change(name, "release 0")
    assert foretold_and_done(name)["version"]["version"] == "3"


def test_values_of_variables_are_shown_nowhere(name: str) -> None:
    for outcome in (run(name, check_mode=True), run(name), run(name)):
        told = json.dumps(outcome.result)
        assert SECRET not in told
        assert "hidden, sha256:" in told


def test_old_versions_are_only_named_unless_they_are_to_be_pruned(name: str) -> None:
    publish(name, 5)
    client("lambda").create_alias(
        FunctionName=name, Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {"3": 0.1}}
    )
    named = run(name, retain=1)
    assert (named.changed, named["unused_versions"], named.writes) == (False, ["1", "4"], [])
    foretold = run(name, retain=1, prune=True, check_mode=True)
    pruned = run(name, retain=1, prune=True)
    assert (foretold.changed, foretold["unused_versions"], foretold.writes) == (True, ["1", "4"], [])
    assert (pruned.changed, pruned["published"], pruned["unused_versions"]) == (True, False, ["1", "4"])
    assert pruned["diff"] == foretold["diff"]
    assert pruned["diff"]["after"]["versions"] == ["2", "3", "5"]
    again = run(name, retain=1, prune=True)
    assert (again.changed, again["unused_versions"]) == (False, [])
    kept = client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    assert [one["Version"] for one in kept] == ["$LATEST", "2", "3", "5"]


def test_the_new_version_is_one_of_those_that_are_kept(name: str) -> None:
    publish(name, 3)
    change(name, "new")
    done = run(name, retain=2, prune=True)
    assert (done["version"]["version"], done["unused_versions"]) == ("4", ["1", "2"])


def test_a_version_that_something_uses_by_now_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(name, 2)
    client("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    answering(monkeypatch, ListAliases={"Aliases": []})
    outcome = run(name, retain=1, prune=True)
    assert outcome.msg.startswith(
        f"Failed to delete old versions of the function {name}: version 1 cannot be deleted: "
    )
    assert outcome.msg.endswith(". Raise retain, or remove what uses it")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (
            {"name": "none"},
            "Failed to read the versions of the function none: the function does not exist. Create it with",
        ),
        ({"retain": 0}, "retain must be at least 1"),
        ({"prune": True}, "prune needs retain"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, params: dict[str, t.Any], said: str) -> None:
    outcome = run_module(MODULE, {"name": name, **params})
    assert (outcome.failed, outcome.writes) == (True, [])
    assert said in outcome.msg


def answering(monkeypatch: pytest.MonkeyPatch, **answers: t.Any) -> None:
    """These operations answer so; a function is given the real answer."""
    call = botocore.client.BaseClient._make_api_call

    def answer(self: t.Any, operation: str, asked: dict[str, t.Any]) -> t.Any:
        given = answers.get(operation)
        if given is None:
            return call(self, operation, asked)
        return given(call(self, operation, asked)) if callable(given) else given

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", answer)


def in_turn(*states: dict[str, str]) -> t.Callable[[dict[str, t.Any]], dict[str, t.Any]]:
    left = list(states)
    return lambda found: {**found, **(left.pop(0) if len(left) > 1 else left[0])}


UPDATING, READY = {"LastUpdateStatus": "InProgress"}, {"LastUpdateStatus": "Successful", "State": "Active"}


def test_an_update_in_progress_is_waited_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, GetFunctionConfiguration=in_turn(UPDATING, UPDATING, READY))
    done = run(name)
    assert (done.changed, done["version"]["version"]) == (True, "1")
    assert [call.operation for call in done.calls].count("GetFunctionConfiguration") == 3


def test_a_version_that_starts_is_waited_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(
        monkeypatch,
        PublishVersion=in_turn({"State": "Pending"}),
        GetFunctionConfiguration=in_turn(READY, {"State": "Pending"}, READY),
    )
    done = run(name)
    assert (done.changed, done["version"]["state"]) == (True, "Active")
    assert run(name, wait=False)["version"]["version"] == "1"


@pytest.mark.parametrize(
    ("state", "params", "said"),
    [
        (UPDATING, {"wait_timeout": 60}, "an update of the function is still in progress after 60 seconds. Raise wait_timeout"),
        (UPDATING, {"wait": False}, "an update of the function is in progress. Set wait"),
        (
            {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "No such layer."}, {},
            "the last update of the function failed: No such layer. Update it again with amazon.aws.lambda",
        ),
    ],
)  # fmt: skip
def test_a_function_that_is_not_ready(
    name: str, monkeypatch: pytest.MonkeyPatch, state: dict[str, str], params: dict[str, t.Any], said: str
) -> None:
    answering(monkeypatch, GetFunctionConfiguration=in_turn(state))
    outcome = run(name, **params)
    assert (outcome.failed, outcome.writes) == (True, [])
    assert said in outcome.msg


def test_a_change_meanwhile_is_not_published(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, GetFunctionConfiguration=in_turn({"RevisionId": "of an hour ago"}))
    outcome = run(name)
    assert f"somebody changed the function {name} while the task ran. Run the task again" in outcome.msg
    assert client("lambda").list_versions_by_function(FunctionName=name)["Versions"][1:] == []


@pytest.mark.parametrize("operation", ["GetFunctionConfiguration", "ListVersionsByFunction", "PublishVersion"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_call_in_every_fault(name: str, operation: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", clock.advance)
    faults.add({"service": "lambda", "operation": operation, **FAULTS[fault]})
    outcome = run(name)
    faults.remove()
    writes = operation == "PublishVersion"
    assert outcome.failed is (fault not in PASSES - (NEVER_AGAIN if writes else set()))
    if outcome.failed:
        is_a_sentence(
            outcome.msg, f"Failed to {'publish a version' if writes else 'read the versions'} of the function {name}: "
        )
    else:
        assert outcome.changed
    done = run(name)
    assert (done.failed, done["version"]["version"]) == (False, "1")


def test_what_is_left_out_of_the_comparison_is_in_the_model() -> None:
    model = botocore.session.get_session().get_service_model("lambda")
    assert set(OF_ONE_VERSION) <= {*model.shape_for("FunctionConfiguration").members, "ResponseMetadata"}
