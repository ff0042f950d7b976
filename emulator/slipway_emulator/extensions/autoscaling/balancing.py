# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Load balancers of a group: an instance joins them once, when it comes into service, and leaves them with the group.

What somebody else registers or deregisters meanwhile stays so: Auto Scaling does not look again.
"""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend

from .._patching import put
from ..elbv2 import targets
from . import elb_health
from .shared import find_group, suspended

NOT_VALID = "Provided {what} may not be valid. Please ensure they exist and try again."


def extend() -> None:
    """Put the corrections onto moto's backend, which registers every instance again whenever a group changes."""
    put(AutoScalingBackend, update_attached_elbs=join, update_attached_target_groups=join)
    put(AutoScalingBackend, detach_load_balancers, detach_load_balancer_target_groups)
    put(AutoScalingBackend, describe_load_balancers, attach_load_balancers, attach_load_balancer_target_groups)


def check(backend: Any, names: list[str], arns: list[str]) -> None:
    """Refuse load balancers and target groups that are not there."""
    if any(name not in backend.elb_backend.load_balancers for name in names):
        raise ValidationError(NOT_VALID.format(what="Load Balancers"))
    if any(arn not in backend.elbv2_backend.target_groups for arn in arns):
        raise ValidationError(NOT_VALID.format(what="Target Groups"))


def join(self: Any, group_name: str) -> None:
    """Bring what came into service into the group's load balancers, and what left the group out of them."""
    group = self.autoscaling_groups[group_name]
    serving = [s.instance_id for s in group.instance_states if s.lifecycle_state == "InService"]
    known = _known(group)
    for balancer in [*group.load_balancer_names, *group.target_group_arns]:
        before = known.get(balancer, set())
        if not suspended(group, "AddToLoadBalancer"):
            _add(self, balancer, [i for i in serving if i not in before])
        _remove(self, balancer, [i for i in before if i not in serving])
        known[balancer] = set(serving)
    elb_health.watch(group)


def _known(group: Any) -> dict[str, set[str]]:
    """By load balancer: instances that have had their turn to be added."""
    found: dict[str, set[str]] = group.__dict__.setdefault("balanced", {})
    return found


def _add(backend: Any, balancer: str, ids: list[str]) -> None:
    running = [i for i in ids if backend.ec2_backend.get_instance(i).state == "running"]
    if balancer in backend.elbv2_backend.target_groups:
        backend.elbv2_backend.register_targets(balancer, [{"Id": instance_id} for instance_id in running])
    elif balancer in backend.elb_backend.load_balancers:  # it may be deleted before its group
        backend.elb_backend.register_instances(balancer, running)


def _remove(backend: Any, balancer: str, ids: list[str]) -> None:
    if balancer in backend.elbv2_backend.target_groups:
        group = backend.elbv2_backend.target_groups[balancer]
        there = {target.target_id for target in targets.registered(group)}
        group.deregister([{"Id": instance_id} for instance_id in ids if instance_id in there])
    elif balancer in backend.elb_backend.load_balancers:
        backend.elb_backend.deregister_instances(balancer, ids)


def attach_load_balancers(self: Any, group_name: str, load_balancer_names: list[str]) -> None:
    group = find_group(self, group_name)
    check(self, load_balancer_names, [])
    group.load_balancer_names = list(dict.fromkeys([*group.load_balancer_names, *load_balancer_names]))
    join(self, group_name)


def attach_load_balancer_target_groups(self: Any, group_name: str, target_group_arns: list[str]) -> None:
    group = find_group(self, group_name)
    check(self, [], target_group_arns)
    group.append_target_groups(target_group_arns)
    join(self, group_name)


def detach_load_balancers(self: Any, group_name: str, load_balancer_names: list[str]) -> None:
    group = find_group(self, group_name)
    group.load_balancer_names = [name for name in group.load_balancer_names if name not in load_balancer_names]
    _detach(self, group, load_balancer_names)


def detach_load_balancer_target_groups(self: Any, group_name: str, target_group_arns: list[str]) -> None:
    group = find_group(self, group_name)
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]
    _detach(self, group, target_group_arns)


def _detach(backend: Any, group: Any, balancers: list[str]) -> None:
    for balancer in balancers:
        _remove(backend, balancer, [s.instance_id for s in group.instance_states])
        _known(group).pop(balancer, None)


def describe_load_balancers(self: Any, group_name: str) -> list[str]:
    names: list[str] = find_group(self, group_name).load_balancer_names
    return names
