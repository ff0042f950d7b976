# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package: finds its sources where a user of `ansible.builtin.copy` expects them to be found."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.source import SourceAction


class ActionModule(SourceAction):
    doing = "publish the package"

    def _sources(self, args: t.Dict[str, t.Any]) -> t.Iterator[t.Dict[str, t.Any]]:
        """What is no list of maps, the module refuses by its argument spec."""
        yield args
        packages = args.get("packages")
        if isinstance(packages, list):
            args["packages"] = [dict(one) if isinstance(one, dict) else one for one in packages]
            yield from (one for one in args["packages"] if isinstance(one, dict))
