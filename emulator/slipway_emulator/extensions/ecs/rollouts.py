# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments of services that ECS itself controls: new tasks beside the old ones, which go when the new ones are steady."""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from ...clock import clock
from .shared import say
from .workloads import Spec, Workload


def new_id() -> str:
    return f"ecs-svc/{mock_random.randint(10**17, 10**18)}"


class Rollout:
    """One deployment of a service; its attributes are the members of the API."""

    def __init__(self, service: Any, spec: Spec) -> None:
        self.id = new_id()
        self.service, self.spec = service, spec
        self.status, self.rollout_state = "PRIMARY", "IN_PROGRESS"
        self.created_at = self.updated_at = clock.datetime()
        self.task_definition = spec.definition.arn
        self.launch_type, self.platform_version = spec.launch_type, spec.platform_version
        self.platform_family = "Linux" if spec.fargate else None
        self.network_configuration = spec.network
        self.capacity_provider_strategy = spec.strategy or None
        self.workload = Workload(service, self.id, spec, self._settled)

    desired_count = property(lambda self: self.workload.wanted)
    running_count = property(lambda self: self.workload.running)
    pending_count = property(lambda self: self.workload.pending)
    failed_tasks = property(lambda self: self.workload.failed)

    @property
    def rollout_state_reason(self) -> str:
        ends = {"IN_PROGRESS": "in progress", "COMPLETED": "completed"}
        return f"ECS deployment {self.id} {ends[self.rollout_state]}."

    def _settled(self, _workload: Workload) -> None:
        """Once the new tasks are steady the old ones stop, and when they are gone the deployment is completed."""
        rollouts = self.service.rollouts
        if self.status != "PRIMARY":
            if not self.workload.tasks and self in rollouts:
                rollouts.remove(self)
                rollouts[0]._settled(rollouts[0].workload)
        elif self.workload.steady:
            older = [rollout for rollout in rollouts if rollout is not self]
            for rollout in older:
                if rollout.workload.wanted:
                    rollout.workload.scale(0)
            if not older and self.rollout_state != "COMPLETED":
                self.rollout_state, self.updated_at = "COMPLETED", clock.datetime()
                say(self.service, f"(deployment {self.id}) deployment completed.")


def roll_out(service: Any, spec: Spec) -> None:
    """Begin a deployment; those before it are no longer PRIMARY."""
    for rollout in service.rollouts:
        rollout.status = "ACTIVE"
    rollout = Rollout(service, spec)
    service.rollouts.insert(0, rollout)
    rollout.workload.scale(service.desired_count)
