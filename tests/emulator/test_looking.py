# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Commands that only look are counted apart from writes, by what they are and not by what they are called."""

from __future__ import annotations

import pytest
from support import compute

from slipway_emulator.ledger import ledger
from slipway_emulator.looking import only_looks

PROBE = """if ! [ -e /opt/codedeploy-agent ]; then echo "absent -"; exit 4; fi
version=$(cat /opt/codedeploy-agent/.version 2>/dev/null || echo unknown)
if systemctl is-active --quiet codedeploy-agent; then echo "running $version"; exit 0; fi
echo "stopped $version"; exit 3
"""
WINDOWS = r"""$service = Get-Service -Name codedeployagent -ErrorAction SilentlyContinue
if (-not $service) { Write-Output "absent -"; exit 4 }
$file = Join-Path $env:ProgramData "Amazon\CodeDeploy\.version"
if (Test-Path $file) { $version = Get-Content $file -TotalCount 1 }
if ($service.Status -eq "Running") { Write-Output "running $version"; exit 0 }
"""


@pytest.mark.parametrize(
    ("script", "looks"),
    [
        (PROBE, True),
        (WINDOWS, True),
        ("sudo systemctl status codedeploy-agent | grep -q running && echo yes 2>&1", True),
        ("service codedeploy-agent status", True),
        ("systemctl restart codedeploy-agent", False),
        ("service codedeploy-agent stop", False),
        (PROBE + "systemctl start codedeploy-agent", False),
        ("echo on; x=$(yum install -y ruby)", False),
        ("echo yes > /etc/motd", False),
        ("echo yes >> /etc/motd", False),
        ("if true; then rm -rf /srv; fi", False),
        (WINDOWS + "Start-Service codedeployagent", False),
        ("./whatever", False),
        ("/usr/bin/whatever", False),
    ],
)
def test_in_doubt_a_script_does_more_than_look(script: str, looks: bool) -> None:
    assert only_looks(script) is looks


@pytest.mark.usefixtures("world")
def test_the_ledger_tells_probes_from_writes() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    compute.boot()
    ledger.clear()
    for commands in ([PROBE], ["systemctl stop codedeploy-agent"]):
        compute.client("ssm").send_command(
            DocumentName="AWS-RunShellScript", InstanceIds=[instance], Parameters={"commands": commands}
        )
    compute.client("ssm").list_commands()
    assert [(call.operation, call.probe, call.write) for call in ledger] == [
        ("SendCommand", True, False),
        ("SendCommand", False, True),
        ("ListCommands", False, False),
    ]
    assert [(call["probe"], call["write"]) for call in ledger.as_json()] == [
        (True, False),
        (False, True),
        (False, False),
    ]
