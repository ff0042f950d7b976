# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A census -> lines for the screen: a table for each deployment group, what needs attention first. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import layout
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import in_words, short
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import paragraph

Result = t.Mapping[str, t.Any]

MOST_HOSTS = 50  # of one deployment group
HEADS = ("NAME", "ID", "ADDRESS", "IMAGE", "AGENT", "REVISION", "ATTENTION")
PLACE = ("region", "application_name", "deployment_group_name")


def lines(result: Result, width: int) -> list[str]:
    """The whole census."""
    of_group: dict[tuple[str, ...], list[Result]] = {}
    for one in result["hosts"]:
        of_group.setdefault(_place(one), []).append(one)
    told = [headline(result)]
    for group in result["groups"]:
        told += paragraph(_about(group), width, "")
        told += _table(group, of_group.get(_place(group), []), width)
    return told


def headline(result: Result) -> str:
    hosts = result["hosts"]
    stale = sum(bool(one["stale"]) for one in hosts)
    dead = sum(one["verdict"] == "not_ready" for one in hosts)
    count = f"{_many(len(hosts), 'host')} in {_many(len(result['groups']), 'deployment group')}"
    return f"Census: {count}, {stale} without the last good revision, {dead} that cannot take a deployment."


def _about(group: Result) -> str:
    name = f"{group['region']} {group['application_name']}/{group['deployment_group_name']}"
    by = f" by {group['deployment_id']}" if group["deployment_id"] else ""
    if group["compute_platform"] != "Server":
        return f"{name} ({group['compute_platform']}): {'last deployed' + by if by else 'nothing was deployed yet'}"
    revision = f"last good revision {in_words(group['revision'])}{by}" if group["revision"] else "no revision yet"
    return f"{name}: {_many(group['host_count'], 'host')}, {revision}"


def _table(group: Result, hosts: list[Result], width: int) -> list[str]:
    rows = sorted((_row(one, group) for one in hosts), key=lambda row: not row[-1])
    shown = rows[:MOST_HOSTS]
    return [
        *(layout.table(HEADS, shown, width, ("NAME", "REVISION")) if shown else []),
        *layout.more(len(rows), len(shown)),
    ]


def _row(host: Result, group: Result) -> tuple[str, ...]:
    agent = host["agent"]
    status = agent.get("status") if agent.get("status") not in ("installed", None) else None
    return (
        host.get("name") or "",
        host["instance_id"],
        host.get("private_ip_address") or "",
        host.get("image_id") or "",
        " ".join(filter(None, (agent.get("version"), status))),
        short(host.get("revision")),
        "; ".join([*_differs(host, group), *([host["reason"]] if host["verdict"] != "ready" else [])]),
    )


def _differs(host: Result, group: Result) -> list[str]:
    if not host["stale"]:
        return []
    failed = f", {host['failed_deployment_id']} failed on it" if host.get("failed_deployment_id") else ""
    return [f"does not have {in_words(group['revision']).rpartition('/')[2]}{failed}"]


def _place(one: Result) -> tuple[str, ...]:
    return tuple(one[name] for name in PLACE)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
