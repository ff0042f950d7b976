# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment as a user sees it: through ansible-playbook, against an emulator of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import typing as t
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from support.codedeploy_shop import FILES, ROLE, zipped

ROOT = Path(__file__).resolve().parents[2]
REGION, PROFILE = "eu-west-1", "web"
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "emulated", "AWS_DEFAULT_REGION": REGION}
DEPLOY = {
    "application_name": "app",
    "deployment_group_name": "prod",
    "wait_delay": 1,
    "wait_timeout": 240,
}


class Emulator:
    """A server, and what a test arranges in it."""

    def __init__(self, address: str) -> None:
        self.address = address
        keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "emulated"}
        self.client = lambda service: boto3.client(service, region_name=REGION, endpoint_url=address, **keys)

    def control(self, path: str, **wish: t.Any) -> t.Any:
        data = json.dumps(wish).encode() if wish else None
        request = urllib.request.Request(f"{self.address}/slipway-emulator/{path}", data=data)  # noqa: S310  # loopback
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    def fleet(self, count: int) -> list[str]:
        """Booted hosts with the agent, an application and a group of them."""
        self.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
        made = self.client("ec2").run_instances(
            ImageId="ami-04681a1dbd79675a5",
            MinCount=count,
            MaxCount=count,
            UserData=AGENT,
            IamInstanceProfile={"Name": PROFILE},
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}],
        )
        codedeploy = self.client("codedeploy")
        codedeploy.create_application(applicationName="app")
        codedeploy.create_deployment_group(
            applicationName="app",
            deploymentGroupName="prod",
            serviceRoleArn=ROLE,
            deploymentConfigName="CodeDeployDefault.HalfAtATime",
            ec2TagFilters=[{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
            autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        )
        self.client("s3").create_bucket(Bucket="bundles", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.control("clock", advance=300)
        return [one["InstanceId"] for one in made["Instances"]]

    def revision(self, key: str) -> dict[str, t.Any]:
        tag = self.client("s3").put_object(Bucket="bundles", Key=key, Body=zipped(FILES))["ETag"].strip('"')
        return {
            "revision_type": "S3",
            "s3_location": {"bucket": "bundles", "key": key, "bundle_type": "zip", "e_tag": tag},
        }


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an emulator."""
    started = subprocess.Popen(
        [sys.executable, "-m", "slipway_emulator", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "emulator")},
    )
    assert started.stdout is not None
    yield json.loads(started.stdout.readline())["url"]
    started.send_signal(signal.SIGTERM)
    assert started.wait(10) == 0


@pytest.fixture
def emulator(server: str) -> Emulator:
    """An empty one whose clock runs fast."""
    found = Emulator(server)
    urllib.request.urlopen(urllib.request.Request(f"{server}/moto-api/reset", method="POST")).close()  # noqa: S310
    found.control("clock", speed=20)
    return found


def environment(emulator: Emulator, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    return {
        **kept,
        **KEYS,
        "AWS_ENDPOINT_URL": emulator.address,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".venv" / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        # Where HOME is moved, the two sides of a background task look for its result in two places.
        "ANSIBLE_ASYNC_DIR": str(ROOT / "build" / "playbooks" / "async"),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "TERM": "xterm",
        "COLUMNS": "200",
        **more,
    }


def playbook(path: Path, *tasks: dict[str, t.Any]) -> list[str]:
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": list(tasks),
    }
    path.write_text(json.dumps([play]))
    return [sys.executable, "-m", "ansible", "playbook", str(path)]


def run(emulator: Emulator, path: Path, *tasks: dict[str, t.Any], **more: str) -> subprocess.CompletedProcess[str]:
    argv = playbook(path, *tasks)
    return subprocess.run(
        argv, capture_output=True, text=True, check=False, env=environment(emulator, **more), timeout=300
    )


def deploy(revision: dict[str, t.Any], **task: t.Any) -> dict[str, t.Any]:
    return {
        "name": "Deploy",
        "slipway.aws.codedeploy_deployment": {**DEPLOY, "revision": revision},
        "register": "deployed",
        **task,
    }


def test_a_deployment_is_followed_live(emulator: Emulator, tmp_path: Path) -> None:
    hosts, first, second = emulator.fleet(4), emulator.revision("app-1.zip"), emulator.revision("app-2.zip")
    emulator.control("faults", kind="hook-fails", instance_id=hosts[0], event="AfterInstall", revision_key="app-2.zip")
    emulator.control("faults", kind="hook-fails", instance_id=hosts[1], event="AfterInstall", revision_key="app-2.zip")
    group = {key: DEPLOY[key] for key in ("application_name", "deployment_group_name")}
    ran = run(
        emulator,
        tmp_path / "play.yml",
        {"name": "Look", "slipway.aws.codedeploy_preflight": group},
        deploy(first),
        {"ansible.builtin.assert": {"that": ["deployed.changed", "deployed.deployment.status == 'Succeeded'"]}},
        deploy(first, name="Deploy again"),
        {"ansible.builtin.assert": {"that": ["not deployed.changed", "deployed.followed is not defined"]}},
        deploy(second, name="Deploy a broken one", ignore_errors=True),
        {"ansible.builtin.assert": {"that": ["deployed.failed", "deployed.rollback.deployment.status == 'Succeeded'"]}},
        deploy(first, name="Deploy in the background", **{"async": 60, "poll": 1}),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout
    assert "[localhost] probe of the CodeDeploy agent: 4 of 4 hosts answered" in said
    assert len(re.findall(r"^\[localhost\] i-\w+ succeeded$", said, re.MULTILINE)) >= 4
    assert re.search(r"^\[localhost\] d-\w+ Succeeded: 4 of 4 succeeded", said, re.MULTILINE)
    assert re.search(
        rf"^\[localhost\] {hosts[0]}.* failed in AfterInstall, script scripts/configure.sh", said, re.MULTILINE
    )
    assert "rolled back by" in said and "\x1b" not in said
    writes = [call for call in emulator.control("ledger")["calls"] if call["operation"] == "CreateDeployment"]
    assert len(writes) == 2


def test_machine_readable_output_has_results_only(emulator: Emulator, tmp_path: Path) -> None:
    emulator.fleet(2)
    revision = emulator.revision("app-1.zip")
    ran = run(emulator, tmp_path / "play.yml", deploy(revision), ANSIBLE_STDOUT_CALLBACK="oneline")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [line for line in ran.stdout.splitlines() if line.strip()] == [
        line for line in ran.stdout.splitlines() if line.startswith("localhost | CHANGED")
    ]


def test_a_terminal_sees_one_line_repainted(emulator: Emulator, tmp_path: Path) -> None:
    emulator.fleet(2)
    argv = playbook(tmp_path / "play.yml", deploy(emulator.revision("app-1.zip")))
    mine, theirs = pty.openpty()
    with subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(emulator)) as started:
        os.close(theirs)
        said = _all_of(mine)
        assert started.wait(60) == 0, said
    assert re.search(r"\r\x1b\[2K\[localhost\] d-\w+ \w+", said)
    assert re.search(r"\[localhost\] i-\w+ succeeded\r\n", said)


def test_an_interrupt_leaves_nothing_running_and_a_second_run_joins(emulator: Emulator, tmp_path: Path) -> None:
    emulator.fleet(2)
    revision = emulator.revision("app-1.zip")
    argv = playbook(tmp_path / "play.yml", deploy(revision))
    started = subprocess.Popen(
        argv, stdout=subprocess.PIPE, text=True, env=environment(emulator), start_new_session=True
    )
    assert started.stdout is not None
    next(line for line in started.stdout if re.match(r"\[localhost\] d-\w+", line))
    emulator.control("clock", speed=0)
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=60)
    assert started.returncode != 0
    assert _processes_of(started.pid) == []
    again = deploy(revision)
    again["slipway.aws.codedeploy_deployment"]["wait"] = False
    ran = run(emulator, tmp_path / "play.yml", again, {"ansible.builtin.assert": {"that": "deployed.joined"}})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(emulator.client("codedeploy").list_deployments()["deployments"]) == 1


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
