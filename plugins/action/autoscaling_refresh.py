# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance refresh: shows how far it is while it runs."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._follow import FollowingAction

TIMEOUT = 3600  # seconds; the module's own default, which would begin anew in every slice


class ActionModule(FollowingAction):
    def _slice_args(self, followed: t.Mapping[str, t.Any], spent: float, quiet: int) -> t.Dict[str, t.Any]:
        args = super()._slice_args(followed, spent, quiet)
        if args.get("wait_timeout") is None:
            args["wait_timeout"] = max(0, TIMEOUT - int(spent))
        return args
