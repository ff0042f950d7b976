# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment that moves traffic would do. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, planning
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.armed import armed, waits
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Decision
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import appspec, schedule
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_allowed
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


def _traffic(aws: Connection, name: str) -> list[Shape] | None:
    """The steps; None where the caller may not read the configuration."""
    known = routing(aws, name)
    return (
        None if known is None else [{"minutes": one.minutes, "percent": one.percent} for one in schedule.steps(known)]
    )


def routing(aws: Connection, name: str) -> Shape | None:
    """How a configuration moves traffic, no call for those of AWS; None where the caller may not read it."""
    return schedule.predefined(name) or if_allowed(
        lambda: calls.read_config(aws, name).get("trafficRoutingConfig") or {}, None
    )
