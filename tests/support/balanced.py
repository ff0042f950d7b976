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
from support.balancers import Balancers
from support.codedeploy_shop import REGION
from support.fleets import Fleet

BLOCK = ["BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic"]
ALLOW = ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]
HEALTHY_SECONDS = 20
FLEET = "storefront"  # the Auto Scaling group
BLUE_GREEN = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
WITH_TRAFFIC = {"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


class Balanced(Fleet, Balancers):
    """A fleet with load balancers."""

    def __init__(self, region: str = REGION) -> None:
        Fleet.__init__(self, region)
        Balancers.__init__(self, lambda service: boto3.client(service, region))

    def join(self, hosts: list[str], name: str = "web") -> None:
        """Register hosts and let them become healthy."""
        if self.kinds[name] == "classic":
            members = [{"InstanceId": host} for host in hosts]
            self.elb.register_instances_with_load_balancer(LoadBalancerName=name, Instances=members)
        else:
            self.elbv2.register_targets(TargetGroupArn=self.arns[name], Targets=[{"Id": host} for host in hosts])
        clock.advance(HEALTHY_SECONDS + 1)

    def attach(self, group: str, name: str = "web") -> None:
        """Have an Auto Scaling group behind a load balancer, all its hosts healthy."""
        super().attach(group, name)
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
