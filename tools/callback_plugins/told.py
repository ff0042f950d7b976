# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a play says by default, without a line for every file of tasks that a role includes."""

from __future__ import annotations

import typing as t

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default

DOCUMENTATION = """
name: told
type: stdout
short_description: The default output without includes
description: Leaves out the included task files, which do not matter in the demonstration.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
"""


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "told"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        # Up to ansible-core 2.19 the parts of a result are private.
        if not isinstance(getattr(result, "task", None) or result._task, TaskInclude):
            super().v2_runner_on_ok(result)

    def v2_playbook_on_include(self, included_file: t.Any) -> None:
        """Say nothing of it."""
