# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment that moves traffic would do. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, planning
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.armed import armed
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Decision
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import appspec, schedule
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, is_unreadable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def plan(aws: Connection, asked: Shape, decision: Decision, problems: list[Shape]) -> Shape:
    """The plan as a task returns it."""
    target: Target = decision.target
    group, name = decision.group.shape, planning.config_name(asked, decision.group.shape)
    return {
        "computePlatform": target.spec.platform,
        "deploymentConfigName": name,
        "traffic": _traffic(aws, name),
        "hooks": [
            {"lifecycleEventName": event, "functionName": function}
            for event, function in appspec.hooks_in_order(target.spec)
        ],
        "repairAlias": target.repair is not None,
        "copied": dict(target.copied),
        **waits(group),
        **armed(asked, group),
        "problems": problems,
    }


def waits(group: Shape) -> Shape:
    """For how many minutes it waits before traffic moves, and before the old tasks end. None where it does not."""
    configured = group.get("blueGreenDeploymentConfiguration") or {}
    ready = configured.get("deploymentReadyOption") or {}
    ends = configured.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    stops = ready.get("actionOnTimeout") == "STOP_DEPLOYMENT"
    return {
        "readyWaitMinutes": ready.get("waitTimeInMinutes") or 0 if stops else None,
        "terminationWaitMinutes": ends.get("terminationWaitTimeInMinutes") or 0 if ends else None,
    }


def _traffic(aws: Connection, name: str) -> list[Shape] | None:
    """The steps; None where the caller may not read the configuration."""
    routing = schedule.predefined(name)
    if routing is None:
        try:
            routing = calls.read_config(aws, name).get("trafficRoutingConfig") or {}
        except FAILURES as denied:
            if not is_unreadable(denied):
                raise
            return None
    return [{"minutes": step.minutes, "percent": step.percent} for step in schedule.steps(routing)]
