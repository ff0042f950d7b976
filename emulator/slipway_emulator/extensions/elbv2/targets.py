# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Targets of a group, by id and port, and their health as the clock and the faults have it.

A target is `initial` until it could have passed its health checks, then healthy; it drains when it is deregistered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models.instances import Instance
from moto.elbv2.exceptions import InvalidTargetError, TargetGroupNotFoundError, TargetNotRunning, ValidationError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup, elbv2_backends

from ...clock import clock
from ...hosts import registry
from .._health import Checks
from .._patching import put, wrap

TEXTS = {
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.InvalidState": "Target is in the stopped state",
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
}


def extend() -> None:
    put(FakeTargetGroup, register, deregister, deregister_terminated_instances, health_for)
    put(ELBv2Backend, describe_target_health)
    wrap(Instance, "terminate", _terminated)


@dataclass
class Target:
    """`facts`: what a rule of a fault can be narrowed to, besides the target itself."""

    target_id: str
    port: Any
    since: float
    facts: dict[str, str] = field(default_factory=dict)
    drained: float | None = None  # when it is gone; None: it is registered


def register(self: Any, targets: list[dict[str, Any]]) -> None:
    """RegisterTargets; one that is registered stays what it is."""
    for given in targets:
        _check(self, given["Id"])
    for given in targets:
        key = given["Id"], str(given.get("Port") or self.port)
        known = self.targets.get(key)
        if known is None or known.drained is not None:
            self.targets[key] = Target(*key, clock.now(), given.get("facts", {}))


def _check(group: Any, target_id: str) -> None:
    if group.target_type == "ip" and not _is_address(target_id):
        raise ValidationError(f"The IP address '{target_id}' is not a valid IPv4 address")
    if group.target_type != "instance":
        return
    instance = group.ec2_backend.get_instance_by_id(target_id)
    if instance is None:
        raise ValidationError(f"Instance ID '{target_id}' is not valid")
    if instance.state not in ("running", "pending"):
        raise TargetNotRunning(instance_id=target_id)


def _is_address(text: str) -> bool:
    return ":" in text or (text.count(".") == 3 and text.replace(".", "").isdigit())


def deregister(self: Any, targets: list[dict[str, Any]]) -> None:
    """DeregisterTargets: what is named drains for the deregistration delay of the group; without a port, all its ports."""
    for given in targets:
        found = [t for t in fitting(self, given) if t.drained is None]
        if not found:
            raise InvalidTargetError
        for target in found:
            target.drained = clock.now() + drain_seconds(self)


def deregister_terminated_instances(self: Any, instance_ids: list[str]) -> None:
    """EC2 told that instances are gone."""
    for target in registered(self):
        if target.target_id in instance_ids:
            self.terminated_targets[target.target_id] = target
            target.drained = clock.now() + drain_seconds(self)


def _terminated(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto tells load balancers only of instances that TerminateInstances ended, not of those that Auto Scaling ended."""
    answer = original(self, *args, **kwargs)
    elbv2_backends[self.ec2_backend.account_id][self.ec2_backend.region_name].notify_terminate_instances([self.id])
    return answer


def drain_seconds(group: Any) -> float:
    """How long a target drains; one that no traffic came to is gone at once."""
    return float(group.attributes["deregistration_delay.timeout_seconds"]) if group.load_balancer_arns else 0.0


def registered(group: Any) -> list[Target]:
    return [target for target in group.targets.values() if target.drained is None]


def fitting(group: Any, given: dict[str, Any]) -> list[Target]:
    """What is known of the target, draining or not; draining ones are forgotten when they are drained."""
    _forget(group)
    port = str(given["Port"]) if given.get("Port") else None
    return [t for t in group.targets.values() if t.target_id == given["Id"] and port in (None, str(t.port))]


def _forget(group: Any) -> None:
    gone = [key for key, t in group.targets.items() if t.drained is not None and t.drained <= clock.now()]
    for key in gone:
        del group.targets[key]


def note_use(backend: Any) -> None:
    """Remember since when a listener or rule forwards to each group."""
    for group in backend.target_groups.values():
        since = clock.now() if group.load_balancer_arns else None
        group.in_use = since if since is None else group.__dict__.get("in_use") or since


def checked_since(group: Any, target: Target) -> float | None:
    """When its health checks began; None where nothing checks it."""
    in_use = group.__dict__.get("in_use")
    if in_use is None:
        return None
    host = registry.get(target.target_id)
    return max(target.since, in_use, host.boot_time() if host else 0.0)


def healthy_at(group: Any, target: Target) -> float | None:
    """When it has passed its first health checks, unless a fault keeps it from it; None where nothing checks it."""
    begin = checked_since(group, target)
    return (
        None if begin is None else begin + int(group.health_check_interval_seconds) * int(group.healthy_threshold_count)
    )


def state_of(group: Any, target: Target) -> tuple[str, str]:
    """State and reason."""
    if target.drained is not None:
        return "draining", "Target.DeregistrationInProgress"
    host = registry.get(target.target_id)
    if host is not None and host.state == "stopped":
        return "unused", "Target.InvalidState"
    begin = checked_since(group, target)
    if begin is None:
        return "unused", "Target.NotInUse"
    return _checked(group, target, begin)


def _checked(group: Any, target: Target, begin: float) -> tuple[str, str]:
    own = {"region": group.region_name, "target_group": group.name}
    facts = {**target.facts, **own, "target_id": target.target_id, "port": str(target.port)}
    interval = int(group.health_check_interval_seconds)
    checks = Checks(interval, int(group.healthy_threshold_count), int(group.unhealthy_threshold_count))
    outcome = checks.outcome(begin, **facts)
    if outcome != "initial":
        return outcome, "Target.ResponseCodeMismatch" if outcome == "unhealthy" else ""
    return "initial", "Elb.RegistrationInProgress" if clock.now() < begin + interval else "Elb.InitialHealthChecking"


def is_healthy(group: Any, target: Target) -> bool:
    return state_of(group, target)[0] == "healthy"


def health_for(self: Any, target: dict[str, Any], _ec2_backend: Any) -> FakeHealthStatus:
    """The health of one that was asked for."""
    found = fitting(self, target)
    gone = target["Id"] in self.terminated_targets  # EC2 tells no more of them, so they seem to drain for ever
    unknown = ("draining", "Target.DeregistrationInProgress") if gone else ("unused", "Target.NotRegistered")
    state, reason = state_of(self, found[0]) if found else unknown
    port = found[0].port if found else target.get("Port", self.port)
    text = TEXTS.get(reason, "")
    if reason == "Target.ResponseCodeMismatch":
        text = "Health checks failed with these codes: [503]"
    check_port = port if self.health_check_port == "traffic-port" else self.health_check_port
    return FakeHealthStatus(target["Id"], port, check_port, state, reason or None, text or None)


def describe_target_health(self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> list[FakeHealthStatus]:
    """Without targets: all, draining ones included."""
    group = self.target_groups.get(target_group_arn)
    if group is None:
        raise TargetGroupNotFoundError
    _forget(group)
    everyone = [{"Id": target.target_id, "Port": target.port} for target in group.targets.values()]
    return [group.health_for(target, self.ec2_backend) for target in targets or everyone]
