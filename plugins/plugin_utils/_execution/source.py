# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module reads from a directory is found where a user of `ansible.builtin.copy` expects it to be found."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction, Result
from ansible_collections.slipway.aws.plugins.plugin_utils._execution.local_path import NotFound, find_local

BY_THAT_HOST = ("/", "~", "$")  # what such a path begins with, the module makes absolute where it runs


class SourceAction(DirectAction):
    """`doing` begins the text of a failure, with the option `named` behind it."""

    doing = ""
    named = "name"

    def _sources(self, args: t.Dict[str, t.Any]) -> t.Iterator[t.Dict[str, t.Any]]:
        """The maps of options that may have a `src`."""
        yield args

    def _act(self, task_vars: t.Dict[str, t.Any]) -> Result:
        args = self._args()
        try:
            for options in self._sources(args):
                if options.get("src"):
                    options["src"] = self._found(os.fsdecode(options["src"]), task_vars)
        except NotFound as problem:
            return {"failed": True, "msg": f"Failed to {self.doing} {args.get(self.named)}: {problem}"}
        return self._execute_module(module_args=args, task_vars=task_vars, wrap_async=self._task.async_val)

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
