# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of ECS that is deployed by moving its traffic between two target groups."""

from __future__ import annotations

import re
import typing as t

from emulators import control

from .traffic import TrafficStory

STEADY = 90.0  # emulated seconds, after which the first tasks are healthy


class Service(TrafficStory):
    file = "ecs.json"
    platform, prefix = "ECS", "ecs_deployment"
    deploys, returns = "slipway.aws.deploy_ecs", "slipway.aws.rollback_ecs"
    config = "CodeDeployDefault.ECSCanary10Percent5Minutes"
    hooks = ("BeforeInstall", "AfterInstall", "BeforeAllowTraffic", "AfterAllowTraffic")

    def variables(self) -> dict[str, t.Any]:
        """A cluster with a service of so many tasks behind a load balancer, which somebody made long ago."""
        names = [f"{self.name[:24]}-{color}" for color in ("blue", "green")]
        ec2, self.elb = self.client("ec2"), self.client("elbv2")
        network = ec2.describe_subnets()["Subnets"]
        subnets, vpc = [one["SubnetId"] for one in network[:2]], network[0]["VpcId"]
        groups = [self._target_group(name, vpc) for name in names]
        self.groups = dict(zip(groups, names))
        balancer = self.elb.create_load_balancer(Name=self.name[:32], Subnets=subnets)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        forward = [{"Type": "forward", "TargetGroupArn": groups[0]}]
        listener = self.elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
        self.listener = listener["Listeners"][0]["ListenerArn"]
        self._service(groups[0], subnets)
        control(self.address, "clock", advance=STEADY)
        return {
            "slipway_cluster": self.name,
            "slipway_service": self.name,
            "ecs_deployment_target_groups": names,
            "ecs_deployment_listener_arn": self.listener,
            "ecs_deployment_termination_wait": 1,
        }

    def release(self, number: int) -> dict[str, t.Any]:
        return {"slipway_image": f"{self.name}:{number}"}

    def shares(self) -> dict[str, float]:
        """Percent by target group: the release that serves is in the one that has all traffic."""
        [action] = self.elb.describe_listeners(ListenerArns=[self.listener])["Listeners"][0]["DefaultActions"]
        forward = (action.get("ForwardConfig") or {}).get("TargetGroups") or [
            {"TargetGroupArn": action["TargetGroupArn"]}
        ]
        weights = {self.groups[one["TargetGroupArn"]]: one.get("Weight", 1) for one in forward}
        return {name: 100.0 * weight / sum(weights.values()) for name, weight in weights.items() if weight}

    def with_hook(self, event: str) -> dict[str, t.Any]:
        name = re.sub("(?<!^)(?=[A-Z])", "_", event).lower()
        return {"ecs_deployment_hooks": {name: self.hook}}

    def _target_group(self, name: str, vpc: str) -> str:
        quick = {"HealthCheckIntervalSeconds": 10, "HealthyThresholdCount": 2}
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", **quick)
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def _service(self, group: str, subnets: list[str]) -> None:
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=self.name)
        container = {"name": "web", "image": f"{self.name}:1", "portMappings": [{"containerPort": 80}]}
        ecs.register_task_definition(
            family=self.name, requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256", memory="512",
            containerDefinitions=[container],
        )  # fmt: skip
        ecs.create_service(
            cluster=self.name, serviceName=self.name, taskDefinition=self.name, desiredCount=self.wishes.fleet,
            launchType="FARGATE", deploymentController={"type": "CODE_DEPLOY"},
            loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 80}],
            networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
        )  # fmt: skip
