# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Windows hosts: what of PowerShell is followed, what their user data does, and which documents reach them."""

from __future__ import annotations

import pytest
from support import compute

from slipway_emulator.console import run_powershell
from slipway_emulator.contents import Contents, images
from slipway_emulator.faults import faults
from slipway_emulator.hosts import Host
from slipway_emulator.machine import Machine

pytestmark = pytest.mark.usefixtures("world")
PROBE = r"""
$service = Get-Service -Name codedeployagent -ErrorAction SilentlyContinue
if (-not $service) { Write-Output "absent -"; exit 4 }
$version = "unknown"
$file = Join-Path $env:ProgramData "Amazon\CodeDeploy\.version"
if (Test-Path $file) { $version = Get-Content $file -TotalCount 1 }
if ($service.Status -eq "Running") { Write-Output "running $version"; exit 0 }
Write-Output "stopped $version"; exit 3
"""
BASH = "#!/bin/bash\nyum install -y ruby wget\nwget https://aws-codedeploy-eu-west-1.s3.amazonaws.com/latest/install\n./install auto\n"
BUCKET = "aws-codedeploy-eu-west-1"
FETCH = rf"Read-S3Object -BucketName {BUCKET} -Key latest/codedeploy-agent.msi -File C:\temp\codedeploy-agent.msi"


def windows(agent: str | None = None, enabled: bool = True) -> str:
    """A Windows AMI, with this version of the agent."""
    image = compute.image(agent or "none")
    contents = Contents("Microsoft Windows Server 2022", "2022", agent, enabled and agent is not None)
    images.record(image, contents)
    return image


def host(agent: str | None = None, enabled: bool = True, user_data: str | None = None) -> Host:
    more = {"UserData": user_data} if user_data else {}
    [instance] = compute.run(windows(agent, enabled), **more)
    compute.boot()
    return compute.host(instance)


@pytest.mark.parametrize(
    ("agent", "enabled", "printed", "code"),
    [
        ("1.8.1", True, "running OFFICIAL_1.8.1_msi\n", 0),
        ("1.7.0", False, "stopped OFFICIAL_1.7.0_msi\n", 3),
        (None, False, "absent -\n", 4),
    ],
)
def test_the_probe_tells_the_state_of_the_agent(agent: str | None, enabled: bool, printed: str, code: int) -> None:
    outcome = run_powershell(host(agent, enabled), PROBE)
    assert (outcome.stdout, outcome.code, outcome.stderr) == (printed, code, "")


def test_a_fault_of_the_agent_is_seen() -> None:
    found = host("1.8.1")
    faults.add({"kind": "agent-stopped", "instance_id": found.instance_id})
    assert run_powershell(found, PROBE).stdout.startswith("stopped")


@pytest.mark.parametrize(
    ("script", "printed", "code"),
    [
        ('$a = "b"\n# Write-Output "no"\nWrite-Output "$a $((Get-Service codedeployagent).Status)"', "b Running\n", 0),
        ("(Get-Service codedeployagent).Status", "Running\n", 0),
        ("Write-Output 'one; two'; Write-Host three", "one; two\nthree\n", 0),
        ("if (1 -eq 2) { echo a } elseif ('X' -eq 'x') { echo b } else { echo c }", "b\n", 0),
        ("if (1 -eq 2) { echo a }\nelse { echo c }", "c\n", 0),
        ("if ($true -and -not $false) { exit 7 }; echo never", "", 7),
        ("try { echo a } catch { echo b }", "a\n", 0),
        ("<# echo a #>\necho `\n  b", "b\n", 0),
        ("if (Test-Path C:\\elsewhere) { echo a } else { echo b }", "", 0),
        ("foreach ($x in 1..3) { Stop-Service codedeployagent }\necho on", "on\n", 0),
        ("Get-Service codedeployagent | Stop-Service\n(Get-Service codedeployagent).Status", "Running\n", 0),
        ("Remove-Everything -Force\necho on", "on\n", 0),
        ("Stop-Service -Name codedeployagent\n(Get-Service codedeployagent).Status", "Stopped\n", 0),
        (
            "Set-Service codedeployagent -Status Stopped; powershell.exe Start-Service codedeployagent; echo ok",
            "ok\n",
            0,
        ),
        ("$ErrorActionPreference = 'Stop'\nGet-Content $env:ProgramData\\x\necho on", "on\n", 0),
    ],
)
def test_what_is_understood_is_followed_and_nothing_else(script: str, printed: str, code: int) -> None:
    outcome = run_powershell(host("1.8.1"), script)
    assert (outcome.stdout, outcome.code) == (printed, code)


def test_an_error_ends_a_script_that_asked_for_it() -> None:
    bare = host()
    outcome = run_powershell(bare, "$ErrorActionPreference = 'Stop'\nStart-Service codedeployagent\necho on")
    assert (outcome.stdout, outcome.code) == ("", 1) and "Cannot find any service" in outcome.stderr
    outcome = run_powershell(bare, "Get-Service codedeployagent\necho on")
    assert (outcome.stdout, outcome.code) == ("on\n", 0) and "Cannot find any service" in outcome.stderr


@pytest.mark.parametrize(
    ("user_data", "state"),
    [
        (BASH, "absent"),
        ("#cloud-config\nruncmd: [wget, install]\n", "absent"),
        (f"<powershell>\n{FETCH}\nStart-Process C:\\temp\\codedeploy-agent.msi -Wait\n</powershell>", "running"),
        (f"<powershell>\n{FETCH}\nC:\\temp\\codedeploy-agent.msi /quiet /l log.txt\n</powershell>", "running"),
        (f"<powershell>{FETCH}; msiexec.exe /i C:\\temp\\codedeploy-agent.msi /quiet</powershell>", "running"),
        (
            f"<powershell>\n{FETCH}\nStart-Process -Wait msiexec.exe -ArgumentList '/i C:\\temp\\codedeploy-agent.msi'\n"
            "</powershell>",
            "running",
        ),
        (
            f"<script>\naws s3 cp s3://{BUCKET}/latest/codedeploy-agent.msi agent.msi\nstart /wait msiexec /i agent.msi\n"
            "</script>",
            "running",
        ),
        (f"<powershell>\n{FETCH}\n</powershell>", "absent"),
        ("<powershell>\nmsiexec /i C:\\temp\\codedeploy-agent.msi\n</powershell>", "absent"),
        (f"<powershell>\n{FETCH}\nC:\\temp\\codedeploy-agent.msi", "absent"),
        (f"{FETCH}\nC:\\temp\\codedeploy-agent.msi", "absent"),
        (
            f"<powershell>\n{FETCH}\nmsiexec /i C:\\temp\\codedeploy-agent.msi\nStop-Service codedeployagent</powershell>",
            "stopped",
        ),
    ],
)
def test_user_data_of_windows_is_powershell_or_batch(user_data: str, state: str) -> None:
    assert host(user_data=user_data).agent == state


def test_user_data_that_fails_says_so() -> None:
    missing = (
        "<powershell>Read-S3Object -BucketName aws-codedeploy-eu-west-1 -Key latest/other.msi -File a.msi</powershell>"
    )
    assert "could not download" in str(host(user_data=missing).boot_problem)


def test_powershell_user_data_does_nothing_on_linux() -> None:
    [instance] = compute.run(
        compute.image(), UserData=f"<powershell>\n{FETCH}\nC:\\temp\\codedeploy-agent.msi\n</powershell>"
    )
    compute.boot()
    assert compute.host(instance).agent == "absent"


def test_a_component_runs_powershell_on_a_windows_machine() -> None:
    document = f"""
name: agent
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Install
        action: ExecutePowerShell
        inputs:
          commands: ['{FETCH}', 'msiexec /i C:\\temp\\codedeploy-agent.msi /quiet']
"""
    machine = Machine(Contents("Microsoft Windows Server 2022", "2022"))
    assert machine.run_phase("arn:aws:imagebuilder:eu-west-1:1:component/agent/1.0.0/1", document, "build") is None
    assert machine.contents.agent_version == "1.8.1" and "CodeDeploy Host Agent" in machine.contents.packages
