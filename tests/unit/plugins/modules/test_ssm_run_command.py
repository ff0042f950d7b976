# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ssm_run_command against the emulator: what is sent, joined and followed, and which ends are failures."""

from __future__ import annotations

import json
import typing as t

import pytest
from support import compute
from support.imagebuilder import done
from support.modules import Outcome, run_module
from support.run_command import SHELL, command, invocations, nodes, send

from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands
from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import merge
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "ssm_run_command"
WEB = {"targets": [{"key": "tag:role", "values": ["web"]}]}
pytestmark = pytest.mark.usefixtures("world")


def asked(**more: t.Any) -> dict[str, t.Any]:
    whom = {} if "instance_ids" in more or "targets" in more else WEB
    return {"document_name": SHELL, "parameters": {"commands": ["true"]}, "wait_delay": 5, **whom, **more}


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def test_runs_on_all_nodes_with_a_tag() -> None:
    ids = nodes(3, role="web")
    nodes(1, role="db")
    told = run_module(MODULE, asked(max_concurrency=2), check_mode=True)
    assert told.changed and told.writes == [] and told.probes == []
    assert [node["instance_id"] for node in told["plan"]["nodes"]] == ids
    assert told["plan"]["waves"] == [ids[:2], ids[2:]] and told["plan"]["problems"] == []
    ran = done(MODULE, asked(max_concurrency=2))
    assert ran.changed and not ran["joined"] and ran["failed_nodes"] == []
    seen = ran["command"]
    assert (seen["target_count"], seen["completed_count"], seen["status"]) == (3, 3, "Success")
    assert (seen["max_concurrency"], seen["max_errors"], seen["timeout_seconds"]) == ("2", "0", 3600)
    assert operations(ran).count("SendCommand") == 1
    again = done(MODULE, asked(max_concurrency=2))
    assert again["command_ids"] != ran["command_ids"], "a command that has ended is sent again"


def test_output_is_returned_on_request() -> None:
    [one] = nodes(1)
    parameters = {"commands": "echo hello\necho again"}
    ran = done(MODULE, asked(instance_ids=[one], parameters=parameters, return_output=True))
    assert ran["outputs"] == [
        {"instance_id": one, "name": None, "status_details": "Success", "response_code": 0, "output": "hello\nagain\n"}
    ]


def test_parameters_of_every_form_are_lists_of_texts() -> None:
    [one] = nodes(1)
    parameters = {"commands": [1, True, {"a": "b"}], "executionTimeout": 60, "workingDirectory": None}
    ran = done(MODULE, asked(instance_ids=[one], parameters=parameters))
    [call] = [call for call in ran.calls if call.operation == "SendCommand"]
    sent = compute.client("ssm").list_commands(CommandId=ran["command_ids"][0])["Commands"][0]
    assert sent["Parameters"] == {"commands": ["1", "true", '{"a": "b"}'], "executionTimeout": ["60"]}
    assert call.parameters["MaxConcurrency"] == "50" and call.parameters["MaxErrors"] == "0"


def test_a_node_that_fails_fails_the_task_and_is_told_with_its_output_and_advice() -> None:
    ids = nodes(3, role="web")
    faults.add({"kind": "command-exits", "instance_id": ids[1], "code": 127, "stderr": "sh: nginx: not found\n"})
    ran = run_module(MODULE, asked(max_errors="100%"))
    assert ran.failed and ran["command"]["status"] == "Success", "AWS calls it a success"
    [failed] = ran["failed_nodes"]
    assert (failed["instance_id"], failed["response_code"], failed["cause"]) == (ids[1], 127, "not_found")
    assert failed["reason"] == "it failed with exit code 127" and "sh: nginx: not found" in failed["output_tail"]
    assert ran.msg.startswith(
        f"Failed to run the document {SHELL}: 1 of 3 nodes failed: {ids[1]}: it failed with exit code 127"
    )
    assert ran["command_ids"][0] in ran.msg and failed["hint"] in ran.msg


@pytest.mark.parametrize(
    ("details", "cause"),
    [
        ("Undeliverable", "node_unreachable"),
        ("DeliveryTimedOut", "node_unreachable"),
        ("InvalidPlatform", "wrong_platform"),
        ("AccessDenied", "not_allowed"),
        ("Cancelled", "canceled"),
        ("Terminated", "error_limit"),
    ],
)
def test_a_node_that_nothing_ran_on_is_a_failure_too(details: str, cause: str) -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "command-ends", "instance_id": ids[0], "details": details})
    ran = run_module(MODULE, asked())
    assert ran.failed
    assert [(one["instance_id"], one["status_details"], one["cause"]) for one in ran["failed_nodes"]] == [
        (ids[0], details, cause)
    ]
    assert ran["failed_nodes"][0]["response_code"] is None


def test_nodes_of_another_platform_can_be_left_out() -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "command-ends", "instance_id": ids[0], "details": "InvalidPlatform"})
    ran = done(MODULE, asked(ignore_invalid_platform=True))
    assert ran["ignored_nodes"] == [ids[0]] and ran["failed_nodes"] == []


def test_nodes_beyond_the_error_limit_are_named_as_not_begun() -> None:
    nodes(4, role="web")
    faults.add({"kind": "command-exits", "code": 2, "times": 1})
    ran = run_module(MODULE, asked(max_concurrency=1))
    assert sorted(one["status_details"] for one in ran["failed_nodes"]) == ["Failed", *["Terminated"] * 3]
    assert "4 of 4 nodes failed" in ran.msg and "And 1 more, see failed_nodes." in ran.msg


def test_a_command_that_reaches_nobody_is_a_failure() -> None:
    ran = run_module(MODULE, asked())
    assert ran.failed and "no managed node matches the targets, so nothing ran" in ran.msg
    told = run_module(MODULE, asked(), check_mode=True)
    assert [one["cause"] for one in told["plan"]["problems"]] == ["no_nodes"] and told["plan"]["problems"][0]["blocks"]


@pytest.mark.parametrize("details", ["RateExceeded", "LimitExceeded", "AccessDenied"])
def test_a_command_that_ssm_does_not_run_is_a_failure(details: str) -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-refused", "details": details})
    ran = run_module(MODULE, asked())
    assert ran.failed and f"SSM did not run the command ({details})" in ran.msg


def test_an_alarm_that_stopped_the_command_is_named() -> None:
    nodes(1, role="web")
    ran = run_module(MODULE, asked(alarm_configuration={"alarms": [{"name": "missing"}]}))
    assert ran.failed and "the alarm missing (UNKNOWN) stopped the command" in ran.msg
    tolerated = {"alarms": [{"name": "missing"}], "ignore_poll_alarm_failure": True}
    assert done(MODULE, asked(alarm_configuration=tolerated)).changed


def test_output_is_written_where_the_task_says() -> None:
    ids = nodes(1)
    compute.client("s3").create_bucket(Bucket="outputs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    faults.add({"kind": "command-exits", "stdout": "why\n"})
    config = {"cloud_watch_output_enabled": True, "cloud_watch_log_group_name": "runs"}
    ran = run_module(
        MODULE,
        asked(instance_ids=ids, output_s3_bucket_name="outputs", output_s3_key_prefix="a/b", cloud_watch_output_config=config),
    )  # fmt: skip
    [failed] = ran["failed_nodes"]
    assert failed["standard_output_url"].startswith(
        f"https://s3.eu-west-1.amazonaws.com/outputs/a/b/{failed['command_id']}"
    )
    assert compute.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "runs"


def test_an_unmanaged_node_is_named_and_nothing_is_sent() -> None:
    ids = nodes(2)
    faults.add({"kind": "ssm-unmanaged", "instance_id": ids[1]})
    told = run_module(MODULE, asked(instance_ids=ids), check_mode=True)
    assert [(one["cause"], one["blocks"]) for one in told["plan"]["problems"]] == [("nodes_missing", True)]
    ran = run_module(MODULE, asked(instance_ids=ids))
    assert ran.failed and f"nothing was sent: {ids[1]} is not managed by SSM" in ran.msg and ids[0] not in ran.msg


def test_a_document_that_is_missing_or_takes_other_parameters_is_told_before() -> None:
    nodes(1, role="web")
    told = run_module(MODULE, asked(document_name="Nobody"), check_mode=True)
    assert [one["cause"] for one in told["plan"]["problems"]] == ["document_missing"]
    ran = run_module(MODULE, asked(document_name="Nobody"))
    assert ran.failed and "Correct document_name" in ran.msg
    ran = run_module(MODULE, asked(parameters={"colour": "red"}))
    assert ran.failed and "Correct parameters" in ran.msg
    told = run_module(MODULE, asked(parameters={"colour": "red"}), check_mode=True)
    assert [one["message"] for one in told["plan"]["problems"]] == [
        f"the document {SHELL} has no parameter colour",
        f"the document {SHELL} needs the parameter commands",
    ]


def test_a_second_run_joins_the_command_in_flight() -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-slow", "seconds": 120})
    started = done(MODULE, asked(wait=False))
    assert started.changed and len(started["command_ids"]) == 1 and started["command"]["status"] == "Pending"
    told = run_module(MODULE, asked(), check_mode=True)
    assert told["joined"] and told["command_ids"] == started["command_ids"]
    joined = done(MODULE, asked(max_concurrency=7))
    assert joined["joined"] and joined.writes == [] and joined["command_ids"] == started["command_ids"]
    assert joined["command"]["max_concurrency"] == "50", "the limits are those of the command"


def test_every_target_has_to_fit() -> None:
    ids = [*nodes(1, role="web"), *nodes(1, role="db")]
    both = [{"key": "InstanceIds", "values": ids}, *WEB["targets"]]
    told = done(MODULE, asked(targets=both), check_mode=True)
    assert [node["instance_id"] for node in told["plan"]["nodes"]] == ids[:1]


@pytest.mark.parametrize(
    "other",
    [
        {"comment": "other"},
        {"parameters": {"commands": ["false || true"]}},
        {"secret_parameters": {"executionTimeout": "60"}},
        {"document_version": "1"},
        {"targets": [{"key": "tag-key", "values": ["role"]}]},
    ],
)
def test_another_command_is_not_joined(other: dict[str, t.Any]) -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-slow", "seconds": 120})
    started = done(MODULE, asked(wait=False))
    assert done(MODULE, asked(wait=False, **other))["command_ids"] != started["command_ids"]


def test_a_lost_answer_is_looked_for_and_never_sent_again() -> None:
    nodes(1, role="web")
    faults.add({"kind": "lost-reply", "operation": "SendCommand", "times": 1})
    faults.add({"kind": "command-unseen", "operation": "ListCommands", "seconds": 5})
    ran = done(MODULE, asked())
    assert operations(ran).count("SendCommand") == 1 and ran["command"]["completed_count"] == 1


def test_a_call_that_was_lost_on_its_way_is_not_repeated_blindly() -> None:
    nodes(1, role="web")
    faults.add({"kind": "no-reply", "operation": "SendCommand", "times": 1})
    ran = run_module(MODULE, asked())
    assert ran.failed and "no such command has appeared" in ran.msg
    assert operations(ran).count("SendCommand") == 1
    assert compute.client("ssm").list_commands()["Commands"] == []
    assert not done(MODULE, asked())["joined"]


def test_an_earlier_command_of_the_same_second_is_not_taken_for_the_lost_one() -> None:
    nodes(1, role="web")
    clock.advance(1 - clock.now() % 1)
    faults.add({"kind": "command-refused", "times": 1})
    first = done(MODULE, asked(wait=False))
    clock.advance(1.2)
    faults.add({"kind": "no-reply", "operation": "SendCommand", "times": 1})
    ran = run_module(MODULE, asked())
    assert ran.failed and "no such command has appeared" in ran.msg
    assert [one["CommandId"] for one in compute.client("ssm").list_commands()["Commands"]] == first["command_ids"]


def test_a_throttled_call_is_repeated() -> None:
    nodes(1, role="web")
    for operation in ("SendCommand", "ListCommands", "ListCommandInvocations"):
        faults.add({"kind": "throttle", "operation": operation, "times": 2})
    assert done(MODULE, asked())["command"]["completed_count"] == 1


def test_a_list_that_lags_behind_is_read_again() -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "command-ends", "instance_id": ids[0], "details": "Undeliverable"})
    faults.add({"kind": "command-unseen", "operation": "ListCommandInvocations", "seconds": 12})
    ran = run_module(MODULE, asked())
    assert [one["instance_id"] for one in ran["failed_nodes"]] == [ids[0]]


def test_whoever_loses_sight_of_a_command_is_told_its_id() -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-slow", "seconds": 120})
    faults.add({"kind": "denied", "operation": "ListCommands", "skip": 1})
    ran = run_module(MODULE, asked())
    assert ran.failed and ran["error"]["code"] == "AccessDeniedException"
    assert f"The command {ran['command_ids'][0]} continues in AWS" in ran.msg
    assert "a script that is running on a node" in ran.msg and "runs on" in ran.msg


def test_whoever_cannot_read_how_a_command_ended_is_told_that_it_did() -> None:
    nodes(1, role="web")
    faults.add({"kind": "denied", "operation": "ListCommandInvocations"})
    ran = run_module(MODULE, asked())
    assert ran.failed and f"The command {ran['command_ids'][0]} has ended" in ran.msg
    assert "Running the task again sends it again." in ran.msg


def test_a_wait_that_runs_out_keeps_the_command_and_says_so() -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-slow", "seconds": 300})
    ran = run_module(MODULE, asked(wait_timeout=30))
    assert ran.failed and "0 of 1 nodes done when wait_timeout expired" in ran.msg and ran["command_ids"][0] in ran.msg
    assert done(MODULE, asked())["joined"]


def test_a_command_is_canceled_once() -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "command-slow", "seconds": 300})
    sent = done(MODULE, asked(wait=False, max_concurrency=1))["command_ids"][0]
    clock.advance(5)
    cancel = {"command_id": sent, "state": "cancelled"}
    told = run_module(MODULE, cancel, check_mode=True)
    assert told.changed and told.writes == []
    ran = done(MODULE, cancel)
    assert ran.changed and ran["command"]["status"] == "Cancelled" and ran["in_progress_nodes"] == [ids[0]]
    again = done(MODULE, cancel)
    assert not again.changed and again.writes == []
    unknown = run_module(MODULE, {**cancel, "command_id": "0" * 36})
    assert unknown.failed and "there is no command" in unknown.msg


def test_canceling_is_followed_in_slices_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "command-slow", "seconds": 300})
    sent = done(MODULE, asked(wait=False))["command_ids"][0]
    clock.advance(5)
    cancel, late = {"command_id": sent, "state": "cancelled"}, []
    monkeypatch.setattr(commands, "cancel", lambda *asked: late.append(asked))
    first = done(MODULE, {**cancel, "follow": {"seconds": 15}})
    assert first["followed"]["lines"] == [f"{SHELL}: 0 of 2 nodes done"] and not first["followed"]["done"]
    compute.client("ssm").cancel_command(CommandId=sent)
    follow = {"seconds": 15, "id": first["followed"]["id"], "seen": first["followed"]["seen"]}
    last = done(MODULE, {**cancel, "follow": follow})
    assert last["followed"]["done"] and last["followed"]["seen"] == f"{SHELL}: 2 of 2 nodes done" and len(late) == 1
    told = merge(first.result, last.result)
    assert told["changed"] and sorted(told["in_progress_nodes"]) == sorted(ids)
    assert told["diff"] == {"before": {"status": "InProgress"}, "after": {"status": "Cancelled"}}


def test_some_nodes_of_a_command_can_be_canceled() -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "command-slow", "seconds": 300})
    sent = send(["true"], Targets=[{"Key": "tag:role", "Values": ["web"]}])
    clock.advance(5)
    done(MODULE, {"command_id": sent, "state": "cancelled", "instance_ids": ids[:1]})
    assert {one["InstanceId"]: one["Status"] for one in invocations(sent)} == {
        ids[0]: "Cancelled",
        ids[1]: "InProgress",
    }
    assert command(sent)["Status"] == "InProgress"


@pytest.mark.parametrize("check", [True, False])
def test_secrets_are_shown_nowhere(check: bool) -> None:
    nodes(1, role="web")
    secret = {"commands": ["echo correct-horse-battery; exit 3"]}
    ran = run_module(MODULE, asked(secret_parameters=secret, parameters=None), check_mode=check)
    assert ran.failed is not check and "correct-horse" not in json.dumps(ran.result)
    if ran.failed:
        assert ran["failed_nodes"][0]["response_code"] == 3 and ran["failed_nodes"][0]["output_tail"] == ""


def test_a_secret_that_is_given_twice_is_refused() -> None:
    ran = run_module(MODULE, asked(secret_parameters={"commands": "x"}))
    assert ran.failed and "commands is in parameters and in secret_parameters" in ran.msg


def test_the_first_slice_names_the_command_and_the_last_one_judges() -> None:
    nodes(1, role="web")
    faults.add({"kind": "command-exits", "code": 5})
    first = run_module(MODULE, asked(follow={"seconds": 15}))
    followed = first["followed"]
    assert not followed["done"] and f"sent the command {first['command_ids'][0]}" in followed["alerts"]
    for _slice in range(5):
        last = run_module(MODULE, asked(follow={"seconds": 15, "id": followed["id"], "seen": followed["seen"]}))
        if last.failed:
            break
        followed = last["followed"]
    assert last.failed and last["failed_nodes"][0]["response_code"] == 5
    assert "SendCommand" not in operations(last)


def test_what_holds_a_command_up_is_told_once() -> None:
    ids = nodes(2, role="web")
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    started = run_module(MODULE, asked(follow={"seconds": 15}))
    clock.advance(60)
    quiet = {"seconds": 90, "id": started["followed"]["id"], "seen": f"{SHELL}: 1 of 2 nodes done", "quiet": 55}
    told = run_module(MODULE, asked(follow=quiet))
    [alert] = told["followed"]["alerts"]
    assert f"{ids[0]} still in progress, of which {ids[0]} does not answer to SSM. SSM gives up at" in alert
    silent = run_module(MODULE, asked(follow={**quiet, "quiet": -1}))
    assert silent["followed"]["alerts"] == [] and set(operations(silent)) == {"ListCommands"}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("comment", "x" * 51, "at most 50"),
        ("max_concurrency", "many", "max_concurrency"),
        ("max_errors", "5 %", "max_errors"),
    ],
)
def test_wrong_options_are_refused_in_words(option: str, value: str, said: str) -> None:
    nodes(1, role="web")
    ran = run_module(MODULE, asked(**{option: value}))
    assert ran.failed and said in ran.msg
    assert "SendCommand" not in operations(ran)
