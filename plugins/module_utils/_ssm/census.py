# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of managed nodes: which answer, which are missing, and which version of a package each has. Only reads. Private."""

from __future__ import annotations

import collections
import shlex
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import nodes
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

SELECTION_OPTIONS: dict[str, t.Any] = {
    "instance_ids": {"type": "list", "elements": "str"},
    "tag_filters": {"type": "dict"},
    "resource_group_name": {"type": "str"},
    "ping_status": {"type": "str", "choices": ["Online", "ConnectionLost", "Inactive"]},
    "platform_types": {"type": "list", "elements": "str", "choices": ["Linux", "Windows", "MacOS"]},
    "agent_versions": {"type": "list", "elements": "str"},
    "include_tags": {"type": "bool", "default": False},
    "package_name": {"type": "str"},
}
SELECTION_RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("instance_ids", "tag_filters", "resource_group_name")],
}
ATTRIBUTES = {"ping_status": "PingStatus", "platform_types": "PlatformTypes", "agent_versions": "AgentVersion"}
MEMBERS = {"PlatformTypes": "PlatformType"}  # of a node, where they are not called like their filter
MISSING = "SSM does not list it: it is stopped or terminated, its SSM agent has never registered, or it is in another account or Region"


def describe(aws: Connection, params: Shape) -> Shape:
    """The nodes that the options select."""
    wanted = _attributes(params)
    known, ids = selected(aws, params, wanted)
    found = {one: node for one, node in known.items() if _fits(node, wanted)}
    tags = nodes.tags_of(aws, list(found)) if params["include_tags"] else {}
    told = [
        {**_shown(node), **({"tags": tags.get(one, {})} if params["include_tags"] else {})}
        for one, node in found.items()
    ]
    result: Shape = {
        "nodes": told,
        "missingNodes": [{"instanceId": one, "reason": MISSING} for one in ids or [] if one not in known],
        "unreachableNodes": nodes.offline(found),
    }
    return {**result, **_package(aws, params["package_name"], told)} if params["package_name"] else result


def selected(
    aws: Connection, params: Shape, wanted: dict[str, list[str]] | None = None
) -> tuple[dict[str, Shape], list[str] | None]:
    """The managed nodes by their ids, and the ids that the task names, itself or by a group."""
    ids = _named(aws, params)
    known = nodes.managed_nodes(aws, ids) if ids is not None else nodes.every(aws, _filters(params, wanted or {}))
    return known, ids


def _shown(node: Shape) -> Shape:
    """What nodes tell of themselves, as it can be shown."""
    return {name: shown_line(value) if isinstance(value, str) else value for name, value in node.items()}


def _named(aws: Connection, params: Shape) -> list[str] | None:
    """The ids that the task names, itself or by a group; None when it names none."""
    if params["resource_group_name"]:
        return nodes.group_members(aws, params["resource_group_name"])
    return None if params["instance_ids"] is None else list(dict.fromkeys(params["instance_ids"]))


def _attributes(params: Shape) -> dict[str, list[str]]:
    given = {key: params[option] for option, key in ATTRIBUTES.items() if params[option]}
    return {key: value if isinstance(value, list) else [value] for key, value in given.items()}


def _filters(params: Shape, wanted: dict[str, list[str]]) -> list[Shape]:
    """What AWS filters by: tags, or else attributes, which it does not take together."""
    tags = [_tag(key, value) for key, value in (params["tag_filters"] or {}).items()]
    return tags or [{"Key": key, "Values": values} for key, values in wanted.items()]


def _tag(key: str, value: t.Any) -> Shape:
    """A value, some alternatives, or (null) any."""
    if value is None:
        return {"Key": "tag-key", "Values": [key]}
    return {"Key": f"tag:{key}", "Values": [str(one) for one in (value if isinstance(value, list) else [value])]}


def _fits(node: Shape, wanted: dict[str, list[str]]) -> bool:
    return all(node.get(MEMBERS.get(key, key)) in values for key, values in wanted.items())


def _package(aws: Connection, name: str, found: list[Shape]) -> Shape:
    """Which version of a package each node has, by the inventory that was gathered last."""
    rows = nodes.inventory_of(aws, [node["InstanceId"] for node in found], (name,))
    for node in found:
        row = rows.get(node["InstanceId"])
        node["package"] = {"inventory": row is not None, "version": None, "capturedAt": None, **(row or {})}
    unknown = [node["InstanceId"] for node in found if not node["package"]["inventory"]]
    versions = collections.Counter(row["version"] for row in rows.values() if row["version"])
    return {
        "packageVersions": dict(sorted(versions.items())),
        "nodesWithoutInventory": unknown,
        "inventoryMessage": _why_unknown(aws, name, len(unknown)) if unknown else None,
    }


def _why_unknown(aws: Connection, name: str, count: int) -> str:
    """Why nothing is known of some nodes, and how to find out."""
    gathered = if_readable(lambda: nodes.gathers_inventory(aws))
    several = f"{count} {'node' if count == 1 else 'nodes'}"
    why = f"there is no inventory of {several}: it is gathered every 30 minutes at best, from nodes that an association selects"
    if gathered is False:
        why = f"there is no inventory of {several}, because no association with {nodes.GATHERING} is in {aws.region}. Create one"
    query = f"rpm -q {shlex.quote(name)} || dpkg -s {shlex.quote(name)}"
    return f"{why}. To ask the nodes themselves, run slipway.aws.ssm_run_command with AWS-RunShellScript and the commands: {query}"
