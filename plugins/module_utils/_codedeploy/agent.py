# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be known of the CodeDeploy agent on a host, and the verdict on it. Pure. Private to this collection.

CodeDeploy itself has no call that tells whether an agent is alive: a deployment to a host without one is silent for
five minutes and then fails with another message. So it is looked for on the host, or in what SSM knows of it.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import endings
from ansible_collections.slipway.aws.plugins.module_utils._text import is_older

PACKAGES = ("codedeploy-agent", "CodeDeploy Host Agent")  # the agent's name as an rpm or deb, and on Windows
MINIMUM = "1.6.0"  # the oldest version that CodeDeploy supports
# One line, `<state> <version>`: 0 running, 3 stopped, 4 absent.
PROBE = """\
if ! [ -e /opt/codedeploy-agent ]; then echo "absent -"; exit 4; fi
version=$(cat /opt/codedeploy-agent/.version 2>/dev/null || echo unknown)
if systemctl is-active --quiet codedeploy-agent; then echo "running $version"; exit 0; fi
echo "stopped $version"; exit 3
"""
WINDOWS_PROBE = """\
$service = Get-Service -Name codedeployagent -ErrorAction SilentlyContinue
if (-not $service) { Write-Output "absent -"; exit 4 }
$version = "unknown"
$file = Join-Path $env:ProgramData "Amazon\\CodeDeploy\\.version"
if (Test-Path $file) { $version = Get-Content $file -TotalCount 1 }
if ($service.Status -eq "Running") { Write-Output "running $version"; exit 0 }
Write-Output "stopped $version"; exit 3
"""
PROBE_SECONDS = 30  # the least that SSM takes as a time to deliver, and time enough to run

READY, NOT_READY, UNKNOWN = "ready", "not_ready", "unknown"
STATES = {"pending": "instance_pending", "stopping": "instance_stopped", "stopped": "instance_stopped"}
# How a probe ends that says nothing of the agent, by the details of its status.
ENDS = {
    **endings.in_words("the probe", "the host", f"{PROBE_SECONDS} seconds"),
    "Failed": "the probe failed on the host and reported nothing about the agent",
    "Success": "the probe finished and did not report the state of the agent, which its document must print in one line",
}
LINE = 200  # characters of what a host wrote
NOTHING: Shape = {"status": None, "version": None, "source": None, "capturedAt": None, "problem": None}


def nothing_known(cause: str, problem: str) -> Shape:
    """What is known of an agent that nobody could ask: only why."""
    return {**NOTHING, "problem": problem, "cause": cause}


class Verdict(t.NamedTuple):
    """Whether a deployment to a host can work, and why not."""

    verdict: str  # ready, not_ready, unknown
    reason: str
    cause: str | None = None  # one of causes.HOST_REMEDIES; None when it is ready


def version_in(text: str | None) -> str | None:
    """The version in what a package manager or the agent's own file says: `agent_version: OFFICIAL_1.8.1-55_rpm` -> `1.8.1`."""
    found = re.search(r"(?<![0-9])[0-9]+(?:\.[0-9]+)+", text or "")
    return found.group() if found else None


def said(invocation: Shape) -> Shape:
    """What the probe said of the agent of one host, as one of the hosts has it under `agent`."""
    outputs = [one.get("Output") or "" for one in invocation.get("CommandPlugins") or []]
    told = re.search(r"^(running|stopped|absent)(?: (.*))?$", "\n".join(outputs).replace("\r", ""), re.MULTILINE)
    if told:
        return {**NOTHING, "status": told.group(1), "version": version_in(told.group(2)), "source": "command"}
    details = endings.details(invocation)
    last = next((line for text in outputs for line in reversed(text.splitlines()) if line.strip()), "")
    ended = ENDS.get(details, f"the probe ended as {details} and reported nothing about the agent")
    return nothing_known("probe_silent", f"{ended}; its last line was: {last.strip()[:LINE]}" if last else ended)


def answered_at(invocation: Shape) -> datetime.datetime | None:
    """When the probe ended on the host."""
    ends = (one.get("ResponseFinishDateTime") for one in invocation.get("CommandPlugins") or [])
    return max((one for one in ends if one), default=None)


def verdict(host: Shape, minimum: str) -> Verdict:
    """Whether a deployment to the host can work, from what was found out about it.

    `host` has, beside what EC2 knows, `ssmPing` (a ping status, None: not managed, `unknown`: could not be asked) and
    `agent` (`{status, version, source, capturedAt, problem}`).
    """
    machine = None if host.get("onPremises") else _machine(host) or _reach(host)  # EC2 and SSM do not know that name
    return machine or _agent(host["agent"], minimum)


def _machine(host: Shape) -> Verdict | None:
    state, lifecycle = host["state"], str(host.get("lifecycleState") or "")
    if state != "running" and lifecycle.startswith("Warmed"):
        text = f"the instance waits in the warm pool of {host['autoScalingGroup']} ({lifecycle}) and is {state}"
        return Verdict(NOT_READY, text, "instance_warm")
    if state != "running":
        return Verdict(NOT_READY, f"the instance is {state}", STATES.get(state, "instance_terminated"))
    if not host["instanceProfile"]:
        text = "the instance has no instance profile, so its agents have no credentials"
        return Verdict(NOT_READY, text, "no_instance_profile")
    return None


def _reach(host: Shape) -> Verdict | None:
    """What SSM's connection to the host tells; nothing where a command came through.

    CodeDeploy does not need SSM: that SSM does not know a host says nothing where nobody wants to ask it.
    """
    agent, ping = host["agent"], host["ssmPing"]
    if agent["source"] == "command" or ping in ("unknown", "Online"):
        return None
    if ping is not None:
        text = f"SSM reports {ping}: the host is down, hung or cut off from the network"
        return Verdict(NOT_READY, text, "ssm_unreachable")
    if agent.get("cause") == "probe_none":
        return None
    text = "SSM does not know the instance: its SSM agent is missing, still starting, or not allowed to register"
    return Verdict(NOT_READY, text, "ssm_unmanaged")


def _agent(agent: Shape, minimum: str) -> Verdict:
    status, version = agent["status"], agent["version"]
    seen = f" (inventory of {agent['capturedAt']})" if agent["source"] == "inventory" else ""
    if status is None:
        text = agent["problem"] or "it is not known whether the CodeDeploy agent is running"
        return Verdict(UNKNOWN, text, agent.get("cause") or "agent_unknown")
    if status == "absent":
        return Verdict(NOT_READY, f"the CodeDeploy agent is not installed{seen}", "agent_absent")
    if status == "stopped":
        text = f"the CodeDeploy agent {version or ''} is stopped".replace("  ", " ")
        return Verdict(NOT_READY, text, "agent_stopped")
    if version and is_older(version, minimum):
        return Verdict(NOT_READY, f"the CodeDeploy agent is {version}, older than {minimum}{seen}", "agent_old")
    if status == "installed":
        return Verdict(
            READY,
            f"the CodeDeploy agent {version or '(version unknown)'} is installed{seen}; it was not checked whether it is running",
        )
    return Verdict(READY, f"the CodeDeploy agent {version or '(version unknown)'} is running")
