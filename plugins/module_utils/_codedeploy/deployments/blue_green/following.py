# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a blue/green deployment to hosts is. Private to this collection.

A poll is the same one call as for any deployment to hosts: its status and one flag tell of the two waits.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, progress
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green.style import (
    has_moved,
    is_blue_green,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import FINISHED, Follower
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look


class HostFollower(Follower):
    """Looks at one deployment to hosts, in place or blue/green, and at its rollback."""

    def __init__(self, aws: Connection, deployment_id: str, seen: str = "", until: str = FINISHED) -> None:
        super().__init__(aws, deployment_id, seen)
        self.until = until

    def look(self) -> Look:
        """One poll. Done also when what the task waits for was reached, while the deployment goes on."""
        look = super().look()
        reached = not progress.is_over(self.deployment) and is_reached(self.until, self.deployment)
        return look._replace(done=True) if reached else look

    def stuck(self, seconds: float) -> str | None:
        """A wait that is configured holds nothing up."""
        return None if waits(self.deployment) else super().stuck(seconds)

    def _mine(self) -> Look:
        mine, more = super()._mine(), waits(self.deployment) or _provisions(self.deployment)
        return mine._replace(text=f"{mine.text}, {more}") if more else mine

    def _of(self, rollback_id: str) -> Follower:
        return HostFollower(self.aws, rollback_id, self.rollback_seen)

    def _line(self, target: Shape, status: str) -> str:
        fleet = str(target.get("instanceLabel") or "").lower()
        line = super()._line(target, status)
        return f"{fleet} {line}" if fleet and is_blue_green(self.deployment) else line


def is_reached(until: str, deployment: Shape) -> bool:
    """Whether a deployment that is not over is as far as the task waits for."""
    if until == FINISHED or not is_blue_green(deployment):
        return False
    return has_moved(deployment) or (until == "ready" and deployment["status"] == "Ready")


def waits(deployment: Shape) -> str:
    """What a deployment waits for, in words."""
    if not is_blue_green(deployment) or progress.is_over(deployment):
        return ""
    if deployment["status"] == "Ready":
        return "waits to be continued before traffic moves"
    return "traffic has moved, waits to end the blue hosts" if has_moved(deployment) else ""


def _provisions(deployment: Shape) -> str:
    """No green host is a target before all of them are up."""
    over = not is_blue_green(deployment) or deployment["status"] != "InProgress"
    return "" if over or set(calls.counts(deployment)) - {"Pending"} else "green hosts are provisioned"
