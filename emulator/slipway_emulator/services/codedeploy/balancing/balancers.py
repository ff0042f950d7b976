# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The load balancers of a deployment group of servers: target groups and classic ones, in all of which every host is."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.elb.models import elb_backends
from moto.elbv2.models import elbv2_backends

from slipway_emulator.extensions import elb
from slipway_emulator.extensions.elbv2 import targets

from ..entities import DeploymentGroup
from ..problem import Problem
from ..state import State
from ..traffic.listeners import refused, target_group


class Balancers:
    """Every call raises Problem for a load balancer that is gone or refuses a host."""

    def __init__(self, state: State, group: DeploymentGroup) -> None:
        info = group.settings.get("loadBalancerInfo") or {}
        with_traffic = group.settings["deploymentStyle"]["deploymentOption"] == "WITH_TRAFFIC_CONTROL"
        self.modern = elbv2_backends[state.account_id][state.region_name]
        self.classic = elb_backends[state.account_id][state.region_name]
        self.group_names = _names(info, "targetGroupInfoList") if with_traffic else []
        self.classic_names = _names(info, "elbInfoList") if with_traffic else []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.group_names or self.classic_names)

    def check(self) -> None:
        """All are there."""
        self.target_groups()
        self.load_balancers()

    def target_groups(self) -> list[Any]:
        return [target_group(self.modern, name) for name in self.group_names]

    def load_balancers(self) -> list[Any]:
        missing = [name for name in self.classic_names if name not in self.classic.load_balancers]
        if missing:
            raise refused(f"There is no ACTIVE Load Balancer named '{missing[0]}'")
        return [self.classic.load_balancers[name] for name in self.classic_names]

    def join(self, host: str) -> None:
        """Register a host with all of them."""
        try:
            for group in self.target_groups():
                group.register([{"Id": host}])
            for balancer in self.load_balancers():
                self.classic.register_instances(balancer.name, [host])
        except ServiceException as refusal:
            why = f"The instance {host} could not be registered with the load balancer: {refusal.message}"
            raise Problem("ELB_INVALID_INSTANCE", why) from refusal

    def leave(self, host: str) -> None:
        """Deregister a host from those that know it."""
        for group in self.target_groups():
            if any(target.target_id == host for target in targets.registered(group)):
                group.deregister([{"Id": host}])
        for balancer in self.load_balancers():
            self.classic.deregister_instances(balancer.name, [host])

    def serves(self, host: str) -> bool:
        """Whether all of them take the host for healthy."""
        groups, region = self.target_groups(), self.classic.region_name
        modern = all(any(targets.is_healthy(g, t) for t in targets.fitting(g, {"Id": host})) for g in groups)
        return modern and all(elb.is_healthy(b, region, host) for b in self.load_balancers())

    def is_gone(self, host: str) -> bool:
        """Whether none of them knows the host any more: it is drained."""
        known = any(targets.fitting(group, {"Id": host}) for group in self.target_groups())
        return not known and all(host not in elb.members(balancer) for balancer in self.load_balancers())


def _names(info: dict[str, Any], member: str) -> list[str]:
    return [one["name"] for one in info.get(member) or []]
