# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of the plan of a blue/green deployment to hosts. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import some

Result = t.Mapping[str, t.Any]
Rows = t.Iterator[t.Tuple[str, str]]

MOST_IDS = 6
WORDS = {
    "provision_green": "launch {hosts} green hosts",
    "install_on_green": "deploy to {hosts} green hosts",
    "wait_to_be_continued": "wait up to {minutes} minutes to be continued, else stop",
    "allow_traffic_to_green": "traffic to {hosts} green hosts",
    "block_traffic_to_blue": "no more traffic to {hosts} blue hosts",
    "wait_to_terminate_blue": "wait {minutes} minutes",
    "terminate_blue": "terminate {hosts} blue hosts",
    "keep_blue": "keep {hosts} blue hosts running",
}


def rows(plan: Result) -> Rows:
    """Label and text of each line."""
    green, blue = plan["green"], plan["blue"]
    sizes = ", ".join(map(str, green["wave_sizes"])) or "none"
    if green.get("copy_of"):
        yield (
            "green",
            f"{green['host_count']} new hosts in {green['auto_scaling_group']}, a copy of {green['copy_of']}; deployed to by {sizes}",
        )
        yield from _left_behind(green.get("not_copied") or {})
    else:
        yield "green", f"{green['host_count']} hosts that are there; deployed to by {sizes}"
    yield "blue", some(blue["hosts"], MOST_IDS) or "none"
    yield from ((f"step {number}", WORDS[one["step"]].format(**one)) for number, one in enumerate(plan["steps"], 1))


def _left_behind(kinds: Result) -> Rows:
    """What the copy will not have."""
    told = [f"{kind.replace('_', ' ')}: {_names(names)}" for kind, names in sorted(kinds.items())]
    if told:
        yield "not copied", "; ".join(told)


def _names(names: t.Sequence[str] | None) -> str:
    return "could not be read" if names is None else some(names, MOST_IDS)
