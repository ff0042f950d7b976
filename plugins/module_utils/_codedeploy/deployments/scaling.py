# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the Auto Scaling groups of a deployment group. Only reads. Private to this collection.

Little of it makes a deployment fail; but new hosts go without code, or do not come at all.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import launch_hooks
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

NEEDED = ("Launch", "Terminate", "AddToLoadBalancer")  # processes that CodeDeploy relies on
MOST_NAMED = 5  # hosts of a warm pool in the message
Read = t.Callable[[t.Callable[[], t.Any], str], t.Any]


def problems(
    aws: Connection, group: Shape, names: list[str], found: dict[str, Shape], read: Read, suspends: bool
) -> list[Shape]:
    """Problems of the Auto Scaling groups that are selected, `found` being those that exist.

    `group` is the deployment group, or empty for a selection. `read` carries out a read, None when it is denied. `suspends`:
    whether the deployment suspends processes, which fails for a group that is gone. One call for each group of a deployment
    group, and one for each warm pool.
    """
    said = [
        problem("auto_scaling_group_missing", f"there is no Auto Scaling group {name} in {aws.region}", suspends)
        for name in names
        if name not in found
    ]
    for entry in group.get("autoScalingGroups") or []:
        if entry["name"] in found:
            said += _of_hooks(aws, group, entry, found[entry["name"]], read)
    for one in found.values():
        said += [*_of_processes(one), *_of_warm_pool(aws, one, read)]
    return said


def _of_hooks(aws: Connection, group: Shape, entry: Shape, scaled: Shape, read: Read) -> list[Shape]:
    name = entry["name"]
    hooks = read(lambda: scaling.hooks_of(aws, name), f"Lifecycle hooks of the Auto Scaling group {name}")
    lost = [] if hooks is None else launch_hooks.lost(group, entry, hooks)
    since = scaled.get("CreatedTime")
    if lost and is_recreated(group, since):
        text = f"the Auto Scaling group {name} was created on {since:%Y-%m-%d %H:%M} UTC, after the last deployment, and lacks"
        hooks_lost = " and ".join(f"the {kind} hook" for kind in lost)
        return [problem("auto_scaling_group_recreated", f"{text} {hooks_lost} of CodeDeploy")]
    return [
        problem(f"{kind}_hook_missing", f"the Auto Scaling group {name} lacks the {kind} hook of CodeDeploy")
        for kind in lost
    ]


def is_recreated(group: Shape, since: datetime.datetime | None) -> bool:
    """Whether an Auto Scaling group is younger than the last deployment to it."""
    last = group.get("lastAttemptedDeployment") or group.get("lastSuccessfulDeployment") or {}
    return bool(since and last.get("createTime") and since > last["createTime"])


def _of_processes(scaled: Shape) -> list[Shape]:
    held = {one["ProcessName"] for one in scaled.get("SuspendedProcesses") or []}
    halted = [name for name in NEEDED if name in held]
    if not halted:
        return []
    text = f"the Auto Scaling group {scaled['AutoScalingGroupName']} has suspended {', '.join(halted)}"
    return [problem("process_suspended", text)]


def _of_warm_pool(aws: Connection, scaled: Shape, read: Read) -> list[Shape]:
    name = scaled["AutoScalingGroupName"]
    if not scaled.get("WarmPoolConfiguration"):
        return []
    pool = read(lambda: scaling.warm_pool(aws, name), f"The warm pool of the Auto Scaling group {name}")
    if not pool:
        return []
    told = [f"{one['InstanceId']} ({one['LifecycleState']})" for one in pool[:MOST_NAMED]]
    more = f" and {len(pool) - MOST_NAMED} more" if len(pool) > MOST_NAMED else ""
    text = f"{len(pool)} hosts wait in the warm pool of the Auto Scaling group {name}, which no deployment to the group reaches"
    return [problem("warm_pool", f"{text}: {', '.join(told)}{more}")]
