# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A preflight: shows how far the probe is while it runs, and then a line a host."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import FollowingAction, Result
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import preflight


class ActionModule(FollowingAction):
    KEPT = {"preflight": ("verdict", "probe"), "error": ("code",)}

    def headline(self, result: t.Mapping[str, t.Any]) -> str:
        return preflight.headline(result)

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        return preflight.lines(result, width)

    def news(self, result: Result, width: int) -> t.List[str]:
        return preflight.lines(result, width)
