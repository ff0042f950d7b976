# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Clusters: counted as they are now, kept when they are made again, not deleted while something is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ecs.exceptions import ECSException
from moto.ecs.models import Cluster, EC2ContainerServiceBackend, ecs_backends

from .._patching import derive, wrap

WAITING = ("PROVISIONING", "PENDING", "ACTIVATING")


def extend() -> None:
    wrap(Cluster, "__init__", _made)
    derive(
        Cluster,
        running_tasks_count=lambda cluster: sum(t.last_status == "RUNNING" for t in _tasks(cluster)),
        pending_tasks_count=lambda cluster: sum(t.last_status in WAITING for t in _tasks(cluster)),
        active_services_count=lambda cluster: len(_services(cluster)),
    )
    wrap(EC2ContainerServiceBackend, "create_cluster", _create)
    wrap(EC2ContainerServiceBackend, "delete_cluster", _delete)


def _made(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.capacity_providers = self.capacity_providers or []
    self.default_capacity_provider_strategy = self.default_capacity_provider_strategy or []


def _backend(cluster: Any) -> Any:
    return ecs_backends[cluster.arn.split(":")[4]][cluster.region_name]


def _tasks(cluster: Any) -> list[Any]:
    return list(_backend(cluster).tasks.get(cluster.name, {}).values())


def _services(cluster: Any) -> list[Any]:
    services = _backend(cluster).services.values()
    return [service for service in services if service.cluster_arn == cluster.arn and service.status == "ACTIVE"]


def _create(original: Callable[..., Any], self: Any, cluster_name: str, *args: Any, **kwargs: Any) -> Any:
    """One that is there is answered with, as it is."""
    known = self.clusters.get(cluster_name)
    if known is not None and known.status == "ACTIVE":
        return known
    return original(self, cluster_name, *args, **kwargs)


def _delete(original: Callable[..., Any], self: Any, cluster_str: str) -> Any:
    cluster = self._get_cluster(cluster_str)
    for held, code, what in (
        (self.container_instances.get(cluster.name), "ContainerInstances", "Container Instances"),
        (_services(cluster), "Services", "Services"),
        ([t for t in _tasks(cluster) if t.last_status != "STOPPED"], "Tasks", "Tasks"),
    ):
        if held:
            raise ECSException(
                f"ClusterContains{code}Exception", f"The Cluster cannot be deleted while {what} are active."
            )
    return original(self, cluster_str)
