# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The health check type ELB: an instance that a load balancer of the group finds unhealthy is replaced after the grace period."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...clock import clock
from .. import elb
from ..elbv2 import targets
from . import health
from .shared import alive, suspended


def watch(group: Any) -> None:
    """Look at a group every minute, for as long as its health check is that of its load balancers."""
    if not group.__dict__.get("watched") and _applies(group):
        group.watched = True
        clock.after(health.CHECK_SECONDS, partial(_look, group))


def _applies(group: Any) -> bool:
    balancers = [*group.load_balancer_names, *group.target_group_arns]
    return alive(group) and group.health_check_type == "ELB" and bool(balancers)


def _look(group: Any) -> None:
    group.watched = False
    if not _applies(group):
        return
    if not suspended(group, "HealthCheck"):
        for state in group.instance_states:
            if state.lifecycle_state == "InService" and not _has_grace(group, state) and _is_failing(group, state):
                state.health_status, state.found_by = "Unhealthy", "ELB system"
    health.check(group)
    watch(group)


def _has_grace(group: Any, state: Any) -> bool:
    return bool(clock.now() < getattr(state, "in_service_since", 0.0) + float(group.health_check_grace_period or 0))


def _is_failing(group: Any, state: Any) -> bool:
    """Whether one of the load balancers says so; one that does not know the instance says nothing."""
    backend = group.autoscaling_backend
    known = backend.elbv2_backend.target_groups
    modern = [known[arn] for arn in group.target_group_arns if arn in known]
    if any(targets.state_of(one, target)[0] == "unhealthy" for one in modern for target in _of(one, state)):
        return True
    classic = backend.elb_backend.load_balancers
    names = [name for name in group.load_balancer_names if name in classic]
    return any(elb.health(classic[n], backend.region_name, state.instance_id)[1:] == elb.FAILING for n in names)


def _of(target_group: Any, state: Any) -> list[targets.Target]:
    return targets.fitting(target_group, {"Id": state.instance_id})
