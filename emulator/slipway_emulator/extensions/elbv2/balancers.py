# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Load balancers: an ARN that tells the type, one balancer a name, and which balancer uses a target group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.elbv2.exceptions import DuplicateLoadBalancerName
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup, elbv2_backends

from .._patching import derive, wrap
from .actions import groups_of

KINDS = {"application": "app", "network": "net", "gateway": "gwy"}


def extend() -> None:
    wrap(ELBv2Backend, "create_load_balancer", _create)
    derive(FakeTargetGroup, load_balancer_arns=_users)


def _create(original: Callable[..., Any], self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """moto calls every balancer `app/`, and takes a name twice."""
    known = next((one for one in self.load_balancers.values() if one.name == name), None)
    made = original(self, name, *args, **kwargs)
    if known is not None:
        del self.load_balancers[made.arn]
        if _settings(known) != _settings(made):
            raise DuplicateLoadBalancerName
        return known
    arn = made.arn.replace(":loadbalancer/app/", f":loadbalancer/{KINDS[made.type]}/")
    if arn != made.arn:
        self.load_balancers[arn] = self.load_balancers.pop(made.arn)
        self.tagging_service.copy_tags(made.arn, arn)
        self.tagging_service.delete_all_tags_for_resource(made.arn)
        made.arn = arn
    return made


def _settings(balancer: Any) -> tuple[Any, ...]:
    subnets = {subnet.id for subnet in balancer.subnets}
    return balancer.type, balancer.scheme, balancer.ip_address_type, subnets, set(balancer.security_groups)


def using(backend: Any, arn: str) -> Iterator[Any]:
    """The load balancers one of whose listeners or rules forwards to the target group."""
    for balancer in backend.load_balancers.values():
        rules = (rule for listener in balancer.listeners.values() for rule in listener.rules.values())
        if any(arn in groups_of(action) for rule in rules for action in rule.actions):
            yield balancer


def _users(group: Any) -> list[str]:
    backend = elbv2_backends[group.account_id][group.region_name]
    return [balancer.arn for balancer in using(backend, group.arn)]
