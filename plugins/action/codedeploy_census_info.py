# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A census: shows a table for each deployment group."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction, Result
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import census
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.display import screen_of


class ActionModule(DirectAction):
    def _act(self, task_vars: t.Dict[str, t.Any]) -> Result:
        result, screen = super()._act(task_vars), screen_of(self._task, task_vars)
        if "hosts" in result and "groups" in result:
            screen.show(census.lines(result, screen.width))
        return result
