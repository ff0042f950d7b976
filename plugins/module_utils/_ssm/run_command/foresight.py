# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a command would do: the nodes that it would reach, in which waves, and what stands against it. Only reads. Private."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands, nodes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.wishes import Wish, waves
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line, some

MOST_NAMED = 5
REMEDIES = {
    "document_missing": "Create it, or correct document_name, document_version or region.",
    "parameters_invalid": "Correct parameters.",
    "nodes_missing": "Remove them from instance_ids, or start them and their SSM agents.",
    "nodes_unreachable": "Start them or their SSM agents. SSM waits for them until timeout_seconds have passed.",
    "platform_mismatch": "Select the nodes of one platform, or set ignore_invalid_platform to leave the others out.",
    "no_nodes": "Correct targets, or region.",
}


def plan(aws: Connection, wish: Wish, tolerant: bool) -> Shape:
    """Nodes, waves and problems."""
    ids = wish.ids
    known = nodes.managed_nodes(aws, ids) if ids else nodes.targeted(aws, wish.parts[0]["Targets"])
    document = commands.read_document(aws, wish.document, wish.common.get("DocumentVersion"))
    reached = [one for one in ids if one in known] if ids else list(known)
    found = [
        *_of_document(wish, document, aws.region),
        *_of_nodes(ids, known),
        *_of_platforms(known, document or {}, wish.document, tolerant),
    ]
    return {
        "nodes": [_told(known[one]) for one in reached],
        "waves": waves(reached, wish.concurrency),
        "commands": len(wish.parts),
        "problems": found,
    }


def _told(node: Shape) -> Shape:
    kept = ("InstanceId", "ComputerName", "PingStatus", "PlatformType", "PlatformName", "PlatformVersion")
    return {name[0].lower() + name[1:]: shown_line(node.get(name) or "") or None for name in kept}


def _problem(cause: str, message: str, blocks: bool = True) -> Shape:
    return {"cause": cause, "message": message, "remedy": REMEDIES[cause], "blocks": blocks}


def _of_document(wish: Wish, document: Shape | None, region: str) -> list[Shape]:
    if document is None:
        version = wish.common.get("DocumentVersion")
        what = f"document {wish.document}{f' with the version {version}' if version else ''}"
        return [_problem("document_missing", f"there is no {what} in {region}")]
    declared = {one["Name"]: one for one in document.get("Parameters") or []}
    given = wish.common.get("Parameters", {})
    unknown = sorted(set(given) - set(declared))
    missing = [name for name, one in declared.items() if name not in given and one.get("DefaultValue") is None]
    texts = [f"the document {wish.document} has no parameter {', '.join(unknown)}"] if unknown else []
    texts += [f"the document {wish.document} needs the parameter {', '.join(missing)}"] if missing else []
    return [_problem("parameters_invalid", text) for text in texts]


def _of_nodes(ids: list[str], known: dict[str, Shape]) -> list[Shape]:
    missing, lost = [one for one in ids if one not in known], nodes.offline(known)
    if not known and not missing:
        return [_problem("no_nodes", "no managed node matches the targets")]
    found = [_problem("nodes_missing", f"not managed by SSM: {some(missing, MOST_NAMED)}")] if missing else []
    text = f"no answer to SSM from {some(lost, MOST_NAMED)}"
    return [*found, *([_problem("nodes_unreachable", text, blocks=False)] if lost else [])]


def _of_platforms(known: dict[str, Shape], document: Shape, name: str, tolerant: bool) -> list[Shape]:
    suited = [one for one in document.get("PlatformTypes") or [] if one in ("Linux", "MacOS", "Windows")]
    other = [one for one, node in known.items() if suited and node.get("PlatformType") not in suited]
    if not other:
        return []
    text = f"the document {name} does not run on the platform of {some(other, MOST_NAMED)}"
    return [_problem("platform_mismatch", text, blocks=not tolerant)]
