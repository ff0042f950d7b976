# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's `main()` in this process, against the in-process emulator."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import typing as t
from dataclasses import dataclass, field
from unittest import mock

from ansible.module_utils.testing import patch_module_args
from ansible.utils.display import Display

from slipway_emulator.ledger import Call, ledger

MODULES = "ansible_collections.slipway.aws.plugins.modules"
CONNECTION = {"region": "eu-west-1", "access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": "emulated-secret"}


@dataclass
class Outcome:
    """What a task would register, and the calls it made."""

    result: dict[str, t.Any]
    failed: bool
    calls: list[Call] = field(default_factory=list)

    def __getitem__(self, key: str) -> t.Any:
        return self.result[key]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.write]

    @property
    def probes(self) -> list[Call]:
        """The commands that only look."""
        return [call for call in self.calls if call.probe]


def run_module(name: str, params: dict[str, t.Any], check_mode: bool = False, diff: bool = True) -> Outcome:
    """Run one module once. A failure is an outcome; a crash raises."""
    module = importlib.import_module(f"{MODULES}.{name}")
    args = {**CONNECTION, **params, "_ansible_check_mode": check_mode, "_ansible_diff": diff}
    calls_before, said, status = len(ledger), io.StringIO(), 0
    # In the controller's process ansible-core displays a warning at once; in a module's it puts it into the result.
    with patch_module_args(args), contextlib.redirect_stdout(said), mock.patch.object(Display, "warning") as warned:
        try:
            module.main()
        except SystemExit as left:
            status = int(left.code or 0)
    result = json.loads(said.getvalue().strip().splitlines()[-1])
    result.pop(
        "invocation", None
    )  # the options of the task itself, which ansible-core 2.19 returns and later ones do not
    if warned.called:
        result["warnings"] = [call.kwargs["msg"] for call in warned.call_args_list]
    return Outcome(result, status != 0, list(ledger)[calls_before:])


def four_steps(name: str, params: dict[str, t.Any]) -> tuple[Outcome, Outcome, Outcome, Outcome]:
    """Check, real, check again, real again: what a noun must answer with changed, changed, ok, ok."""
    return tuple(run_module(name, params, check_mode=check) for check in (True, False, True, False))  # type: ignore[return-value]
