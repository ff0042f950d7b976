# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a task may run in a fork of Ansible's worker, and if not, why."""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import sys
import threading
import typing as t

from ansible import constants as C
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display

from ansible_collections.slipway.aws.plugins.plugin_utils._execution import module_entry

display = Display()

NAME, VARIABLE, ENVIRONMENT = "direct_execution", "slipway_direct_execution", "SLIPWAY_DIRECT_EXECUTION"
SETTING = {
    NAME: {
        # The look-up of the system's proxies crashes in a fork there.
        "default": sys.platform != "darwin",
        "vars": [{"name": VARIABLE}],
        "env": [{"name": ENVIRONMENT}],
        "ini": [{"section": "slipway", "key": NAME}],
    }
}
PLUGIN = {"plugin_type": "action", "plugin_name": "slipway.aws.direct"}
C.config.initialize_plugin_configuration_definitions(PLUGIN["plugin_type"], PLUGIN["plugin_name"], SETTING)

LOCAL = "ansible.builtin.local"
SHELLS = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})  # another one may be a wrapper that prepares something
# Read when a process starts, or when boto3 is loaded: in a fork they would come too late.
TOO_LATE = re.compile(
    r"(?:PYTHON|LD_|DYLD_|LC_|OPENSSL_|MALLOC_|GLIBC_|BOTO_DISABLE_).*|HOME|LANG|LANGUAGE|LOCPATH|TZ|TZDIR"
)
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DEBUGGED = "_ANSIBLE_ANSIBALLZ_"  # debuggers and coverage of ansible-core's own developers

# Shared by the workers, which are forks of the process that loads this: what was told once is not told again.
_TOLD = mmap.mmap(-1, 256)


def is_off() -> bool:
    """Whether no task runs in a fork unless its variables say so: then there is nothing to prepare."""
    return bool(module_entry.UNKNOWN) or not boolean(C.config.get_config_value(NAME, **PLUGIN), strict=False)


def against(action: t.Any, task_vars: t.Mapping[str, t.Any]) -> str:
    """Why the task starts its module as any other does, in words; nothing if it need not."""
    return next(filter(None, _reasons(action, task_vars)), "")


def tell(reason: str) -> None:
    """Say it with -v, once."""
    if not reason or display.verbosity < 1:
        return
    place = hashlib.sha256(reason.encode()).digest()[0]
    if not _TOLD[place]:
        _TOLD[place] = 1
        display.v(f"Modules of slipway.aws start a Python of their own here, because {reason}.")


def _reasons(action: t.Any, task_vars: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    task, connection = action._task, action._connection
    if module_entry.UNKNOWN:
        yield f"this version of ansible-core is not known to them ({module_entry.UNKNOWN})"
    yield _switched_off(action, task_vars)
    if connection.ansible_name != LOCAL:
        yield f"the connection is {connection.ansible_name}"
    if task.async_val:
        yield "the task uses async"
    if connection.become:
        yield "the task uses become"
    if C.DEFAULT_KEEP_REMOTE_FILES:
        yield "remote files are kept"
    yield _other_interpreter(action, task_vars)
    yield _process(action, task_vars)
    yield _environment(action)


def _switched_off(action: t.Any, task_vars: t.Mapping[str, t.Any]) -> str:
    value, origin = C.config.get_config_value_and_origin(NAME, variables=dict(task_vars), **PLUGIN)
    if boolean(action._templar.template(value)):
        return ""
    return "that is the default on macOS" if origin == "default" else f"{VARIABLE} is false"


def _other_interpreter(action: t.Any, task_vars: t.Mapping[str, t.Any]) -> str:
    host = action._task.delegate_to
    variables = task_vars["ansible_delegated_vars"][host] if host else task_vars
    value = action._templar.template(C.config.get_config_value("INTERPRETER_PYTHON", variables=variables))
    if str(value).strip() == sys.executable:
        return ""
    return f"ansible_python_interpreter is {value}, and that of Ansible is {sys.executable}"


def _process(action: t.Any, task_vars: t.Mapping[str, t.Any]) -> str:
    """What is peculiar to this process."""
    if os.path.basename(action._play_context.executable or "sh") not in SHELLS:
        return f"the shell is {action._play_context.executable}"
    if any(name.startswith(DEBUGGED) for name in os.environ):
        return f"{DEBUGGED}* is set"
    if C.config.get_config_value("PYTHON_MODULE_RLIMIT_NOFILE", variables=dict(task_vars)) != 0:
        return "the number of open files of a module is limited"
    return "another plugin runs a thread" if threading.active_count() > 1 else ""


def _environment(action: t.Any) -> str:
    """Names alone: values may be secrets."""
    environment: t.Dict[str, t.Any] = {}
    action._compute_environment_string(environment)
    late = [name for name in environment if TOO_LATE.fullmatch(name) or not VARIABLE_NAME.fullmatch(name)]
    return f"the environment of the task sets {', '.join(sorted(late))}" if late else ""
