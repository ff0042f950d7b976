# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment: shows how far it is while it runs, the plan in check mode, and where and why it failed."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.hooks import scripts
from ansible_collections.slipway.aws.plugins.plugin_utils._execution.follow import FollowingAction, Result, is_off
from ansible_collections.slipway.aws.plugins.plugin_utils._execution.local_path import NotFound, find_local
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import failure, plan


class ActionModule(FollowingAction):
    KEPT = {
        "deployment": ("deployment_id", "status"),
        "failed_targets": ("target_id", "lifecycle_event_name", "script_name", "error_code"),
        "rollback": ("deployment.deployment_id", "deployment.status"),
        "error": ("code",),
        "active_deployment_id": (),
        "problems": ("cause",),
    }

    def headline(self, result: t.Mapping[str, t.Any]) -> str:
        return plan.refusal(result) if result.get("plan") else failure.headline(result)

    def failure(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        return self._plan(result, width) if result.get("plan") else failure.lines(result, width)

    def news(self, result: Result, width: int) -> t.List[str]:
        """The plan, in check mode. A task with `changed_when: false` only looks: another one will show it."""
        if not self._task.check_mode or is_off(self._task.changed_when):
            return []
        told = self._plan(result, width)
        if told and self._task.diff and result.get("diff"):
            result["diff"]["prepared"] = "\n".join([*told, ""])
            return []
        return told

    def _args(self) -> t.Dict[str, t.Any]:
        """The AppSpec is for the plan alone, and it is a file of the controller."""
        return {name: value for name, value in self._task.args.items() if name != "appspec"}

    def _plan(self, result: t.Mapping[str, t.Any], width: int) -> t.List[str]:
        place = f"{self._task.args.get('application_name')}/{self._task.args.get('deployment_group_name')}"
        return plan.lines(result, place, self._hooks(), width)

    def _hooks(self) -> t.Optional[t.Dict[str, t.List[str]]]:
        """The scripts by event, None where the AppSpec is not at hand; a plan is no reason to fail over it."""
        if not self._task.args.get("appspec"):
            return None
        try:
            path = find_local(self._loader, self._task.get_search_path(), str(self._task.args["appspec"]))
            with open(path, "rb") as file:
                return scripts(file.read())
        except (NotFound, OSError):
            return None
