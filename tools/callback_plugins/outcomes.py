# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what the tasks of a play returned, so that the demonstration can tell and check it."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: outcomes
type: aggregate
short_description: Write what tasks returned
description: One JSON object a line into the file that the variable SLIPWAY_DEMO_OUTCOMES names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "outcomes"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write(result)

    def _write(self, result: t.Any) -> None:
        returned = {k: v for k, v in result.result.items() if k not in ("invocation", "ansible_facts", "diff")}
        outcome = {"task": result.task.get_name(), "module": result.task.resolved_action, "result": returned}
        with open(os.environ["SLIPWAY_DEMO_OUTCOMES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(outcome, default=str) + "\n")
