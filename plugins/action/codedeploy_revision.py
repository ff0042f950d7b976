# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A revision: finds the directory of the bundle where a user of `ansible.builtin.copy` expects it to be found."""

from __future__ import annotations

import os
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.aws.plugins.plugin_utils._local_path import NotFound, find_local

BY_THAT_HOST = ("/", "~", "$")  # what such a path begins with, the module makes absolute where it runs


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        src, args = self._task.args.get("src"), dict(self._task.args)
        try:
            if src:
                args["src"] = self._found(os.fsdecode(src), task_vars or {})
        except NotFound as problem:
            name = args.get("application_name")
            return {**result, "failed": True, "msg": f"Failed to push a revision of the application {name}: {problem}"}
        wrap = self._task.async_val
        result.update(self._execute_module(module_args=args, task_vars=task_vars, wrap_async=wrap))
        if not wrap:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _found(self, src: str, task_vars: t.Mapping[str, t.Any]) -> str:
        if self._connection.transport == "local":
            return find_local(self._loader, self._task.get_search_path(), src)
        if src.startswith(BY_THAT_HOST):
            return src
        host = self._task.delegate_to or task_vars.get("inventory_hostname")
        text = f"src={src} is relative, and the task runs on {host}, which has no place to look for it"
        raise NotFound(
            f"{text}. Give the absolute path that the directory has on {host}, or run the task on localhost."
        )
