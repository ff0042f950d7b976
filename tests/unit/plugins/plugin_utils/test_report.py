# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shlex
import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import failure

HINT = "The hook script failed; its own output tells why."
LOG = (
    "LifecycleEvent - AfterInstall\nScript - scripts/start.sh\n[stdout]one\n[stdout]two\n[stderr]three\n[stderr]four\n"
)
OLD = {
    "revision_type": "S3",
    "s3_location": {"bucket": "b", "key": "app-1.zip", "bundle_type": "zip", "e_tag": "0123456789abcdef" * 2},
}


def target(number: int, **more: t.Any) -> dict[str, t.Any]:
    said = "Script at specified location: scripts/start.sh run as user root failed with exit code 3"
    return {
        "target_id": f"i-{number:017}",
        "private_ip_address": f"10.0.0.{number}",
        "name": "web",
        "lifecycle_event_name": "AfterInstall",
        "script_name": "scripts/start.sh",
        "error_code": "ScriptFailed",
        "message": said,
        "log_tail": LOG,
        "hint": HINT,
        **more,
    }


def failed(targets: list[dict[str, t.Any]], status: str = "Failed", count: int = 0, **more: t.Any) -> dict[str, t.Any]:
    counted = {"failed": count or len(targets), "succeeded": 6 - len(targets), "skipped": 0}
    deployment = {
        "deployment_id": "d-NEW",
        "application_name": "app",
        "deployment_group_name": "prod",
        "status": status,
        "deployment_overview": counted,
        "error_information": {"code": "HEALTH_CONSTRAINTS", "message": "Too many failed."},
    }
    msg = "Failed to deploy to app/prod: d-NEW Failed and much more."
    return {"msg": msg, "deployment": deployment, "failed_targets": targets, "rollback": {}, **more}


def rollback(status: str = "Succeeded", **more: t.Any) -> dict[str, t.Any]:
    counted = {"succeeded": 6} if status == "Succeeded" else {"succeeded": 4, "failed": 1, "skipped": 1}
    by = {"deployment_id": "d-OLD", "status": status, "deployment_overview": counted, "revision": OLD}
    return {"deployment": by, "failed_targets": [], "left": [], **more}


def test_one_failed_host_and_its_rollback_are_told_in_ten_lines() -> None:
    assert failure.lines(failed([target(4)], rollback=rollback()), 79) == [
        "Failed to deploy to app/prod: d-NEW failed on 1 of 6 hosts (HEALTH_CONSTRAINTS), rolled back.",
        "  i-00000000000000004 10.0.0.4 (web): AfterInstall, scripts/start.sh",
        "    ScriptFailed: run as user root failed with exit code 3",
        "    | [stdout]two",
        "    | [stderr]three",
        "    | [stderr]four",
        "    Hint: The hook script failed; its own output tells why.",
        "  Rolled back to s3://b/app-1.zip (01234567) by d-OLD on 6 of 6 hosts.",
    ]


def test_hosts_that_failed_alike_share_what_they_have_in_common() -> None:
    other = {
        "lifecycle_event_name": "ApplicationStart",
        "script_name": None,
        "message": "gone",
        "hint": "",
        "log_tail": "",
    }
    told = failure.lines(failed([target(1), target(2, **other), target(3)]), 79)
    assert [line.split()[0] for line in told if line.startswith("  i-")] == [
        "i-00000000000000001", "i-00000000000000003", "i-00000000000000002",
    ]  # fmt: skip
    assert sum(HINT in line for line in told) == 1 and "    ScriptFailed: gone" in told


@pytest.mark.parametrize(("count", "more"), [(10, []), (11, ["  +1 more"]), (240, ["  +230 more"])])
def test_ten_hosts_are_told_and_the_others_counted(count: int, more: list[str]) -> None:
    told = failure.lines(failed([target(n) for n in range(min(count, 50))], count=count), 79)
    assert len([line for line in told if line.startswith("  i-")]) == 10
    assert [line for line in told if line.startswith("  +")] == more


def test_a_success_for_aws_is_told_as_what_it_is() -> None:
    told = failure.lines(failed([target(1)], status="Succeeded"), 200)
    assert "d-NEW succeeded according to AWS, but failed on 1 of 6 hosts" in told[0]
    assert told[-1] == "  Not rolled back. Fix the cause and run it again."


def test_without_a_failed_host_the_reason_of_aws_is_told() -> None:
    told = failure.lines(failed([], rollback={"message": "There is no earlier one."}), 200)
    assert told[0] == "Failed to deploy to app/prod: d-NEW failed (HEALTH_CONSTRAINTS)."
    assert told[1:] == [
        "  Too many failed.",
        "  Not rolled back: There is no earlier one. Fix the cause and run it again.",
    ]


def test_what_stood_against_it_is_told_with_its_remedy() -> None:
    problems = [
        {"cause": "alarm_on", "message": "the alarm cpu is on", "remedy": "Wait until it is off.", "blocks": True}
    ]
    assert "  PROBLEM  the alarm cpu is on. Wait until it is off." in failure.lines(failed([], problems=problems), 79)


def test_what_the_code_suggests_is_told() -> None:
    result = failed([])
    result["deployment"]["error_information"]["hint"] = "Create the role again."
    assert "  Hint: Create the role again." in failure.lines(result, 79)


def test_after_a_failed_rollback_the_last_lines_lead_out() -> None:
    left = [
        {"revision": OLD, "complete": True, "target_ids": [f"i-{n}" for n in range(7)]},
        {"revision": None, "complete": False, "target_ids": ["i-7"]},
        {"revision": OLD, "complete": False, "target_ids": ["i-8"]},
    ]
    broken = rollback("Failed", failed_targets=[target(8)], left=left)
    told = failure.lines(failed([target(8)], rollback=broken), 200)
    assert told[0].endswith("(HEALTH_CONSTRAINTS), the rollback failed too.")
    start = next(n for n, line in enumerate(told) if line.startswith("  Rollback: "))
    assert told[start:-1] == [
        "  Rollback: d-OLD to s3://b/app-1.zip (01234567) failed on 1 of 6 hosts.",
        "    i-00000000000000008 10.0.0.8 (web): AfterInstall, scripts/start.sh",
        "  Runs now: s3://b/app-1.zip (01234567) on i-0, i-1, i-2, i-3, i-4 and 2 more.",
        "  Runs now: not known on i-7, where the last deployment failed.",
        "  Runs now: not known on i-8, where the last deployment failed after s3://b/app-1.zip (01234567).",
        "  Fix the cause on these hosts, then run:",
    ]
    words = shlex.split(told[-1])
    assert words[:3] == ["ansible-playbook", "slipway.aws.deploy", "-e"]
    assert '"e_tag": "0123456789abcdef0123456789abcdef"' in words[3] and '"slipway_application": "app"' in words[3]


def test_the_way_out_quotes_what_it_repeats() -> None:
    hostile = {**OLD, "s3_location": {**OLD["s3_location"], "key": "a'; rm -rf ~ #\x1b[2J"}}
    broken = rollback("Failed")
    broken["deployment"]["revision"] = hostile
    command = failure.lines(failed([target(1)], rollback=broken), 79)[-1]
    assert len(shlex.split(command)) == 4 and "\x1b" not in command


def test_which_fleet_has_the_traffic_and_what_is_left_of_the_new_one() -> None:
    fleets = {
        "blue_hosts": ["i-blue"],
        "green_hosts": ["i-green"],
        "traffic": "both",
        "green_auto_scaling_group": "CodeDeploy_prod_d-NEW",
    }
    text = " ".join(failure.lines(failed([], status="Stopped", blue_green=fleets), 200))
    assert "The traffic is on green and blue hosts: i-green; i-blue." in text
    assert "The green hosts are left in the Auto Scaling group CodeDeploy_prod_d-NEW: i-green." in text
    assert "traffic" not in " ".join(failure.lines(failed([], status="Succeeded", blue_green=fleets), 200))


@pytest.mark.parametrize("status", ["InProgress", "Created"])
def test_a_task_that_ran_out_of_time_has_its_message_only(status: str) -> None:
    result = {
        "msg": "Failed to deploy to app/prod: it was not over.",
        "deployment": {"deployment_id": "d-1", "status": status},
    }
    assert failure.lines(result, 79) == [] and failure.headline(result) == result["msg"]


@pytest.mark.parametrize("width", [60, 79, 120])
def test_every_line_fits(width: int) -> None:
    long = target(1, message="word " * 40, hint="mend " * 40, log_tail="y" * 500)
    told = failure.lines(failed([long], rollback=rollback()), width)
    assert max(len(line) for line in told[1:]) <= width


def test_the_log_of_a_host_that_failed_to_launch() -> None:
    assert failure.log([target(1, log_tail=""), target(2)], 79) == [
        "Output of scripts/start.sh on i-00000000000000002:", "    | [stdout]two", "    | [stderr]three", "    | [stderr]four",
    ]  # fmt: skip
    assert failure.log([], 79) == []
