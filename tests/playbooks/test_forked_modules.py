# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module in a fork of Ansible's worker may do to others, and they to it: nothing."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import typing as t
from pathlib import Path

import pytest
from support.plays import COLLECTIONS, REGION, Emulator, Player, Run, written
from support.stub import ENDS, collection, task

MOST = 60  # seconds that anything here may take
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the module of the stub is found."""
    folder = collection(tmp_path_factory.mktemp("stub"))
    return {"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([folder, str(COLLECTIONS)])}


@pytest.fixture(scope="module")
def ends(play: Player, stub: dict[str, str]) -> dict[str, Run]:
    tasks = [task(end, environment={"SEEN": "only here"}) for end in ENDS]
    # Without pipelining, which is the default, a shell says how a module ended.
    return {
        way: play(tasks, SLIPWAY_DIRECT_EXECUTION=way, ANSIBLE_PIPELINING="false", ANSIBLE_VERBOSITY="3", **stub)
        for way in ("true", "false")
    }


@pytest.mark.parametrize("end", ENDS)
def test_every_end_of_a_module_is_told_as_before(ends: dict[str, Run], end: str) -> None:
    direct, ordinary = (ends[way].result(end) for way in ("true", "false"))
    assert direct == ordinary


class Hanging:
    """A play whose module hangs, with a process that it started; both keep a pipe open as long as they live."""

    def __init__(self, play: Player, folder: Path, environment: dict[str, str], **more: t.Any) -> None:
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        self.stream = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        argv = play.command([task("hang", str(pipe), **more)], folder, {})
        record = folder / "record"
        self.process = subprocess.Popen(
            argv,
            env=play.environment(PLAY_RECORD=str(record), **environment),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._next() == b"hangs\n"

    def is_over(self) -> bool:
        """Whether nobody holds the other end any more."""
        return self._next() == b""

    def _next(self) -> bytes:
        assert select.select([self.stream], [], [], MOST)[0], "it took too long"
        return os.read(self.stream, 100)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_process(
    play: Player, stub: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    hanging = Hanging(play, tmp_path, stub)
    hanging.process.send_signal(number)
    assert hanging.is_over()
    assert hanging.process.wait(MOST) != 0


def test_a_timeout_leaves_no_process(play: Player, stub: dict[str, str], tmp_path: Path) -> None:
    hanging = Hanging(play, tmp_path, stub, timeout=2)
    assert hanging.is_over()
    said = hanging.process.communicate(timeout=MOST)[0].decode()
    assert "Timed out after 2 second(s)" in said and hanging.process.returncode == 0


def inventory(path: Path, hosts: int) -> str:
    """Hosts that nothing can connect to, each with keys and a Region of its own: one by options, the next by its environment."""
    rows = {f"host{number:02}": {"ansible_host": "192.0.2.1", **_own(number)} for number in range(hosts)}
    path.write_text(json.dumps({"all": {"hosts": rows}}))
    return str(path)


def _own(number: int) -> dict[str, t.Any]:
    key, region = f"AKIA{number:016}", REGIONS[number % 3]
    if number % 2:
        return {"own": {"AWS_ACCESS_KEY_ID": key, "AWS_DEFAULT_REGION": region}}
    return {"own": {}, "own_key": key, "own_secret": "of-nobody-else", "own_region": region}


CREATE = {
    "name": "Create",
    "slipway.aws.codedeploy_application": {
        "name": "{{ inventory_hostname }}-{{ item }}",
        "access_key": "{{ own_key | default(omit) }}",
        "secret_key": "{{ own_secret | default(omit) }}",
        "region": "{{ own_region | default(omit) }}",
    },
    "loop": ["one", "two"],
    "environment": "{{ own }}",
    "delegate_to": "localhost",
    "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
}


@pytest.mark.parametrize("strategy", ["linear", "free"])
@pytest.mark.parametrize(("forks", "hosts"), [(1, 6), (50, 50)])
def test_no_host_gets_what_belongs_to_another(
    play: Player, account: Emulator, tmp_path: Path, strategy: str, forks: int, hosts: int
) -> None:
    account.reset(speed=1)
    path = written([CREATE], tmp_path / "play.yml", hosts="all", connection="ssh", strategy=strategy)
    where = {"ANSIBLE_INVENTORY": inventory(tmp_path / "hosts.json", hosts), "ANSIBLE_FORKS": str(forks)}
    run = play(path, ANSIBLE_VERBOSITY="3", **where)
    assert run.output.count("FORK ansible_collections") == 2 * hosts
    assert {
        call["parameters"]["applicationName"]: (call["access_key"], call["region"])
        for call in run.ours
        if call["operation"] == "CreateApplication"
    } == {
        f"host{number:02}-{item}": (f"AKIA{number:016}", REGIONS[number % 3])
        for number in range(hosts)
        for item in ("one", "two")
    }


def test_why_it_does_not_apply_is_told_once(play: Player) -> None:
    look: dict[str, t.Any] = {"slipway.aws.codedeploy_application_info": {"region": REGION}}
    tasks = [
        {**look, "environment": {"TZ": "UTC"}},
        {**look, "environment": {"TZ": "UTC"}},
        {**look, "async": 60, "poll": 1},
    ]
    run = play([{"name": f"Task {number}", **one} for number, one in enumerate(tasks)], ANSIBLE_VERBOSITY="1")
    said = [line for line in run.output.splitlines() if line.startswith("Modules of slipway.aws")]
    assert said == [
        "Modules of slipway.aws start a Python of their own here, because the environment of the task sets TZ.",
        "Modules of slipway.aws start a Python of their own here, because the task uses async.",
    ]


FILTERS = """\
class FilterModule:
    def filters(self):
        return {"shouted": str.upper}
"""


def test_filters_of_a_role_that_is_included_later_are_found(play: Player, tmp_path: Path) -> None:
    late = tmp_path / "roles" / "late"
    for folder in ("filter_plugins", "tasks"):
        (late / folder).mkdir(parents=True)
    (late / "filter_plugins" / "shouted.py").write_text(FILTERS)
    said = {"name": "Say it", "ansible.builtin.debug": {"msg": "{{ 'found' | shouted }}"}}
    (late / "tasks" / "main.yml").write_text(json.dumps([said]))
    look = {"name": "Look", "slipway.aws.codedeploy_application_info": {"region": REGION}}
    role = {"name": "Include it", "ansible.builtin.include_role": {"name": "late"}}
    run = play(written([look, role], tmp_path / "play.yml"))
    assert run.result("Say it")["msg"] == "FOUND"
