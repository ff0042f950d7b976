# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import (
    ENDS,
    PROBE,
    WINDOWS_PROBE,
    said,
    verdict,
    version_in,
)
from ansible_collections.slipway.aws.plugins.modules.codedeploy_preflight import DOCUMENTATION

HOST = {"state": "running", "instanceProfile": "arn", "ssmPing": "Online"}
NOTHING = {"status": None, "version": None, "source": None, "capturedAt": None, "problem": None}


def judged(agent: dict[str, t.Any], **host: t.Any) -> tuple[str, str]:
    return verdict({**HOST, **host, "agent": {**NOTHING, **agent}}, "1.6.0")[:2]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("agent_version: OFFICIAL_1.8.1-55_rpm", "1.8.1"),
        ("OFFICIAL_1.0.1.854_rpm", "1.0.1.854"),
        ("2.1.0", "2.1.0"),
        ("unknown", None),
        (None, None),
    ],
)
def test_a_version_is_found_in_what_is_said(text: str | None, version: str | None) -> None:
    assert version_in(text) == version


@pytest.mark.parametrize(
    ("agent", "host", "expected", "words"),
    [
        ({"status": "running", "version": "1.8.1", "source": "command"}, {}, "ready", "1.8.1 is running"),
        ({"status": "running", "source": "command"}, {}, "ready", "version unknown"),
        ({"status": "stopped", "source": "command"}, {}, "not_ready", "agent is stopped"),
        (
            {"status": "installed", "version": "1.8.1", "source": "inventory", "capturedAt": "T"},
            {},
            "ready",
            "not checked",
        ),
        (
            {"status": "installed", "version": "1.8.1", "source": "inventory"},
            {"ssmPing": "ConnectionLost"},
            "not_ready",
            "Lost",
        ),
        ({"problem": "the sky is cloudy"}, {}, "unknown", "the sky is cloudy"),
        ({}, {}, "unknown", "not known"),
        ({}, {"ssmPing": None}, "not_ready", "SSM does not know"),
        ({}, {"ssmPing": "unknown"}, "unknown", "not known"),
        ({"status": "running", "source": "command"}, {"state": "stopped"}, "not_ready", "instance is stopped"),
    ],
)
def test_a_verdict_has_a_reason(agent: dict[str, t.Any], host: dict[str, t.Any], expected: str, words: str) -> None:
    found, reason = judged(agent, **host)
    assert found == expected and words in reason


def answer(output: str, details: str = "Success") -> dict[str, t.Any]:
    return said({"Status": details, "StatusDetails": details, "CommandPlugins": [{"Output": output}]})


@pytest.mark.parametrize(
    ("output", "status", "version"),
    [
        ("running agent_version: OFFICIAL_1.8.1-55_rpm\n", "running", "1.8.1"),
        ("running OFFICIAL_1.7.1.109_msi\r\n", "running", "1.7.1.109"),
        ("stopped unknown\n\n----------ERROR-------\nfailed to run commands: exit status 3", "stopped", None),
        ("absent -\r\n", "absent", None),
        ("running \n", "running", None),
        ("profile loaded\nrunning 1.8.1", "running", "1.8.1"),
    ],
)
def test_the_answer_of_a_host_is_read(output: str, status: str, version: str | None) -> None:
    told = answer(output, "Failed" if status != "running" else "Success")
    assert (told["status"], told["version"], told["source"]) == (status, version, "command")


@pytest.mark.parametrize("details", [*ENDS, "SomethingNew"])
def test_a_probe_that_said_nothing_is_told_by_how_it_ended(details: str) -> None:
    told = answer("", details)
    assert told["status"] is None and told["cause"] == "probe_silent"
    assert told["problem"] == ENDS.get(details, "the probe ended as SomethingNew and reported nothing about the agent")


def test_what_a_host_wrote_instead_is_quoted() -> None:
    told = answer("Traceback\nsystemctl: command not found\n", "Failed")
    assert told["problem"].endswith("its last line was: systemctl: command not found")
    assert answer("", "Delivery Timed Out")["problem"] == ENDS["DeliveryTimedOut"]


def test_both_scripts_are_in_the_notes_of_the_module() -> None:
    documented = DOCUMENTATION.replace("\\)", ")").replace("\\\\", "\\")
    for line in [*PROBE.splitlines(), *WINDOWS_PROBE.splitlines()]:
        assert f"({line})" in documented


@pytest.mark.parametrize(
    ("files", "active", "said", "code"),
    [(False, False, "absent -", 4), (True, True, "running 1.8.1", 0), (True, False, "stopped 1.8.1", 3)],
)
def test_the_script_of_the_probe_runs(tmp_path: Path, files: bool, active: bool, said: str, code: int) -> None:
    agent = tmp_path / "agent"
    if files:
        agent.mkdir()
        (agent / ".version").write_text("1.8.1\n")
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f"#!/bin/sh\nexit {0 if active else 3}\n")
    systemctl.chmod(0o755)
    script = PROBE.replace("/opt/codedeploy-agent", str(agent))
    ran = subprocess.run(
        ["/bin/sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert (ran.stdout.strip(), ran.returncode) == (said, code)
