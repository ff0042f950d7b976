# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command on nodes: shows how far it is while it runs, the nodes it would reach in check mode, and where and why it failed."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import FollowingAction, Result, is_off
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import command


class ActionModule(FollowingAction):
    KEPT = {
        "command": ("command_id", "status", "status_details"),
        "command_ids": (),
        "failed_nodes": ("instance_id", "status_details", "response_code"),
        "error": ("code",),
    }

    def headline(self, result: t.Mapping[str, t.Any]) -> str:
        return command.headline(result)

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        return command.failure(result, width)

    def news(self, result: Result, width: int) -> t.List[str]:
        """The plan, in check mode. A task with `changed_when: false` only looks: another one will show it."""
        if not self._task.check_mode or is_off(self._task.changed_when):
            return []
        return command.plan(result, width)
