# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traffic shifting leaves alone what it does not move: services, functions and groups that others made in every unusual way keep every setting."""

from __future__ import annotations

import json
import typing as t

import boto3
import pytest
from support.ecs_shop import EcsShop
from support.lambda_shop import LambdaShop
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock

GROUP = {"application_name": "app", "deployment_group_name": "prod"}
REGION = CONNECTION["region"]
TOPIC = f"arn:aws:sns:{REGION}:123456789012:releases"
REGISTRY = f"arn:aws:servicediscovery:{REGION}:123456789012:service/srv-utcrh6wavdkggqtk"
# What deployments change, what is counted, and what the answer of a call is wrapped in.
MOVING = {
    "taskDefinition", "taskSets", "deployments", "events", "loadBalancers", "runningCount", "pendingCount",
    "lastSuccessfulDeployment", "lastAttemptedDeployment", "targetRevision", "FunctionVersion", "RevisionId",
    "ResponseMetadata",
}  # fmt: skip
OF_A_SET = {
    "id", "taskSetArn", "createdAt", "updatedAt", "stabilityStatusAt", "externalId", "startedBy", "taskDefinition", "loadBalancers",
    "tags",
}  # fmt: skip
AMI = "ami-03cf127a"  # one that moto has
PLACED = {"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}
SPOT = [
    {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
    {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 3},
]
# Members of CreateService.
SERVICES: dict[str, dict[str, t.Any]] = {
    "an older platform": {"platformVersion": "1.3.0"},
    "capacity providers": {"launchType": None, "capacityProviderStrategy": SPOT},
    "limits, a grace period and tags": {
        "healthCheckGracePeriodSeconds": 77,
        "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "tags": [{"key": "team", "value": "shop"}],
    },
    "service discovery, and Service Connect that is off": {
        "serviceRegistries": [{"registryArn": REGISTRY, "containerName": "web", "containerPort": 80}],
        "serviceConnectConfiguration": {"enabled": False},
        "availabilityZoneRebalancing": "DISABLED",
    },
    "a public address and a security group": {"networkConfiguration": {"awsvpcConfiguration": {}}},  # filled in below
}
ALARMS = {"enabled": False, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}]}
TRIGGERS = [
    {"triggerName": "told", "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentFailure", "DeploymentReady"]}
]
TERMINATE = {
    "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
    "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 7},
}
ON_REQUEST = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]}
# Members of CreateDeploymentGroup; those of the waits are for ECS only.
GROUPS: dict[str, dict[str, t.Any]] = {
    "alarms that are off, a rollback on request only, a wait": {
        "alarmConfiguration": ALARMS,
        "autoRollbackConfiguration": ON_REQUEST,
        "blueGreenDeploymentConfiguration": TERMINATE,
    },
    "triggers, a rollback that is off but has events, tags, a strategy for outdated hosts": {
        "triggerConfigurations": TRIGGERS,
        "autoRollbackConfiguration": {"enabled": False, "events": ["DEPLOYMENT_FAILURE"]},
        "tags": [{"Key": "team", "Value": "shop"}],
        "outdatedInstancesStrategy": "IGNORE",
    },
}


def still(shape: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in shape.items() if name not in MOVING and value != {}}


def group_of(shop: LambdaShop) -> dict[str, t.Any]:
    """The group, its tags, and the application."""
    arn = f"arn:aws:codedeploy:{REGION}:123456789012:deploymentgroup:app/prod"
    application = shop.codedeploy.get_application(applicationName="app")["application"]
    tags = shop.codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {**still(shop.group_info()), "tags": tags, "application": application}


def service_of(shop: EcsShop, name: str = "web") -> dict[str, t.Any]:
    """The service, what the tasks that serve have, both target groups and both listeners but for where they forward to."""
    described = shop.ecs.describe_services(cluster="shop", services=[name], include=["TAGS"])["services"][0]
    primary = next(one for one in described["taskSets"] if one["status"] == "PRIMARY")
    tasks = {name: value for name, value in primary.items() if name not in OF_A_SET}
    groups = [
        shop.elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"] for arn in (shop.one, shop.two)
    ]
    listeners = shop.elbv2.describe_listeners(ListenerArns=[shop.production, shop.test])["Listeners"]
    kept = [{name: value for name, value in one.items() if name != "DefaultActions"} for one in listeners]
    return {**still(described), "tasks": tasks, "target groups": groups, "listeners": kept}


def alias_of(shop: LambdaShop) -> dict[str, t.Any]:
    functions = shop.functions
    asked = {"FunctionName": "fn"}
    return {
        "alias": still(functions.get_alias(FunctionName="fn", Name="live")),
        "other": functions.get_alias(FunctionName="fn", Name="beta")["RoutingConfig"],
        "function": still(functions.get_function_configuration(**asked)),
        "version": still(functions.get_function_configuration(**asked, Qualifier="1")),
        "provisioned": functions.list_provisioned_concurrency_configs(**asked)["ProvisionedConcurrencyConfigs"],
        "reserved": functions.get_function_concurrency(**asked).get("ReservedConcurrentExecutions"),
        "tags": functions.list_tags(Resource=functions.get_function(**asked)["Configuration"]["FunctionArn"])["Tags"],
    }


def ensured(platform: str, role: str) -> None:
    """As the roles do it, where the user names nothing: no setting is sent, so nothing is written."""
    for module, options in (
        ("codedeploy_application", {"name": "app", "compute_platform": platform}),
        ("codedeploy_deployment_group", {"application_name": "app", "name": "prod", "service_role_arn": role}),
    ):
        made = run_module(module, options)
        assert not made.failed and not made.writes, made.msg


def deployed(**options: t.Any) -> Outcome:
    done = run_module("codedeploy_deployment", {**GROUP, "wait_delay": 150, **options})
    assert not done.failed and done.changed, done.msg
    again = run_module("codedeploy_deployment", {**GROUP, **options})
    assert not again.writes, again.msg
    return done


def secured() -> dict[str, t.Any]:
    ec2 = boto3.client("ec2", REGION)
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:1]
    groups = [one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]][:1]
    return {"subnets": subnets, "securityGroups": groups, "assignPublicIp": "ENABLED"}


def release(shop: EcsShop, image: str, service: str = "web") -> str:
    """A revision of what runs with another image, and nothing else in another way."""
    asked = {"cluster": "shop", "service": service, "containers": [{"name": "web", "image": image}]}
    made = run_module("ecs_task_definition_revision", asked)
    assert made.changed, made.msg
    return str(made["task_definition"]["task_definition_arn"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_keeps_what_it_has(world: None, name: str) -> None:
    settings = dict(SERVICES[name])
    if "networkConfiguration" in settings:
        settings["networkConfiguration"] = {"awsvpcConfiguration": secured()}
    shop = EcsShop(REGION, **settings)
    shop.ecs_group(test=True)
    before = service_of(shop)
    deployed(ecs={"task_definition": release(shop, "nginx:2")})
    assert service_of(shop) == before


def test_a_service_on_instances_keeps_what_it_has(world: None) -> None:
    """Without the network that tasks on Fargate have, and with ports that are chosen for each task."""
    shop = EcsShop(REGION)
    container = {"name": "web", "image": "nginx:1", "memory": 100, "portMappings": [{"containerPort": 80}]}
    shop.ecs.register_task_definition(family="plain", containerDefinitions=[container], placementConstraints=[PLACED])
    pair = [shop.target_group(name, TargetType="instance") for name in ("blue", "green")]
    for listener in (shop.production, shop.test):
        shop.elbv2.modify_listener(
            ListenerArn=listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": pair[0]}]
        )
    [host] = shop.ec2.run_instances(ImageId=AMI, MinCount=1, MaxCount=1)["Instances"]
    document = json.dumps({"instanceId": host["InstanceId"]})
    shop.ecs.register_container_instance(cluster="shop", instanceIdentityDocument=document)
    shop.service(
        "plain", taskDefinition="plain", launchType="EC2", networkConfiguration=None, loadBalancers=shop.behind(pair[0]),
    )  # fmt: skip
    clock.advance(300)
    named = [{"serviceName": "plain", "clusterName": "shop"}]
    targets = [{"name": name} for name in ("blue", "green")]
    routes = {
        "prodTrafficRoute": {"listenerArns": [shop.production]},
        "testTrafficRoute": {"listenerArns": [shop.test]},
    }
    shop.ecs_group(
        ecsServices=named, loadBalancerInfo={"targetGroupPairInfoList": [{"targetGroups": targets, **routes}]}
    )
    before = service_of(shop, "plain")
    deployed(ecs={"task_definition": release(shop, "nginx:2", "plain")})
    assert service_of(shop, "plain") == before


def test_a_revision_keeps_what_the_task_definition_has(world: None) -> None:
    shop = EcsShop(REGION)
    shop.ecs_group()
    container = {
        "name": "web", "image": "nginx:1", "portMappings": [{"containerPort": 80}], "essential": True, "stopTimeout": 99,
        "environment": [{"name": "LEVEL", "value": "info"}], "secrets": [{"name": "KEY", "valueFrom": "/shop/key"}],
        "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 7}, "readonlyRootFilesystem": True,
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}},
    }  # fmt: skip
    side = {
        "name": "side",
        "image": "envoy:1",
        "essential": False,
        "dependsOn": [{"containerName": "web", "condition": "START"}],
    }
    first = shop.revision(
        "nginx:1", containerDefinitions=[container, side], ephemeralStorage={"sizeInGiB": 40},
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}, volumes=[{"name": "data"}],
        tags=[{"key": "team", "value": "shop"}],
    )  # fmt: skip
    shop.swapped(first)

    def defined() -> dict[str, t.Any]:
        serves = shop.described()["taskSets"][0]["taskDefinition"]
        found = shop.ecs.describe_task_definition(taskDefinition=serves, include=["TAGS"])
        plain = {
            n: v
            for n, v in found["taskDefinition"].items()
            if n not in ("taskDefinitionArn", "revision", "registeredAt")
        }
        plain["containerDefinitions"] = [{**one, "image": "any"} for one in plain["containerDefinitions"]]
        return {**plain, "tags": found["tags"]}

    before = defined()
    deployed(ecs={"task_definition": release(shop, "nginx:2")})
    assert defined() == before


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_of_a_service_keeps_what_it_has(world: None, name: str) -> None:
    boto3.client("sns", REGION).create_topic(Name="releases")
    shop = EcsShop(REGION)
    shop.alarm("OK")
    shop.ecs_group("ECSLinear10PercentEvery1Minutes", test=True, **GROUPS[name])
    before, around = group_of(shop), service_of(shop)
    ensured("ECS", before["serviceRoleArn"])
    deployed(ecs={"task_definition": release(shop, "nginx:2")}, wait_until="traffic_moved")
    assert group_of(shop) == before
    clock.advance(3600)
    assert service_of(shop) == around


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_of_a_function_and_its_alias_keep_what_they_have(world: None, name: str) -> None:
    boto3.client("sns", REGION).create_topic(Name="releases")
    shop = LambdaShop(REGION)
    settings = {member: value for member, value in GROUPS[name].items() if not member.startswith("blueGreen")}
    shop.lambda_group("LambdaCanary10Percent5Minutes", **settings)
    functions = shop.functions
    functions.update_alias(FunctionName="fn", Name="live", Description="what customers use")
    functions.create_alias(
        FunctionName="fn", Name="beta", FunctionVersion="1", Description="half",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )  # fmt: skip
    functions.put_function_concurrency(FunctionName="fn", ReservedConcurrentExecutions=9)
    functions.put_provisioned_concurrency_config(FunctionName="fn", Qualifier="live", ProvisionedConcurrentExecutions=3)
    clock.advance(60)
    functions.tag_resource(
        Resource=functions.get_function(FunctionName="fn")["Configuration"]["FunctionArn"], Tags={"a": "b"}
    )
    before, around = group_of(shop), alias_of(shop)
    ensured("Lambda", before["serviceRoleArn"])
    deployed(**{"lambda": {"function_name": "fn", "alias": "live", "target_version": "2"}})
    assert (group_of(shop), alias_of(shop)) == (before, around) and shop.routing() == {"2": 1.0}


def test_a_group_that_waits_for_approval_keeps_what_it_has(world: None) -> None:
    shop = EcsShop(REGION)
    waits = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30}
    shop.ecs_group(test=True, blueGreenDeploymentConfiguration={**TERMINATE, "deploymentReadyOption": waits})
    before, around = group_of(shop), service_of(shop)
    deployed(ecs={"task_definition": release(shop, "nginx:2")}, wait_until="ready")
    done = run_module("codedeploy_deployment", {**GROUP, "state": "continued", "wait_delay": 150})
    assert done["deployment"]["status"] == "Succeeded", done.msg
    assert (group_of(shop), service_of(shop)) == (before, around)
