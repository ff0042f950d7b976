# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out whether a deployment can work, before one is made: the hosts, the probe, the verdicts. Private."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import survey as surveys
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import (
    NOT_READY,
    READY,
    UNKNOWN,
    Verdict,
    nothing_known,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import verdict as verdict_on
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import HOST_REMEDIES
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import bundles, obstacles, planning
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.task import foreseen
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import is_target
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight import network
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight import probe as probing
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight.probe import Sent
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_allowed
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands

ABOUT_THE_AGENT = ("agent_absent", "agent_stopped", "agent_old")  # causes that inventory can be wrong about


class Unfinished(t.NamedTuple):
    """The probe is still on its way; the next slice follows these commands."""

    follow_id: str
    seen: str
    lines: list[str]


class Survey(t.NamedTuple):
    """What is known before the probe."""

    probe: str  # what is really done: in check mode no command is sent
    chosen: surveys.Chosen
    hosts: list[Shape]
    warnings: list[str]
    check: bool


def run(aws: Connection, params: Shape, check: bool) -> Shape | Unfinished:
    """The result of a preflight: `preflight`, `hosts`, `warnings`, `lines`; in slices maybe Unfinished."""
    follow_id = (params["follow"] or {}).get("id")
    if follow_id:
        return _finish(aws, params, probing.following(follow_id), None)
    missing = _missing_document(aws, params)
    if missing and not check:  # which an earlier task may create
        raise Refused(missing)
    survey = _begin(aws, params, check)
    survey.warnings.extend([missing] if missing else [])
    if survey.probe != "command":
        return result(aws, params, survey, survey.hosts, [])
    how = probing.asking(params, survey.chosen)
    return _finish(aws, params, probing.send(aws, how, survey.hosts, survey.warnings), survey)


def _missing_document(aws: Connection, params: Shape) -> str | None:
    """What is wrong with a document of the user's own that does not exist; those of AWS do."""
    for option in ("document_name", "windows_document_name") if params["probe"] == "command" else ():
        name = params[option]
        if not name.startswith("AWS-") and _is_missing(aws, name):
            text = f"there is no SSM document {name} in {aws.region}"
            return f"{text}. Create it, correct {option} or region, or set probe to inventory."
    return None


def _is_missing(aws: Connection, document: str) -> bool:
    """Whether a document is known to be missing; nothing is known where the caller may not ask."""
    return not if_allowed(lambda: commands.has_document(aws, document), True)


def _begin(aws: Connection, params: Shape, check: bool) -> Survey:
    chosen = surveys.choose(aws, params)
    probe, warnings = params["probe"], list(chosen.warnings)
    if check and probe == "command":
        probe = "inventory"
        warnings.append(
            "In check mode no command is sent, so the SSM inventory was read instead of querying the hosts."
        )
    hosts = surveys.look_up(aws, chosen, probe == "inventory", warnings)
    return Survey(probe, chosen, [_silent(one) for one in hosts] if probe == "none" else hosts, warnings, check)


def _finish(aws: Connection, params: Shape, sent: Sent | None, survey: Survey | None) -> Shape | Unfinished:
    """Wait for the answers and judge. In a later slice the fleet is read again, when the answers are there."""
    within, lines = limits(params, 0), []
    if sent and sent.command_ids:
        watched = watch(probing.looker(aws, sent), within)
        lines = watched.lines
        if not watched.done and watched.seconds < within.timeout:
            return Unfinished(sent.follow_id, watched.text, lines)
    survey = survey or _begin(aws, params, False)
    how = probing.asking(params, survey.chosen)
    hosts = probing.probed(aws, how, survey.hosts, sent, survey.warnings)
    return result(aws, params, survey, hosts, lines, len(sent.command_ids) if sent else 0)


def result(
    aws: Connection, params: Shape, survey: Survey, hosts: list[Shape], lines: list[str], probes: int = 0
) -> Shape:
    """Verdicts on every host and on the whole."""
    chosen, asked = survey.chosen, foreseen(params)
    revision = asked.get("revision")
    bundle = bundles.with_access(aws, bundles.look(aws, revision, survey.check), revision, hosts)
    sure = survey.probe == params["probe"]
    hosts = surveys.with_last_revisions(aws, chosen.group, hosts) if chosen.group else hosts
    judged = [_judged(one, _as_far_as_known(_verdict(params, bundle, one), one, sure)) for one in hosts]
    missing = [_missing(i) for i in chosen.fleet.missing]
    problems = causes.ignoring(_problems(aws, asked, survey, hosts, bundle), params["ignore_problems"])
    found: dict[str, list[t.Any]] = {
        READY: [one["instanceId"] for one in judged if one["verdict"] == READY],
        NOT_READY: [_told(one) for one in judged if one["verdict"] == NOT_READY] + missing,
        UNKNOWN: [_told(one) for one in judged if one["verdict"] == UNKNOWN],
    }
    return {
        "preflight": {
            "verdict": _whole(found, problems),
            "ready": found[READY],
            "notReady": found[NOT_READY],
            "unknown": found[UNKNOWN],
            "problems": problems,
            "instanceRefreshes": chosen.refreshes,
            "probe": survey.probe,
            "probes": probes,
        },
        "hosts": judged,
        "warnings": survey.warnings,
        "lines": lines,
    }


def _verdict(params: Shape, bundle: bundles.Bundle, host: Shape) -> Verdict:
    """A host that cannot install the bundle is no better for a running agent."""
    unfit = bundles.unfit(bundle, host)
    if unfit and unfit.cause not in (params["ignore_problems"] or []):
        return unfit
    return verdict_on(host, params["minimum_agent_version"])


def _problems(aws: Connection, asked: Shape, survey: Survey, hosts: list[Shape], bundle: bundles.Bundle) -> list[Shape]:
    """What stands against a deployment to the whole, as far as the options tell how it will be made."""
    chosen, group = survey.chosen, survey.chosen.group or {}
    targets = [one for one in hosts if is_target(one)]
    known = chosen.group or asked.get("deploymentConfigName")
    minimum, zonal = obstacles.readable_config(aws, planning.config_name(asked, group)) if known else ({}, {})
    suspended = planning.suspended(asked, group)
    return [
        *chosen.problems(suspended),
        *obstacles.find(aws, asked, obstacles.Target(group, targets, minimum, bundle, zonal)),
        *surveys.scaling_problems(aws, chosen, survey.warnings, bool(suspended)),
        *network.problems(aws, hosts),
    ]


def _whole(found: dict[str, list[t.Any]], problems: list[Shape]) -> str:
    if found[NOT_READY] or causes.blocking(problems):
        return NOT_READY
    return UNKNOWN if found[UNKNOWN] else READY


def _as_far_as_known(verdict: Verdict, host: Shape, sure: bool) -> Verdict:
    """In check mode inventory stands in for the probe. It is gathered now and then, so it proves nothing against a host."""
    if sure or verdict.cause not in ABOUT_THE_AGENT or host["agent"]["source"] != "inventory":
        return verdict
    return Verdict(UNKNOWN, f"{verdict.reason}, but the inventory may be older than the agent", "inventory_only")


def _judged(host: Shape, verdict: Verdict) -> Shape:
    """The host with its verdict. The cause of the verdict takes the place of the agent's own."""
    agent = {name: value for name, value in host["agent"].items() if name != "cause"}
    remedy = HOST_REMEDIES[verdict.cause] if verdict.cause else None
    return {**host, "agent": agent, **verdict._asdict(), "remedy": remedy}


def _silent(host: Shape) -> Shape:
    return (
        host
        if host["onPremises"]
        else {**host, "agent": nothing_known("probe_none", "probe is none, so its agent was not checked")}
    )


def _told(host: Shape) -> Shape:
    kept = ("instanceId", "name", "privateIpAddress", "reason", "cause", "remedy")
    return {"id" if key == "instanceId" else key: host[key] for key in kept}


def _missing(instance_id: str) -> Shape:
    return {
        "id": instance_id,
        "name": None,
        "privateIpAddress": None,
        "reason": "the instance does not exist",
        "cause": "instance_missing",
        "remedy": HOST_REMEDIES["instance_missing"],
        "missing": True,
    }
