# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Services: everything they are given is kept, and as many tasks as they want run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

from ...clock import clock
from .._patching import derive, put, wrap
from . import rollouts, service_rules, task_sets
from .shared import active_service, controller, fargate, find_cluster, find_service, paged
from .workloads import Spec, Workload

MOST = 10  # services that DescribeServices takes
DEPLOYMENT = {"maximumPercent": 200, "minimumHealthyPercent": 100}
BREAKER = {"enable": False, "rollback": False}
KEPT = (
    "healthCheckGracePeriodSeconds",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "availabilityZoneRebalancing",
)
SWITCHES = ("enableECSManagedTags", "enableExecuteCommand")
PLACEMENT = ("placementConstraints", "placementStrategy")


def extend() -> None:
    wrap(Service, "__init__", _made)
    wrap(Service, "_validate_network", _network)
    derive(
        Service,
        running_count=lambda service: sum(workload.running for workload in workloads(service)),
        pending_count=lambda service: sum(workload.pending for workload in workloads(service)),
        deployments=lambda service: list(service.rollouts),
    )
    put(EC2ContainerServiceResponse, create_service, update_service, delete_service)
    wrap(EC2ContainerServiceResponse, "describe_services", _describe)
    wrap(EC2ContainerServiceBackend, "list_services", _active)
    wrap(EC2ContainerServiceResponse, "list_services", _list)


def _made(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    self.rollouts = []
    original(self, *args, **kwargs)
    self.created_at, self.created_by = clock.datetime(), f"arn:aws:iam::{self._account_id}:root"


def _network(original: Callable[..., Any], self: Any, nc: dict[str, Any]) -> Any:
    given = nc["awsvpcConfiguration"]
    return original(self, {"awsvpcConfiguration": {"securityGroups": [], "assignPublicIp": "DISABLED", **given}})


def workloads(service: Any) -> list[Workload]:
    return [one.workload for one in (*service.rollouts, *service.task_sets)]


def create_service(self: Any) -> ActionResult:
    """CreateService."""
    given, backend = self._get_params(), self.ecs_backend
    cluster = find_cluster(backend, given.get("cluster"))
    service_rules.check_new(backend, given)
    known, token = backend.services.get(f"{cluster.name}:{given['serviceName']}"), given.get("clientToken")
    if known is not None and token and known.client_token == token and known.status == "ACTIVE":
        return ActionResult({"service": known})  # the same request, sent again
    service_rules.check_name(known)
    service = _make(backend, cluster, given)
    service.client_token = token
    _begin(service)
    return ActionResult({"service": service})


def _make(backend: Any, cluster: Any, given: dict[str, Any]) -> Any:
    """moto's service, with what moto drops."""
    strategy = given.get("capacityProviderStrategy")
    if not strategy and not given.get("launchType"):
        strategy = cluster.default_capacity_provider_strategy
    service = backend.create_service(
        cluster.name,
        given["serviceName"],
        given.get("desiredCount"),
        given.get("taskDefinition"),
        given.get("loadBalancers"),
        given.get("schedulingStrategy"),
        given.get("tags"),
        given.get("deploymentController"),
        given.get("launchType"),
        network_configuration=given.get("networkConfiguration"),
        service_registries=given.get("serviceRegistries"),
        propagate_tags=given.get("propagateTags") or "NONE",
        role_arn=given.get("role"),
    )
    _keep(service, {**dict.fromkeys((*SWITCHES, *PLACEMENT)), **given})
    _place(service, strategy or [], given.get("platformVersion"))
    return service


def _place(service: Any, strategy: list[dict[str, Any]], platform_version: str | None) -> None:
    """A service with a strategy has no launch type."""
    service.capacity_provider_strategy = strategy or None
    service.launch_type = None if strategy else service.launch_type
    on_fargate = fargate(service.launch_type, strategy)
    service.platform_version = (platform_version or "LATEST") if on_fargate else None
    service.platform_family = "Linux" if on_fargate else None


def _keep(service: Any, given: dict[str, Any]) -> None:
    """Settings that moto drops, by their names in the API."""
    for name in KEPT:
        if given.get(name) is not None:
            setattr(service, name, given[name])
    for name in SWITCHES:
        if name in given:
            setattr(service, name, bool(given[name]))
    for name in PLACEMENT:
        if name in given:
            setattr(service, name, given[name] or [])
    if "deploymentConfiguration" in given or not hasattr(service, "deploymentConfiguration"):
        configuration = {**DEPLOYMENT, **(given.get("deploymentConfiguration") or {})}
        if controller(service) == "ECS":
            configuration = {"deploymentCircuitBreaker": dict(BREAKER), **configuration}
        service.deploymentConfiguration = configuration
    if service.load_balancers and not hasattr(service, "healthCheckGracePeriodSeconds"):
        service.healthCheckGracePeriodSeconds = 0


def spec_of(service: Any, definition: Any = None) -> Spec:
    """What the tasks of a service are made of now."""
    return Spec(
        definition or service._backend.describe_task_definition(service.task_definition),
        list(service.load_balancers or []),
        service.network_configuration or None,
        service.launch_type,
        list(service.capacity_provider_strategy or []),
        service.platform_version,
    )


def _begin(service: Any) -> None:
    kind = controller(service)
    if kind == "ECS":
        rollouts.roll_out(service, spec_of(service))
    elif kind == "CODE_DEPLOY":
        task_sets.start(service, spec_of(service)).status = "PRIMARY"


def update_service(self: Any) -> ActionResult:
    """UpdateService: what is not given stays."""
    given, backend = self._get_params(), self.ecs_backend
    service = active_service(backend, given.get("cluster"), given.get("service"))
    service_rules.check_update(service, given)
    if controller(service) == "ECS":
        _check_changed(service, given)
    _keep(service, given)
    if given.get("propagateTags"):
        service.propagate_tags = given["propagateTags"]
    if given.get("desiredCount") is not None:
        service.desired_count = given["desiredCount"]
    if controller(service) == "ECS":
        _redeploy(service, given)
    else:
        for task_set in service.task_sets:
            task_sets.scale(task_set)
    return ActionResult({"service": service})


def _check_changed(service: Any, given: dict[str, Any]) -> None:
    definition = service._backend.describe_task_definition(given.get("taskDefinition") or service.task_definition)
    now = {
        "launchType": service.launch_type,
        "networkConfiguration": given.get("networkConfiguration") or service.network_configuration,
        "loadBalancers": service.load_balancers if given.get("loadBalancers") is None else given["loadBalancers"],
    }
    service_rules.check_parts(service._backend, definition, now)
    if given.get("networkConfiguration"):
        given["networkConfiguration"] = service._validate_network(given["networkConfiguration"])


def _redeploy(service: Any, given: dict[str, Any]) -> None:
    """A new deployment where tasks would differ or one is asked for; else the tasks are only counted anew."""
    if given.get("taskDefinition"):
        service.task_definition = service._backend.describe_task_definition(given["taskDefinition"]).arn
    service.network_configuration = given.get("networkConfiguration") or service.network_configuration
    if given.get("loadBalancers") is not None:
        service.load_balancers = given["loadBalancers"]
    if given.get("serviceRegistries") is not None:
        service.service_registries = given["serviceRegistries"]
    if given.get("capacityProviderStrategy") or given.get("platformVersion"):
        strategy = given.get("capacityProviderStrategy") or service.capacity_provider_strategy or []
        _place(service, strategy, given.get("platformVersion") or service.platform_version)
    spec, primary = spec_of(service), service.rollouts[0]
    if spec != primary.spec or given.get("forceNewDeployment"):
        rollouts.roll_out(service, spec)
    else:
        primary.workload.scale(service.desired_count)


def delete_service(self: Any) -> ActionResult:
    """DeleteService: DRAINING until its tasks have stopped."""
    backend, force = self.ecs_backend, bool(self._get_param("force"))
    service = find_service(backend, self._get_param("cluster"), self._get_param("service"))
    if service.status != "INACTIVE":
        _check_deletion(service, force)
        service.status, service.desired_count = "DRAINING", 0
        for workload in workloads(service):
            workload.settled = lambda _workload: _close(service)
            workload.scale(0)
        _close(service)
    return ActionResult({"service": service})


def _check_deletion(service: Any, force: bool) -> None:
    if force:
        return
    if service.desired_count > 0 and service.scheduling_strategy == "REPLICA":
        raise InvalidParameterException("The service cannot be stopped while it is scaled above 0.")
    if controller(service) == "EXTERNAL" and service.task_sets:
        raise InvalidParameterException("The service cannot be stopped while it has task sets.")


def _close(service: Any) -> None:
    if not any(workload.tasks for workload in workloads(service)):
        service.status, service.rollouts, service.task_sets = "INACTIVE", [], []


def _describe(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    names = self._get_param("services") or []
    if not names:
        raise InvalidParameterException("Services cannot be empty.")
    if len(names) > MOST:
        raise InvalidParameterException(f"Services can have at most {MOST} items.")
    return original(self)


def _active(original: Callable[..., list[str]], self: Any, *args: Any, **kwargs: Any) -> list[str]:
    gone = {service.arn for service in self.services.values() if service.status == "INACTIVE"}
    return [arn for arn in original(self, *args, **kwargs) if arn not in gone]


def _list(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    arns: Any = original(self).result
    page, token = paged(arns["serviceArns"], self._get_param("nextToken"), self._get_int_param("maxResults") or MOST)
    return ActionResult({"serviceArns": page, "nextToken": token})
