# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancers of every kind, and what they say of their hosts in the same words."""

from __future__ import annotations

import typing as t

DRAIN_SECONDS = 30
KINDS = ("classic", "application", "network")


class Balancers:
    """Those that a test made. `kinds`: by the name of a load balancer or target group, which kind it is."""

    def __init__(self, client: t.Callable[[str], t.Any]) -> None:
        self.elb, self.elbv2, self.autoscaling = client("elb"), client("elbv2"), client("autoscaling")
        self.subnets: list[dict[str, t.Any]] = client("ec2").describe_subnets()["Subnets"]
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
        subnets = [self.subnets[0]["SubnetId"]]
        self.elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=subnets)
        check = {"Target": "HTTP:80/", "Interval": 10, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
        self.elb.configure_health_check(LoadBalancerName=name, HealthCheck=check)
        draining = {"ConnectionDraining": {"Enabled": True, "Timeout": DRAIN_SECONDS}}
        self.elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=draining)

    def _modern(self, kind: str, name: str) -> None:
        subnets = [subnet["SubnetId"] for subnet in self.subnets][:2]
        protocol = "HTTP" if kind == "application" else "TCP"
        arn = self.elbv2.create_target_group(
            Name=name, Protocol=protocol, Port=80, VpcId=self.subnets[0]["VpcId"], TargetType="instance",
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

    def attach(self, group: str, name: str = "web") -> None:
        """Have an Auto Scaling group behind a load balancer."""
        if self.kinds[name] == "classic":
            self.autoscaling.attach_load_balancers(AutoScalingGroupName=group, LoadBalancerNames=[name])
        else:
            self.autoscaling.attach_load_balancer_target_groups(
                AutoScalingGroupName=group, TargetGroupARNs=[self.arns[name]]
            )

    def health(self, name: str = "web") -> dict[str, str]:
        """State of every host that is known: initial, healthy, draining or unhealthy, whatever the kind."""
        if self.kinds[name] != "classic":
            found = self.elbv2.describe_target_health(TargetGroupArn=self.arns[name])["TargetHealthDescriptions"]
            return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}
        states = self.elb.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
        return {one["InstanceId"]: _state(one) for one in states}

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
