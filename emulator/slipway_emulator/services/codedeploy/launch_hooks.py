# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments to single hosts: what CodeDeploy does when an Auto Scaling group holds an instance for its hooks."""

from __future__ import annotations

import functools
from typing import Any

from moto.autoscaling.models import autoscaling_backends

from slipway_emulator.clock import clock

from .deployment import Deployment
from .entities import DeploymentGroup
from .targets import Targets

HOOK_SECONDS = 1.0  # until the notification of the hook reaches the service


class LaunchHooks(Targets):
    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.held: dict[str, dict[str, Any]] = {}  # deployment id -> the lifecycle action that waits for it

    def instance_launching(self, **action: Any) -> None:
        """`action`: group_name, hook_name, token, instance_id."""
        for group in self.groups_owning(action["hook_name"]):
            clock.after(HOOK_SECONDS, functools.partial(self._deploy_to, group, action, "autoscaling"))

    def instance_terminating(self, **action: Any) -> None:
        """The same for an instance that is about to be ended."""
        for group in self.groups_ending_by(action["hook_name"]):
            clock.after(HOOK_SECONDS, functools.partial(self._deploy_to, group, action, "autoscalingTermination"))

    def _deploy_to(self, group: DeploymentGroup, action: dict[str, Any], creator: str) -> None:
        last = self.history(group).last_successful
        if last is None:
            self._complete(action, "CONTINUE")
            return
        kept = {n: v for n, v in last.settings.items() if n in ("fileExistsBehavior", "ignoreApplicationStopFailures")}
        launched = self.launch(group, last.revision, kept, creator=creator, hosts=[action["instance_id"]])
        self.held[launched.deployment_id] = action

    def deployment_ended(self, deployment: Deployment) -> None:
        super().deployment_ended(deployment)
        action = self.held.pop(deployment.deployment_id, None)
        if action is None:
            return
        self._complete(action, "CONTINUE" if deployment.status == "Succeeded" else "ABANDON")
        if deployment.creator == "autoscalingTermination":
            return
        # the instance is in service only once the group took note, so look at it a moment later
        clock.after(HOOK_SECONDS, lambda: self.update_outdated(deployment.group))

    def _complete(self, action: dict[str, Any], result: str) -> None:
        backend = autoscaling_backends[self.account_id][self.region_name]
        complete = getattr(backend, "complete_lifecycle_action", None)
        if complete is not None:
            complete(action["group_name"], action["hook_name"], action["token"], result)
