# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two fleets of a blue/green deployment that did not succeed, in words. Pure. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import some

MOST_NAMED = 5  # hosts of a fleet in a message


def in_words(fleets: Shape) -> str:
    """Of a deployment that failed or was stopped."""
    green, blue = (_hosts(fleets[f"{name}Hosts"]) for name in ("green", "blue"))
    said = {
        "blue": f"The traffic is on the blue hosts as before: {blue}.",
        "green": f"The traffic is on the green hosts ({green}); the blue ones run without traffic: {blue}.",
        "both": f"The traffic is on green and blue hosts: {green}; {blue}.",
    }
    left = fleets.get("greenAutoScalingGroup")
    words = (
        f"The green hosts are left in the Auto Scaling group {left}: {green}. Delete it when it is no longer needed."
    )
    return " ".join([said[fleets["traffic"]], *([words] if left else [])])


def _hosts(ids: list[str]) -> str:
    return some(ids, MOST_NAMED) or "none"
