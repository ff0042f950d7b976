# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what a deployment brought does serve. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import evidence, functions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.progress import ShiftFollower
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._lambda import aliases


def problem(aws: Connection, follower: ShiftFollower, result: Shape) -> str | None:
    """Why it does not, in a sentence. `result` gets `traffic`, what serves now."""
    target = follower.target or evidence.target_of(aws, follower.deployment_id)
    info = target.get("lambdaFunctionInfo")
    return _of_alias(aws, follower.deployment_id, info, result) if info else None


def _of_alias(aws: Connection, deployment_id: str, info: Shape, result: Shape) -> str | None:
    function, name, wanted = info["functionName"], info["functionAlias"], info["targetVersion"]
    alias = aliases.read_alias(aws, function, name)
    shares = aliases.shares(alias) if alias else {}
    result["traffic"] = [{"version": version, "percent": share} for version, share in shares.items()]
    if list(shares) == [wanted]:
        return None
    now = functions.shares_in_words(shares) or "it does not exist"
    return (
        f"{deployment_id} succeeded according to AWS, but the alias {name} of {function} does not send all traffic to version "
        f"{wanted}: {now}. Check who else changes the alias, and run the task again."
    )
