# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows a failure that an earlier task registered, and fails. It never runs the module, which shows only the message."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.aws.plugins.plugin_utils._screen import command, failure, plan, preflight
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.display import AlreadyShown, screen_of


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("result", "fail"))

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        super().run(tmp, task_vars)
        result, screen = self._task.args.get("result"), screen_of(self._task, task_vars or {})
        if not isinstance(result, dict):
            raise AnsibleActionFail(
                "result is not a registered result. Set it to the variable that a task of this collection registered."
            )
        told, msg = _told(result, screen.width)
        if boolean(self._task.args.get("fail", True)):
            screen.show(told)
            raise AlreadyShown(msg, result={"changed": False})
        screen.show(told or [msg])
        return {"changed": False, "msg": msg}


def _told(result: t.Dict[str, t.Any], width: int) -> t.Tuple[t.List[str], str]:
    """Report and sentence. What the result is about shows by what it holds."""
    if "preflight" in result:
        return preflight.lines(result, width), preflight.headline(result)
    if result.get("plan") and result.get("msg"):
        return plan.lines(result, None, None, width), plan.refusal(result)
    if result.get("failed_nodes"):
        return command.failure(result, width), command.headline(result)
    return failure.lines(result, width), failure.headline(result)
