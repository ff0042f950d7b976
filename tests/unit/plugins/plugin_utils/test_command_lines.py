# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugin of ssm_run_command shows: where a command failed, or whom it would reach."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import command

PROBLEM = {
    "cause": "nodes_unreachable",
    "message": "no answer to SSM from i-2",
    "remedy": "Start them.",
    "blocks": False,
}


def node(number: int, **more: t.Any) -> dict[str, t.Any]:
    told = {"reason": "it failed with exit code 3", "output_tail": "one\ntwo\nthree\nfour", "hint": "Read output_tail."}
    return {"instance_id": f"i-{number}", "name": None, **told, **more}


def failed(*nodes: dict[str, t.Any], total: int = 500) -> dict[str, t.Any]:
    msg = "Failed to run the document AWS-RunShellScript: 2 of 500 nodes failed: i-0: and so on"
    return {"msg": msg, "command": {"target_count": total}, "command_ids": ["c-1"], "failed_nodes": list(nodes)}


def test_nodes_that_failed_alike_share_their_output_and_advice() -> None:
    told = command.failure(failed(node(0, name="web"), node(1), node(2, reason="it hung", output_tail="")), 100)
    assert told == [
        "Failed to run the document AWS-RunShellScript on 3 of 500 nodes.",
        "  i-0 (web): it failed with exit code 3",
        "  i-1: it failed with exit code 3",
        "    | two",
        "    | three",
        "    | four",
        "    Hint: Read output_tail.",
        "  i-2: it hung",
        "    Hint: Read output_tail.",
        "  Command: c-1",
    ]


def test_a_fleet_that_failed_fits_one_screen() -> None:
    told = command.failure(failed(*(node(number) for number in range(400)), total=400), 80)
    assert "  +390 more" in told and len(told) < 30


def test_without_a_failed_node_the_message_says_it_all() -> None:
    result = {**failed(), "msg": "Failed to run the document X: no managed node matches the targets."}
    assert command.failure(result, 80) == [] and command.headline(result) == result["msg"]


def test_the_plan_names_nodes_by_wave_and_what_stands_against_it() -> None:
    plan = {"nodes": [{}, {}, {}], "waves": [["i-1", "i-2"], ["i-3"]], "problems": [PROBLEM]}
    assert command.plan({"plan": plan, "joined": False}, 80) == [
        "would run on 3 nodes in 2 waves:",
        "  wave 1  i-1, i-2",
        "  wave 2  i-3",
        "  warning  no answer to SSM from i-2. Start them.",
    ]
    joined = {"plan": plan, "joined": True, "command_ids": ["c-1"]}
    assert command.plan(joined, 80) == ["would wait for the command c-1, which is in progress"]
    assert command.plan({}, 80) == []
