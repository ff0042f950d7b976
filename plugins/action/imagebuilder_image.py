# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build of an image: shows how far it is while it runs."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.building import BuildingAction


class ActionModule(BuildingAction):
    pass
