# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What every part of the ECS extension needs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from moto.ecs.exceptions import ClusterNotFoundException, ECSException, InvalidParameterException
from moto.ecs.exceptions import ServiceNotFoundException as ServiceNotFound

from slipway_emulator.numerals import is_number

from ...clock import clock

EVENTS = 100  # that a service tells of itself
LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL")
FARGATE = ("FARGATE", "FARGATE_SPOT")


def find_cluster(backend: Any, name: str | None) -> Any:
    """The cluster, by name or ARN; one that was deleted takes no more requests."""
    cluster = backend._get_cluster(name or "default")
    if cluster.status != "ACTIVE":
        error = ClusterNotFoundException()
        error.message = "The referenced cluster was inactive."
        raise error
    return cluster


def find_service(backend: Any, cluster: str | None, name: str | None) -> Any:
    """The service, by name or ARN, whatever its status."""
    key = f"{find_cluster(backend, cluster).name}:{str(name or '').rpartition('/')[2]}"
    if key not in backend.services:
        raise ServiceNotFound
    return backend.services[key]


def active_service(backend: Any, cluster: str | None, name: str | None) -> Any:
    service = find_service(backend, cluster, name)
    if service.status != "ACTIVE":
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def controller(service: Any) -> str:
    return str(service.deployment_controller["type"])


def say(service: Any, message: str) -> None:
    """Add an event to the service, newest first."""
    event = {"id": str(uuid4()), "createdAt": clock.datetime(), "message": f"(service {service.name}) {message}"}
    service.events = [event, *service.events][:EVENTS]


def fargate(launch_type: str | None, strategy: list[dict[str, Any]] | None) -> bool:
    """Whether tasks run without a container instance."""
    return launch_type == "FARGATE" or any(one["capacityProvider"] in FARGATE for one in strategy or [])


def paged(items: list[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """A page and the token of the next."""
    if token and not is_number(token):
        raise InvalidParameterException("Invalid token")
    start = int(token or 0)
    return items[start : start + size], str(start + size) if start + size < len(items) else None
