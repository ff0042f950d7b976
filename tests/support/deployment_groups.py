# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Blocks of deployment groups, and Auto Scaling groups for them."""

from __future__ import annotations

from typing import Any

import boto3
from moto.ecs.models import ecs_backends

from support.codedeploy_shop import Shop

TAG = {"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:deployments"
SHIFT = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2"
PAIR = {"targetGroups": [{"name": "a"}, {"name": "b"}], "prodTrafficRoute": {"listenerArns": [LISTENER]}}
ECS = {
    "ecsServices": [{"clusterName": "c", "serviceName": "s"}],
    "loadBalancerInfo": {"targetGroupPairInfoList": [PAIR]},
    "deploymentStyle": SHIFT,
    "blueGreenDeploymentConfiguration": {"terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE"}},
}


def ecs_services(region: str = "eu-west-1") -> None:
    """The services s and t of the cluster c, which CodeDeploy controls, and u, which it does not."""
    backend = ecs_backends["123456789012"][region]
    backend.create_cluster("c")
    for name, controller in (("s", "CODE_DEPLOY"), ("t", "CODE_DEPLOY"), ("u", "ECS")):
        backend.create_service("c", name, 0, deployment_controller={"type": controller})


def update(shop: Shop, **settings: Any) -> dict[str, Any]:
    shop.codedeploy.update_deployment_group(applicationName="app", currentDeploymentGroupName="prod", **settings)
    return shop.group_info()


def scaling_group(name: str = "web", size: int = 0, region: str = "eu-west-1") -> Any:
    autoscaling = boto3.client("autoscaling", region)
    autoscaling.create_launch_configuration(
        LaunchConfigurationName=f"{name}-lc", ImageId="ami-12c6146b", InstanceType="t2.micro"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=f"{name}-lc",
        MinSize=size,
        MaxSize=5,
        DesiredCapacity=size,
        AvailabilityZones=[f"{region}a"],
    )
    return autoscaling


def full(autoscaling: Any) -> None:
    """As many hooks on the group `full` as it may have."""
    for number in range(50):
        autoscaling.put_lifecycle_hook(
            AutoScalingGroupName="full",
            LifecycleHookName=str(number),
            LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
        )


def trigger(**more: Any) -> dict[str, Any]:
    return {"triggerName": "t", "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentStart"], **more}


def blue_green(**block: Any) -> dict[str, Any]:
    return {"blueGreenDeploymentConfiguration": block}
