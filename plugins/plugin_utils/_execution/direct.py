# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every module: runs it in a fork of the worker that Ansible has made for the task.

There ansible-core, boto3 and our code are loaded already. Elsewhere a module starts with a Python of its own, which
loads them anew: most of what a task costs. Only how a module is started differs; its options and its output go the way
of ansible-core. Where it would not be the same thing (`eligible`) it starts as any module does.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.display import Display

from ansible_collections.slipway.aws.plugins.plugin_utils._execution import eligible, models, module_entry
from ansible_collections.slipway.aws.plugins.plugin_utils._execution.fork import in_fork

display = Display()

Result = t.Dict[str, t.Any]


class DirectAction(ActionBase):
    """Base of the action plugins; a subclass exists under the name of its module."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    _applies = False  # to the module that is being executed
    _options: t.Optional[bytes] = None  # of the module whose command comes next

    def __init_subclass__(cls, **more: t.Any) -> None:
        """Load what the module imports. The strategy loads the class in the main process, before it makes workers."""
        super().__init_subclass__(**more)
        if ".action." in cls.__module__ and not eligible.is_off():
            _load(_module_of(cls))
            _load_jinja_plugins()

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        result.update(self._act(task_vars or {}))
        if not self._task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _act(self, task_vars: t.Dict[str, t.Any]) -> Result:
        """What the task does, and its result."""
        wrap = self._task.async_val
        return self._execute_module(module_args=self._args(), task_vars=task_vars, wrap_async=wrap)

    def _args(self) -> t.Dict[str, t.Any]:
        """The options that go to the module."""
        return dict(self._task.args)

    def _execute_module(self, module_name: t.Optional[str] = None, **more: t.Any) -> Result:
        if module_name in (None, self._task.action):
            reason = eligible.against(self, more.get("task_vars") or {})
            self._applies = not reason
            eligible.tell(reason)
        try:
            return super()._execute_module(module_name=module_name, **more)
        finally:
            self._applies, self._options = False, None

    def _is_pipelining_enabled(self, module_style: str, wrap_async: bool = False) -> bool:
        """Nothing is transferred, so no temporary folder is needed."""
        return self._applies or super()._is_pipelining_enabled(module_style, wrap_async)

    def _configure_module(self, module_name: str, module_args: t.Any, task_vars: t.Any) -> t.Any:
        if not self._applies:
            return super()._configure_module(module_name, module_args, task_vars)
        try:
            self._options = module_entry.packed(module_args)
        except TypeError as problem:
            raise AnsibleError(f"Failed to serialize arguments for the {module_name!r} module.") from problem
        return module_entry.built(), _file_of(_module_of(type(self)))

    def _low_level_execute_command(self, *args: t.Any, **more: t.Any) -> t.Any:
        if self._options is None:
            return super()._low_level_execute_command(*args, **more)
        module, options = _module_of(type(self)), self._options
        environment: t.Dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        display.vvv(f"FORK {module}", host=self._play_context.remote_addr)
        ended = in_fork(
            lambda: _enter(module, options),
            {name: str(value) for name, value in environment.items()},
            self._loader.get_basedir(),
        )
        out, err = (to_text(text, errors="surrogate_then_replace") for text in (ended.out, ended.err))
        return {
            "rc": ended.status,
            "stdout": out,
            "stdout_lines": out.splitlines(),
            "stderr": err,
            "stderr_lines": err.splitlines(),
        }


def _module_of(action: type) -> str:
    return action.__module__.replace(".action.", ".modules.")


def _file_of(module: str) -> str:
    found = importlib.util.find_spec(module)
    return str(found.origin) if found else module


def _load(module: str) -> None:
    """Keep what the module imports, and not the module: each task executes it anew, as a program."""
    try:
        importlib.import_module(module)
        models.read(module.rpartition(".")[2])
    except (ImportError, NameError):
        pass  # the module says what is missing, better than a traceback
    sys.modules.pop(module, None)


def _load_jinja_plugins() -> None:
    """Load filters and tests, which Ansible loads in each worker anew that evaluates an expression.

    A folder of filters that is found later (a role may have one) makes Ansible forget them, here as ever.
    """
    for loader in (filter_loader, test_loader):
        list(loader.all())
    filter_loader.get("slipway.aws.given")  # to find one, Ansible loads all of a collection


def _enter(module: str, options: bytes) -> None:
    models.share()
    module_entry.enter(module, options)
