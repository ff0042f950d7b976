# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""On-premises instances as targets of deployments."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from support.codedeploy_shop import ACCOUNT, EVENTS, Shop

from slipway_emulator.faults import faults
from slipway_emulator.hosts import registry

USER = f"arn:aws:iam::{ACCOUNT}:user/"
TAGS = [{"Key": "site", "Value": "berlin"}]


def register(shop: Shop, name: str) -> str:
    """Register a host with the tags that the group selects; gives its ARN."""
    shop.codedeploy.register_on_premises_instance(instanceName=name, iamUserArn=USER + name)
    shop.codedeploy.add_tags_to_on_premises_instances(tags=TAGS, instanceNames=[name])
    return shop.codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"]["instanceArn"]


@pytest.fixture
def group(shop: Shop) -> dict[str, Any]:
    filters = [{"Key": "site", "Value": "berlin", "Type": "KEY_AND_VALUE"}]
    settings = {"onPremisesInstanceTagFilters": filters, "deploymentConfigName": "CodeDeployDefault.AllAtOnce"}
    shop.group(**settings)
    return settings


def test_a_registered_host_is_deployed_to_like_any_other(shop: Shop, group: dict[str, Any]) -> None:
    arn = register(shop, "rack-1")
    [instance] = shop.hosts(1)
    revision = shop.bundle()
    info = shop.deployed(revision)
    assert (info["status"], info["deploymentOverview"]["Succeeded"]) == ("Succeeded", 2)
    targets = shop.targets(info["deploymentId"])
    assert set(targets) == {"rack-1", instance}
    assert targets["rack-1"]["targetArn"] == arn
    assert list(shop.events(info["deploymentId"], "rack-1")) == EVENTS
    again = shop.deployed(revision, updateOutdatedInstancesOnly=True)
    assert again["errorInformation"]["code"] == "NO_INSTANCES"  # it knows what is on the host


def test_faults_reach_it_by_its_name(shop: Shop, group: dict[str, Any]) -> None:
    register(shop, "rack-1")
    register(shop, "rack-2")
    faults.add({"kind": "agent-stopped", "instance_id": "rack-1"})
    shop.fails(instance_id="rack-2", event="AfterInstall")
    info = shop.deployed(shop.bundle())
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    assert shop.statuses(info["deploymentId"], "rack-1")[0] == "Failed"
    assert shop.events(info["deploymentId"], "rack-2")["AfterInstall"]["status"] == "Failed"


def test_a_name_belongs_to_its_region(shop: Shop, group: dict[str, Any]) -> None:
    here = register(shop, "rack-1")
    there = register(Shop("us-east-1"), "rack-1")
    shop.deployed(shop.bundle())
    deployed, other = registry.get(here), registry.get(there)
    assert deployed is not None
    assert other is not None
    assert (len(deployed.installations), len(other.installations)) == (1, 0)


def test_one_that_was_deregistered_is_no_target_and_keeps_what_it_has(shop: Shop, group: dict[str, Any]) -> None:
    register(shop, "rack-1")
    shop.deployed(shop.bundle("app-1.zip"))
    shop.codedeploy.deregister_on_premises_instance(instanceName="rack-1")
    assert shop.deployed(shop.bundle("app-1.zip"))["errorInformation"]["code"] == "NO_INSTANCES"
    register(shop, "rack-1")
    assert shop.deployed(shop.bundle("app-2.zip"))["status"] == "Succeeded"


def test_systems_manager_does_not_know_it(shop: Shop, group: dict[str, Any]) -> None:
    register(shop, "rack-1")
    found = boto3.client("ssm", shop.region).describe_instance_information()["InstanceInformationList"]
    assert found == []


def test_it_cannot_join_a_load_balancer(shop: Shop, group: dict[str, Any]) -> None:
    elb = boto3.client("elb", shop.region)
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(LoadBalancerName="web", Listeners=[listener], AvailabilityZones=[f"{shop.region}a"])
    register(shop, "rack-1")
    shop.codedeploy.update_deployment_group(
        applicationName="app", currentDeploymentGroupName="prod", **group,
        deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        loadBalancerInfo={"elbInfoList": [{"name": "web"}]},
    )  # fmt: skip
    info = shop.deployed(shop.bundle())
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    assert "rack-1" in shop.events(info["deploymentId"], "rack-1")["AllowTraffic"]["diagnostics"]["message"]
