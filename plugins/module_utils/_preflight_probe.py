# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of the CodeDeploy agent: a command of SSM that changes nothing on a host. Private.

It is followed by its counters, one call for 50 hosts, and read once at its end.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils import _agent, _ssm, _survey
from ansible_collections.slipway.aws.plugins.module_utils._client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._waiting import Look


def send(aws: Connection, document: str, hosts: list[Shape], warnings: list[str]) -> _ssm.Sent | None:
    """Send the probe to the hosts that can take it. None when the caller may not."""
    ids = [one["instanceId"] for one in hosts if one["ssmPing"] == "Online" and one["platform"] != "windows"]
    asked: Shape = {
        "DocumentName": document,
        "TimeoutSeconds": _agent.PROBE_SECONDS,
        "MaxErrors": "100%",
        "MaxConcurrency": "100%",
        "Comment": "slipway.aws.codedeploy_preflight",
    }
    if document == _ssm.SHELL_DOCUMENT:
        seconds = str(_agent.PROBE_SECONDS)
        asked["Parameters"] = {"commands": _agent.PROBE.splitlines(), "executionTimeout": [seconds]}
    return _survey.readable(lambda: _ssm.send_command(aws, ids, asked), "The probe", warnings)


def looker(aws: Connection, command_ids: list[str]) -> t.Callable[[], Look]:
    """Looks at the counters of commands, each until it is over."""
    known: dict[str, Shape] = {}

    def look() -> Look:
        for one in command_ids:
            if known.get(one, {}).get("Status") not in _ssm.OVER:
                known[one] = _ssm.read_command(aws, one) or {}
        asked = sum(int(one.get("TargetCount") or 0) for one in known.values())
        back = sum(int(one.get("CompletedCount") or 0) for one in known.values())
        done = all(one.get("Status") in _ssm.OVER for one in known.values())
        return Look(f"probe of the CodeDeploy agent: {back} of {asked} hosts answered", done)

    return look


def probed(aws: Connection, hosts: list[Shape], sent: _ssm.Sent | None) -> list[Shape]:
    answers: dict[str, Shape] = {}
    for command_id in sent.command_ids if sent else []:
        answers.update(_ssm.read_invocations(aws, command_id))
    return [{**one, "agent": _answer(one, answers, sent)} for one in hosts]


def _answer(host: Shape, answers: dict[str, Shape], sent: _ssm.Sent | None) -> Shape:
    if sent is None:
        text = "the probe could not be sent: the caller may not send commands"
        return _agent.nothing_known("probe_denied", text)
    if host["platform"] == "windows":
        return _agent.nothing_known("probe_unsupported", "the probe is a shell script, and this host runs Windows")
    if host["instanceId"] in sent.refused:
        return _agent.nothing_known("probe_refused", "SSM refused to send it the probe")
    if host["instanceId"] not in answers:
        return _agent.nothing_known("probe_missing", "it was not probed")
    said = _agent.read_probe(answers[host["instanceId"]])
    if not said["state"]:
        return _agent.nothing_known("probe_silent", said["problem"])
    return {**_agent.NOTHING, "status": said["state"], "version": said["version"], "source": "command"}
