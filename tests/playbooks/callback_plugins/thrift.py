# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays with fewer processes and less compiling: a third of what a play costs.

Ansible forks for every task, and each fork compiles its templates anew. Here a fork is made only for what starts something,
and templates are compiled once, as Python does with modules. For plays whose subject is not Ansible; the main job, the
demonstrations and the scenarios of molecule run as users run them. A test compares the two.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import types
import typing as t
from pathlib import Path

import jinja2
from ansible import __version__
from ansible._internal import _task
from ansible._internal._templating import _jinja_bits
from ansible.errors import AnsibleError
from ansible.executor.process.worker import WorkerProcess
from ansible.executor.task_executor import TaskExecutor
from ansible.plugins import strategy
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar
from jinja2.environment import TemplateExpression

DOCUMENTATION = """
name: thrift
type: notification
short_description: Run plays with fewer processes
description:
  - Forks only for tasks that start something, and keeps compiled templates.
"""

Environment = _jinja_bits.AnsibleEnvironment
# Code is for one version of Python.
FOLDER = Path(__file__).resolve().parents[3] / "build" / "playbooks" / "compiled" / str(sys.implementation.cache_tag)
# Actions of Ansible that only work out something of variables, and start nothing.
DECIDING = frozenset(
    f"ansible.builtin.{name}" for name in ("assert", "debug", "include_role", "include_tasks", "set_fact", "set_stats")
)


class CallbackModule(CallbackBase):
    """Tells nothing: a callback is what Ansible loads before the first task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "thrift"
    CALLBACK_NEEDS_ENABLED = True


class Worker(WorkerProcess):
    """Does in Ansible's own process what starts nothing. Before ansible-core 2.21 all fork."""

    def start(self) -> None:
        if self._starts_something():
            super().start()
            return
        task = self._task.copy(exclude_tasks=True)
        with _task.TaskContext.create(task=task, task_vars=self._task_vars, host_name=self._host.name):
            task.squash()
            parts = (self._host, self._play_context, self._loader, self._shared_loader_obj, self._final_q)
            result = TaskExecutor(*parts, self._variable_manager).run()
            result.finalize_registered_values()
            task.ignore_errors, task.ignore_unreachable = result.ignore_errors, result.ignore_unreachable
            self._final_q.send_task_result(self._host, task, result)

    def _starts_something(self) -> bool:
        task = self._task
        if not hasattr(_task.TaskContext, "create"):
            return True
        if task.resolved_action in DECIDING and not task.async_val and not task.timeout:
            return False
        return bool(task.loop or task.loop_with or not task.when) or self._may_apply()

    def _may_apply(self) -> bool:
        """Whether a task with a condition is not to be skipped, as far as that can be told."""
        templar = Templar(self._loader, self._task_vars)._engine
        try:
            return all(templar.evaluate_conditional(one) for one in self._task.when)
        except AnsibleError:
            return True


class Compiled:
    """The code of templates and expressions, in files that processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.known = folder, dict[str, types.CodeType]()
        folder.mkdir(parents=True, exist_ok=True)

    def take(self) -> None:
        """Have in memory what other processes left."""
        for entry in os.scandir(self.folder):
            if entry.name not in self.known and not entry.name.startswith("."):
                self.known[entry.name] = marshal.loads(Path(entry.path).read_bytes())  # noqa: S302  # our own

    def keep(self, name: str, code: types.CodeType) -> types.CodeType:
        self.known[name] = code
        part = self.folder / f".{os.getpid()}"
        part.write_bytes(marshal.dumps(code))
        part.replace(self.folder / name)
        return code


def offer(known: dict[str, types.CodeType], keep: t.Callable[[str, types.CodeType], types.CodeType]) -> None:
    """Let Ansible take code from there. It compiles an expression by way of a template of nodes."""
    newest: list[types.CodeType] = []
    compile_first, expression_first = Environment.compile, Environment.compile_expression

    def compiled(self: t.Any, source: t.Any, *more: t.Any, **named: t.Any) -> t.Any:
        if not isinstance(source, str) or more or named:
            newest[:] = [compile_first(self, source, *more, **named)]
            return newest[0]
        name = _name("template", self, source)
        return known.get(name) or keep(name, compile_first(self, source))

    def expression(self: t.Any, source: str, undefined_to_none: bool = True) -> TemplateExpression:
        name = _name("expression", self, source)
        if name not in known:
            found = expression_first(self, source, undefined_to_none)
            keep(name, newest[0])
            return found
        template = self.template_class.from_code(self, known[name], self.make_globals(None), None)
        return TemplateExpression(template, undefined_to_none)

    Environment.compile, Environment.compile_expression = compiled, expression


def _name(kind: str, environment: t.Any, source: str) -> str:
    """All that the code depends on."""
    context = _jinja_bits._TemplateCompileContext.current(optional=True)
    settings = [getattr(environment, name) for name in _jinja_bits._TEMPLATE_OVERRIDE_FIELD_NAMES]
    of = (kind, source, __version__, jinja2.__version__, settings, bool(context and context.escape_backslashes))
    return hashlib.sha256(repr(of).encode()).hexdigest()


strategy.WorkerProcess = Worker
compiled = Compiled(FOLDER)
compiled.take()
offer(compiled.known, compiled.keep)
