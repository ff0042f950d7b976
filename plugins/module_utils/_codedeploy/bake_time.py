# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a deployment group has run its last deployment, and whether an alarm is on. Only reads. Private to this collection.

Nothing is remembered between two runs: when the deployment ended, and what time it is, is told by AWS.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, obstacles
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, limits, watch

STEPS = 10  # lines at most while nothing happens
LATE = 3600  # seconds beyond, after which something is wrong with a clock


class BakeTime(t.NamedTuple):
    """What to watch, and for how long."""

    application: str
    group: str
    minutes: int
    alarms: list[str] | None = None  # None: those of the deployment group


class Watcher:
    """Looks at the group and its alarms; two calls at a time."""

    def __init__(self, aws: Connection, bake: BakeTime) -> None:
        self.aws, self.bake = aws, bake
        self.deployment: Shape = {}
        self.left = 0.0  # seconds

    def look(self) -> Look:
        group = calls.read_group(self.aws, self.bake.application, self.bake.group)
        self.deployment = self._last(group.shape)
        run = (group.read_at - self.deployment["endTime"]).total_seconds()
        self.left = max(0.0, self.bake.minutes * 60 - run)
        self._refuse_alarms(group.shape)
        return Look(self._text(run), done=not self.left)

    def _last(self, group: Shape) -> Shape:
        last = group.get("lastSuccessfulDeployment") or {}
        if not last.get("endTime"):
            raise Refused(
                "nothing was deployed to the deployment group yet. Deploy to it with slipway.aws.codedeploy_deployment."
            )
        return last

    def _refuse_alarms(self, group: Shape) -> None:
        named = self.bake.alarms
        configured = group.get("alarmConfiguration") or {}
        watched = configured if named is None else {"enabled": True, "alarms": [{"name": name} for name in named]}
        blocking = [
            one for one in obstacles.of_alarms(self.aws, watched) if one["blocks"] or one["cause"] == "alarm_unreadable"
        ]
        if blocking:
            text = "; ".join(one["message"] for one in blocking)
            after = f"after the deployment {self.deployment['deploymentId']}"
            way = "Fix the cause, or roll back with state=rolled_back of slipway.aws.codedeploy_deployment, and run the task again"
            raise Refused(f"{text}, {after}. {way}.", problems=blocking, deployment=self._told())

    def result(self) -> Shape:
        return {"deployment": self._told(), "remaining": int(self.left)}

    def _told(self) -> Shape:
        return {
            name: self.deployment[name] for name in ("deploymentId", "status", "endTime") if name in self.deployment
        }

    def _text(self, run: float) -> str:
        step = max(1, self.bake.minutes // STEPS)
        passed = min(self.bake.minutes, int(run // 60) // step * step)
        return f"{self.deployment['deploymentId']} has run for {max(0, passed)} of {self.bake.minutes} minutes"


def run(module: t.Any, bake: BakeTime) -> None:
    """Wait as the task asks, and leave the module."""
    params = module.params
    try:
        watcher = Watcher(connect(module), bake)
        within = limits(params, bake.minutes * 60 + LATE)
        watched = watch(watcher.look, within._replace(timeout=0.0) if module.check_mode else within)
        if not watched.done and watched.seconds >= within.timeout and not module.check_mode:
            raise Refused(f"{watched.text}, though more time has passed here. Run the task again.")
    except FAILURES as problem:
        what = f"Failed to wait for the deployment of {bake.application}/{bake.group}"
        module.fail_json(**_shown(failure(problem, what)))
    followed = {
        "id": bake.group, "done": watched.done, "seen": watched.text, "lines": watched.lines, "alerts": watched.alerts,
    }  # fmt: skip
    module.exit_json(changed=False, followed=followed, **_shown(watcher.result()))


def _shown(result: Shape) -> Shape:
    """Our own shapes in snake_case; what a module fails with has lower-case keys already."""
    return {name: to_result(value) if isinstance(value, (dict, list)) else value for name, value in result.items()}
