# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ssm_run_command on more ids than a command takes, and what fleets of any size cost: calls and memory."""

from __future__ import annotations

import datetime
import tracemalloc
import typing as t
from types import SimpleNamespace

import pytest
from support.imagebuilder import done
from support.modules import run_module
from support.run_command import SHELL, nodes

from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import acts, wishes
from ansible_collections.slipway.aws.plugins.modules.ssm_run_command import ARGUMENT_SPEC
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.ledger import ledger

MODULE = "ssm_run_command"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def asked(ids: list[str], **more: t.Any) -> dict[str, t.Any]:
    return {"document_name": SHELL, "parameters": {"commands": ["true"]}, "instance_ids": ids, "wait_delay": 5, **more}


def few(ids: list[str], **more: t.Any) -> dict[str, t.Any]:
    return asked(ids, max_concurrency=4, **more)


@pytest.fixture
def ids(world: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ten nodes, of which a command takes four instead of fifty."""
    monkeypatch.setattr(wishes, "PAGE", 4)
    return nodes(10)


def sent() -> list[tuple[int, str, str, str]]:
    calls = [call.parameters for call in ledger.calls("ssm") if call.operation == "SendCommand"]
    return [
        (len(one["InstanceIds"]), one["MaxConcurrency"], one["MaxErrors"], one["Comment"].rpartition(" ")[2]) for one in calls
    ]  # fmt: skip


def test_more_ids_than_a_command_takes_are_sent_one_command_after_the_other(ids: list[str]) -> None:
    ran = done(MODULE, asked(ids, max_concurrency="20%", max_errors="2"))
    assert sent() == [(4, "2", "2", "1/3"), (4, "2", "2", "2/3"), (2, "2", "2", "3/3")]
    assert (ran["command"]["target_count"], ran["command"]["completed_count"], len(ran["command_ids"])) == (10, 10, 3)
    told = run_module(MODULE, asked(ids, max_concurrency="20%"), check_mode=True)
    assert told["plan"]["commands"] == 3 and [len(wave) for wave in told["plan"]["waves"]] == [2] * 5


def test_as_many_commands_at_once_as_the_concurrency_allows(ids: list[str]) -> None:
    faults.add({"kind": "command-slow", "seconds": 300})
    started = done(MODULE, asked(ids, max_concurrency="100%", wait=False))
    assert [one[:2] for one in sent()] == [(4, "4"), (4, "4"), (2, "4")]
    assert len(started["command_ids"]) == 3


def test_errors_of_all_commands_count_together(ids: list[str]) -> None:
    faults.add({"kind": "command-exits", "instance_id": ids[3]})
    faults.add({"kind": "command-exits", "instance_id": ids[6]})
    ran = run_module(MODULE, asked(ids, max_concurrency="4", max_errors="1"))
    assert [one[2] for one in sent()] == ["1", "0"]
    ends = [one["status_details"] for one in ran["failed_nodes"]]
    assert (ends.count("Failed"), ends.count("NotSent")) == (2, 2)
    assert "4 of 10 nodes failed" in ran.msg


def test_one_unmanaged_node_among_many_stops_them_all(ids: list[str]) -> None:
    faults.add({"kind": "ssm-unmanaged", "instance_id": ids[-1]})
    ran = run_module(MODULE, asked(ids))
    assert ran.failed and f"nothing was sent: {ids[-1]} is not managed by SSM" in ran.msg and sent() == []


def test_a_run_of_several_commands_is_joined_where_it_is(ids: list[str]) -> None:
    done(MODULE, few(ids))  # an older run of the same, which has ended
    faults.add({"kind": "command-slow", "seconds": 300, "instance_id": ids[5]})
    left = run_module(MODULE, few(ids, wait_timeout=60))
    assert left.failed and len(left["command_ids"]) == 2
    joined = done(MODULE, few(ids))
    assert joined["joined"] and joined["command_ids"][:2] == left["command_ids"] and len(joined["command_ids"]) == 3
    assert joined["command"]["completed_count"] == 10


def test_waves_that_nobody_would_follow_are_refused(ids: list[str]) -> None:
    ran = run_module(MODULE, few(ids, wait=False))
    assert ran.failed and "10 nodes take 3 commands, which max_concurrency lets run one after the other" in ran.msg
    assert sent() == []


class Fake:
    """Run Command with a command on any number of nodes, of which every hundredth fails. Counts what it is asked."""

    def __init__(self, count: int) -> None:
        self.count, self.asked, self.polls = count, [], 0
        self.failed = [number for number in range(count) if number % 100 == 99]
        self.meta = SimpleNamespace(method_to_api_mapping={})

    def client(self, _service: str, once: bool = False) -> Fake:
        return self

    def now(self) -> datetime.datetime:
        return NOW

    region, deadline = "eu-west-1", None

    def _command(self, done: int) -> dict[str, t.Any]:
        over = done == self.count
        return {
            "CommandId": "c", "DocumentName": SHELL, "RequestedDateTime": NOW, "ExpiresAfter": NOW + datetime.timedelta(1),
            "Status": "Success" if over else "InProgress", "StatusDetails": "Success" if over else "InProgress",
            "TargetCount": self.count, "CompletedCount": done, "ErrorCount": len(self.failed) if over else 0,
            "DeliveryTimedOutCount": 0, "MaxConcurrency": "50", "MaxErrors": "100%",
        }  # fmt: skip

    def send_command(self, **_asked: t.Any) -> dict[str, t.Any]:
        self.asked.append("send")
        return {"Command": self._command(0)}

    def list_commands(self, **_asked: t.Any) -> dict[str, t.Any]:
        self.asked.append("poll")
        self.polls += 1
        return {
            "Commands": [self._command(self.count if self.polls > 20 else self.polls * self.count // 30)]
            if self.polls > 1
            else []
        }

    def list_command_invocations(self, **asked: t.Any) -> dict[str, t.Any]:
        self.asked.append("page")
        status = asked["Filters"][0]["value"] if asked.get("Filters") else None
        found = self.failed if status == "Failed" else [] if status else range(self.count)
        start = int(asked.get("NextToken") or 0)
        more = {"NextToken": str(start + 50)} if start + 50 < len(found) else {}
        return {"CommandInvocations": [self._invocation(number) for number in found[start : start + 50]], **more}

    @staticmethod
    def _invocation(number: int) -> dict[str, t.Any]:
        plugin = {"Name": "aws:runShellScript", "Status": "Failed", "ResponseCode": 1, "Output": "x" * 2500}
        return {"CommandId": "c", "InstanceId": f"i-{number}", "StatusDetails": "Failed", "CommandPlugins": [plugin]}


def options(**given: t.Any) -> dict[str, t.Any]:
    defaults = {name: about.get("default") for name, about in ARGUMENT_SPEC.items()}
    return {**defaults, "document_name": SHELL, "targets": [{"key": "tag:a", "values": ["b"]}], **given}


def follow(fake: Fake) -> acts.Refused:
    fake.meta.method_to_api_mapping = {name: name for name in ("list_commands", "list_command_invocations")}
    with pytest.raises(acts.Refused) as refused:
        acts.run_command(fake, options(), False)  # type: ignore[arg-type]
    return refused.value


@pytest.mark.parametrize(("count", "pages"), [(500, 7), (10_000, 8)])
def test_a_fleet_costs_a_call_a_poll_and_the_pages_of_what_failed(world: None, count: int, pages: int) -> None:
    fake = Fake(count)
    problem = follow(fake)
    assert fake.asked == ["poll", "send", *["poll"] * 20, *["page"] * pages]
    assert len(problem.details["failed_nodes"]) == count // 100
    assert f"{count // 100} of {count} nodes failed" in str(problem)


def test_ten_thousand_failed_nodes_take_little_memory(world: None) -> None:
    fake = Fake(10_000)
    fake.failed = list(range(10_000))
    tracemalloc.start()
    problem = follow(fake)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(problem.details["failed_nodes"]) == 10_000
    assert fake.asked.count("page") == 200 + 6
    assert peak < 60 * 2**20, "150 MiB less what Python, boto3 and Ansible take"


def test_a_check_that_succeeded_a_short_time_ago_is_not_sent_again(ids: list[str]) -> None:
    check = asked(ids, max_age_days=1, max_concurrency="100%")
    assert done(MODULE, check).changed
    again = done(MODULE, check)
    assert not again.changed and again.writes == [] and again["command"]["completed_count"] == 10
    assert not run_module(MODULE, check, check_mode=True).changed
    assert done(MODULE, {**check, "instance_ids": ids[1:]}).changed, "on other nodes it is another one"
    faults.add({"kind": "command-exits", "instance_id": ids[0], "code": 3})
    assert run_module(MODULE, {**check, "max_age_days": None}).failed
    assert run_module(MODULE, check).failed, "the last one decides"
    faults.remove()
    assert done(MODULE, check).changed
    clock.advance(2 * 86400)
    assert done(MODULE, check).changed
    assert "instance_ids" in run_module(MODULE, {**check, "instance_ids": None}).msg
