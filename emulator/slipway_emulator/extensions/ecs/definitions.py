# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Task definitions: what AWS fills in, and which revision a family alone means."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import TaskDefinitionNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend, TaskDefinition
from moto.ecs.responses import EC2ContainerServiceResponse

from ...clock import clock
from .._patching import put, wrap
from .shared import paged

CAPABILITY = "com.amazonaws.ecs.capability"


def extend() -> None:
    wrap(TaskDefinition, "__init__", _made)
    wrap(EC2ContainerServiceBackend, "describe_task_definition", _describe)
    wrap(EC2ContainerServiceBackend, "deregister_task_definition", _deregister)
    wrap(EC2ContainerServiceResponse, "register_task_definition", _register)
    wrap(EC2ContainerServiceResponse, "list_task_definitions", _list)
    needs = EC2ContainerServiceBackend._calculate_task_resource_requirements
    calculated = staticmethod(lambda definition: _requirements(needs, definition))
    put(EC2ContainerServiceBackend, _calculate_task_resource_requirements=calculated)


def _made(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    partition, account = self.arn.split(":")[1], self.arn.split(":")[4]
    self.registered_at, self.registered_by = clock.datetime(), f"arn:{partition}:iam::{account}:root"
    if not self.requires_compatibilities and self.network_mode == "awsvpc" and self.cpu and self.memory:
        self.compatibilities = ["EC2", "FARGATE"]
    self.container_definitions = [_filled(self, container) for container in self.container_definitions]
    self.requires_attributes = [{"name": name} for name in sorted(_attributes(self))]


def _filled(definition: Any, container: dict[str, Any]) -> dict[str, Any]:
    ports = [_port(definition.network_mode, port) for port in container.get("portMappings") or []]
    return {"systemControls": [], **container, "portMappings": ports}


def _port(network_mode: str | None, port: dict[str, Any]) -> dict[str, Any]:
    """The host's port is the container's where both share a network; elsewhere 0, chosen when a task starts."""
    shared = network_mode in ("awsvpc", "host")
    return {"hostPort": port.get("containerPort", 0) if shared else 0, "protocol": "tcp", **port}


def _attributes(definition: Any) -> set[str]:
    found = {f"{CAPABILITY}.docker-remote-api.1.18"}
    if definition.network_mode == "awsvpc":
        found.add("ecs.capability.task-eni")
    if definition.__dict__.get("task_role_arn"):
        found.add(f"{CAPABILITY}.task-iam-role")
    drivers = {(one.get("logConfiguration") or {}).get("logDriver") for one in definition.container_definitions}
    return found | {f"{CAPABILITY}.logging-driver.{driver}" for driver in drivers if driver}


def _describe(original: Callable[..., Any], self: Any, task_definition_str: str) -> Any:
    """A family alone is its newest ACTIVE revision."""
    family = task_definition_str.rpartition("/")[2]
    if ":" in family:
        return original(self, task_definition_str)
    active = [one for one in self.task_definitions.get(family, {}).values() if one.status == "ACTIVE"]
    if not active:
        raise TaskDefinitionNotFoundException
    return max(active, key=lambda one: one.revision)


def _deregister(original: Callable[..., Any], self: Any, task_definition_str: str) -> Any:
    definition = original(self, task_definition_str)
    definition.deregistered_at = definition.__dict__.get("deregistered_at") or clock.datetime()
    return definition


def _register(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """The answer has the tags beside the definition."""
    answer: Any = original(self).result
    answer["taskDefinition"].enable_fault_injection = bool(self._get_param("enableFaultInjection"))
    return ActionResult({**answer, "tags": self._get_param("tags") or []})


def _list(_original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """By family and revision, the newest last unless DESC is asked for."""
    family, status = self._get_param("familyPrefix"), self._get_param("status") or "ACTIVE"
    known = [one for of_family in self.ecs_backend.task_definitions.values() for one in of_family.values()]
    found = [one for one in known if one.status == status and family in (None, one.family)]
    found.sort(key=lambda one: (one.family, one.revision), reverse=self._get_param("sort") == "DESC")
    size = self._get_int_param("maxResults") or 100
    page, token = paged([one.arn for one in found], self._get_param("nextToken"), size)
    return ActionResult({"taskDefinitionArns": page, "nextToken": token})


def _requirements(original: Callable[[Any], dict[str, Any]], definition: Any) -> dict[str, Any]:
    """moto stumbles over containers that leave the memory to the task, and lets only one task have a port of 0."""
    containers = [{"memory": one.get("memoryReservation") or 0, **one} for one in definition.container_definitions]
    needs = original(SimpleNamespace(container_definitions=containers))
    return {**needs, "PORTS": [port for port in needs["PORTS"] if port]}
