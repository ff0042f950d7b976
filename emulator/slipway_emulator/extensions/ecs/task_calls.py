# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Calls about tasks: RunTask, StopTask, ListTasks, DescribeTasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import DESCRIBE_TASKS_TAGS, EC2ContainerServiceResponse

from .._patching import put, wrap
from .shared import LAUNCH_TYPES, fargate, find_cluster, paged
from .tasks import check_network, stop

MOST = 100


def extend() -> None:
    wrap(EC2ContainerServiceBackend, "run_task", _run)
    put(EC2ContainerServiceBackend, list_tasks=_listed, stop_task=_stop)
    put(EC2ContainerServiceResponse, describe_tasks, list_tasks)


def _run(
    original: Callable[..., list[Any]],
    self: Any,
    cluster_str: str,
    task_definition_str: str,
    count: int,
    overrides: Any,
    started_by: Any,
    tags: Any,
    launch_type: str | None,
    networking_configuration: dict[str, Any] | None = None,
    group: str | None = None,
    platform_version: str | None = None,
    capacity_provider_strategy: list[dict[str, Any]] | None = None,
) -> list[Any]:
    if launch_type not in (None, *LAUNCH_TYPES):
        raise InvalidParameterException(f"launch type should be one of [{','.join(LAUNCH_TYPES)}]")
    cluster = find_cluster(self, cluster_str)
    check_network(self.describe_task_definition(task_definition_str), networking_configuration)
    strategy = capacity_provider_strategy or (None if launch_type else cluster.default_capacity_provider_strategy)
    if not fargate(launch_type, strategy) and not self.container_instances.get(cluster.name):
        raise InvalidParameterException("No Container Instances were found in your cluster.")
    return original(
        self, cluster_str, task_definition_str, count, overrides, started_by, tags, launch_type,
        networking_configuration, group, platform_version, capacity_provider_strategy,
    )  # fmt: skip


def _listed(
    self: Any,
    cluster_str: str | None = None,
    container_instance: str | None = None,
    family: str | None = None,
    started_by: str | None = None,
    service_name: str | None = None,
    desired_status: str | None = None,
) -> list[Any]:
    """Every task that all the given conditions fit."""
    cluster = self._get_cluster(cluster_str).name if cluster_str else None
    group = f"service:{service_name.rpartition('/')[2]}" if service_name else None
    return [
        task
        for tasks in self.tasks.values()
        for task in tasks.values()
        if cluster in (None, task.cluster_name)
        and group in (None, task.group)
        and family in (None, task.definition.family)
        and started_by in (None, task.started_by)
        and desired_status in (None, task.desired_status)
        and (container_instance is None or container_instance in (task.container_instance_arn or ""))
    ]


def list_tasks(self: Any) -> ActionResult:
    """ListTasks: those that should run, unless stopped ones are asked for."""
    names = ("containerInstance", "family", "startedBy", "serviceName")
    conditions = [self._get_param(name) for name in names]
    cluster, desired = self._get_param("cluster") or "default", self._get_param("desiredStatus") or "RUNNING"
    found = [t.task_arn for t in self.ecs_backend.list_tasks(cluster, *conditions, desired)]
    page, token = paged(found, self._get_param("nextToken"), self._get_int_param("maxResults") or MOST)
    return ActionResult({"taskArns": page, "nextToken": token})


def describe_tasks(self: Any) -> ActionResult:
    """DescribeTasks: what is not there is told as a failure."""
    backend, wanted = self.ecs_backend, self._get_param("tasks") or []
    cluster = backend._get_cluster(self._get_param("cluster") or "default")
    if not wanted:
        raise InvalidParameterException("Tasks cannot be empty.")
    if len(wanted) > MOST:
        raise InvalidParameterException(f"Tasks can have at most {MOST} items.")
    known = {task.id: task for task in backend.tasks.get(cluster.name, {}).values()}
    ids = {name: name.rpartition("/")[2] for name in wanted}
    tagged = "TAGS" in (self._get_param("include") or [])
    (self._include_in_response if tagged else self._exclude_from_response)(DESCRIBE_TASKS_TAGS)
    prefix = cluster.arn.replace(":cluster/", ":task/")
    missing = [{"arn": f"{prefix}/{i}", "reason": "MISSING"} for i in ids.values() if i not in known]
    return ActionResult({"tasks": [known[i] for i in ids.values() if i in known], "failures": missing})


def _stop(self: Any, cluster_str: str, task_str: str, reason: str | None) -> Any:
    cluster = find_cluster(self, cluster_str)
    wanted = task_str.rpartition("/")[2]
    task = next((t for t in self.tasks.get(cluster.name, {}).values() if t.id == wanted), None)
    if task is None:
        raise InvalidParameterException("The referenced task was not found.")
    drain = task.watcher.leave(task) if task.watcher else 0.0
    stop(task, "UserInitiated", reason or "Task stopped by user", drain)
    return task
