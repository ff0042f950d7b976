# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A selection of hosts as SSM can address it: by tags, so that one command reaches a fleet of any size. Pure. Private."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import (
    GROUP_TAG,
    Filters,
    Selection,
    kind_of,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOST_KEYS, MOST_VALUES = 5, 5  # in the targets of one command
KEY = re.compile(r"[\w .:/=\-@]{1,150}\Z")  # of a tag that a target can name
WILDCARDS = "*?"  # what they mean in a target is not documented


def addresses(chosen: Selection) -> list[list[Shape]] | None:
    """The targets of commands that together reach exactly what is selected; None where only ids can tell it."""
    if chosen.instance_ids:
        return None
    tagged = _tagged(chosen.tag_sets)
    if tagged is None:
        return None
    names = list(dict.fromkeys(chosen.auto_scaling_groups))
    parts = [names[start : start + MOST_VALUES] for start in range(0, len(names), MOST_VALUES)]
    return [*([tagged] if tagged else []), *([{"Key": f"tag:{GROUP_TAG}", "Values": part}] for part in parts)]


def _tagged(sets: list[Filters]) -> list[Shape] | None:
    """Targets for tag sets, each a key of its own; None when a target cannot say one of them."""
    found = [_target(one) for one in sets]
    targets = [one for one in found if one]
    exact = len({one["Key"] for one in targets}) == len(found) <= MOST_KEYS
    return targets if exact else None


def _target(filters: Filters) -> Shape | None:
    """Alternatives as one target: values of one tag, or keys of which one must be there."""
    kinds = {kind_of(one) for one in filters}
    keys = list(dict.fromkeys(str(one.get("Key")) for one in filters))
    values = list(dict.fromkeys(str(one.get("Value") or "") for one in filters))
    if kinds == {"KEY_ONLY"}:
        return _said("tag-key", keys)
    if kinds == {"KEY_AND_VALUE"} and len(keys) == 1 and KEY.match(keys[0]):
        return _said(f"tag:{keys[0]}", values)
    return None


def _said(key: str, values: list[str]) -> Shape | None:
    clear = all(value and not set(value) & set(WILDCARDS) for value in values)
    return {"Key": key, "Values": values} if clear and len(values) <= MOST_VALUES else None
