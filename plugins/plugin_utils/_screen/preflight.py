# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A preflight -> lines for the screen: what is wrong with the group, then a line a host. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import layout
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import problems, short
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import paragraph

Result = t.Mapping[str, t.Any]

MOST_HOSTS = 50
ORDER = ("not_ready", "unknown", "ready")
WORDS = {"not_ready": "not ready"}
HEADS = ("NAME", "ID", "ADDRESS", "AGENT", "REVISION", "VERDICT", "REASON")
ELASTIC = ("NAME", "REVISION")


def headline(result: Result) -> str:
    """The verdict in one sentence; the message itself where there is none."""
    if "preflight" not in result:
        return str(result.get("msg") or "")
    found = result["preflight"]
    counted = [(len(found.get(verdict) or []), WORDS.get(verdict, verdict)) for verdict in ORDER]
    hosts = ", ".join(f"{count} {word}" for count, word in counted if count) or "none"
    blocking = [one for one in found.get("problems") or [] if one.get("blocks")]
    against = f" {_problems(len(blocking))} with the group." if blocking else ""
    return f"{_subject(result)}: {WORDS.get(found['verdict'], found['verdict'])}. Hosts: {hosts}.{against}"


def lines(result: Result, width: int) -> list[str]:
    """The whole preflight; nothing where the task could not look."""
    if "preflight" not in result:
        return []
    found = result["preflight"]
    rows = [
        *map(_host, result.get("hosts") or []),
        *(_missing(one) for one in found.get("not_ready") or [] if one.get("missing")),
    ]
    rows.sort(key=lambda row: ORDER.index(row[0]))
    shown = rows[:MOST_HOSTS]
    told = [headline(result)] + problems(found.get("problems") or [], width)
    if shown:
        told += layout.table(HEADS, [row[1] for row in shown], width, ELASTIC)
    told += layout.more(len(rows), len(shown))
    return told + [
        line
        for text in dict.fromkeys(row[2] for row in rows if row[2])
        for line in paragraph(text, width, label="Fix: ")
    ]


def _subject(result: Result) -> str:
    return str(result["msg"]).partition(": ")[0] if result.get("msg") else "Preflight"


def _problems(count: int) -> str:
    return "1 problem" if count == 1 else f"{count} problems"


def _host(host: Result) -> tuple[str, tuple[str, ...], str]:
    """Verdict, row and remedy. Of a host that is ready the columns say it all."""
    verdict, agent = host["verdict"], host.get("agent") or {}
    version = " ".join(
        filter(None, (agent.get("version"), agent.get("status") if agent.get("status") != "running" else None))
    )
    row = (
        host.get("name") or "",
        host["instance_id"],
        host.get("private_ip_address") or "",
        version,
        short(host.get("revision")),
        WORDS.get(verdict, verdict),
        "" if verdict == "ready" else host.get("reason") or "",
    )
    return verdict, row, "" if verdict == "ready" else host.get("remedy") or ""


def _missing(one: Result) -> tuple[str, tuple[str, ...], str]:
    row = ("", one["id"], "", "", "", WORDS["not_ready"], one["reason"])
    return "not_ready", row, one.get("remedy") or ""
