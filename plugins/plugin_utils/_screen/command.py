# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command on nodes -> lines for the screen: where and why it failed, or whom it would reach. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import some
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import layout
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import problems
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import INDENT, paragraph, quoted

Result = t.Mapping[str, t.Any]

MOST_NODES = 10  # named one by one
MOST_IDS, MOST_WAVES = 5, 6
OUTPUT_LINES = 3
DEEPER = 2 * INDENT


def headline(result: Result) -> str:
    """What failed, in one sentence; the message itself where no node did."""
    said, failed = str(result.get("msg") or ""), result.get("failed_nodes") or []
    if not failed:
        return said
    total = (result.get("command") or {}).get("target_count") or len(result.get("nodes") or failed)
    return f"{said.partition(': ')[0]} on {len(failed)} of {max(total, len(failed))} nodes."


def failure(result: Result, width: int) -> list[str]:
    """The report under its headline; none where the message says it all."""
    failed = result.get("failed_nodes") or []
    if not failed:
        return []
    told, shown = [headline(result)], failed[:MOST_NODES]
    for kind in dict.fromkeys(_kind(one) for one in shown):
        alike = [one for one in shown if _kind(one) == kind]
        told += [line for one in alike for line in paragraph(_node(one), width)]
        told += quoted(alike[0].get("output_tail") or "", OUTPUT_LINES, width, DEEPER)
        told += paragraph(alike[0]["hint"] or "", width, DEEPER, "Hint: ")
    told += layout.more(len(failed), len(shown))
    ids = result.get("command_ids") or []
    return [*told, *(paragraph(some(ids, MOST_IDS), width, label="Command: ") if ids else [])]


def _kind(node: Result) -> tuple[t.Any, ...]:
    """What stands below the lines of the nodes, once for all of a kind."""
    return tuple(node.get(name) for name in ("output_tail", "hint"))


def _node(node: Result) -> str:
    """`i-0abc (web-1): it failed with exit code 3`."""
    name = f" ({node['name']})" if node.get("name") else ""
    return f"{node['instance_id']}{name}: {node['reason']}"


def plan(result: Result, width: int) -> list[str]:
    """Whom a command would reach, in which waves, and what stands against it."""
    planned = result.get("plan")
    if not planned:
        return []
    nodes, waves = planned["nodes"], planned["waves"]
    if result.get("joined"):
        return [f"would wait for the command {some(result['command_ids'], MOST_IDS)}, which is in progress"]
    told = [f"would run on {len(nodes)} {'node' if len(nodes) == 1 else 'nodes'} in {len(waves)} {_waves(waves)}:"]
    for number, wave in enumerate(waves[:MOST_WAVES], 1):
        told += paragraph(some(wave, MOST_IDS), width, label=f"wave {number}  ")
    told += [f"{line} waves" for line in layout.more(len(waves), len(waves[:MOST_WAVES]))]
    return told + problems(planned["problems"], width)


def _waves(waves: t.Sequence[t.Any]) -> str:
    return "wave" if len(waves) == 1 else "waves"
