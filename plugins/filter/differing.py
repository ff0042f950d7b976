# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.differing`; its documentation is in differing.yml."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Unordered, covers


def differing(wanted: t.Any, live: t.Any) -> dict[str, t.Any]:
    """The members of a wish that the resource does not have; see the documentation of the filter."""
    if not isinstance(wanted, c.Mapping) or not isinstance(live, c.Mapping):
        raise AnsibleFilterError("differing takes two dictionaries: the desired settings and the current ones.")
    return {key: value for key, value in wanted.items() if not covers(_plain(live.get(key)), _plain(value))}


def _plain(value: t.Any) -> t.Any:
    """A survey gives numbers and truth values as text; of lists AWS tells the items in an order of its own."""
    if isinstance(value, c.Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return Unordered(_plain(item) for item in value)
    return str(value).lower() if isinstance(value, (bool, int)) or value in ("True", "False") else value


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"differing": differing}
