# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts that an AppSpec names, by lifecycle event. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import ruby
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import examine
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.sections import each


def scripts(text: str | bytes) -> dict[str, list[str]]:
    """Locations of scripts by event, in their order; none of a text that the agent cannot read."""
    _problems, spec = examine(text)
    hooks = spec.value.item("hooks") if spec is not None else None
    if hooks is None or not isinstance(hooks.value, ruby.Table):
        return {}
    found: dict[str, list[str]] = {}
    for entry in hooks.value.entries():
        items = [one.value.item("location") for one in each(entry.item) or [] if isinstance(one.value, ruby.Table)]
        found[str(entry.key)] = [ruby.strip(item.value) for item in items if item and ruby.strip(item.value)]
    return {event: locations for event, locations in found.items() if locations}
