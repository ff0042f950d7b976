# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancers of every kind in front of a fleet, and deployment groups that move its traffic.

Health checks pass 20 seconds after a host joined; a host drains for 30 seconds.
"""

from __future__ import annotations

import typing as t

import boto3

from slipway_emulator.clock import clock
from slipway_emulator.hosts import BOOT_SECONDS
from support.codedeploy_shop import REGION
from support.fleets import Fleet

BLOCK = ["BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic"]
ALLOW = ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]
HEALTHY_SECONDS = 20
DRAIN_SECONDS = 30
FLEET = "storefront"  # the Auto Scaling group
BLUE_GREEN = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
WITH_TRAFFIC = {"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
KINDS = ("classic", "application", "network")


class Balanced(Fleet):
    """A fleet with load balancers. `kinds`: by the name of a load balancer or target group, which kind it is."""

    def __init__(self, region: str = REGION) -> None:
        super().__init__(region)
        self.elb, self.elbv2 = boto3.client("elb", region), boto3.client("elbv2", region)
        self.kinds: dict[str, str] = {}
        self.arns: dict[str, str] = {}

    def balancer(self, kind: str, name: str = "web") -> dict[str, t.Any]:
        """Make one of this kind; gives the `loadBalancerInfo` that names it."""
        self.kinds[name] = kind
        if kind == "classic":
            self._classic(name)
            return {"elbInfoList": [{"name": name}]}
        self._modern(kind, name)
        return {"targetGroupInfoList": [{"name": name}]}

    def _classic(self, name: str) -> None:
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
        self.elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=[self.subnet])
        check = {"Target": "HTTP:80/", "Interval": 10, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
        self.elb.configure_health_check(LoadBalancerName=name, HealthCheck=check)
        draining = {"ConnectionDraining": {"Enabled": True, "Timeout": DRAIN_SECONDS}}
        self.elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=draining)

    def _modern(self, kind: str, name: str) -> None:
        subnets = [subnet["SubnetId"] for subnet in self.ec2.describe_subnets()["Subnets"]][:2]
        protocol, vpc = "HTTP" if kind == "application" else "TCP", self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        arn = self.elbv2.create_target_group(
            Name=name, Protocol=protocol, Port=80, VpcId=vpc, TargetType="instance",
            HealthCheckIntervalSeconds=10, HealthyThresholdCount=2, UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(DRAIN_SECONDS)}
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
        made = self.elbv2.create_load_balancer(Name=f"{name}-front", Subnets=subnets, Type=kind)["LoadBalancers"][0]
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        self.elbv2.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"], Port=80, Protocol=protocol, DefaultActions=forward
        )
        self.arns[name] = arn

    def join(self, hosts: list[str], name: str = "web") -> None:
        """Register hosts and let them become healthy."""
        if self.kinds[name] == "classic":
            members = [{"InstanceId": host} for host in hosts]
            self.elb.register_instances_with_load_balancer(LoadBalancerName=name, Instances=members)
        else:
            self.elbv2.register_targets(TargetGroupArn=self.arns[name], Targets=[{"Id": host} for host in hosts])
        clock.advance(HEALTHY_SECONDS + 1)

    def health(self, name: str = "web") -> dict[str, str]:
        """State of every host that is known: initial, healthy, draining or unhealthy, whatever the kind."""
        if self.kinds[name] != "classic":
            found = self.elbv2.describe_target_health(TargetGroupArn=self.arns[name])["TargetHealthDescriptions"]
            return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}
        states = self.elb.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
        return {one["InstanceId"]: _state(one) for one in states}

    def attach(self, group: str, name: str = "web") -> None:
        """Have an Auto Scaling group behind a load balancer, all its hosts healthy."""
        if self.kinds[name] == "classic":
            self.autoscaling.attach_load_balancers(AutoScalingGroupName=group, LoadBalancerNames=[name])
        else:
            self.autoscaling.attach_load_balancer_target_groups(
                AutoScalingGroupName=group, TargetGroupARNs=[self.arns[name]]
            )
        clock.advance(BOOT_SECONDS + HEALTHY_SECONDS + 1)

    def copying(self, kind: str = "application", count: int = 2, **options: t.Any) -> list[str]:
        """A fleet behind a load balancer of this kind, and the group that replaces it by copies of itself."""
        info = self.balancer(kind)
        hosts = self.scaled(FLEET, count)
        self.attach(FLEET)
        self.replacing(info, "COPY_AUTO_SCALING_GROUP", ec2TagFilters=[], autoScalingGroups=[FLEET], **options)
        return hosts

    def replacing(
        self,
        info: dict[str, t.Any],
        provisioning: str,
        ready: int | None = None,
        termination: int | None = 0,
        **settings: t.Any,
    ) -> None:
        """A blue/green group. `ready`, `termination`: minutes of the waits; no `termination` keeps the blue hosts."""
        at_ready: dict[str, t.Any] = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
        if ready is not None:
            at_ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": ready}
        end: dict[str, t.Any] = {"action": "KEEP_ALIVE"}
        if termination is not None:
            end = {"action": "TERMINATE", "terminationWaitTimeInMinutes": termination}
        configuration = {
            "greenFleetProvisioningOption": {"action": provisioning},
            "deploymentReadyOption": at_ready,
            "terminateBlueInstancesOnDeploymentSuccess": end,
        }
        settings.setdefault("deploymentConfigName", "CodeDeployDefault.AllAtOnce")
        self.group(
            deploymentStyle=BLUE_GREEN,
            loadBalancerInfo=info,
            blueGreenDeploymentConfiguration=configuration,
            **settings,
        )

    def labelled(self, deployment_id: str, label: str) -> list[str]:
        """Blue or green hosts of a deployment."""
        wanted = {"ServerInstanceLabel": [label]}
        answer = self.codedeploy.list_deployment_targets(deploymentId=deployment_id, targetFilters=wanted)
        ids: list[str] = answer["targetIds"]
        return ids

    def until(self, deployment_id: str, status: str) -> None:
        clock.run_until(lambda: self.record(deployment_id).status == status)

    def go_on(self, deployment_id: str, wait: str = "READY_WAIT") -> None:
        self.codedeploy.continue_deployment(deploymentId=deployment_id, deploymentWaitType=wait)

    def serving(self, name: str = "web") -> set[str]:
        """Hosts that get traffic."""
        return {host for host, state in self.health(name).items() if state == "healthy"}

    def remove(self, name: str = "web") -> None:
        """Delete the load balancer, and the target group where there is one."""
        if self.kinds[name] == "classic":
            self.elb.delete_load_balancer(LoadBalancerName=name)
            return
        [front] = self.elbv2.describe_load_balancers(Names=[f"{name}-front"])["LoadBalancers"]
        self.elbv2.delete_load_balancer(LoadBalancerArn=front["LoadBalancerArn"])
        self.elbv2.delete_target_group(TargetGroupArn=self.arns[name])


def _state(one: dict[str, str]) -> str:
    """The state of a classic load balancer's instance in the words of a target group."""
    if one["State"] == "InService":
        return "draining" if "deregistration" in one["Description"] else "healthy"
    return "initial" if one["ReasonCode"] == "ELB" else "unhealthy"
