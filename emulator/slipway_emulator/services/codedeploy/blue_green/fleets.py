# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Where the green hosts come from, and the end of the blue ones."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends

from slipway_emulator.clock import clock
from slipway_emulator.extensions.autoscaling import activities
from slipway_emulator.hosts import registry

from .. import fleet
from ..deployment import Deployment
from ..group_settings import Settings
from ..problem import Problem
from ..state import State

JOINING = "AddToLoadBalancer"


class Green:
    """The replacement environment of a deployment."""

    def __init__(self, state: State, deployment: Deployment) -> None:
        self.state, self.deployment = state, deployment

    def begin(self) -> None:
        """Have the hosts made, where they are not there; raises Problem."""

    def hosts(self) -> list[str] | None:
        """All of them, once they are up; raises Problem when they cannot be."""
        raise NotImplementedError

    def selection(self) -> Settings:
        """What the deployment group selects after a success."""
        raise NotImplementedError

    def take_over(self) -> None:
        """The hosts have the traffic."""


class Existing(Green):
    """Hosts that are there: what `targetInstances` of the deployment selects."""

    def hosts(self) -> list[str] | None:
        return fleet.chosen(self.state, self.selection())

    def selection(self) -> Settings:
        return selection_of(self.deployment.settings["targetInstances"])


def selection_of(instances: dict[str, Any]) -> Settings:
    """`targetInstances` in the members of a deployment group."""
    return {
        "ec2TagFilters": instances.get("tagFilters") or [],
        "ec2TagSet": instances.get("ec2TagSet") or {"ec2TagSetList": []},
        "autoScalingGroups": instances.get("autoScalingGroups") or [],
    }


class Copied(Green):
    """A new Auto Scaling group with the settings of the deployment group's own, as large as that has healthy hosts."""

    def __init__(self, state: State, deployment: Deployment) -> None:
        super().__init__(state, deployment)
        self.backend = autoscaling_backends[state.account_id][state.region_name]
        self.name = f"CodeDeploy_{deployment.group.name}_{deployment.deployment_id}"
        self.size = 0
        self.began = clock.now()

    def begin(self) -> None:
        [name] = self.deployment.group.settings["autoScalingGroups"]
        source: Any = self.backend.autoscaling_groups.get(name)
        if source is None:
            raise _refused(f"The Auto Scaling group {name} cannot be copied: there is no such group.")
        healthy = [s for s in source.instance_states if s.lifecycle_state == "InService" and _is_healthy(s)]
        if not healthy:
            raise Problem("NO_INSTANCES", f"The Auto Scaling group {name} has no healthy instance to be replaced.")
        self.size, self.began = len(healthy), clock.now()
        try:
            self._copy(source)
        except ServiceException as refusal:
            raise _refused(f"The Auto Scaling group {name} cannot be copied: {refusal.message}") from refusal

    def _copy(self, source: Any) -> None:
        """Lifecycle hooks, scaling policies, schedules, notifications, metrics and warm pool stay behind."""
        tags = [{k: v for k, v in tag.items() if k != "ResourceId"} for tag in source.tags]
        made: Any = self.backend.create_auto_scaling_group(
            self.name, source.availability_zones, self.size, source.max_size, min(source.min_size, self.size),
            vpc_zone_identifier=source.vpc_zone_identifier, default_cooldown=source.default_cooldown,
            health_check_period=source.health_check_grace_period, health_check_type=source.health_check_type,
            load_balancers=[], target_group_arns=[], placement_group=source.placement_group,
            termination_policies=list(source.termination_policies), tags=tags,
            capacity_rebalance=source.capacity_rebalance,
            new_instances_protected_from_scale_in=source.new_instances_protected_from_scale_in,
            **_launched_by(source),
        )  # fmt: skip
        made.created_time = clock.datetime()
        self.backend.suspend_processes(self.name, [JOINING])  # the deployment says when they get traffic
        if source.load_balancer_names:
            self.backend.attach_load_balancers(self.name, list(source.load_balancer_names))
        if source.target_group_arns:
            self.backend.attach_load_balancer_target_groups(self.name, list(source.target_group_arns))

    def hosts(self) -> list[str] | None:
        group = self.backend.autoscaling_groups.get(self.name)
        why = "it was deleted" if group is None else activities.refused_launch(group, self.began)
        if why:
            raise _refused(f"The instances of the Auto Scaling group {self.name} cannot be launched: {why}")
        found = [i for i in fleet.scaling_instances(self.state, [self.name]) if _is_up(i)]
        return found if len(found) >= self.size else None

    def selection(self) -> Settings:
        return {"autoScalingGroups": [self.name]}

    def take_over(self) -> None:
        if self.name in self.backend.autoscaling_groups:
            self.backend.resume_processes(self.name, [JOINING])


def _refused(text: str) -> Problem:
    return Problem("AUTO_SCALING_CONFIGURATION", text)


def _is_healthy(state: Any) -> bool:
    return state.health_status == "Healthy" and state.instance.state == "running"


def _is_up(instance_id: str) -> bool:
    host = registry.get(instance_id)
    return host is not None and host.booted()


def _launched_by(source: Any) -> dict[str, Any]:
    """The one of three that the group was made with."""
    template, mixed = source.launch_template, source.mixed_instances_policy
    return {
        "launch_config_name": None if template or mixed else source.launch_configuration_name,
        "launch_template": None
        if mixed
        else template and {k: v for k, v in template.items() if k != "LaunchTemplateName"},
        "mixed_instances_policy": mixed,
    }


def terminate(state: State, scaling_groups: list[str], hosts: list[str]) -> None:
    """End the blue fleet: its Auto Scaling groups, and hosts that belong to none."""
    scaling = autoscaling_backends[state.account_id][state.region_name]
    for name in [n for n in scaling_groups if n in scaling.autoscaling_groups]:
        scaling.delete_auto_scaling_group(name)
    left = [h for h in hosts if (host := registry.get(h)) and host.state != "terminated"]
    if left:
        ec2_backends[state.account_id][state.region_name].terminate_instances(left)
