# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wait for healthy hosts: shows which ones are not yet."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import FollowingAction


class ActionModule(FollowingAction):
    KEPT = {"unhealthy_hosts": (), "error": ("code",)}
