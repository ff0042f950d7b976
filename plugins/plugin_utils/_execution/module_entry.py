# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How ansible-core enters a module, by names of its own that are not for others.

They are looked up here, once, and nowhere else. Where one is missing, or is not called as it was by the versions of
ansible-core that this was written for, `UNKNOWN` says which, and modules start as ansible-core starts them.
"""

from __future__ import annotations

import inspect
import json
import sys
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.fork import POSSIBLE

try:
    from ansible.executor.module_common import _BuiltModule
    from ansible.module_utils import _internal
    from ansible.module_utils._internal import _traceback
    from ansible.module_utils._internal._ansiballz import _loader
    from ansible.module_utils.common.json import Direction, get_module_encoder

    NOT_FOUND = "" if POSSIBLE else "atexit"
except ImportError as problem:
    NOT_FOUND = str(problem)

PROFILE = "legacy"
OVERRIDDEN = {
    "_configure_module": ["self", "module_name", "module_args", "task_vars"],
    "_is_pipelining_enabled": ["self", "module_style", "wrap_async"],
    "_low_level_execute_command": ["self", "cmd", "sudoable", "in_data"],
    "_compute_environment_string": ["self", "raw_environment_out"],
}


def built() -> t.Any:
    """What ansible-core is told of a module that it has not packed."""
    return _BuiltModule(
        b_module_data=b"", module_style="new", shebang=f"#!{sys.executable}", serialization_profile=PROFILE
    )


def packed(module_args: t.Mapping[str, t.Any]) -> bytes:
    """The options as a module reads them."""
    encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    return json.dumps({"ANSIBLE_MODULE_ARGS": module_args}, cls=encoder).encode()


def enter(module: str, options: bytes) -> None:
    """Become the module, in a process made for it, which it ends."""
    _internal.is_controller = False
    _traceback._is_traceback_enabled = _traceback._is_module_traceback_enabled
    _loader.run_module(**_call(module, options))


def _call(module: str, options: bytes) -> t.Dict[str, t.Any]:
    call = {"json_params": options, "profile": PROFILE, "module_fqn": module, "modlib_path": "", "extensions": {}}
    # Since 2.22 a module is told which of its options are secrets; a fork of the worker has not forgotten them.
    secrets = {"secrets": frozenset()} if "secrets" in inspect.signature(_loader.run_module).parameters else {}
    return {**call, **secrets}


def _differing() -> str:
    """What is not as it was known."""
    if NOT_FOUND:
        return NOT_FOUND
    names = [
        (_internal, "is_controller"),
        (_traceback, "_is_traceback_enabled"),
        (_traceback, "_is_module_traceback_enabled"),
    ]
    try:
        for name, parameters in OVERRIDDEN.items():
            if list(inspect.signature(getattr(ActionBase, name)).parameters)[: len(parameters)] != parameters:
                return name
        inspect.signature(_loader.run_module).bind(**_call("", b""))
        built()
        packed({})
        for owner, name in names:
            getattr(owner, name)
    except (AttributeError, TypeError, ValueError) as problem:
        return str(problem)
    return ""


UNKNOWN = _differing()
