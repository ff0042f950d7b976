# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.adopted`; its documentation is in adopted.yml."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.plugin_utils._files.adoption import Group, text
from ansible_collections.slipway.aws.plugins.plugin_utils._files.adoption_traffic import PLATFORMS
from ansible_collections.slipway.aws.plugins.plugin_utils._files.plain import plain


def adopted(application: t.Any, groups: t.Any, fleets: t.Any, plans: t.Any, region: str, chosen: str = "") -> str:
    """The text of a file of variables; see the documentation of the filter."""
    if not isinstance(application, c.Mapping) or not isinstance(groups, list):
        raise AnsibleFilterError("adopted takes a dictionary, the application, and a list, its deployment groups.")
    if not len(groups) == len(fleets) == len(plans) > 0:
        raise AnsibleFilterError("adopted takes one result in fleets and one in plans for each deployment group.")
    application, described = plain(application), [Group(*map(plain, one)) for one in zip(groups, fleets, plans)]
    # AWS tells no platform of applications that are older than the choice.
    platform = PLATFORMS[application.get("compute_platform") or "Server"]
    return text(application, described, plain(region), plain(chosen), platform)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"adopted": adopted}
