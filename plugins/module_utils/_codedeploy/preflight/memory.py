# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of earlier probes, which SSM keeps: a host that has just answered need not be asked again. Only reads. Private.

Only an agent that ran, and is new enough, is remembered: who has just mended one wants to hear how it is now.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import agent, survey
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands
from ansible_collections.slipway.aws.plugins.module_utils._text import is_older

COMMENT = "slipway.aws.codedeploy_preflight"  # of every probe; by it they are found again


class Asking(t.NamedTuple):
    """How the hosts of a selection are asked."""

    own_documents: dict[str, str]  # by platform
    other_document: str  # of all other platforms
    addresses: list[list[Shape]] | None  # tags that say exactly what is selected
    max_age: int  # seconds; 0: ask always
    minimum: str  # version of the agent

    def document(self, host: Shape) -> str:
        return self.own_documents.get(host["platform"], self.other_document)


def recall(
    aws: Connection,
    how: Asking,
    hosts: list[Shape],
    now: datetime.datetime,
    warnings: list[str],
    besides: t.Collection[str] = (),
) -> dict[str, Shape]:
    """What earlier probes than those `besides` found out about the agents of these hosts, as far as it still counts."""

    def read() -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for document in dict.fromkeys(how.document(one) for one in hosts):
            asked = {one["instanceId"]: one for one in hosts if how.document(one) == document}
            found.update(_of_document(aws, how, document, asked, now, besides))
        return found

    return (survey.readable(read, "Earlier probes", warnings) or {}) if how.max_age > 0 else {}


def _of_document(
    aws: Connection,
    how: Asking,
    document: str,
    hosts: dict[str, Shape],
    now: datetime.datetime,
    besides: t.Collection[str],
) -> dict[str, Shape]:
    newest = answers(aws, document, hosts, now - datetime.timedelta(seconds=how.max_age), besides)
    return {i: said for i, said in ((i, _counts(how, hosts[i], one, now)) for i, one in newest.items()) if said}


def answers(
    aws: Connection,
    document: str,
    hosts: t.Collection[str],
    since: datetime.datetime,
    besides: t.Collection[str] = (),
) -> dict[str, Shape]:
    """The newest answer of each host to a probe since then.

    It decides, so that an agent that stopped since an older one is not taken to run.
    """
    longest = datetime.timedelta(seconds=2 * agent.PROBE_SECONDS)  # an answer may be later than its command
    newest: dict[str, Shape] = {}
    for command in commands.commands_of(aws, document, since - longest):
        left = set(hosts) - set(newest)
        ours = command.get("Comment") == COMMENT and command["CommandId"] not in besides
        if ours and left & set(command.get("InstanceIds") or left):
            found = commands.read_invocations(aws, command["CommandId"])
            newest.update({i: found[i] for i in left & set(found)})
    return newest


def _counts(how: Asking, host: Shape, invocation: Shape, now: datetime.datetime) -> Shape | None:
    """What the answer says of the agent, if it is good news, young, and of the time since the host last came up.

    A reboot is not told by any call. But an SSM agent that starts says so to SSM at once, so an answer is only taken to
    be of the present run of a host when SSM has not heard of the host since.
    """
    said = agent.said(invocation)
    answered = agent.answered_at(invocation)
    if said["status"] != "running" or answered is None:
        return None
    if said["version"] and is_older(said["version"], how.minimum):
        return None
    young = now - answered <= datetime.timedelta(seconds=how.max_age)
    up_since = [one for one in (host["launchTime"], host["ssmLastPing"]) if one]
    fresh = young and all(moment <= answered for moment in up_since)
    return {**said, "capturedAt": answered.isoformat()} if fresh else None
