# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of two tasks behind a load balancer. Writes the ARN of its listener to the file that is named."""

import sys
import time
from pathlib import Path

import boto3

region, file = sys.argv[1:]
ec2, elb, ecs = (boto3.client(name, region_name=region) for name in ("ec2", "elbv2", "ecs"))
network = ec2.describe_subnets()["Subnets"]
subnets = [one["SubnetId"] for one in network[:2]]
settings = {"Protocol": "HTTP", "Port": 80, "VpcId": network[0]["VpcId"], "TargetType": "ip"}
groups = [
    elb.create_target_group(Name=name, **settings)["TargetGroups"][0]["TargetGroupArn"] for name in ("blue", "green")
]
balancer = elb.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
forward = [{"Type": "forward", "TargetGroupArn": groups[0]}]
made = elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
ecs.create_cluster(clusterName="shop")
ecs.register_task_definition(
    family="web",
    requiresCompatibilities=["FARGATE"],
    networkMode="awsvpc",
    cpu="256",
    memory="512",
    containerDefinitions=[{"name": "web", "image": "web:1", "portMappings": [{"containerPort": 80}]}],
)
ecs.create_service(
    cluster="shop",
    serviceName="web",
    taskDefinition="web",
    desiredCount=2,
    launchType="FARGATE",
    deploymentController={"type": "CODE_DEPLOY"},
    loadBalancers=[{"targetGroupArn": groups[0], "containerName": "web", "containerPort": 80}],
    networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
)
for _turn in range(100):
    if ecs.describe_services(cluster="shop", services=["web"])["services"][0]["runningCount"] == 2:
        break
    time.sleep(1)
Path(file).write_text(made["Listeners"][0]["ListenerArn"], encoding="utf-8")
