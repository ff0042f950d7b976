# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deploying to an ECS service: a green task set on the free target group takes over from the blue one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecs.models import ecs_backends

from slipway_emulator.extensions.ecs import service_rules, task_sets
from slipway_emulator.extensions.ecs.workloads import Spec

from .. import limits, waits
from ..deployment import Event, Target
from ..problem import Problem
from .appspec import ECS_EVENTS
from .listeners import Actions, Balancing
from .run import TrafficRun

STARTED_BY = "CODE_DEPLOY"
TOO_LATE = (
    "The deployment timed out while waiting for the replacement task set to become healthy."
    " This time out period is 60 minutes."
)
NOT_BEHIND = "Primary taskset target group must be behind listener {arn}"
TEST_EVENTS = ("AllowTestTraffic", "AfterAllowTestTraffic")


def refused(why: str) -> Problem:
    return Problem("ECS_UPDATE_ERROR", f"The ECS service cannot be updated due to the following error: {why}")


@dataclass
class Swap:
    """The two sides of a deployment, and how the listeners were before it."""

    service: Any
    blue: Any  # task set
    blue_group: Any
    green_group: Any
    production: str  # ARN of the listener
    test: str | None
    test_actions: Actions
    green: Any = None  # from Install on


class EcsTarget(Target):
    TYPE, MEMBER = "ECSTarget", "ecsTarget"

    def __init__(self, run: EcsRun, swap: Swap) -> None:
        events = [Event(name) for name in ECS_EVENTS if swap.test or name not in TEST_EVENTS]
        super().__init__(f"{swap.service.cluster_name}:{swap.service.name}", swap.service.arn, events=events)
        self.run, self.swap = run, swap
        self.last: dict[str, Any] | None = None  # as it was when the deployment ended

    def details(self) -> dict[str, Any]:
        return self.last or {"taskSetsInfo": [self._blue(), *self._green()]}

    def keep(self) -> None:
        self.last = self.details()

    def _blue(self) -> dict[str, Any]:
        return _told(self.swap.blue, self.swap.blue_group, 100 - self.run.green_share, "Blue")

    def _green(self) -> list[dict[str, Any]]:
        swap = self.swap
        return [_told(swap.green, swap.green_group, self.run.green_share, "Green")] if swap.green else []


def _told(task_set: Any, group: Any, share: int, label: str) -> dict[str, Any]:
    return {
        "identifer": task_set.id,  # so in the API
        "desiredCount": task_set.computed_desired_count,
        "pendingCount": task_set.pending_count,
        "runningCount": task_set.running_count,
        "status": task_set.status,
        "trafficWeight": float(share),
        "targetGroup": {"name": group.name},
        "taskSetLabel": label,
    }


class EcsRun(TrafficRun):
    PLATFORM = "ECS"
    swap: Swap  # from `prepare` on

    # --- what is there

    def find_target(self) -> Target:
        self.balancing = Balancing(self.state)
        self.swap = self._swap(self._service())
        return EcsTarget(self, self.swap)

    def find_origin(self, start: Swap) -> Target:
        self.balancing = Balancing(self.state)
        self.swap, self.share = start, 0
        return EcsTarget(self, start)

    @property
    def green_share(self) -> int:
        """Percentage of the production traffic that green has; a rollback counts the other way round."""
        return 100 - self.share if self.deployment.undoes else self.share

    def _service(self) -> Any:
        named = self.deployment.group.settings["ecsServices"][0]
        backend = ecs_backends[self.state.account_id][self.state.region_name]
        name = named["serviceName"].rpartition("/")[2]
        found = backend.services.get(f"{named['clusterName'].rpartition('/')[2]}:{name}")
        if found is None or found.status != "ACTIVE":
            text = f"The ECS service {name} was not found in the cluster {named['clusterName']}."
            raise Problem("INVALID_ECS_SERVICE", text)
        if found.deployment_controller["type"] != "CODE_DEPLOY":
            text = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."
            raise Problem("INVALID_ECS_SERVICE", text)
        return found

    def _swap(self, service: Any) -> Swap:
        pair = self.deployment.group.settings["loadBalancerInfo"]["targetGroupPairInfoList"][0]
        groups = [self.balancing.group_named(group["name"]) for group in pair["targetGroups"]]
        production = pair["prodTrafficRoute"]["listenerArns"][0]
        test = next(iter((pair.get("testTrafficRoute") or {}).get("listenerArns") or []), None)
        blue = next(one for one in service.task_sets if one.status == "PRIMARY")
        used = {balancer.get("targetGroupArn") for balancer in blue.load_balancers}
        behind = [arn for arn, weight in self.balancing.weights(production).items() if weight]
        mine = [group for group in groups if group.arn in used & set(behind)]
        if not mine:
            raise self._not_behind(production)
        others = [group for group in groups if group is not mine[0]]
        if not others:
            raise Problem("ELASTIC_LOAD_BALANCING_INVALID", "The deployment group needs two different target groups.")
        actions = self.balancing.actions(test) if test else []
        return Swap(service, blue, mine[0], others[0], production, test, actions)

    def _not_behind(self, listener: str) -> Problem:
        text = f"The ELB could not be updated due to the following error: {NOT_BEHIND.format(arn=listener)}"
        return Problem("ELASTIC_LOAD_BALANCING_INVALID", text)

    # --- what is done

    def perform(self, event: str) -> None:
        if event == "Install":
            self._install()
        else:
            self.balancing.share(str(self.swap.test), {self.swap.green_group.arn: 100})
            self.after(limits.EMPTY_EVENT_SECONDS, self.finish_event)

    def _install(self) -> None:
        """A green task set as large as the service, behind the listener with no share of the traffic yet."""
        swap = self.deployment.start = self.swap
        for left_over in [one for one in swap.service.task_sets if one.status == "ACTIVE"]:
            task_sets.drain(left_over)
        self.shift(0)
        try:
            spec = self._spec()
        except ServiceException as refusal:
            raise refused(str(refusal.message)) from refusal
        swap.green = task_sets.start(
            swap.service, spec, external_id=self.deployment.deployment_id, started_by=STARTED_BY
        )
        self.after(limits.EVENT_SECONDS, lambda: self.fail_event(Problem("TIMEOUT", TOO_LATE)))
        self.after(limits.STEADY_CHECK_SECONDS, self._await_steady)

    def _await_steady(self) -> None:
        self._check_green()
        if self.swap.green.workload.steady:
            self.finish_event()
        else:
            self.after(limits.STEADY_CHECK_SECONDS, self._await_steady)

    def _check_green(self) -> None:
        """Nobody has deleted the service or the new task set meanwhile."""
        if self.swap.service.status != "ACTIVE":
            raise refused("Service was not ACTIVE.")
        if self.swap.green.status == "DRAINING":
            raise refused("The specified task set does not exist.")

    def _spec(self) -> Spec:
        """What the AppSpec says; the rest is as blue has it, but a capacity provider strategy is not taken over."""
        wanted, blue, backend = self.appspec.properties, self.swap.blue, self.swap.service._backend
        definition = backend.describe_task_definition(wanted["TaskDefinition"])
        balancer, strategy = wanted["LoadBalancerInfo"], _strategy(wanted.get("CapacityProviderStrategy"))
        launch_type = None if strategy else blue.launch_type or ("FARGATE" if blue.spec.fargate else "EC2")
        load_balancer = {
            "targetGroupArn": self.swap.green_group.arn,
            "containerName": balancer["ContainerName"],
            "containerPort": balancer["ContainerPort"],
        }
        network = _network(wanted.get("NetworkConfiguration")) or blue.network_configuration
        given = {
            "launchType": launch_type,
            "capacityProviderStrategy": strategy,
            "networkConfiguration": network,
            "loadBalancers": [load_balancer],
        }
        service_rules.check_parts(backend, definition, given)
        version = wanted.get("PlatformVersion") or blue.platform_version
        return Spec(definition, [load_balancer], network, launch_type, strategy, version)

    def shift(self, share: int) -> None:
        swap = self.swap
        if share:
            self._check_green()
        self.balancing.share(swap.production, {swap.blue_group.arn: 100 - share, swap.green_group.arn: share})
        if share == 100:
            task_sets.make_primary(swap.green)

    def restore(self, start: Swap) -> None:
        shares = {start.blue_group.arn: 100, start.green_group.arn: 0}
        Balancing(self.state).share(start.production, shares)
        if start.test:
            Balancing(self.state).put_back(start.test, start.test_actions)
        if start.blue.status != "PRIMARY":
            task_sets.make_primary(start.blue)
        if start.green is not None:
            task_sets.drain(start.green)

    def ready_minutes(self) -> int | None:
        return waits.ready_minutes(self.deployment.group.settings)

    def termination_minutes(self) -> int | None:
        return waits.termination_minutes(self.deployment.group.settings)

    def retire(self) -> None:
        task_sets.drain(self.swap.blue)
        self.succeed()


def _network(network: dict[str, Any] | None) -> dict[str, Any] | None:
    if network is None:
        return None
    vpc = network["AwsvpcConfiguration"]
    members = {"subnets": "Subnets", "securityGroups": "SecurityGroups", "assignPublicIp": "AssignPublicIp"}
    return {"awsvpcConfiguration": {member: vpc[key] for member, key in members.items()}}


def _strategy(strategy: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [
        {"capacityProvider": one["CapacityProvider"], "base": one.get("Base") or 0, "weight": one.get("Weight") or 0}
        for one in strategy or []
    ]
