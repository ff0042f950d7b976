# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import preflight

REMEDY = "Install the agent with slipway.aws.install_agent or bake it into the AMI."


def host(number: int, verdict: str = "ready", **more: t.Any) -> dict[str, t.Any]:
    bad = {"reason": "the CodeDeploy agent is not installed", "remedy": REMEDY}
    fine = {"reason": "the CodeDeploy agent 1.8.1 is running", "remedy": None}
    return {
        "instance_id": f"i-{number:017}",
        "name": f"web-{number}",
        "private_ip_address": f"10.132.31.{number}",
        "agent": {"status": "running", "version": "1.8.1"}
        if verdict == "ready"
        else {"status": "absent", "version": None},
        "revision": {"revision_type": "S3", "s3_location": {"bucket": "b", "key": "app/app-1.zip", "e_tag": "f00"}},
        "verdict": verdict,
        **(fine if verdict == "ready" else bad),
        **more,
    }


def looked(hosts: list[dict[str, t.Any]], problems: t.Sequence[t.Any] = (), **more: t.Any) -> dict[str, t.Any]:
    named = {v: [{"id": one["instance_id"]} for one in hosts if one["verdict"] == v] for v in preflight.ORDER}
    verdict = next((v for v in preflight.ORDER if named[v]), "ready")
    return {"preflight": {"verdict": verdict, **named, "problems": list(problems)}, "hosts": hosts, **more}


def test_a_line_a_host_and_the_problems_first() -> None:
    unknown = host(3, "unknown", reason="it was not probed", remedy="Run it again.", agent={"status": None})
    told = preflight.lines(looked([host(1), unknown, host(2, "not_ready")]), 160)
    assert told == [
        "Preflight: not ready. Hosts: 1 not ready, 1 unknown, 1 ready.",
        "  NAME   ID                   ADDRESS      AGENT   REVISION   VERDICT    REASON",
        "  web-2  i-00000000000000002  10.132.31.2  absent  app-1.zip  not ready  the CodeDeploy agent is not installed",
        "  web-3  i-00000000000000003  10.132.31.3          app-1.zip  unknown    it was not probed",
        "  web-1  i-00000000000000001  10.132.31.1  1.8.1   app-1.zip  ready",
        f"  Fix: {REMEDY}",
        "  Fix: Run it again.",
    ]


@pytest.mark.parametrize("width", [79, 100, 120])
def test_columns_stay_aligned_and_lines_fit(width: int) -> None:
    hosts = [host(n, "not_ready" if n % 2 else "ready", name="a-rather-long-name-of-a-host") for n in range(1, 5)]
    told = preflight.lines(looked(hosts), width)
    assert max(map(len, told)) <= width
    column = told[1].index("10.132") if "10.132" in told[1] else told[1].index("ADDRESS")
    assert all(line[column : column + 7] == "10.132." for line in told[2:] if " i-0" in line)


@pytest.mark.parametrize(("count", "more"), [(50, []), (51, ["  +1 more"]), (3000, ["  +2950 more"])])
def test_fifty_hosts_are_told_and_the_others_counted(count: int, more: list[str]) -> None:
    hosts = [*(host(n) for n in range(count - 1)), host(9999, "not_ready")]
    told = preflight.lines(looked(hosts), 79)
    assert len([line for line in told if "10.132.31." in line]) == min(count, 50)
    assert [line for line in told if line.startswith("  +")] == more
    assert "i-00000000000009999" in told[2]


def test_problems_of_the_group_come_before_the_hosts() -> None:
    problems = [{"cause": "alarm_on", "message": "the alarm cpu is on", "remedy": "Wait.", "blocks": True}]
    told = preflight.lines(looked([host(1)], problems, msg="The preflight of app/prod failed: and more"), 79)
    assert told[0] == "The preflight of app/prod failed: ready. Hosts: 1 ready. 1 problem with the group."
    assert told[1] == "  PROBLEM  the alarm cpu is on. Wait."


def test_an_instance_that_does_not_exist_is_a_line_too() -> None:
    missing = {
        "id": "i-1",
        "name": None,
        "private_ip_address": None,
        "reason": "the instance does not exist",
        "remedy": "Correct it.",
        "missing": True,
    }
    result = looked([host(2)])
    result["preflight"]["not_ready"] = [missing]
    told = preflight.lines(result, 160)
    assert [line.split()[0] for line in told[2:4]] == ["i-1", "web-2"] and "the instance does not exist" in told[2]
    assert told[-1] == "  Fix: Correct it."


def test_a_name_cannot_forge_a_line() -> None:
    told = preflight.lines(looked([host(1, name="x\nok: [web]\x1b[2J")]), 120)
    assert len(told) == 3 and "\x1b" not in told[2]


def test_without_a_verdict_the_message_is_all() -> None:
    result = {"msg": "The preflight of app/prod failed: denied."}
    assert preflight.lines(result, 79) == [] and preflight.headline(result) == result["msg"]
