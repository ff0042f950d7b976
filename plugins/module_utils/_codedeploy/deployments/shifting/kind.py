# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What deployments that move traffic do in a way of their own. Private to this collection.

Which release serves is a question to the alias or the service, not to the deployments: what has all traffic is not
deployed again, however it came there.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    ages,
    calls,
    obstacles,
    planning,
    revisions,
    starting,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Decision, Wish
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import FINISHED, Follower
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import (
    evidence,
    failures,
    foretelling,
    platforms,
    stored,
    verifying,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.appspec import ECS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.progress import (
    READY,
    ShiftFollower,
    has_moved,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source, Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._lambda import aliases


class Shifting:
    """Deployments to ECS and Lambda. `hooks`: the functions of the task, which AWS does not tell; empty if not known."""

    def __init__(self, hooks: t.Mapping[str, str] | None = None, source: Source | None = None) -> None:
        self.hooks, self.source = hooks or {}, source

    def decide(self, aws: Connection, wish: Wish) -> Decision:
        group = calls.read_group(aws, wish.application, wish.group)
        wish = wish._replace(source=stored.read(aws, wish.source))
        _refuse_platform(wish, group.shape)
        active = calls.active_deployments(aws, wish.application, wish.group)
        target = platforms.look(aws, wish.source, group.shape)
        self.hooks = target.spec.hooks
        if active:
            return self._about(aws, wish, group, target, active[0])
        if target.reason is None and not (wish.force and target.spec.platform == ECS):
            return Decision(planning.NONE, group, "it has all traffic", _last(group.shape), target=target)
        if not wish.allow_older:
            ages.refuse_lower(evidence.short(target.before), evidence.short(target.after))
        action = planning.CREATE if target.moves else planning.REPAIR
        return Decision(action, group, target.reason or "force is set", target=target)

    def about_active(self, aws: Connection, wish: Wish, decision: Decision, active: Shape) -> Decision:
        return self._about(aws, wish, decision.group, decision.target, active)

    def start(self, aws: Connection, wish: Wish, decision: Decision) -> str | None:
        """The alias is repaired before, since AWS refuses to move traffic on one that is on two versions."""
        target: Target = decision.target
        planning.refuse(self._problems(aws, wish, decision))
        if target.repair:
            aliases.send_all(aws, target.before["functionName"], target.repair)
        if not target.moves:
            return None
        return starting.start(aws, _complete(wish, target), decision.group.read_at)

    def foretell(self, aws: Connection, wish: Wish, decision: Decision) -> Shape:
        found = [] if decision.action == planning.JOIN else self._problems(aws, wish, decision)
        return foretelling.plan(aws, wish.asked, decision, found)

    def begun(self, decision: Decision) -> Shape:
        target: Target = decision.target
        return {"target": target.after, "previousTarget": target.before}

    def follower(self, aws: Connection, deployment_id: str, seen: str, until: str) -> Follower:
        return ShiftFollower(aws, deployment_id, seen, until)

    def failed(self, aws: Connection, follower: Follower, with_log: bool) -> list[Shape]:
        return failures.failed_targets(aws, follower, self.hooks or self._stored_hooks(aws))

    def judge(self, aws: Connection, follower: Follower, result: Shape, strict: bool) -> str | None:
        """Whether the new version or the new tasks do serve: AWS says Succeeded of unhealthy tasks, too."""
        if isinstance(follower, ShiftFollower) and (
            follower.until != READY or result["deployment"]["status"] == "Succeeded"
        ):
            return verifying.problem(aws, follower, result)
        return None

    def left(self, aws: Connection, deployment: Shape, rollback: Shape) -> list[Shape]:
        return []

    def now(self, aws: Connection, follower: Follower, result: Shape) -> Shape:
        """What serves: without a rollback the traffic stays where it was when the deployment ended."""
        found: Shape = {"deployment": result["deployment"]}
        if_readable(lambda: verifying.problem(aws, follower, found))
        return {"traffic": found["traffic"]} if found.get("traffic") else {}

    def _stored_hooks(self, aws: Connection) -> t.Mapping[str, str]:
        """The hooks of an AppSpec in S3, which the slice that began the deployment read."""
        source = self.source
        read = if_readable(lambda: stored.read(aws, source)) if source else None
        return read.spec.hooks if read and read.spec else {}

    def fleets(self, aws: Connection, follower: Follower, result: Shape) -> Shape:
        return {}

    def _about(self, aws: Connection, wish: Wish, group: calls.Group, target: Target, active: Shape) -> Decision:
        """Join what brings the same, unless the task waits for no more than what was reached."""
        complete = _complete(wish, target)
        same = revisions.same_revision(active.get("revision"), target.revision)
        brought = {} if same and wish.source.until == FINISHED else evidence.target_of(aws, active["deploymentId"])
        if same or evidence.brings(aws, active["deploymentId"], brought, target):
            name = active["deploymentId"]
            if wish.source.until != FINISHED and has_moved(brought) and active["status"] != "Ready":
                reason = f"it has all traffic, and {name} waits to end the old tasks"
                return Decision(planning.NONE, group, reason, active, target=target)
            return Decision(planning.JOIN, group, f"{name} is already deploying it", active, target=target)
        return planning.about_active(complete, group, active)._replace(target=target)

    def _problems(self, aws: Connection, wish: Wish, decision: Decision) -> list[Shape]:
        group, target = decision.group.shape, decision.target
        found = platforms.problems(aws, target, group, planning.config_name(wish.asked, group))
        found += obstacles.of_alarms(aws, obstacles.alarms_of(wish.asked, group))
        return causes.ignoring(found, wish.ignored)


def _complete(wish: Wish, target: Target) -> Wish:
    """The wish with the AppSpec that is sent, and a description from which a later task can tell what served before."""
    described = evidence.description(wish.asked.get("description"), wish.source, target)
    asked = {**wish.asked, "revision": target.revision, **({"description": described} if described else {})}
    return wish._replace(asked=asked)


def _last(group: Shape) -> Shape:
    """The group's last successful deployment, of which only this much is known without a call."""
    last = group.get("lastSuccessfulDeployment") or {}
    return {name: last[name] for name in ("deploymentId", "status") if name in last}


def _refuse_platform(wish: Wish, group: Shape) -> None:
    source: Source = wish.source
    platform = group.get("computePlatform") or "Server"
    if platform != source.platform:
        raise Refused(
            f"the deployment group {wish.place} is for {platform}, but the task asks for a deployment to {source.platform}. "
            "Correct deployment_group_name, or set lambda, ecs or revision for the platform of the group."
        )
