# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hook functions. Only reads. Private to this collection."""

from __future__ import annotations

import functools

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import appspec
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, if_allowed
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._lambda import aliases


def missing(aws: Connection, spec: appspec.AppSpec) -> list[Shape]:
    """Hook functions that do not exist; nothing of those that the caller may not read."""
    found = []
    for event, function in appspec.hooks_in_order(spec):
        if if_allowed(functools.partial(aliases.read_version, aws, function), {}) is None:
            text = f"there is no function {function}, which is the hook {event}, in {aws.region}"
            found.append(problem("hook_missing", text, True))
    return found


def log_group(aws: Connection, function: str) -> str:
    """Where the function writes its log: what its settings say, else AWS's own name for it."""
    name = function.rpartition(":function:")[2].partition(":")[0]
    try:
        settings = aliases.read_version(aws, function) or {}
    except FAILURES:
        settings = {}
    return str((settings.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}")
