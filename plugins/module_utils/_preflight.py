# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out whether a deployment can work, before one is made: the probe, the verdicts, the words. Private.

The probe is a command of SSM that changes nothing on a host. It is followed by its counters, one call for 50 hosts,
and read once at its end.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils import _agent, _ssm, _survey
from ansible_collections.slipway.aws.plugins.module_utils._agent import NOT_READY, READY, UNKNOWN
from ansible_collections.slipway.aws.plugins.module_utils._client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._deployments import planning
from ansible_collections.slipway.aws.plugins.module_utils._shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._waiting import Look, limits, watch

MOST_NAMED = 10  # hosts told in the message
LEVELS = {"never": (), "not_ready": (NOT_READY,), "unknown": (NOT_READY, UNKNOWN)}
REMEDIES = {
    "not installed": "Install the agent with slipway.aws.install_agent or bake it into the AMI.",
    "is stopped": "Start the agent: systemctl enable --now codedeploy-agent.",
    "older than": "Update the agent with slipway.aws.install_agent or a new AMI.",
    "no instance profile": "Give the instances an instance profile.",
    "SSM": "Give the instance profile AmazonSSMManagedInstanceCore and the hosts a way to SSM, or look with probe: none.",
    "instance is": "Start or terminate the instances, or take them out of the deployment group.",
    "no such instance": "Correct instance_ids or region.",
}


class Unfinished(t.NamedTuple):
    """The probe is still on its way; the next slice follows these commands."""

    follow_id: str
    seen: str
    lines: list[str]


class Survey(t.NamedTuple):
    """What is known before the probe."""

    probe: str  # what is really done: in check mode no command is sent
    chosen: _survey.Chosen
    hosts: list[Shape]
    warnings: list[str]


def run(aws: Connection, params: Shape, check: bool) -> Shape | Unfinished:
    """The result of a preflight: `preflight`, `hosts`, `warnings`, `lines`; in slices maybe Unfinished."""
    follow_id = (params["follow"] or {}).get("id")
    if follow_id:
        return _finish(aws, params, _ssm.Sent(follow_id.split(","), []), None)
    survey = _begin(aws, params, check)
    if survey.probe != "command":
        return result(params, survey, survey.hosts, [])
    return _finish(aws, params, _send(aws, params, survey), survey)


def _begin(aws: Connection, params: Shape, check: bool) -> Survey:
    chosen = _survey.choose(aws, params)
    probe, warnings = params["probe"], list(chosen.warnings)
    if check and probe == "command":
        probe = "inventory"
        warnings.append("Check mode sends no command, so the inventory of SSM was looked at instead of the hosts.")
    hosts = _survey.look_up(aws, chosen.fleet.hosts, probe == "inventory", warnings)
    return Survey(probe, chosen, [_silent(one) for one in hosts] if probe == "none" else hosts, warnings)


def _finish(aws: Connection, params: Shape, sent: _ssm.Sent | None, survey: Survey | None) -> Shape | Unfinished:
    """Wait for the answers and judge. In a later slice the fleet is read again, when the answers are there."""
    within, lines = limits(params, 0), []
    if sent and sent.command_ids:
        watched = watch(_looker(aws, sent.command_ids), within)
        lines = watched.lines
        if not watched.done and watched.seconds < within.timeout:
            return Unfinished(",".join(sent.command_ids), watched.text, lines)
    survey = survey or _begin(aws, params, False)
    return result(params, survey, _probed(aws, survey.hosts, sent), lines)


def result(params: Shape, survey: Survey, hosts: list[Shape], lines: list[str]) -> Shape:
    """Verdicts on every host and on the whole."""
    chosen = survey.chosen
    minimum = params["minimum_agent_version"]
    judged = [{**one, **_agent.verdict(one, minimum)._asdict()} for one in hosts]
    missing = [_missing(i) for i in chosen.fleet.missing]
    found: dict[str, list[t.Any]] = {
        READY: [one["instanceId"] for one in judged if one["verdict"] == READY],
        NOT_READY: [_told(one) for one in judged if one["verdict"] == NOT_READY] + missing,
        UNKNOWN: [_told(one) for one in judged if one["verdict"] == UNKNOWN],
    }
    return {
        "preflight": {
            "verdict": _whole(found, chosen),
            "ready": found[READY],
            "notReady": found[NOT_READY],
            "unknown": found[UNKNOWN],
            "instanceRefreshes": chosen.refreshes,
            "probe": survey.probe,
        },
        "hosts": judged,
        "warnings": survey.warnings,
        "lines": lines,
    }


def problem(params: Shape, told: Shape) -> str | None:
    """Why the task fails at its level of `fail_on`, in sentences that name the hosts and the remedy; None if it does not."""
    found, bad = told["preflight"], LEVELS[params["fail_on"]]
    if found["verdict"] not in bad:
        return None
    total = len(told["hosts"]) + sum(1 for one in found["notReady"] if one.get("missing"))
    named = found["notReady"] + (found["unknown"] if UNKNOWN in bad else [])
    parts = [
        f"{planning.refresh_in_words(one).capitalize()}. {planning.REFRESH_REMEDY}"
        for one in found["instanceRefreshes"]
    ]
    if not total:
        parts.append(f"The selection matches no instance. {planning.NO_HOSTS_REMEDY}")
    if found["notReady"]:
        parts.append(f"{len(found['notReady'])} of {total} hosts are not ready.")
    if found["unknown"] and UNKNOWN in bad:
        parts.append(f"Of {len(found['unknown'])} of {total} hosts it is not known whether they are ready.")
    parts += [f"{_place(one)}: {one['reason']}." for one in named[:MOST_NAMED]]
    if len(named) > MOST_NAMED:
        parts.append(f"And {len(named) - MOST_NAMED} more, see preflight.")
    remedies = (remedy for words, remedy in REMEDIES.items() if any(words in one["reason"] for one in named))
    return " ".join([*parts, *remedies])


def _whole(found: dict[str, list[t.Any]], chosen: _survey.Chosen) -> str:
    if found[NOT_READY] or chosen.refreshes or not chosen.fleet.hosts:
        return NOT_READY
    return UNKNOWN if found[UNKNOWN] else READY


def _send(aws: Connection, params: Shape, survey: Survey) -> _ssm.Sent | None:
    """Send the probe to the hosts that can take it. None when the caller may not."""
    ids = [one["instanceId"] for one in survey.hosts if one["ssmPing"] == "Online" and one["platform"] != "windows"]
    asked: Shape = {
        "DocumentName": params["document_name"],
        "TimeoutSeconds": _agent.PROBE_SECONDS,
        "MaxErrors": "100%",
        "MaxConcurrency": "100%",
        "Comment": "slipway.aws.codedeploy_preflight",
    }
    if params["document_name"] == _ssm.SHELL_DOCUMENT:
        seconds = str(_agent.PROBE_SECONDS)
        asked["Parameters"] = {"commands": _agent.PROBE.splitlines(), "executionTimeout": [seconds]}
    return _survey.readable(lambda: _ssm.send_command(aws, ids, asked), "The probe", survey.warnings)


def _looker(aws: Connection, command_ids: list[str]) -> t.Callable[[], Look]:
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


def _probed(aws: Connection, hosts: list[Shape], sent: _ssm.Sent | None) -> list[Shape]:
    answers: dict[str, Shape] = {}
    for command_id in sent.command_ids if sent else []:
        answers.update(_ssm.read_invocations(aws, command_id))
    return [{**one, "agent": _answer(one, answers, sent)} for one in hosts]


def _answer(host: Shape, answers: dict[str, Shape], sent: _ssm.Sent | None) -> Shape:
    agent: Shape = {"status": None, "version": None, "source": None, "capturedAt": None, "problem": None}
    if sent is None:
        return {**agent, "problem": "the probe could not be sent: the caller may not send commands"}
    if host["platform"] == "windows":
        return {**agent, "problem": "the probe is a shell script, and this host runs Windows"}
    if host["instanceId"] in sent.refused:
        return {**agent, "problem": "SSM refused to send it the probe"}
    if host["instanceId"] not in answers:
        return {**agent, "problem": "it was not probed"}
    said = _agent.read_probe(answers[host["instanceId"]])
    source = "command" if said["state"] else None
    return {**agent, "status": said["state"], "version": said["version"], "source": source, "problem": said["problem"]}


def _silent(host: Shape) -> Shape:
    return {**host, "agent": {**host["agent"], "problem": "probe is none, so nobody asked for its agent"}}


def _told(host: Shape) -> Shape:
    kept = ("instanceId", "name", "privateIpAddress", "reason")
    return {"id" if key == "instanceId" else key: host[key] for key in kept}


def _missing(instance_id: str) -> Shape:
    return {
        "id": instance_id,
        "name": None,
        "privateIpAddress": None,
        "reason": "there is no such instance",
        "missing": True,
    }


def _place(told: Shape) -> str:
    return f"{told['id']} ({told['privateIpAddress']})" if told["privateIpAddress"] else told["id"]
