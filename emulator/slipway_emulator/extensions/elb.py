# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Classic load balancers: instances join, pass health checks and drain on the clock, and answers list them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.elb.exceptions import ELBClientError, LoadBalancerNotFoundError
from moto.elb.models import ELBBackend, FakeHealthCheck, LoadBalancer, elb_backends
from moto.elb.responses import ELBResponse

from ..clock import clock
from ..hosts import registry
from ._health import Checks
from ._patching import derive, put, wrap

# What a load balancer checks by until it is told otherwise.
DEFAULT_CHECK = {"timeout": "5", "healthy_threshold": "10", "unhealthy_threshold": "2", "interval": "30"}
NOTHING = "N/A"
REGISTERING = "ELB", "Instance registration is still in progress."
FAILING = "Instance", "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
STOPPED = "Instance", "Instance is in stopped state."
LEAVING = "Instance deregistration currently in progress."


def extend() -> None:
    """Put the corrections onto moto's load balancers."""
    wrap(LoadBalancer, "__init__", _made)
    derive(LoadBalancer, instance_ids=_instance_ids)
    put(ELBBackend, register_instances, deregister_instances, get_load_balancer=find)
    put(ELBResponse, describe_instance_health)
    put(ELBResponse, register_instances_with_load_balancer, deregister_instances_from_load_balancer)
    wrap(Instance, "terminate", _terminated)


@dataclass
class Member:
    """An instance of a load balancer. `drained`: when it is gone; None while it is registered."""

    instance_id: str
    since: float
    drained: float | None = None


def _made(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.members = {}
    self.health_check = FakeHealthCheck(target=f"TCP:{self.listeners[0].instance_port}", **DEFAULT_CHECK)


def members(balancer: Any) -> dict[str, Member]:
    """By instance id; those that are drained are forgotten."""
    balancer.members = {i: m for i, m in balancer.members.items() if m.drained is None or m.drained > clock.now()}
    kept: dict[str, Member] = balancer.members
    return kept


def _instance_ids(balancer: Any) -> list[str]:
    """An instance that drains is still listed."""
    return list(members(balancer))


def find(backend: Any, name: str) -> Any:
    if name not in backend.load_balancers:
        raise LoadBalancerNotFoundError(name)
    return backend.load_balancers[name]


def register_instances(
    self: Any, load_balancer_name: str, instance_ids: Iterable[str], from_autoscaling: bool = False
) -> Any:
    """RegisterInstancesWithLoadBalancer; one that is registered stays what it is."""
    balancer, wanted = find(self, load_balancer_name), list(instance_ids)
    known = ec2_backends[self.account_id][self.region_name]
    for instance_id in wanted:
        if known.get_instance_by_id(instance_id) is None:
            raise _invalid(instance_id)
    kept = members(balancer)
    for instance_id in wanted:
        if instance_id not in kept or kept[instance_id].drained is not None:
            kept[instance_id] = Member(instance_id, clock.now())
    return balancer


def _invalid(instance_id: str) -> ELBClientError:
    return ELBClientError("InvalidInstance", f"Could not find EC2 instance {instance_id}.")


def deregister_instances(
    self: Any, load_balancer_name: str, instance_ids: Iterable[str], from_autoscaling: bool = False
) -> Any:
    """DeregisterInstancesFromLoadBalancer: with connection draining they leave when its time-out is over."""
    balancer = find(self, load_balancer_name)
    kept = members(balancer)
    for instance_id in [i for i in instance_ids if i in kept]:
        if kept[instance_id].drained is None:
            kept[instance_id].drained = clock.now() + drain_seconds(balancer)
    members(balancer)
    return balancer


def drain_seconds(balancer: Any) -> float:
    """moto keeps the members as they are sent beside its own defaults."""
    draining = balancer.attributes["connection_draining"]
    on = str(draining.get("Enabled", False)).lower() == "true"
    return float(draining.get("Timeout") or 300) if on else 0.0


def _terminated(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    answer = original(self, *args, **kwargs)
    backend: Any = elb_backends[self.ec2_backend.account_id][self.ec2_backend.region_name]
    for balancer in backend.load_balancers.values():
        balancer.members.pop(self.id, None)
    return answer


def health(balancer: Any, region: str, instance_id: str) -> tuple[str, str, str]:
    """State, reason and description."""
    member = members(balancer).get(instance_id)
    if member is None:
        return "Unknown", NOTHING, NOTHING
    if member.drained is not None:
        return "InService", NOTHING, LEAVING
    host = registry.get(instance_id)
    if host is not None and host.state == "stopped":
        return "OutOfService", *STOPPED
    check = balancer.health_check
    checks = Checks(int(check.interval), int(check.healthy_threshold), int(check.unhealthy_threshold))
    begin = max(member.since, host.boot_time() if host else 0.0)
    outcome = checks.outcome(begin, region=region, load_balancer=balancer.name, target_id=instance_id)
    if outcome == "healthy":
        return "InService", NOTHING, NOTHING
    return "OutOfService", *(FAILING if outcome == "unhealthy" else REGISTERING)


def is_healthy(balancer: Any, region: str, instance_id: str) -> bool:
    return health(balancer, region, instance_id) == ("InService", NOTHING, NOTHING)


def describe_instance_health(self: Any) -> ActionResult:
    """DescribeInstanceHealth: without instances, of all."""
    balancer = find(self.elb_backend, self._get_param("LoadBalancerName"))
    asked = [one["InstanceId"] for one in self._get_param("Instances", [])]
    states = []
    for instance_id in asked or balancer.instance_ids:
        state, reason, text = health(balancer, self.region, instance_id)
        states.append({"InstanceId": instance_id, "State": state, "ReasonCode": reason, "Description": text})
    return ActionResult({"InstanceStates": states})


def register_instances_with_load_balancer(self: Any) -> ActionResult:
    return _change(self, self.elb_backend.register_instances)


def deregister_instances_from_load_balancer(self: Any) -> ActionResult:
    return _change(self, self.elb_backend.deregister_instances)


def _change(response: Any, change: Callable[..., Any]) -> ActionResult:
    """The answer lists what remains; moto's list is empty."""
    ids = [one["InstanceId"] for one in response._get_param("Instances", [])]
    balancer = change(response._get_param("LoadBalancerName"), ids)
    left = [m.instance_id for m in members(balancer).values() if m.drained is None]
    return ActionResult({"Instances": [{"InstanceId": instance_id} for instance_id in left]})
