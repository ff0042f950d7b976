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
        self._write(result, failed=False)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write(result, failed=True)

    def _write(self, result: t.Any, failed: bool) -> None:
        # Up to ansible-core 2.19 the parts of a result are private.
        task, data = (getattr(result, part, None) or getattr(result, f"_{part}") for part in ("task", "result"))
        returned = {k: v for k, v in data.items() if k not in ("invocation", "ansible_facts", "diff")}
        outcome = {"task": task.get_name(), "module": task.resolved_action, "result": {**returned, "failed": failed}}
        with open(os.environ["SLIPWAY_DEMO_OUTCOMES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(outcome, default=str) + "\n")
