# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The compute platform that a task or a deployment group is for. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import functions, services
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.appspec import ECS, LAMBDA
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source, Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

PLATFORMS = (ECS, LAMBDA)


def look(aws: Connection, source: Source, group: Shape) -> Target:
    """What a deployment would do, from what serves now."""
    if source.platform == LAMBDA:
        return functions.look(aws, source, group.get("lastAttemptedDeployment") or {})
    return services.look(aws, source, group)


def problems(aws: Connection, target: Target, group: Shape, config_name: str) -> list[Shape]:
    """What is known to make the deployment fail."""
    if target.spec.platform == LAMBDA:
        return functions.problems(aws, target)
    return services.problems(aws, target, group, config_name)


def source_before(aws: Connection, group: Shape, newest: Shape, options: Shape) -> Source | None:
    """What served before the newest deployment, as what is to be deployed; None where it never began to move traffic.

    Raises Refused where what served before is not known.
    """
    if group.get("computePlatform") == LAMBDA:
        return functions.source_before(aws, newest, options)
    return services.source_before(aws, group, newest, options)
