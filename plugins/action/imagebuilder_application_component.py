# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A component of a directory: finds it where a user of `ansible.builtin.copy` expects it to be found."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.source import SourceAction


class ActionModule(SourceAction):
    doing = "ensure the component"
