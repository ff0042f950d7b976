# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows an image of Image Builder to its end. Why it failed is a sentence; its log is shown above it."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import FollowingAction
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import quoted

LOG_LINES = 15


class BuildingAction(FollowingAction):
    """Base of the action plugins for builds and for distributions."""

    KEPT = {"image": ("arn", "state.status"), "error": ("code",)}

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        log = quoted(str(result.get("log_tail") or ""), LOG_LINES, width, "  ")
        return ["The end of the log of the build:", *log] if log else []
