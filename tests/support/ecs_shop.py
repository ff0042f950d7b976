# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A small world for ECS: a load balancer with two target groups, a cluster with a service, and a group to deploy it."""

from __future__ import annotations

import json
from typing import Any

import boto3

from slipway_emulator.clock import clock
from support.codedeploy_shop import REGION, ROLE
from support.lambda_shop import PREFIX, LambdaShop, content

QUICK = {"HealthCheckIntervalSeconds": 10, "HealthyThresholdCount": 2}


class EcsWorld:
    """Clients, a load balancer with a production and a test listener, and the task definition `web`, revision 1."""

    def __init__(self, region: str = REGION, kind: str = "application") -> None:
        self.ecs, self.elbv2 = boto3.client("ecs", region), boto3.client("elbv2", region)
        self.ec2 = boto3.client("ec2", region)
        self.subnets = [subnet["SubnetId"] for subnet in self.ec2.describe_subnets()["Subnets"]][:2]
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.protocol = "HTTP" if kind == "application" else "TCP"
        made = self.elbv2.create_load_balancer(Name="shop", Subnets=self.subnets, Type=kind)
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.one, self.two = self.target_group("one"), self.target_group("two")
        self.production, self.test = self.listener(80, self.one), self.listener(8080, self.one)
        self.ecs.create_cluster(clusterName="shop")
        self.revision("nginx:1")

    def target_group(self, name: str, **more: Any) -> str:
        settings = {"Protocol": self.protocol, "Port": 80, "VpcId": self.vpc, "TargetType": "ip", **QUICK, **more}
        return self.elbv2.create_target_group(Name=name, **settings)["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, port: int, group: str) -> str:
        actions = [{"Type": "forward", "TargetGroupArn": group}]
        made = self.elbv2.create_listener(
            LoadBalancerArn=self.balancer, Port=port, Protocol=self.protocol, DefaultActions=actions
        )
        return made["Listeners"][0]["ListenerArn"]

    def revision(self, image: str, family: str = "web", **more: Any) -> str:
        """A new revision of the task definition, with this image."""
        container = {"name": "web", "image": image, "portMappings": [{"containerPort": 80}]}
        settings = {
            "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [container], **more,
        }  # fmt: skip
        made = self.ecs.register_task_definition(family=family, **settings)
        return made["taskDefinition"]["taskDefinitionArn"]

    def network(self) -> dict[str, Any]:
        return {"awsvpcConfiguration": {"subnets": self.subnets}}

    def behind(self, group: str, **more: Any) -> list[dict[str, Any]]:
        return [{"targetGroupArn": group, "containerName": "web", "containerPort": 80, **more}]

    def service(self, name: str = "web", controller: str = "CODE_DEPLOY", **more: Any) -> dict[str, Any]:
        """Create a service of two tasks behind the first target group; what is None is left out."""
        settings = {
            "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
            "loadBalancers": self.behind(self.one), "networkConfiguration": self.network(),
            "deploymentController": {"type": controller}, **more,
        }  # fmt: skip
        given = {member: value for member, value in settings.items() if value is not None}
        return self.ecs.create_service(cluster="shop", serviceName=name, **given)["service"]

    def described(self, name: str = "web") -> dict[str, Any]:
        return self.ecs.describe_services(cluster="shop", services=[name])["services"][0]

    def task_sets(self, name: str = "web") -> list[dict[str, Any]]:
        return self.ecs.describe_task_sets(cluster="shop", service=name)["taskSets"]

    def tasks(self, name: str = "web", status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="shop", serviceName=name, desiredStatus=status)["taskArns"]
        return self.ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []

    def health(self, group: str) -> list[str]:
        found = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return sorted(one["TargetHealth"]["State"] for one in found)

    def weights(self, listener: str) -> dict[str, int]:
        """Weights of the default action by the names of the target groups."""
        [action] = self.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
        groups = action["ForwardConfig"]["TargetGroups"]
        return {group["TargetGroupArn"].split("/")[1]: group["Weight"] for group in groups}


class EcsShop(LambdaShop, EcsWorld):
    """CodeDeploy for the service `web`, which runs and is steady; `fn` is a function for hooks."""

    def __init__(self, region: str = REGION, kind: str = "application", **service: Any) -> None:
        LambdaShop.__init__(self, region)
        EcsWorld.__init__(self, region, kind)
        self.service(**service)
        clock.advance(60)

    def ecs_group(
        self,
        config: str = "ECSAllAtOnce",
        test: bool = False,
        ready: int | None = None,
        termination: int = 0,
        **settings: Any,
    ) -> None:
        """`ready`, `termination`: minutes of the two waits."""
        if "app" not in self.codedeploy.list_applications()["applications"]:
            self.codedeploy.create_application(applicationName="app", computePlatform="ECS")
        at_ready = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
        if ready is not None:
            at_ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": ready}
        retire = {"action": "TERMINATE", "terminationWaitTimeInMinutes": termination}
        pair: dict[str, Any] = {
            "targetGroups": [{"name": "one"}, {"name": "two"}],
            "prodTrafficRoute": {"listenerArns": [self.production]},
        }
        if test:
            pair["testTrafficRoute"] = {"listenerArns": [self.test]}
        given = {
            "ecsServices": [{"clusterName": "shop", "serviceName": "web"}],
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": at_ready,
                "terminateBlueInstancesOnDeploymentSuccess": retire,
            },
            **settings,
        }
        self.codedeploy.create_deployment_group(
            applicationName="app", deploymentGroupName="prod", serviceRoleArn=ROLE,
            deploymentConfigName=PREFIX + config if config.startswith("ECS") else config, **given,
        )  # fmt: skip

    def ecs_appspec(self, definition: str, hooks: dict[str, str] | None = None, **more: Any) -> str:
        balancer = {"ContainerName": "web", "ContainerPort": 80}
        properties = {"TaskDefinition": definition, "LoadBalancerInfo": balancer, **more}
        resource = {"Type": "AWS::ECS::Service", "Properties": properties}
        listed = [{event: function} for event, function in (hooks or {}).items()]
        return json.dumps({"version": 0.0, "Resources": [{"TargetService": resource}], "Hooks": listed})

    def swap(self, definition: str | None = None, image: str = "nginx:2", **more: Any) -> str:
        """Start a deployment of a revision, a new one with `image` if none is given; gives its id."""
        hooks, properties = more.pop("hooks", None), more.pop("properties", {})
        text = self.ecs_appspec(definition or self.revision(image), hooks, **properties)
        return self.deploy(content(text), **more)

    def swapped(self, *definition: str, **more: Any) -> dict[str, Any]:
        return self.ended(self.swap(*definition, **more))

    def target(self, deployment_id: str) -> dict[str, Any]:
        found = self.codedeploy.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=["shop:web"])
        return found["deploymentTargets"][0]["ecsTarget"]

    def sets(self, deployment_id: str) -> list[tuple[str, str, float]]:
        """Label, status and share of the traffic of the task sets of a deployment."""
        told = self.target(deployment_id)["taskSetsInfo"]
        return [(one["taskSetLabel"], one["status"], one["trafficWeight"]) for one in told]

    def statuses_of_sets(self) -> list[str]:
        return sorted(task_set["status"] for task_set in self.task_sets())
