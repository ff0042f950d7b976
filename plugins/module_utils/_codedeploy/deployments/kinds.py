# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What deployments to hosts do in a way of their own; those that move traffic have `shifting.kind`. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    aftermath,
    calls,
    failures,
    planning,
    starting,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.armed import armed
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import fleets
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green.following import (
    HostFollower,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Decision, Wish
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import Follower
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


class Kind(t.Protocol):
    """What the acts need to know of a kind of deployments."""

    def decide(self, aws: Connection, wish: Wish) -> Decision:
        """What the task has to do. Raises Refused where it must not go on."""

    def about_active(self, aws: Connection, wish: Wish, decision: Decision, active: Shape) -> Decision:
        """What to do about the deployment that came first."""

    def start(self, aws: Connection, wish: Wish, decision: Decision) -> str | None:
        """Refuse what is known to fail, else start it; the id, or None where no deployment was needed. Raises Busy."""

    def foretell(self, aws: Connection, wish: Wish, decision: Decision) -> Shape:
        """The plan."""

    def begun(self, decision: Decision) -> Shape:
        """What the result has beside that of any kind."""

    def follower(self, aws: Connection, deployment_id: str, seen: str, until: str) -> Follower:
        """What looks at the deployment while it runs."""

    def failed(self, aws: Connection, follower: Follower, with_log: bool) -> list[Shape]:
        """The targets that failed, each with event, message and hint."""

    def judge(self, aws: Connection, follower: Follower, result: Shape, strict: bool) -> str | None:
        """Why a deployment that AWS calls a success is none."""

    def left(self, aws: Connection, deployment: Shape, rollback: Shape) -> list[Shape]:
        """What runs after a rollback that failed as well."""

    def now(self, aws: Connection, follower: Follower, result: Shape) -> Shape:
        """What more is to be told of a deployment that failed."""

    def fleets(self, aws: Connection, follower: Follower, result: Shape) -> Shape:
        """Where a fleet was replaced by another one: the two."""


class Servers:
    """Deployments to hosts, in place or blue/green."""

    def decide(self, aws: Connection, wish: Wish) -> Decision:
        return planning.decide(aws, wish)

    def about_active(self, aws: Connection, wish: Wish, decision: Decision, active: Shape) -> Decision:
        return planning.about_active(wish, decision.group, active)

    def start(self, aws: Connection, wish: Wish, decision: Decision) -> str | None:
        return starting.start(aws, planning.refuse_blocked(aws, wish, decision), decision.group.read_at)

    def foretell(self, aws: Connection, wish: Wish, decision: Decision) -> Shape:
        return {**planning.foretell(aws, wish, decision), **armed(wish.asked, decision.group.shape)}

    def begun(self, decision: Decision) -> Shape:
        return {}

    def follower(self, aws: Connection, deployment_id: str, seen: str, until: str) -> Follower:
        return HostFollower(aws, deployment_id, seen, until)

    def failed(self, aws: Connection, follower: Follower, with_log: bool) -> list[Shape]:
        if not calls.counts(follower.deployment).get("Failed"):
            return []
        return failures.failed_targets(aws, follower.deployment_id, with_log)

    def judge(self, aws: Connection, follower: Follower, result: Shape, strict: bool) -> str | None:
        deployment, failed = result["deployment"], calls.counts(result["deployment"]).get("Failed", 0)
        if not failed:
            return None
        total = sum(calls.counts(deployment).values())
        ended = "succeeded according to AWS" if deployment["status"] == "Succeeded" else f"is {deployment['status']}"
        text = f"{deployment['deploymentId']} {ended}, but failed on {failed} of {total} hosts."
        told = f"{text} {failures.in_words(result['failedTargets'], failed)}"
        if strict:
            return told
        result["warnings"] = [*result.get("warnings", []), told]
        return None

    def left(self, aws: Connection, deployment: Shape, rollback: Shape) -> list[Shape]:
        return aftermath.left(aws, deployment, rollback)

    def now(self, aws: Connection, follower: Follower, result: Shape) -> Shape:
        return {}

    def fleets(self, aws: Connection, follower: Follower, result: Shape) -> Shape:
        found = fleets.read(aws, follower.deployment, result["rollback"].get("deployment"))
        return {"blueGreen": found} if found else {}


SERVERS = Servers()
