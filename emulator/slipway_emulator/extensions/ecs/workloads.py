# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The tasks of one deployment or task set: as many as are wanted, started, registered with load balancers and replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moto.ecs.models import Task
from moto.elbv2.models import elbv2_backends

from ...clock import clock
from ..elbv2 import targets
from . import tasks
from .shared import fargate, say

RESTART_SECONDS = 30.0  # until a task that stopped is replaced
PLACE_SECONDS = 60.0  # between attempts to place a task on a container instance
LOOK_SECONDS = 10.0  # between looks at what is not steady yet
STEADY_LOOK_SECONDS = 60.0
WAITING = ("PROVISIONING", "PENDING", "ACTIVATING")


@dataclass(frozen=True)
class Spec:
    """What a task of a service is made of, in the API's shape."""

    definition: Any
    load_balancers: list[dict[str, Any]] = field(default_factory=list)
    network: dict[str, Any] | None = None
    launch_type: str | None = None
    strategy: list[dict[str, Any]] = field(default_factory=list)
    platform_version: str | None = None

    @property
    def fargate(self) -> bool:
        return fargate(self.launch_type, self.strategy)


class Workload:
    """`owner`: id of the deployment or task set; `settled` is called after every look at the tasks."""

    def __init__(self, service: Any, owner: str, spec: Spec, settled: Callable[[Workload], None]) -> None:
        self.service, self.owner, self.spec, self.settled = service, owner, spec, settled
        self.wanted = 0
        self.failed = 0
        self.tasks: list[Any] = []  # those that have not stopped
        self.steady_since: float | None = None
        self._next_look: float | None = None

    @property
    def running(self) -> int:
        return sum(task.last_status == "RUNNING" for task in self.tasks)

    @property
    def pending(self) -> int:
        return sum(task.last_status in WAITING for task in self.tasks)

    @property
    def steady(self) -> bool:
        """As many run as are wanted, none other is on its way, and load balancers find them healthy."""
        return self.running == self.wanted and not self.pending and all(map(self.is_healthy, self._alive()))

    def scale(self, wanted: int) -> None:
        self.wanted = wanted
        self.reconcile()
        self._look_again(0.0)

    def reconcile(self) -> None:
        """Start what is missing, stop what is too much: first what does not run yet, then the oldest."""
        alive = self._alive()
        started = [task for task in (self._run() for _turn in range(self.wanted - len(alive))) if task]
        if started:
            named = " ".join(f"(task {task.id})" for task in started)
            say(self.service, f"has started {len(started)} tasks: {named}.")
        surplus = sorted(alive, key=lambda task: task.last_status == "RUNNING")[: max(0, len(alive) - self.wanted)]
        for task in surplus:
            reason = f"Scaling activity initiated by (deployment {self.owner})"
            tasks.stop(task, "ServiceSchedulerInitiated", reason, self.leave(task))

    def changed(self, task: Any) -> None:
        """A task took another status."""
        if task.last_status == "RUNNING":
            self._join(task)
        elif task.last_status == "STOPPED":
            self.tasks.remove(task)
            if task.stop_code in ("TaskFailedToStart", "EssentialContainerExited"):
                self.failed += 1
            clock.after(RESTART_SECONDS, self.reconcile)
        elif task.desired_status == "STOPPED":
            self.leave(task)
        self._look_again(0.0)

    def is_healthy(self, task: Any) -> bool:
        return all(targets.is_healthy(group, target) for group, target in self._targets(task))

    def leave(self, task: Any) -> float:
        """Deregister the task; the seconds for which its load balancers drain it."""
        seconds = [0.0]
        for group, target in self._targets(task):
            group.deregister([{"Id": target.target_id, "Port": target.port}])
            seconds.append(targets.drain_seconds(group))
        return max(seconds)

    def _alive(self) -> list[Any]:
        return [task for task in self.tasks if task.desired_status == "RUNNING"]

    def _run(self) -> Any:
        """A new task, or None when no container instance has room for it."""
        backend, spec = self.service._backend, self.spec
        cluster = backend.clusters[self.service.cluster_name]
        needs = backend._calculate_task_resource_requirements(spec.definition)
        instance = None if spec.fargate else self._instance(needs)
        if instance is None and not spec.fargate:
            say(
                self.service,
                "was unable to place a task because no container instance met all of its requirements. "
                "Reason: No Container Instances were found in your cluster.",
            )
            clock.after(PLACE_SECONDS, self.reconcile)
            return None
        task: Any = Task(
            cluster,
            spec.definition,
            instance and instance.container_instance_arn,
            needs,
            backend=backend,
            group=f"service:{self.service.name}",
            started_by=self.owner,
            tags=self._tags(),
            launch_type=spec.launch_type or ("" if spec.strategy else "EC2"),
            networking_configuration=spec.network,
            platform_version=spec.platform_version,
            capacity_provider_name=spec.strategy[0]["capacityProvider"] if spec.strategy else None,
        )
        task.watcher = self
        self.tasks.append(task)
        backend.tasks.setdefault(cluster.name, {})[task.task_arn] = task
        return task

    def _instance(self, needs: dict[str, Any]) -> Any:
        backend = self.service._backend
        instances = backend.container_instances.get(self.service.cluster_name, {}).values()
        fitting = (i for i in instances if i.status == "ACTIVE" and backend._can_be_placed(i, needs))
        found = next(fitting, None)
        if found is not None:
            backend.update_container_instance_resources(found, needs)
        return found

    def _tags(self) -> list[dict[str, str]]:
        source = {"SERVICE": self.service, "TASK_DEFINITION": self.spec.definition}.get(self.service.propagate_tags)
        return list(source.tags or []) if source else []

    def _join(self, task: Any) -> None:
        """Register a task that runs with the target groups."""
        for load_balancer in self.spec.load_balancers:
            group = self._group(load_balancer)
            if group is not None:
                image = next(c.image for c in task.containers if c.name == load_balancer["containerName"])
                facts = {**tasks.facts_of(task), "image": image}
                target = {**_target(task, load_balancer), "facts": facts}
                group.register([target])
                say(self.service, f"registered 1 targets in (target-group {group.arn})")
                self._look_when_healthy(group, target)

    def _look_when_healthy(self, group: Any, target: dict[str, Any]) -> None:
        for known in targets.fitting(group, target):
            due = targets.healthy_at(group, known)
            if due is not None:
                clock.at(max(due, clock.now()), partial(self._look_again, 0.0))

    def _group(self, load_balancer: dict[str, Any]) -> Any:
        backend = elbv2_backends[self.service._account_id][self.service.region_name]
        return backend.target_groups.get(str(load_balancer.get("targetGroupArn")))

    def _targets(self, task: Any) -> list[tuple[Any, Any]]:
        """Target groups with the task's registered target in them."""
        if not task.__dict__.get("started_at"):
            return []
        pairs = [(self._group(one), _target(task, one)) for one in self.spec.load_balancers]
        return [
            (group, target)
            for group, wanted in pairs
            if group is not None
            for target in targets.fitting(group, wanted)
            if target.drained is None
        ]

    def _look_again(self, seconds: float) -> None:
        """Have the next look in so many seconds, or earlier if one is due earlier."""
        due = clock.now() + seconds
        if self._next_look is not None and self._next_look <= due:
            return
        self._next_look = due
        clock.at(due, partial(self._look, due))

    def _look(self, due: float) -> None:
        if self._next_look != due:
            return
        self._next_look = None
        self._end_unhealthy()
        steady = self.steady
        if steady and self.steady_since is None and self.wanted:
            say(self.service, "has reached a steady state.")
        self.steady_since = (self.steady_since or clock.now()) if steady else None
        self.settled(self)
        if not steady:
            self._look_again(LOOK_SECONDS)
        elif self.wanted and self.spec.load_balancers:
            self._look_again(STEADY_LOOK_SECONDS)

    def _end_unhealthy(self) -> None:
        """What fails the checks of a load balancer is replaced, once the grace period of the service is over."""
        grace = float(getattr(self.service, "healthCheckGracePeriodSeconds", None) or 0)
        for task in self._alive():
            sick = [group for group, target in self._targets(task) if targets.state_of(group, target)[0] == "unhealthy"]
            if sick and clock.now() >= task.started_at.timestamp() + grace:
                reason = f"Task failed ELB health checks in (target-group {sick[0].arn})"
                self.failed += 1
                tasks.stop(task, "ServiceSchedulerInitiated", reason, self.leave(task))


def _target(task: Any, load_balancer: dict[str, Any]) -> dict[str, Any]:
    """Id and port under which a load balancer reaches the task."""
    address, port = tasks.address_of(task), load_balancer["containerPort"]
    if address:
        return {"Id": address, "Port": port}
    container = next(one for one in task.containers if one.name == load_balancer["containerName"])
    bound = next((b["hostPort"] for b in container.network_bindings if b["containerPort"] == port), port)
    return {"Id": _instance_id(task), "Port": bound}


def _instance_id(task: Any) -> str:
    instances = task._backend.container_instances.get(task.cluster_name, {})
    return str(instances[task.container_instance_arn.rpartition("/")[2]].ec2_instance_id)
