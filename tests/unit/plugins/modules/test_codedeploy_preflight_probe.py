# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the hosts of a preflight are asked: by which commands, with how many calls, and when they need not be asked."""

from __future__ import annotations

import json
import math
import typing as t

import boto3
import pytest
from support.codedeploy_shop import REGION
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator import console
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import BOOT_SECONDS, GATHER_SECONDS, registry

OURS = "slipway.aws.codedeploy_preflight"
SHELL, POWERSHELL = "AWS-RunShellScript", "AWS-RunPowerShellScript"
BOTH = {
    "schemaVersion": "2.2",
    "mainSteps": [
        {
            "action": f"aws:run{name}Script",
            "name": name,
            "precondition": {"StringEquals": ["platformType", platform]},
            "inputs": {"runCommand": [f"echo running 1.9.{number}"], "timeoutSeconds": "30"},
        }
        for number, (name, platform) in enumerate((("Shell", "Linux"), ("PowerShell", "Windows")))
    ],
}


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.group()
    return found


def preflight(**options: t.Any) -> Outcome:
    selectors = ("instance_ids", "auto_scaling_groups", "ec2_tag_filters", "ec2_tag_set")
    return run_module("codedeploy_preflight", {**({} if set(selectors) & set(options) else GROUP), **options})


def asked(outcome: Outcome) -> list[tuple[str, t.Any]]:
    """Document, and tags or number of ids, of every command."""
    sent = [call.parameters for call in outcome.calls if call.operation == "SendCommand"]
    return [(one["DocumentName"], one.get("Targets") or len(one["InstanceIds"])) for one in sent]


def by_tag(key: str, *values: str) -> list[dict[str, t.Any]]:
    return [{"Key": key, "Values": list(values)}]


def document(name: str, script: str, action: str = "aws:runShellScript") -> str:
    step = {"action": action, "name": "probe", "inputs": {"runCommand": [script], "timeoutSeconds": "30"}}
    _create(name, {"schemaVersion": "2.2", "mainSteps": [step]})
    return name


def _create(name: str, content: dict[str, t.Any]) -> None:
    boto3.client("ssm", REGION).create_document(Name=name, Content=json.dumps(content), DocumentType="Command")


WEB, SETS = (
    [{"key": "role", "value": "web"}],
    {"ec2_tag_set_list": [[{"key": "role", "value": "web"}], [{"key": "tier"}]]},
)
# What is selected, how many hosts, and how they are asked: the tags of one command, or so many commands.
SHAPES: dict[str, tuple[t.Callable[[Fleet, int], dict[str, t.Any]], t.Any]] = {
    "one Auto Scaling group": (
        lambda fleet, size: bool(fleet.scaled("shop", size)) and {"auto_scaling_groups": ["shop"]},
        by_tag("tag:aws:autoscaling:groupName", "shop"),
    ),
    "a tag": (
        lambda fleet, size: bool(fleet.launch(size)) and {"ec2_tag_filters": WEB},
        by_tag("tag:role", "web"),
    ),
    "tags": (
        lambda fleet, size: bool(fleet.launch(size, role="web", tier="1")) and {"ec2_tag_set": SETS},
        [*by_tag("tag:role", "web"), *by_tag("tag-key", "tier")],
    ),
    "a value of any tag": (
        lambda fleet, size: bool(fleet.launch(size)) and {"ec2_tag_filters": [{"value": "web"}]},
        None,
    ),
    "ids": (lambda fleet, size: {"instance_ids": fleet.launch(size)}, None),
    "both platforms": (
        lambda fleet, size: (
            bool(fleet.launch(size // 2) and fleet.launch(size - size // 2, fleet.image(windows=True)))
            and {"ec2_tag_filters": WEB}
        ),
        None,
    ),
}


@pytest.mark.parametrize("size", [3, 105])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_calls_of_a_fleet(world: None, shape: str, size: int) -> None:
    arrange, targets = SHAPES[shape]
    fleet = Fleet()
    selection = arrange(fleet, size)
    clock.advance(BOOT_SECONDS)
    outcome = preflight(**selection)
    assert outcome["preflight"]["verdict"] == "ready" and len(outcome["preflight"]["ready"]) == size
    first_pages = [call for call in outcome.calls if "NextToken" not in call.parameters]
    answers = [call for call in first_pages if call.operation == "ListCommandInvocations"]
    assert len(first_pages) - len(answers) <= math.ceil(size / 50) + 10
    documents = [SHELL, POWERSHELL] if shape == "both platforms" else [SHELL]
    if targets:
        assert asked(outcome) == [(SHELL, targets)]
    else:
        parts = [size // 2, size - size // 2] if len(documents) == 2 else [size]
        wanted = [(doc, min(50, part - start)) for doc, part in zip(documents, parts) for start in range(0, part, 50)]
        assert sorted(asked(outcome)) == sorted(wanted)
    assert outcome["preflight"]["probes"] == len(asked(outcome)) == len(outcome.probes)
    assert not outcome.writes and all(call.parameters["Comment"] == OURS for call in outcome.probes)


def test_one_question_follows_many_commands(fleet: Fleet) -> None:
    ids = fleet.launch(105)
    polls = [call for call in preflight(instance_ids=ids).calls if call.operation == "ListCommands"]
    assert not any("CommandId" in call.parameters for call in polls) and len(polls) < 8


def test_many_ids_are_found_by_pages(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet.MANY_IDS", 10)
    ids, others = fleet.launch(12), fleet.launch(5)
    outcome = preflight(instance_ids=ids)
    described = [call.parameters for call in outcome.calls if call.operation == "DescribeInstances"]
    assert len(described) == 1 and not any("instance-id" in str(one) for one in described)
    assert sorted(outcome["preflight"]["ready"]) == sorted(ids) and not set(others) & set(outcome["preflight"]["ready"])
    gone = "i-0123456789abcdef0"
    assert gone in preflight(instance_ids=[*ids, gone]).msg


def test_a_lost_host_keeps_nobody_waiting(fleet: Fleet) -> None:
    """A command to a tag reaches it, and SSM would wait for it until the command runs out."""
    ids = fleet.launch(4)
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    halted = fleet.launch(1)
    fleet.ec2.stop_instances(InstanceIds=halted)
    before = clock.now()
    outcome = preflight()
    assert asked(outcome) == [(SHELL, by_tag("tag:role", "web"))] and clock.now() - before < 20
    assert sorted(outcome["preflight"]["ready"]) == sorted(ids[1:])
    causes = {one["id"]: one["cause"] for one in outcome["preflight"]["not_ready"]}
    assert causes == {ids[0]: "ssm_unreachable", halted[0]: "instance_stopped"}


def test_a_host_that_came_after_the_probe_is_named(fleet: Fleet) -> None:
    ids = fleet.launch(2)
    late = fleet.launch(1, role="other")
    first = preflight(follow={"seconds": 0})
    fleet.ec2.create_tags(Resources=late, Tags=[{"Key": "role", "Value": "web"}])
    follow = {"id": first["followed"]["id"], "seconds": 600, "seen": first["followed"]["seen"]}
    outcome = preflight(follow=follow)
    while not outcome["followed"]["done"]:
        outcome = preflight(follow={**follow, "seen": outcome["followed"]["seen"]})
    assert sorted(outcome["preflight"]["ready"]) == sorted(ids) and outcome["preflight"]["probes"] == 1
    [told] = outcome["preflight"]["unknown"]
    assert told["id"] == late[0] and "was added after the probe was sent" in told["reason"]


def test_windows_hosts_are_asked_by_powershell(fleet: Fleet) -> None:
    good = fleet.launch(2, fleet.image(windows=True))
    outcome = preflight()
    assert asked(outcome) == [(POWERSHELL, by_tag("tag:role", "web"))]
    assert sorted(outcome["preflight"]["ready"]) == sorted(good)
    assert {one["reason"] for one in outcome["hosts"]} == {"the CodeDeploy agent 1.8.1 is running"}
    stopped = fleet.launch(1, fleet.image(enabled=False, windows=True))
    absent = fleet.launch(1, fleet.image(agent=None, windows=True))
    outcome = preflight(probe_max_age=0)
    causes = {one["id"]: one["cause"] for one in outcome["preflight"]["not_ready"]}
    assert causes == {stopped[0]: "agent_stopped", absent[0]: "agent_absent"}


def test_inventory_knows_the_agent_of_windows_by_its_own_name(fleet: Fleet) -> None:
    fleet.launch(1, fleet.image(windows=True))
    clock.advance(GATHER_SECONDS)
    assert preflight(probe="inventory")["preflight"]["verdict"] == "ready"


def test_a_document_of_ones_own_for_each_platform(fleet: Fleet) -> None:
    fleet.launch(1)
    fleet.launch(1, fleet.image(windows=True))
    document("Ours", "echo running 1.9.0")
    document("OursToo", "Write-Output 'running 1.9.1'", "aws:runPowerShellScript")
    outcome = preflight(document_name="Ours", windows_document_name="OursToo")
    assert sorted(asked(outcome)) == [("Ours", 1), ("OursToo", 1)] and not any(
        "Parameters" in c.parameters for c in outcome.probes
    )
    assert {one["agent"]["version"] for one in outcome["hosts"]} == {"1.9.0", "1.9.1"}


def test_one_document_for_both_platforms_needs_one_command(fleet: Fleet) -> None:
    fleet.launch(1)
    fleet.launch(1, fleet.image(windows=True))
    _create("Both", BOTH)
    outcome = preflight(document_name="Both", windows_document_name="Both")
    assert asked(outcome) == [("Both", by_tag("tag:role", "web"))]
    assert {one["agent"]["version"] for one in outcome["hosts"]} == {"1.9.0", "1.9.1"}


def test_a_document_that_does_not_fit_the_platform_is_told_of_its_hosts_only(fleet: Fleet) -> None:
    [linux], [windows] = fleet.launch(1), fleet.launch(1, fleet.image(windows=True))
    outcome = preflight(windows_document_name=document("Ours", "echo running 1.9.0"))
    assert outcome["preflight"]["ready"] == [linux]
    assert [(one["id"], one["cause"]) for one in outcome["preflight"]["unknown"]] == [(windows, "probe_refused")]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "echo hello",
            "did not report the state of the agent, which its document must print in one line; its last line was: hello",
        ),
        ("false", "failed on the host and reported nothing about the agent"),
    ],
)
def test_a_host_that_stays_unknown_is_named_with_its_own_reason(fleet: Fleet, script: str, words: str) -> None:
    [host] = fleet.launch(1)
    outcome = preflight(document_name=document("Ours", script), fail_on="unknown")
    [told] = outcome["preflight"]["unknown"]
    assert told["id"] == host and words in told["reason"] and host in outcome.msg and words in outcome.msg


def test_hosts_that_did_not_answer_in_time_are_told_apart(fleet: Fleet) -> None:
    lost, fine = fleet.launch(2)
    first = preflight(follow={"seconds": 0})
    faults.add({"kind": "ssm-offline", "instance_id": lost})
    late = preflight(follow={"id": first["followed"]["id"], "seconds": 0, "spent": 300})
    reasons = {one["id"]: one["reason"] for one in late["preflight"]["unknown"]}
    assert reasons == {fine: "the probe was not answered within wait_timeout"} and late["followed"]["done"]
    assert [one["cause"] for one in late["preflight"]["not_ready"]] == ["ssm_unreachable"]


# What SSM remembers.


def test_who_just_answered_is_not_asked_again(fleet: Fleet) -> None:
    ids = fleet.launch(3)
    assert preflight()["preflight"]["probes"] == 1
    again = preflight()
    assert again["preflight"]["probes"] == 0 and not again.probes and again["preflight"]["verdict"] == "ready"
    assert {one["agent"]["source"] for one in again["hosts"]} == {"command"} and again["hosts"][0]["agent"][
        "captured_at"
    ]
    new = fleet.launch(1)
    third = preflight(probe_max_age=300)
    assert asked(third) == [(SHELL, 1)] and third.probes[0].parameters["InstanceIds"] == new
    assert sorted(third["preflight"]["ready"]) == sorted([*ids, *new])


def test_a_later_slice_remembers_too(fleet: Fleet) -> None:
    ids = fleet.launch(2)
    preflight()
    ids += fleet.launch(1)
    first = preflight(probe_max_age=300, follow={"seconds": 0})
    follow = {"id": first["followed"]["id"], "seconds": 600, "seen": first["followed"]["seen"]}
    outcome = preflight(probe_max_age=300, follow=follow)
    while not outcome["followed"]["done"]:
        outcome = preflight(probe_max_age=300, follow={**follow, "seen": outcome["followed"]["seen"]})
    assert sorted(outcome["preflight"]["ready"]) == sorted(ids) and outcome["preflight"]["probes"] == 1


@pytest.mark.parametrize(("age", "probes"), [({}, 1), ({"probe_max_age": 0}, 1), ({"probe_max_age": 200}, 0)])
def test_an_answer_grows_old(fleet: Fleet, age: dict[str, int], probes: int) -> None:
    fleet.launch(1)
    preflight()
    clock.advance(90)
    assert preflight(**age)["preflight"]["probes"] == probes


def test_zero_asks_even_who_answered_this_second(fleet: Fleet) -> None:
    fleet.launch(1)
    preflight()
    assert preflight(probe_max_age=0)["preflight"]["probes"] == 1


@pytest.mark.parametrize("again", ["reboot", "stop and start"])
def test_an_answer_of_before_a_start_does_not_count(fleet: Fleet, again: str) -> None:
    ids = fleet.launch(2, fleet.image(enabled=False))
    for one in ids:
        console.run(registry.get(one), "systemctl start codedeploy-agent")
    assert preflight(probe_max_age=600)["preflight"]["verdict"] == "ready"
    if again == "reboot":
        fleet.ec2.reboot_instances(InstanceIds=ids[:1])
    else:
        fleet.ec2.stop_instances(InstanceIds=ids[:1])
        fleet.ec2.start_instances(InstanceIds=ids[:1])
    clock.advance(BOOT_SECONDS + 1)
    outcome = preflight(probe_max_age=600)
    assert outcome.probes[0].parameters["InstanceIds"] == ids[:1]
    assert [one["cause"] for one in outcome["preflight"]["not_ready"]] == ["agent_stopped"]


def test_bad_news_is_never_remembered(fleet: Fleet) -> None:
    [host] = fleet.launch(1, fleet.image(enabled=False))
    assert preflight()["preflight"]["not_ready"][0]["cause"] == "agent_stopped"
    console.run(registry.get(host), "systemctl start codedeploy-agent")
    assert preflight()["preflight"]["verdict"] == "ready"


def test_an_old_version_is_asked_again(fleet: Fleet) -> None:
    [host] = fleet.launch(1)
    assert preflight()["preflight"]["verdict"] == "ready"
    assert preflight(minimum_agent_version="1.9.0")["preflight"]["probes"] == 1
    assert host in preflight(minimum_agent_version="1.9.0")["preflight"]["not_ready"][0]["id"]


def test_the_newest_answer_decides(fleet: Fleet) -> None:
    [host] = fleet.launch(1)
    preflight()
    console.run(registry.get(host), "systemctl stop codedeploy-agent")
    assert preflight(probe_max_age=0)["preflight"]["verdict"] == "not_ready"
    assert preflight()["preflight"]["verdict"] == "not_ready"


def test_only_our_own_probes_are_remembered(fleet: Fleet) -> None:
    [host] = fleet.launch(1, fleet.image(agent=None))
    boto3.client("ssm", REGION).send_command(
        DocumentName=SHELL, InstanceIds=[host], Parameters={"commands": ["echo running 1.8.1"]}
    )
    clock.advance(10)
    assert preflight()["preflight"]["not_ready"][0]["cause"] == "agent_absent"
    document("Ours", "echo running 1.8.1")
    preflight(document_name="Ours")
    assert preflight()["preflight"]["not_ready"][0]["cause"] == "agent_absent"


def test_check_mode_and_other_probes_send_nothing(fleet: Fleet) -> None:
    fleet.launch(1)
    clock.advance(GATHER_SECONDS)
    told = [
        run_module("codedeploy_preflight", GROUP, check_mode=True),
        preflight(probe="inventory"),
        preflight(probe="none"),
    ]
    assert [(one["preflight"]["probes"], one.probes, one.writes) for one in told] == [(0, [], [])] * 3
