# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run playbooks by `ansible-playbook` against an emulator that serves over HTTP, as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import typing as t
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "playbooks"  # what runs leave behind; it may hold their environment
COLLECTIONS = ROOT / ".venv" / "collections"
CALLBACKS = ROOT / "tests" / "playbooks" / "callback_plugins"
STAGE = ROOT / "tests" / "support" / "stage.py"
CHEAPER = {
    "ANSIBLE_ACTION_PLUGINS": str(ROOT / "tests" / "playbooks" / "action_plugins"),
    "ANSIBLE_CALLBACKS_ENABLED": "record,thrift",
}
REGION = "eu-west-1"
# Longer than ten characters: Ansible masks shorter secrets wherever their letters occur.
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "emulated-secret-key"}
OURS = "slipway.aws/"  # in the user agent of this collection's modules
LIMIT = 400  # seconds that a play may take
READ_AT_START = ("ANSIBLE_", "LC_", "PATH", "PYTHON", "HOME")  # what begins with one of these is read before a play is
TAIL = 80  # lines of output that are shown of a run that ended otherwise than asked

Rows = list[dict[str, t.Any]]


class Emulator:
    """A server, and what a test arranges in it or asks of it."""

    def __init__(self, address: str) -> None:
        self.address = address

    def client(self, service: str, region: str = REGION) -> t.Any:
        """A client of the emulated AWS; its calls bear boto3's user agent, not this collection's."""
        keys = {name.lower(): value for name, value in KEYS.items()}
        return boto3.client(service, region_name=region, endpoint_url=self.address, **keys)

    def control(self, path: str, method: str = "", **wish: t.Any) -> t.Any:
        """Ask a control endpoint: GET without a wish, POST with one."""
        method = method or ("POST" if wish else "GET")
        data = json.dumps(wish).encode() if method == "POST" else None
        return json.loads(self._ask(f"slipway-emulator/{path}", method, data))

    def reset(self, speed: float) -> None:
        """An empty AWS whose clock runs `speed` times as fast as ours."""
        self.control("reset", "POST")
        self.control("clock", speed=speed)

    def calls(self, region: str = "") -> Rows:
        """The ledger, or what of it concerns one Region."""
        return [call for call in self.control("ledger")["calls"] if not region or call["region"] == region]

    def hosts(self, region: str = REGION) -> Rows:
        """Hosts that run in a Region."""
        return [h for h in self.control("hosts")["hosts"] if h["state"] == "running" and h["region"] == region]

    def _ask(self, path: str, method: str, data: bytes | None) -> bytes:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{self.address}/{path}", data=data, method=method, headers=headers
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return bytes(answer.read())


class Server:
    """The process of an emulator, ended by SIGTERM."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "slipway_emulator", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "emulator")},
        )
        assert self.process.stdout is not None
        self.address: str = json.loads(self.process.stdout.readline())["url"]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


class Stage:
    """Runs `ansible-playbook` in forks of a process that has loaded it: half of what a small play costs.

    Each fork does what the command does, with an environment, a working directory and streams of its own.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.settings = _settings(environment)
        self.process = subprocess.Popen(
            [sys.executable, str(STAGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            start_new_session=True,
        )  # fmt: skip

    def fits(self, environment: dict[str, str]) -> bool:
        """Whether the process, which has read Ansible's settings, was started with these."""
        return _settings(environment) == self.settings

    def run(self, argv: list[str], folder: str, environment: dict[str, str]) -> tuple[int, str]:
        """The exit code of a play, and its output. One that takes too long is ended by SIGALRM."""
        assert self.process.stdin and self.process.stdout
        output = Path(folder) / "output"
        wish = {"argv": argv, "folder": folder, "environment": environment, "output": str(output), "limit": LIMIT}
        print(json.dumps(wish), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline()), output.read_text()

    def stop(self) -> int:
        """Nothing is left of it; the answer is how it ended."""
        self.process.communicate(timeout=20)
        return self.process.returncode


def _settings(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


@dataclass
class Run:
    """What one run of a playbook came to."""

    code: int
    output: str
    events: Rows
    calls: Rows = field(default_factory=list)

    @property
    def published(self) -> dict[str, t.Any]:
        """What the play handed on by `set_stats`."""
        return dict(self._stats.get("published", {}))

    @property
    def changed(self) -> list[str]:
        """The names of the tasks that changed something."""
        return [e["task"] for e in self.events if e["event"] == "ok" and e["result"].get("changed")]

    @property
    def failures(self) -> list[str]:
        """The messages of the tasks that failed and were not ignored."""
        failed = [e["result"] for e in self.events if e["event"] == "failed" and not e["ignored"]]
        return [_said(result) for result in failed]

    @property
    def messages(self) -> list[str]:
        """What `debug` and `assert` said."""
        return [str(e["result"]["msg"]) for e in self.events if e["event"] == "ok" and e["result"].get("msg")]

    @property
    def writes(self) -> list[str]:
        """Operations that write, whoever asked for them."""
        return [call["operation"] for call in self.calls if call["write"]]

    @property
    def our_writes(self) -> list[str]:
        """Those that modules of this collection asked for."""
        return [call["operation"] for call in self.ours if call["write"]]

    @property
    def ours(self) -> Rows:
        return [call for call in self.calls if OURS in call["user_agent"]]

    def results(self, task: str) -> Rows:
        """The results of a task, by its name, of the hosts and times it ran."""
        return [e["result"] for e in self.events if e.get("task") == task and e["event"] in ("ok", "failed")]

    def result(self, task: str) -> dict[str, t.Any]:
        found = self.results(task)
        assert found, f"the task {task!r} did not run"
        return found[-1]

    @property
    def _stats(self) -> dict[str, t.Any]:
        return next((event for event in self.events if event["event"] == "stats"), {})


def _said(result: dict[str, t.Any]) -> str:
    items = [str(item.get("msg", "")) for item in result.get("results", []) if item.get("failed")]
    return " ".join([str(result.get("msg", "")), *items])


class Player:
    """Runs playbooks against one emulator: on a stage, or as users run them."""

    def __init__(self, emulator: Emulator, folder: Path, stage: Stage | None = None) -> None:
        self.emulator, self.folder, self.stage = emulator, folder, stage

    def __call__(  # the switches of ansible-playbook
        self,
        playbook: str | Path | Rows,
        variables: dict[str, t.Any] | Path | None = None,
        *,
        check: bool = False,
        code: int = 0,
        region: str = "",
        **environment: str,
    ) -> Run:
        """Run a playbook (by its collection name, a path, or a list of tasks) and compare its exit code.

        `check` means `--check --diff`. `region` narrows the calls to those of one Region.
        """
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            argv = self.command(playbook, Path(folder), variables)
            record = Path(folder) / "record"
            record.touch()
            before = len(self.emulator.calls(region))
            argv += ["--check", "--diff"] if check else []
            returncode, output = self._run(argv, folder, self.environment(PLAY_RECORD=str(record), **environment))
            events = [json.loads(line) for line in record.read_text().splitlines()]
        run = Run(returncode, output, events, self.emulator.calls(region)[before:])
        assert run.code == code, f"exit code {run.code} instead of {code}:\n{tail(run.output)}"
        return run

    def _run(self, argv: list[str], folder: str, environment: dict[str, str]) -> tuple[int, str]:
        if self.stage and self.stage.fits(environment):
            return self.stage.run(argv[argv.index("playbook") :], folder, environment)
        ended = subprocess.run(
            argv, capture_output=True, text=True, check=False, cwd=folder, env=environment, timeout=LIMIT
        )
        return ended.returncode, ended.stdout + ended.stderr

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the developer's own settings, everything below build/."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        return {
            **kept,
            **KEYS,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.emulator.address,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_CONFIG": str(ROOT / "tools" / "ansible.cfg"),
            "ANSIBLE_HOME": str(BUILD / "home"),
            # Where HOME is moved, the two sides of a background task look for its result in two places.
            "ANSIBLE_ASYNC_DIR": str(BUILD / "async"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            **(CHEAPER if self.stage else {}),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def command(
        self, playbook: str | Path | Rows, folder: Path, variables: dict[str, t.Any] | Path | None = None
    ) -> list[str]:
        """The command of a run; what it reads is written into `folder`."""
        if isinstance(playbook, list):
            playbook = written(playbook, folder / "play.yml")
        file = variables if isinstance(variables, Path) else folder / "variables.json"
        if not isinstance(variables, Path):
            file.write_text(json.dumps(variables or {}))
        return [sys.executable, "-m", "ansible", "playbook", str(playbook), "-e", f"@{file}"]


def written(tasks: Rows, path: Path, **play: t.Any) -> Path:
    """A playbook of these tasks for this machine; JSON is YAML enough."""
    local = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    path.write_text(json.dumps([{**local, "vars": interpreter, "tasks": tasks, **play}]))
    return path


def roles(*names: str) -> Rows:
    """Tasks that run roles of this collection one after the other."""
    return [{"name": f"Role {name}", "ansible.builtin.include_role": {"name": f"slipway.aws.{name}"}} for name in names]


def tail(output: str) -> str:
    return "\n".join([line for line in output.splitlines() if line.strip()][-TAIL:])
