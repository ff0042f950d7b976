# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Task sets: counted by the scale of their service, steady when their tasks are, drained before they are gone."""

from __future__ import annotations

import math
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException, InvalidParameterException
from moto.ecs.models import TaskSet
from moto.ecs.responses import DESCRIBE_TASK_SETS_TAGS, EC2ContainerServiceResponse

from ...clock import clock
from .._patching import derive, put
from . import service_rules
from .shared import active_service, controller, fargate, find_service, say
from .workloads import Spec, Workload

FULL = {"value": 100.0, "unit": "PERCENT"}


def extend() -> None:
    derive(
        TaskSet,
        running_count=lambda task_set: task_set.workload.running,
        pending_count=lambda task_set: task_set.workload.pending,
        computed_desired_count=lambda task_set: task_set.workload.wanted,
        stabilityStatus=lambda task_set: "STEADY_STATE" if task_set.workload.steady else "STABILIZING",
        stabilityStatusAt=lambda task_set: task_set.steady_at,
    )
    put(EC2ContainerServiceResponse, create_task_set, describe_task_sets, update_task_set, delete_task_set)
    put(EC2ContainerServiceResponse, update_service_primary_task_set)


def start(service: Any, spec: Spec, **more: Any) -> Any:
    """A new task set of a service. `more`: external_id, started_by, scale, tags, service_registries."""
    task_set: Any = TaskSet(
        service.name,
        service.cluster_name,
        spec.definition.arn,
        service._account_id,
        service.region_name,
        network_configuration=spec.network,
        load_balancers=spec.load_balancers,
        service_registries=more.get("service_registries"),
        launch_type=None if spec.strategy else spec.launch_type or "EC2",
        capacity_provider_strategy=spec.strategy,
        platform_version=spec.platform_version,
        scale=more.get("scale") or dict(FULL),
        tags=more.get("tags"),
    )
    task_set.service_object, task_set.spec = service, spec
    task_set.external_id, task_set.started_by = more.get("external_id"), more.get("started_by")
    task_set.service_arn, task_set.cluster_arn = service.arn, service.cluster_arn
    task_set.platform_version = (spec.platform_version or "LATEST") if spec.fargate else None
    task_set.platform_family = "Linux" if spec.fargate else None
    task_set.createdAt = task_set.updatedAt = task_set.steady_at = clock.datetime()
    task_set.was_steady = False
    task_set.workload = Workload(service, task_set.id, spec, lambda workload: _settled(task_set, workload))
    service.task_sets.append(task_set)
    scale(task_set)
    return task_set


def scale(task_set: Any, value: float | None = None) -> None:
    """Have its part of the service's desired count running, rounded up."""
    if task_set.status == "DRAINING":
        return
    if value is not None:
        task_set.scale = {"value": value, "unit": "PERCENT"}
    task_set.updatedAt = clock.datetime()
    count = task_set.service_object.desired_count * task_set.scale["value"] / 100
    task_set.workload.scale(math.ceil(round(count, 6)))


def _settled(task_set: Any, workload: Workload) -> None:
    if workload.steady != task_set.was_steady:
        task_set.was_steady, task_set.steady_at = workload.steady, clock.datetime()
    if task_set.status == "DRAINING" and not workload.tasks and task_set in task_set.service_object.task_sets:
        task_set.service_object.task_sets.remove(task_set)


def make_primary(task_set: Any) -> None:
    """The service takes over what the task set has; the one that was primary is ACTIVE."""
    service = task_set.service_object
    for other in service.task_sets:
        if other.status == "PRIMARY":
            other.status = "ACTIVE"
    task_set.status = "PRIMARY"
    service.task_definition = task_set.task_definition
    service.load_balancers = list(task_set.load_balancers)
    service.network_configuration = task_set.network_configuration
    service.platform_version, service.platform_family = task_set.platform_version, task_set.platform_family
    service.launch_type = task_set.launch_type
    service.capacity_provider_strategy = task_set.capacity_provider_strategy or None
    say(service, f"updated the primary task set to (taskSet {task_set.id}).")


def drain(task_set: Any) -> None:
    """Stop its tasks; it is gone when they are."""
    task_set.status, task_set.updatedAt = "DRAINING", clock.datetime()
    task_set.workload.scale(0)


def find(service: Any, wanted: str) -> Any:
    """A task set by id or ARN."""
    for task_set in service.task_sets:
        if wanted in (task_set.id, task_set.task_set_arn):
            return task_set
    raise ECSException("TaskSetNotFoundException", "The specified task set does not exist.")


def _asked(self: Any, member: str = "taskSet") -> tuple[Any, Any]:
    """The service and the task set of a request."""
    service = active_service(self.ecs_backend, self._get_param("cluster"), self._get_param("service"))
    return service, find(service, self._get_param(member))


def _check_scale(given: dict[str, Any] | None) -> dict[str, Any]:
    wanted = {**FULL, **(given or {})}
    if wanted["unit"] != "PERCENT" or not 0 <= wanted["value"] <= 100:
        raise InvalidParameterException("The scale of a task set must be a percentage between 0 and 100.")
    return wanted


def create_task_set(self: Any) -> ActionResult:
    """CreateTaskSet: by users for services with an EXTERNAL controller only."""
    given, backend = self._get_params(), self.ecs_backend
    service = active_service(backend, given.get("cluster"), given.get("service"))
    if controller(service) != "EXTERNAL":
        raise InvalidParameterException(
            "CreateTaskSet can only be called on services with an EXTERNAL deployment controller."
        )
    service_rules.check_launch(given)
    definition = backend.describe_task_definition(given["taskDefinition"])
    service_rules.check_parts(backend, definition, given)
    strategy, launch_type = given.get("capacityProviderStrategy") or [], given.get("launchType")
    spec = Spec(
        definition,
        given.get("loadBalancers") or [],
        given.get("networkConfiguration"),
        launch_type if launch_type or strategy else service.launch_type,
        strategy,
        given.get("platformVersion") or ("LATEST" if fargate(launch_type, strategy) else None),
    )
    made = start(
        service,
        spec,
        external_id=given.get("externalId"),
        scale=_check_scale(given.get("scale")),
        tags=given.get("tags"),
        service_registries=given.get("serviceRegistries"),
    )
    return ActionResult({"taskSet": made})


def describe_task_sets(self: Any) -> ActionResult:
    """DescribeTaskSets: all, or the named; what is not there is told as a failure."""
    service = find_service(self.ecs_backend, self._get_param("cluster"), self._get_param("service"))
    wanted = self._get_param("taskSets") or []
    tagged = "TAGS" in (self._get_param("include") or [])
    (self._include_in_response if tagged else self._exclude_from_response)(DESCRIBE_TASK_SETS_TAGS)
    names = {name for task_set in service.task_sets for name in (task_set.id, task_set.task_set_arn)}
    found = [t for t in service.task_sets if not wanted or {t.id, t.task_set_arn} & set(wanted)]
    missing = [{"arn": name, "reason": "MISSING"} for name in wanted if name not in names]
    return ActionResult({"taskSets": found, "failures": missing})


def update_task_set(self: Any) -> ActionResult:
    """UpdateTaskSet: another scale."""
    service, task_set = _asked(self)
    if controller(service) != "EXTERNAL":
        raise InvalidParameterException(
            "UpdateTaskSet can only be called on services with an EXTERNAL deployment controller."
        )
    scale(task_set, _check_scale(self._get_param("scale"))["value"])
    return ActionResult({"taskSet": task_set})


def update_service_primary_task_set(self: Any) -> ActionResult:
    """UpdateServicePrimaryTaskSet."""
    _service, task_set = _asked(self, "primaryTaskSet")
    make_primary(task_set)
    return ActionResult({"taskSet": task_set})


def delete_task_set(self: Any) -> ActionResult:
    """DeleteTaskSet: DRAINING until its tasks have stopped."""
    _service, task_set = _asked(self)
    if task_set.status == "PRIMARY":
        raise InvalidParameterException("The primary task set cannot be deleted.")
    if task_set.scale["value"] > 0 and not self._get_param("force"):
        raise InvalidParameterException("The task set cannot be deleted while it is scaled above 0.")
    drain(task_set)
    return ActionResult({"taskSet": task_set})
