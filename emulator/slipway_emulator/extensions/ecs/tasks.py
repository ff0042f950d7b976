# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Tasks: from PROVISIONING to RUNNING and to STOPPED on the clock, with all their containers; no look at one moves it."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Container, Task

from ...clock import clock
from ...faults import faults
from .._patching import put, wrap

PROVISION_SECONDS = 10.0  # until its network interface is there
START_SECONDS = 20.0  # until its images are pulled and its containers run
END_SECONDS = 5.0  # for each of stopping its containers and giving back what it had
KEPT_SECONDS = 3600.0  # a stopped task can be described for an hour
RESERVED = 4  # addresses at the beginning of every subnet
FIRST_PORT = 32768  # of those chosen on a container instance
NO_IMAGE = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {image}: not found"
)

DNS_NAME = "private_dns_name"
_CONTAINER: Any = Container
FACTS = ("region", "cluster", "service", "family", "task_definition", "image")
faults.declare("task-fails-to-start", "a task of ECS stops before it runs", FACTS, message="")
faults.declare("task-exits", "a container of a task exits after it started", FACTS, exit_code=1, seconds=5)
faults.declare("task-slow", "a task of ECS takes longer to start", FACTS, seconds=600)


def extend() -> None:
    wrap(Task, "__init__", _made)
    put(Task, advance=lambda _self: None)
    setattr(NetworkInterface, DNS_NAME, None)  # moto has no such attribute where a VPC has no DNS host names


def _made(
    original: Callable[..., None], self: Any, cluster: Any, task_definition: Any, *args: Any, **kwargs: Any
) -> None:
    kwargs["networking_configuration"] = _with_groups(self, cluster, kwargs.get("networking_configuration"))
    original(self, cluster, task_definition, *args, **kwargs)
    self.definition, self.watcher, self.seen_by = task_definition, None, None
    self.created_at = self.connectivity_at = clock.datetime()
    self.connectivity, self.version, self.health_status = "CONNECTED", 1, "UNKNOWN"
    self.cpu, self.memory = task_definition.cpu or "0", task_definition.memory or "0"
    self.stop_code, self.stopped_reason = None, None
    self.last_status = "PROVISIONING"
    if self.attachments:
        _address(self)
    self.containers = [_container(self, one) for one in task_definition.container_definitions]
    _slow = _fault(self, "task-slow")
    clock.after(PROVISION_SECONDS, partial(_step, self, "PENDING"))
    clock.after(PROVISION_SECONDS + START_SECONDS + (_slow["seconds"] if _slow else 0), partial(_start, self))


def _with_groups(task: Any, cluster: Any, network: dict[str, Any] | None) -> dict[str, Any] | None:
    """Without security groups a task gets the default one of its VPC."""
    given = (network or {}).get("awsvpcConfiguration") or {}
    if not network or given.get("securityGroups"):
        return network
    backend = ec2_backends[cluster.arn.split(":")[4]][cluster.region_name]
    group = backend.get_default_security_group(backend.get_subnet(given["subnets"][0]).vpc_id)
    return {"awsvpcConfiguration": {**given, "securityGroups": [group.id] if group else []}}


def _address(task: Any) -> None:
    """moto takes any address for the network interface of a task; it is one of its subnet."""
    details = {one["name"]: one for one in task.attachments[0]["details"]}
    backend = ec2_backends[task._account_id][task.region_name]
    interface = backend.enis[details["networkInterfaceId"]["value"]]
    taken = {eni.private_ip_address for eni in backend.enis.values()}
    addresses = itertools.islice(ipaddress.ip_network(interface.subnet.cidr_block), RESERVED, None)
    free = next(str(address) for address in addresses if str(address) not in taken)
    interface.private_ip_address = free
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": free}]
    details["privateIPv4Address"]["value"] = free
    if getattr(interface, DNS_NAME):
        domain = "ec2" if task.region_name == "us-east-1" else f"{task.region_name}.compute"
        name = f"ip-{free.replace('.', '-')}.{domain}.internal"
        details["privateDnsName"]["value"] = name
        setattr(interface, DNS_NAME, name)
    task.attachments[0]["details"] = [one for one in details.values() if one["value"]]
    task.availability_zone = interface.subnet.availability_zone


def address_of(task: Any) -> str | None:
    """The private address of a task with a network interface of its own."""
    details = {one["name"]: one["value"] for attachment in task.attachments for one in attachment["details"]}
    return details.get("privateIPv4Address")


def _container(task: Any, definition: dict[str, Any]) -> Any:
    of_one = SimpleNamespace(arn=task.task_definition_arn, container_definitions=[definition])
    made = _CONTAINER(of_one)  # moto gives a task only its first container
    made.task_arn, made.container_arn = task.task_arn, task.task_arn.replace(":task/", ":container/") + f"/{uuid4()}"
    made.exitCode, made.health_status, made.reason = None, "UNKNOWN", None
    made.essential, made.checked = definition.get("essential", True), bool(definition.get("healthCheck"))
    made.cpu, made.memory = str(made.cpu), str(made.memory) if made.memory else None
    if task.attachments:
        made.network_interfaces = [{"attachmentId": task.attachments[0]["id"], "privateIpv4Address": address_of(task)}]
    made.network_bindings = [] if task.attachments else _bindings(task, definition)
    return made


def _bindings(task: Any, definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Ports of the container instance; those of 0 are chosen."""
    return [
        {
            "bindIP": str(ipaddress.IPv4Address(0)),
            "containerPort": port["containerPort"],
            "hostPort": port["hostPort"] or next(_ports(task)),
            "protocol": port["protocol"],
        }
        for port in definition["portMappings"]
    ]


def _ports(task: Any) -> Any:
    counters = task._backend.__dict__.setdefault("host_ports", {})
    return counters.setdefault(task.container_instance_arn, itertools.count(FIRST_PORT))


def facts_of(task: Any) -> dict[str, str]:
    """What a rule of a fault can be narrowed to, the image aside."""
    name = f"{task.definition.family}:{task.definition.revision}"
    service = task.group.removeprefix("service:") if task.group.startswith("service:") else ""
    facts = {"region": task.region_name, "cluster": task.cluster_name, "service": service}
    return {**facts, "family": task.definition.family, "task_definition": name}


def _fault(task: Any, kind: str) -> dict[str, Any] | None:
    """The first rule that fits a container, with the container."""
    for container in task.containers:
        rule = faults.take(kind, image=str(container.image), **facts_of(task))
        if rule:
            return {**rule, "container": container}
    return None


def _step(task: Any, status: str) -> None:
    if task.desired_status == "RUNNING":
        _set(task, status)


def _set(task: Any, status: str) -> None:
    task.last_status = status
    task.version += 1
    for container in task.containers:
        container.last_status = status if status in ("RUNNING", "STOPPED") else "PENDING"
    if task.watcher:
        task.watcher.changed(task)


def _start(task: Any) -> None:
    if task.desired_status != "RUNNING":
        return
    refused = _fault(task, "task-fails-to-start")
    if refused:
        text = refused["message"] or NO_IMAGE.format(image=refused["container"].image)
        refused["container"].reason = text
        stop(task, "TaskFailedToStart", text)
        return
    task.started_at = clock.datetime()
    for container in task.containers:
        container.health_status = "HEALTHY" if container.checked else "UNKNOWN"
    task.health_status = "HEALTHY" if any(container.checked for container in task.containers) else "UNKNOWN"
    _set(task, "RUNNING")
    dying = _fault(task, "task-exits")
    if dying:
        clock.after(float(dying["seconds"]), partial(_exit, task, dying["container"], dying["exit_code"]))


def _exit(task: Any, container: Any, code: int) -> None:
    if task.desired_status == "RUNNING":
        container.exitCode = code
        stop(task, "EssentialContainerExited", "Essential container in task exited")


def stop(task: Any, code: str, reason: str, drain: float = 0.0) -> None:
    """End the task; `drain`: seconds until its load balancers are done with it."""
    if task.desired_status == "STOPPED":
        return
    ran = task.last_status == "RUNNING"
    task.desired_status, task.stop_code, task.stopped_reason = "STOPPED", code, reason
    task.stopping_at = clock.datetime()
    wait = drain if ran else 0.0
    _set(task, "DEACTIVATING" if wait else "STOPPING")
    if wait:
        clock.after(wait, partial(_set, task, "STOPPING"))
    clock.after(wait + END_SECONDS, partial(_set, task, "DEPROVISIONING"))
    clock.after(wait + 2 * END_SECONDS, partial(_end, task, ran))


def _end(task: Any, ran: bool) -> None:
    task.stopped_at = task.execution_stopped_at = clock.datetime()
    for container in task.containers:
        if ran and container.exitCode is None:
            container.exitCode = 0
    backend = task._backend
    if task.attachments:
        details = {one["name"]: one["value"] for one in task.attachments[0]["details"]}
        ec2_backends[task._account_id][task.region_name].enis.pop(details["networkInterfaceId"], None)
        task.attachments[0]["status"] = "DELETED"
    _give_back(backend, task)
    _set(task, "STOPPED")
    clock.after(KEPT_SECONDS, lambda: backend.tasks.get(task.cluster_name, {}).pop(task.task_arn, None))


def _give_back(backend: Any, task: Any) -> None:
    instances = backend.container_instances.get(task.cluster_name, {})
    instance = instances.get((task.container_instance_arn or "").rpartition("/")[2])
    if instance is not None:
        backend.update_container_instance_resources(instance, task.resource_requirements, removing=True)


def check_network(definition: Any, network: dict[str, Any] | None) -> None:
    """A task with an interface of its own needs to be told where."""
    if definition.network_mode == "awsvpc" and not (network or {}).get("awsvpcConfiguration"):
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
