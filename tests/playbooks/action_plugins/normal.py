# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modules of amazon.aws in forks, as this collection runs its own: their start is a third of what a play costs.

Ansible finds it in the place of its own `normal`, which runs every module that has no action plugin. For plays whose
subject those modules are not; the demonstrations and the scenarios of molecule start them as users do.
"""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction

THEIRS = "amazon.aws."
PARTS = ("task", "connection", "play_context", "loader", "templar", "shared_loader_obj")


class ActionModule(ActionBase):
    """Runs a module."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        name = str(self._task.resolved_action)
        if name.startswith(THEIRS):
            return dict(self._forked(name.removeprefix(THEIRS)).run(tmp, task_vars))
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
        if not self._task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _forked(self, name: str) -> DirectAction:
        place = {"__module__": f"ansible_collections.amazon.aws.plugins.action.{name}"}
        forked = type("ActionModule", (DirectAction,), place)
        return t.cast(DirectAction, forked(**{part: getattr(self, f"_{part}") for part in PARTS}))
