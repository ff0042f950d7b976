# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws deploy` as it replaces a fleet of servers behind a load balancer: the two waits, a stop, and what is left."""

from __future__ import annotations

import base64
import json
from typing import Any

from deploying import AGENT, GROUP, ROLE, application, create, instance_profile, push, trust
from shifting import ended, info, subnets
from terminal import Terminal

REGION = "eu-central-1"
FLEET = "storefront"
AMAZON_LINUX = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def scenario(at: Terminal) -> None:
    arn = balancer(at)
    blue = fleet(at, arn)
    application(at)
    revision = push(at)
    group(at)
    copied = replaced(at, arn, blue, revision)
    given_up(at, arn, copied, revision)


def balancer(at: Terminal) -> str:
    """A load balancer and the target group behind it, whose ARN it gives."""
    vpc = at.json("ec2", "describe-vpcs")["Vpcs"][0]["VpcId"]
    made = at.json("elbv2", "create-load-balancer", "--name", "shop", "--subnets", *subnets(at))
    arn = at.json(
        "elbv2", "create-target-group", "--name", "web", "--protocol", "HTTP", "--port", "80", "--vpc-id", vpc,
        "--target-type", "instance", "--health-check-interval-seconds", "10", "--healthy-threshold-count", "2",
    )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
    at.json(
        "elbv2", "create-listener", "--load-balancer-arn", made["LoadBalancers"][0]["LoadBalancerArn"],
        "--protocol", "HTTP", "--port", "80", "--default-actions", f"Type=forward,TargetGroupArn={arn}",
    )  # fmt: skip
    return str(arn)


def serving(at: Terminal, arn: str) -> list[str]:
    """Hosts that get traffic."""
    found = at.json("elbv2", "describe-target-health", "--target-group-arn", arn)["TargetHealthDescriptions"]
    return sorted(one["Target"]["Id"] for one in found if one["TargetHealth"]["State"] == "healthy")


def groups(at: Terminal) -> dict[str, list[str]]:
    """Hosts by Auto Scaling group."""
    found = at.json("autoscaling", "describe-auto-scaling-groups")["AutoScalingGroups"]
    return {one["AutoScalingGroupName"]: sorted(i["InstanceId"] for i in one["Instances"]) for one in found}


def fleet(at: Terminal, arn: str) -> list[str]:
    instance_profile(at, "web")
    data: dict[str, Any] = {"ImageId": AMAZON_LINUX, "InstanceType": "t3.micro", "IamInstanceProfile": {"Name": "web"}}
    data["UserData"] = base64.b64encode(AGENT.encode()).decode()
    at.json(
        "ec2", "create-launch-template", "--launch-template-name", FLEET,
        "--launch-template-data", at.file("template.json", data),
    )  # fmt: skip
    at.text(
        "autoscaling", "create-auto-scaling-group", "--auto-scaling-group-name", FLEET, "--min-size", "1",
        "--max-size", "4", "--desired-capacity", "2", "--launch-template", f"LaunchTemplateName={FLEET}",
        "--vpc-zone-identifier", ",".join(subnets(at)), "--target-group-arns", arn,
    )  # fmt: skip
    at.advance(120)
    hosts = groups(at)[FLEET]
    at.same("the hosts of the fleet get traffic", serving(at, arn), hosts)
    return hosts


def group(at: Terminal) -> None:
    at.json(
        "iam", "create-role", "--role-name", "CodeDeployServiceRole",
        "--assume-role-policy-document", trust(at, "codedeploy.amazonaws.com"),
    )  # fmt: skip
    configuration = {
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
        "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
    }
    wanted = (
        "deploy", "create-deployment-group", *GROUP, "--service-role-arn", ROLE,
        "--deployment-config-name", "CodeDeployDefault.AllAtOnce",
        "--load-balancer-info", "targetGroupInfoList=[{name=web}]",
        "--deployment-style", "deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL",
        "--blue-green-deployment-configuration", json.dumps(configuration),
    )  # fmt: skip
    at.refuses(
        "a copy needs a fleet", "InvalidBlueGreenDeploymentConfigurationException",
        "Exactly one AutoScaling group must be specifed", *wanted,
    )  # fmt: skip
    at.json(*wanted, "--auto-scaling-groups", FLEET)


def targets(at: Terminal, deployment: str, label: str) -> list[str]:
    answer = at.json(
        "deploy", "list-deployment-targets", "--deployment-id", deployment,
        "--target-filters", f"ServerInstanceLabel={label}",
    )  # fmt: skip
    return sorted(answer["targetIds"])


def go_on(at: Terminal, deployment: str, wait: str) -> None:
    at.text("deploy", "continue-deployment", "--deployment-id", deployment, "--deployment-wait-type", wait)


def replaced(at: Terminal, arn: str, blue: list[str], revision: str) -> str:
    """Both waits, each ended by continue-deployment; gives the name of the new fleet."""
    deployment = create(at, revision)
    at.advance(300)
    found = info(at, deployment)
    seen = (found["status"], found["deploymentOverview"]["Ready"])
    at.same("it is ready when the new hosts are", seen, ("Ready", 2))
    green, copied = targets(at, deployment, "Green"), f"CodeDeploy_production_{deployment}"
    at.same("which are a copy of the fleet", groups(at), {FLEET: blue, copied: green})
    at.same("and have no traffic", serving(at, arn), blue)
    go_on(at, deployment, "READY_WAIT")
    at.advance(600)
    found = info(at, deployment)
    seen = (found["status"], found["instanceTerminationWaitTimeStarted"])
    at.same("continued, it waits to end the old hosts", seen, ("InProgress", True))
    at.same("all traffic is on the new ones", serving(at, arn), green)
    events = target_events(at, deployment, blue[0])
    at.same("the old ones left", events, ["BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic"])
    go_on(at, deployment, "TERMINATION_WAIT")
    ended(at, deployment, "Succeeded")
    at.same("the old fleet is gone", groups(at), {copied: green})
    got = at.json("deploy", "get-deployment-group", *GROUP)["deploymentGroupInfo"]
    at.same("the deployment group has the new one", [g["name"] for g in got["autoScalingGroups"]], [copied])
    return copied


def target_events(at: Terminal, deployment: str, host: str) -> list[str]:
    answer: dict[str, Any] = at.json(
        "deploy", "get-deployment-target", "--deployment-id", deployment, "--target-id", host
    )
    events = answer["deploymentTarget"]["instanceTarget"]["lifecycleEvents"]
    return [event["lifecycleEventName"] for event in events if event["status"] == "Succeeded"]


def given_up(at: Terminal, arn: str, copied: str, revision: str) -> None:
    """Nobody continues the next one: it stops, and its copy is left to whoever cleans up."""
    before = serving(at, arn)
    deployment = create(at, revision)
    found = ended(at, deployment, "Stopped")
    at.same("its time was over", found["errorInformation"]["code"], "TIMEOUT")
    at.same("the fleet kept its traffic", serving(at, arn), before)
    left = f"CodeDeploy_production_{deployment}"
    at.same("its copy is left", sorted(groups(at)), sorted([copied, left]))
    at.text("autoscaling", "delete-auto-scaling-group", "--auto-scaling-group-name", left, "--force-delete")
    at.same("until it is deleted", list(groups(at)), [copied])
