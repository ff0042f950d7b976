# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance refresh: shows how far it is while it runs, and what the hosts wrote that failed to launch."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import FollowingAction
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import failure


class ActionModule(FollowingAction):
    KEPT = {
        "instance_refresh": ("instance_refresh_id", "status"),
        "joined": (),
        "rolled_back_to": ("image_id",),
        "failed_targets": ("target_id", "lifecycle_event_name", "script_name", "error_code"),
        "error": ("code",),
    }

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        """The message names host, event and cause; the log of the script is all that is left to show."""
        return failure.log(result.get("failed_targets") or [], width)
