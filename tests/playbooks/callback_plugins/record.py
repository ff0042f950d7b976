# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what every task came to, and what the play published, as JSON lines for the tests."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: notification
short_description: Write results as JSON lines
description:
  - Appends one JSON object a line to the file that E(PLAY_RECORD) names.
"""


class CallbackModule(CallbackBase):
    """Every event is one line."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, **event: t.Any) -> None:
        with open(os.environ["PLAY_RECORD"], "a", encoding="utf-8") as record:
            record.write(json.dumps(event, default=str) + "\n")

    def _result(self, event: str, came: t.Any, ignored: bool = False) -> None:
        self._write(
            event=event,
            host=came.host.get_name(),
            task=came.task.name,
            action=came.task.action,
            ignored=ignored,
            result=dict(came.result),
        )

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._result("ok", result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._result("skipped", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._result("failed", result, ignore_errors)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._write(
            event="stats",
            hosts={host: stats.summarize(host) for host in stats.processed},
            published=stats.custom.get("_run", {}),
        )
