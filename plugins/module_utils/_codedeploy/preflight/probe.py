# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of the CodeDeploy agent: a command of SSM that changes nothing on a host. Private.

A fleet of one platform is asked by one command to its tags, where tags say exactly what is selected; any other by ids,
50 a command. It is followed by its counters, one question for all commands, and read once at its end.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import agent, survey
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.command_targets import addresses
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight import memory
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight.memory import COMMENT, Asking
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands

SCRIPTS = {commands.SHELL_DOCUMENT: agent.PROBE, commands.POWERSHELL_DOCUMENT: agent.WINDOWS_PROBE}


class Sent(t.NamedTuple):
    """Probes that are on their way. What a later slice of the task must know of them goes through `follow_id`."""

    command_ids: list[str]
    refused: list[str]  # hosts that SSM would not take it for
    at: datetime.datetime  # by the clock of AWS
    unreachable: int = 0  # hosts that a command by tag reaches and that are known not to answer
    remembered: dict[str, Shape] | None = None  # answers of earlier probes by host; None: not looked for in this slice

    @property
    def follow_id(self) -> str:
        parts = (
            f"{self.at.timestamp():.0f}",
            str(self.unreachable),
            ",".join(self.command_ids),
            ",".join(self.refused),
        )
        return ";".join(parts)


def following(follow_id: str) -> Sent:
    """The probes that an earlier slice sent."""
    at, unreachable, commands, refused = follow_id.split(";")
    moment = datetime.datetime.fromtimestamp(float(at), datetime.timezone.utc)
    return Sent(commands.split(","), list(filter(None, refused.split(","))), moment, int(unreachable))


def asking(params: Shape, chosen: survey.Chosen) -> Asking:
    """What the options and the selection say of the probe."""
    return Asking(
        {"windows": params["windows_document_name"]},
        params["document_name"],
        addresses(chosen.selection),
        params["probe_max_age"],
        params["minimum_agent_version"],
    )


def send(aws: Connection, how: Asking, hosts: list[Shape], warnings: list[str]) -> Sent | None:
    """Send the probe to the hosts that can take it and did not answer just before. None when the caller may not."""
    online = [one for one in hosts if one["ssmPing"] == "Online"]
    known = memory.recall(aws, how, online, aws.now(), warnings)
    wanted = [one for one in online if one["instanceId"] not in known]
    if not wanted:
        return Sent([], [], aws.now(), 0, known)
    by_tags = _one_document(how, hosts) and (len(wanted) == len(online) or len(wanted) > commands.PAGE)
    send_it = _send_by_tags if by_tags and how.addresses else _send_by_ids
    sent = survey.readable(lambda: send_it(aws, how, hosts, wanted), "The probe", warnings)
    return sent._replace(remembered=known) if sent else None


def _one_document(how: Asking, hosts: list[Shape]) -> bool:
    """Whether one document suits all that a command by tags would reach; on another platform it would only fail."""
    return len({how.document(one) for one in hosts if one["state"] == "running"}) == 1


def _send_by_tags(aws: Connection, how: Asking, hosts: list[Shape], wanted: list[Shape]) -> Sent:
    asked = _asked(how.document(wanted[0]))
    sent = [commands.send_to_targets(aws, targets, asked) for targets in how.addresses or []]
    lost = sum(1 for one in hosts if one["state"] == "running" and one["ssmPing"] not in (None, "Online"))
    return Sent([one.command_id for one in sent], [], sent[0].at, lost)


def _send_by_ids(aws: Connection, how: Asking, _hosts: list[Shape], wanted: list[Shape]) -> Sent:
    sent: list[commands.Sent] = []
    refused: list[str] = []
    for document in dict.fromkeys(how.document(one) for one in wanted):
        ids = [one["instanceId"] for one in wanted if how.document(one) == document]
        more, without = commands.send_to_ids(aws, ids, _asked(document))
        sent, refused = sent + more, refused + without
    return Sent([one.command_id for one in sent], refused, sent[0].at if sent else aws.now())


def _asked(document: str) -> Shape:
    asked: Shape = {
        "DocumentName": document,
        "TimeoutSeconds": agent.PROBE_SECONDS,
        "MaxErrors": "100%",
        "MaxConcurrency": "100%",
        "Comment": COMMENT,
    }
    if document in SCRIPTS:
        seconds = [str(agent.PROBE_SECONDS)]
        asked["Parameters"] = {"commands": SCRIPTS[document].splitlines(), "executionTimeout": seconds}
    return asked


def looker(aws: Connection, sent: Sent) -> t.Callable[[], Look]:
    """Looks at the counters of the commands until all that can answer did."""
    known: dict[str, Shape] = {}

    def look() -> Look:
        known.update(commands.read_commands(aws, sent.command_ids, sent.at))
        asked = sum(int(one.get("TargetCount") or 0) for one in known.values())
        back = sum(int(one.get("CompletedCount") or 0) for one in known.values())
        over = len(known) == len(sent.command_ids) and all(one["Status"] in commands.OVER for one in known.values())
        done = over or bool(sent.unreachable and back and asked - back <= sent.unreachable)
        return Look(f"probe of the CodeDeploy agent: {back} of {asked} hosts answered", done)

    return look


def probed(aws: Connection, how: Asking, hosts: list[Shape], sent: Sent | None, warnings: list[str]) -> list[Shape]:
    """The hosts with what the probe, or an earlier one, said of their agents."""
    if sent is None:
        text = "the probe could not be sent: the caller is not allowed to send commands"
        return [_with_agent(one, agent.nothing_known("probe_denied", text)) for one in hosts]
    answers: dict[str, Shape] = {}
    for command_id in sent.command_ids:
        answers.update(commands.read_invocations(aws, command_id))
    known = sent.remembered
    if known is None:  # another slice sent it
        left = [one for one in hosts if one["ssmPing"] == "Online" and one["instanceId"] not in answers]
        known = memory.recall(aws, how, left, sent.at, warnings, sent.command_ids)
    return [_with_agent(one, _answer(one["instanceId"], answers, known, sent)) for one in hosts]


def _with_agent(host: Shape, found: Shape) -> Shape:
    """An on-premises instance is not asked, so it keeps what is said of that."""
    return host if host["onPremises"] else {**host, "agent": found}


def _answer(host: str, answers: dict[str, Shape], known: dict[str, Shape], sent: Sent) -> Shape:
    if host in answers:
        return agent.said(answers[host])
    if host in known:
        return known[host]
    if host in sent.refused:
        return agent.nothing_known("probe_refused", "SSM refused to send it the probe")
    return agent.nothing_known(
        "probe_missing", "it was not queried: it was added after the probe was sent, or SSM left it out"
    )
