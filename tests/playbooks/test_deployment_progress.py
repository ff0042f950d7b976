# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment as a user sees it while it runs: its lines, on a terminal and elsewhere, and what an interrupt leaves."""

from __future__ import annotations

import json
import math
import os
import pty
import re
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
from support.codedeploy_shop import FILES, ROLE, zipped
from support.plays import REGION, Emulator, Player

from ansible_collections.slipway.aws.plugins.module_utils._text import shown

SLOW = 20  # emulated seconds in a second: several looks at a deployment
PROFILE = "web"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject*", "Resource": "arn:aws:s3:::bundles/*"}],
}
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""
GROUP = {"application_name": "app", "deployment_group_name": "prod"}
HOSTILE = "\x1b]52;c;eA==\x07\x1b[2J\x9b2Jspoof\u202e\u2066\b\b\rok: [localhost]\r\nok: [localhost] => forged"
LIMITS = {"wait_delay": 1, "wait_timeout": 240}


@pytest.fixture(autouse=True)
def _empty(account: Emulator) -> None:
    account.reset(SLOW)


def launch(account: Emulator, count: int) -> list[str]:
    """Booted hosts with the agent, an application and a group of them, a bucket."""
    iam = account.client("iam")
    iam.create_instance_profile(InstanceProfileName=PROFILE)
    iam.create_role(RoleName=PROFILE, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=PROFILE, PolicyName="bundles", PolicyDocument=json.dumps(READS))
    iam.add_role_to_instance_profile(InstanceProfileName=PROFILE, RoleName=PROFILE)
    made = account.client("ec2").run_instances(
        ImageId="ami-04681a1dbd79675a5",
        MinCount=count,
        MaxCount=count,
        UserData=AGENT,
        IamInstanceProfile={"Name": PROFILE},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}],
    )
    codedeploy = account.client("codedeploy")
    codedeploy.create_application(applicationName="app")
    codedeploy.create_deployment_group(
        applicationName="app",
        deploymentGroupName="prod",
        serviceRoleArn=ROLE,
        deploymentConfigName="CodeDeployDefault.HalfAtATime",
        ec2TagFilters=[{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    )
    account.client("s3").create_bucket(Bucket="bundles", CreateBucketConfiguration={"LocationConstraint": REGION})
    account.control("clock", advance=300)
    return [one["InstanceId"] for one in made["Instances"]]


def revision(account: Emulator, key: str) -> dict[str, t.Any]:
    """A bundle in the bucket, by its place and its ETag."""
    tag = account.client("s3").put_object(Bucket="bundles", Key=key, Body=zipped(FILES))["ETag"].strip('"')
    location = {"bucket": "bundles", "key": key, "bundle_type": "zip", "e_tag": tag}
    return {"revision_type": "S3", "s3_location": location}


def deploy(what: dict[str, t.Any], name: str = "Deploy", **task: t.Any) -> dict[str, t.Any]:
    """A task that deploys."""
    options = {**GROUP, **LIMITS, "revision": what}
    return {"name": name, "slipway.aws.codedeploy_deployment": options, "register": "deployed", **task}


def test_a_deployment_is_followed_live(play: Player, account: Emulator, tmp_path: Path) -> None:
    python = tmp_path / "python"  # ansible-core 2.19 does not quote the interpreter of a task in the background
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    background = {"async": 60, "poll": 1, "vars": {"ansible_python_interpreter": str(python)}}
    hosts, first, second = launch(account, 4), revision(account, "app-1.zip"), revision(account, "app-2.zip")
    for host in hosts[:2]:
        account.control(
            "faults", kind="hook-fails", instance_id=host, event="AfterInstall", revision_key="app-2.zip", log=HOSTILE
        )
    run = play(
        [
            {"name": "Look", "slipway.aws.codedeploy_preflight": GROUP},
            deploy(first),
            deploy(first, "Deploy again"),
            deploy(second, "Deploy a broken one", ignore_errors=True),
            deploy(first, "Deploy in the background", **background),
        ]
    )
    deployed, broken = run.result("Deploy"), run.result("Deploy a broken one")
    assert deployed["changed"] and deployed["deployment"]["status"] == "Succeeded"
    again = run.result("Deploy again")
    assert not again["changed"] and "followed" not in again
    assert [e["task"] for e in run.events if e["event"] == "failed"] == ["Deploy a broken one"]
    assert broken["rollback"]["deployment"]["status"] == "Succeeded"
    for line in (
        r"probe of the CodeDeploy agent: 4 of 4 hosts answered",
        r"Preflight: ready. Hosts: 4 ready.",
        r"i-\w+ succeeded",
        r"d-\w+ Succeeded: 4 of 4 succeeded",
        rf"{hosts[0]} failed in AfterInstall \(scripts/configure.sh\)",
    ):
        assert re.search(rf"^\[localhost\] {line}", run.output, re.MULTILINE)
    assert "rolled back by" in run.output and "spoof" in run.output
    assert shown(run.output) == run.output and not re.search("^ok: .* => forged", run.output, re.MULTILINE)
    assert run.writes.count("CreateDeployment") == 2


def broken_on_one_of_six(account: Emulator) -> tuple[str, dict[str, t.Any]]:
    """Six hosts with a first revision; the host on which the second one will fail, and that revision."""
    host = launch(account, 6)[2]
    said = "Traceback: no such table\nerror: migration 0042 failed"
    fault = {"event": "AfterInstall", "revision_key": "app-2.zip", "exit_code": 3, "log": said}
    account.control("faults", kind="hook-fails", instance_id=host, **fault)
    return host, revision(account, "app-2.zip")


def printed_from(output: str, start: str) -> str:
    """What was printed from a text on, in front of what Ansible counts at the end."""
    return output[output.index(start) : output.index("PLAY RECAP")]


def rows(text: str) -> int:
    """Lines of a terminal of 80 columns."""
    return sum(max(1, math.ceil(len(line) / 80)) for line in text.splitlines())


def test_a_failure_is_printed_once_in_thirty_lines(play: Player, account: Emulator) -> None:
    host, second = broken_on_one_of_six(account)
    play([deploy(revision(account, "app-1.zip"))])
    one_at_a_time = deploy(second, "Deploy a broken one")
    one_at_a_time["slipway.aws.codedeploy_deployment"]["deployment_config_name"] = "CodeDeployDefault.OneAtATime"
    run = play([one_at_a_time], code=2, COLUMNS="80")
    said = printed_from(run.output, "TASK [Deploy a broken one]")
    assert rows(said) <= 30
    for fact in (
        f"  {host} ",
        "AfterInstall, scripts/configure.sh",
        "exit code 3",
        "migration 0042 failed",
        "Hint: ",
        "Rolled back to ",
    ):
        assert said.count(fact) == 1, fact
    result = run.result("Deploy a broken one")
    assert result["failed_targets"] == [
        {
            "target_id": host,
            "lifecycle_event_name": "AfterInstall",
            "script_name": "scripts/configure.sh",
            "error_code": "ScriptFailed",
        }
    ]
    assert set(result["rollback"]["deployment"]) == {"deployment_id", "status"} and "plan" not in result


def test_the_role_publishes_a_failure_and_shows_it_once(play: Player, account: Emulator) -> None:
    host, second = broken_on_one_of_six(account)
    play([deploy(revision(account, "app-1.zip"))])
    variables = {
        "slipway_application": "app",
        "slipway_deployment_group": "prod",
        "app_deployment_manage_group": False,
        "app_deployment_revision": second,
        "app_deployment_config_name": "CodeDeployDefault.OneAtATime",
        **{f"app_deployment_{name}": value for name, value in LIMITS.items()},
    }
    run = play("slipway.aws.deploy", variables, code=2, COLUMNS="80")
    said = printed_from(run.output, "app_deployment : Deploy the revision]")
    # The report in a file that nobody asked for is a task that is skipped: three rows beside the thirty.
    assert rows(said) <= 33 and said.count(f"  {host} ") == 1 and said.count("migration 0042 failed") == 1
    assert "Plan:" not in run.output  # nobody asked for a check run
    assert run.published["slipway_verdict"] == "rolled back"
    (told,) = run.published["slipway_report"]["failed_targets"]
    assert told["target_id"] == host and "migration 0042 failed" in told["log_tail"] and told["hint"]


def test_a_check_run_shows_the_plan_once(play: Player, account: Emulator, release: t.Callable[[str], str]) -> None:
    launch(account, 2)
    play([deploy(revision(account, "app-1.zip"))])
    bundle = {"slipway_bundle": release("1.0.0"), "slipway_bucket": "bundles", "app_deployment_manage_group": False}
    group = {"slipway_application": "app", "slipway_deployment_group": "prod"}
    run = play("slipway.aws.deploy", {**group, **bundle}, check=True)
    assert run.output.count("Plan: deploy to app/prod") == 1
    for line in (
        "s3://bundles/app-1.zip",
        "wave 1 ",
        "BeforeInstall (scripts/prepare.sh)",
        "rollback   on DEPLOYMENT_FAILURE",
        "alarms     none",
    ):
        assert line in run.output
    assert "has neither version nor e_tag" not in run.output  # of what the check run itself would push
    assert run.result("Deploy the revision")["diff"]["prepared"].startswith("Plan: deploy to app/prod\n")
    assert run.changed == ["Push the bundle", "Deploy the revision"] and run.writes == []


def test_a_preflight_that_stops_the_role_is_published_and_shown_once(play: Player, account: Emulator) -> None:
    host = launch(account, 2)[0]
    account.control("faults", kind="agent-stopped", instance_id=host)
    variables = {
        "slipway_application": "app",
        "slipway_deployment_group": "prod",
        "app_deployment_manage_group": False,
        "app_deployment_revision": revision(account, "app-1.zip"),
        "app_deployment_on_failure": "report",  # is about the deployment
    }
    run = play("slipway.aws.deploy", variables, code=2)
    assert run.writes == [] and run.published["slipway_verdict"] == "not_ready"
    assert [one["id"] for one in run.published["slipway_report"]["not_ready"]] == [host]
    assert run.output.count(f"  {host} ") == 1 and "The preflight of app/prod failed: not ready" in run.failures[0]


def test_machine_readable_output_has_results_only(play: Player, account: Emulator) -> None:
    launch(account, 2)
    quiet = {
        "ANSIBLE_STDOUT_CALLBACK": "oneline",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }  # oneline itself is deprecated
    run = play([deploy(revision(account, "app-1.zip"))], **quiet)
    (line,) = [line for line in run.output.splitlines() if line.strip()]
    assert line.startswith("localhost | CHANGED")
    account.control("faults", kind="hook-fails", event="AfterInstall", revision_key="app-2.zip", log="no such table")
    run = play([deploy(revision(account, "app-2.zip"), "Deploy a broken one", ignore_errors=True)], **quiet)
    assert "[localhost]" not in run.output and "\n  i-" not in run.output
    told = run.result("Deploy a broken one")["failed_targets"]
    assert len(told) == 1 and all("no such table" in one["log_tail"] for one in told)


def test_a_warning_of_a_deployment_is_shown_once(play: Player, account: Emulator) -> None:
    launch(account, 2)
    unpinned = revision(account, "app-1.zip")
    del unpinned["s3_location"]["e_tag"]
    run = play([deploy(unpinned)])
    assert run.output.count("[WARNING]") == 1 and "e_tag" in run.output
    assert "DEPRECATION" not in run.output


def test_a_terminal_sees_one_line_repainted(play: Player, account: Emulator, tmp_path: Path) -> None:
    launch(account, 2)
    argv = play.command([deploy(revision(account, "app-1.zip"))], tmp_path)
    mine, theirs = pty.openpty()
    with subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=_environment(play)) as started:
        os.close(theirs)
        said = _all_of(mine)
        assert started.wait(60) == 0, said
    assert re.search(r"\r\x1b\[2K\[localhost\] d-\w+ \w+", said)
    assert re.search(r"\[localhost\] i-\w+ succeeded\r\n", said)


def test_an_interrupt_leaves_nothing_running_and_a_second_run_joins(
    play: Player, account: Emulator, tmp_path: Path
) -> None:
    launch(account, 2)
    what = revision(account, "app-1.zip")
    argv = play.command([deploy(what)], tmp_path)
    started = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=_environment(play), start_new_session=True)
    assert started.stdout is not None
    next(line for line in started.stdout if re.match(r"\[localhost\] d-\w+", line))
    account.control("clock", speed=0)
    _await_a_quiet_look(account)
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=60)
    assert started.returncode != 0
    assert _processes_of(started.pid) == []
    again = deploy(what)
    again["slipway.aws.codedeploy_deployment"]["wait"] = False
    assert play([again]).result("Deploy")["joined"]
    assert len(account.client("codedeploy").list_deployments()["deployments"]) == 1


def _await_a_quiet_look(account: Emulator) -> None:
    """While nothing is printed: ansible-core waits for ever for a worker that it ended in the midst of a line."""
    seen, end = len(account.calls()), time.monotonic() + 60
    while len(account.calls()) < seen + 2:
        assert time.monotonic() < end, "nobody asks how the deployment is"
        time.sleep(0.1)


def _environment(play: Player) -> dict[str, str]:
    """That of a user's terminal of 200 columns."""
    return play.environment(TERM="xterm", COLUMNS="200", PLAY_RECORD=os.devnull)


def _all_of(descriptor: int) -> str:
    said = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # what Linux answers when nobody holds the other end any more
            break
        if not part:
            break
        said += part
    os.close(descriptor)
    return said.decode(errors="replace")


def _processes_of(session: int) -> list[str]:
    """Processes of a session that still run, a moment after its leader ended."""
    end = time.monotonic() + 10
    while True:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[3] == str(session) and fields[0] != "Z":
                found.append(stat.parent.name)
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.2)
