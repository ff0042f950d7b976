# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hooks that CodeDeploy puts on the Auto Scaling groups of a deployment group. Private to this collection.

A deployment group keeps the names of its hooks. Nothing tells it when somebody deletes one, or deletes the Auto Scaling
group and makes another of the same name: new instances then go into service without code.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

LAUNCH, TERMINATION = "launch", "termination"
PREFIXES = {kind: f"CodeDeploy-managed-automatic-{kind}-deployment-hook-" for kind in (LAUNCH, TERMINATION)}
MEMBERS = {LAUNCH: "hook", TERMINATION: "terminationHook"}


def lost(group: Shape, entry: Shape, hooks: list[str]) -> list[str]:
    """Which hooks of a deployment group are not on one of its Auto Scaling groups, from the names of those that are. Pure.

    `entry` is what GetDeploymentGroup tells of the Auto Scaling group.
    """
    wanted = [LAUNCH, *([TERMINATION] if group.get("terminationHookEnabled") else [])]
    return [kind for kind in wanted if not _is_there(kind, entry.get(MEMBERS[kind]), hooks)]


def _is_there(kind: str, name: str | None, hooks: list[str]) -> bool:
    return name in hooks if name else any(hook.startswith(PREFIXES[kind]) for hook in hooks)


def lost_groups(aws: Connection, group: Shape, kept: list[str] | None) -> list[str]:
    """Auto Scaling groups of a deployment group that lack a hook; of those that it is to keep, when that was said.

    One call for each. One that does not exist is refused, since nothing puts a hook on it.
    """
    entries = [one for one in group.get("autoScalingGroups") or [] if kept is None or one["name"] in kept]
    return [one["name"] for one in entries if lost(group, one, _hooks(aws, one["name"]))]


def _hooks(aws: Connection, name: str) -> list[str]:
    hooks = scaling.hooks_of(aws, name)
    if hooks is None:
        text = f"the Auto Scaling group {name} does not exist, so it cannot have a launch hook"
        raise Refused(f"{text}. Create it, or remove it from auto_scaling_groups.")
    return hooks
