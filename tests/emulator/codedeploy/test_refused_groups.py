# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a deployment group may not be: each error of the service once."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import ROLE, Shop
from support.deployment_groups import (
    ECS,
    LISTENER,
    PAIR,
    TAG,
    blue_green,
    ecs_services,
    full,
    scaling_group,
    trigger,
    update,
)

from slipway_emulator.faults import faults

OTHER = LISTENER.replace("/web/1/", "/other/9/")


def pair(**more: Any) -> dict[str, Any]:
    return {"loadBalancerInfo": {"targetGroupPairInfoList": [{**PAIR, **more}]}}


NETWORK = {"listenerArns": [LISTENER.replace("/app/", "/net/")]}
COPY = blue_green(greenFleetProvisioningOption={"action": "COPY_AUTO_SCALING_GROUP"})
REFUSED = [
    ("Server", {"ec2TagFilters": [TAG], "ec2TagSet": {"ec2TagSetList": [[TAG]]}}, "InvalidEC2TagCombination"),
    ("Server", {"ec2TagFilters": [{**TAG, "Type": "ANY"}]}, "InvalidEC2Tag"),
    ("Server", {"ec2TagFilters": [{"Type": "KEY_ONLY"}]}, "InvalidEC2Tag"),
    ("Server", {"ec2TagFilters": [TAG] * 11}, "InvalidEC2Tag"),
    ("Server", {"ec2TagFilters": [], "ec2TagSet": {"ec2TagSetList": [[TAG]] * 4}}, "TagSetListLimitExceeded"),
    ("Server", {"onPremisesInstanceTagFilters": [{**TAG, "Type": "ANY"}]}, "InvalidTag"),
    (
        "Server",
        {"onPremisesInstanceTagFilters": [TAG], "onPremisesTagSet": {"onPremisesTagSetList": [[TAG]]}},
        "InvalidOnPremisesTagCombination",
    ),
    ("Server", {"autoScalingGroups": ["none"]}, "InvalidAutoScalingGroup"),
    ("Server", {"autoScalingGroups": [f"g{i}" for i in range(11)]}, "InvalidAutoScalingGroup"),
    (
        "Server",
        {"ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["terminate"]}},
        "InvalidAutoScalingGroupProcessToSuspend",
    ),
    ("Server", {"outdatedInstancesStrategy": "MAYBE"}, "InvalidInput"),
    ("Server", {"deploymentConfigName": "none"}, "DeploymentConfigDoesNotExist"),
    ("Server", {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}, "InvalidDeploymentConfigName"),
    ("Server", {"deploymentStyle": {"deploymentType": "GREEN"}}, "InvalidDeploymentStyle"),
    ("Server", {"deploymentStyle": {"deploymentOption": "WITH_TRAFFIC_CONTROL"}}, "InvalidLoadBalancerInfo"),
    (
        "Server",
        {"loadBalancerInfo": {"elbInfoList": [{"name": str(i)} for i in range(11)]}},
        "InvalidLoadBalancerInfo",
    ),
    ("Server", {"loadBalancerInfo": {"targetGroupPairInfoList": [PAIR]}}, "InvalidLoadBalancerInfo"),
    ("Server", {"ecsServices": ECS["ecsServices"]}, "InvalidECSService"),
    ("Server", {"alarmConfiguration": {"enabled": True, "alarms": []}}, "InvalidAlarmConfig"),
    ("Server", {"alarmConfiguration": {"alarms": [{"name": "a"}, {"name": "a"}]}}, "InvalidAlarmConfig"),
    ("Server", {"alarmConfiguration": {"alarms": [{"name": "x" * 256}]}}, "InvalidAlarmConfig"),
    ("Server", {"alarmConfiguration": {"alarms": [{"name": f"{i}"} for i in range(51)]}}, "AlarmsLimitExceeded"),
    ("Server", {"autoRollbackConfiguration": {"enabled": True, "events": []}}, "InvalidAutoRollbackConfig"),
    ("Server", {"autoRollbackConfiguration": {"enabled": True, "events": ["BORED"]}}, "InvalidAutoRollbackConfig"),
    ("Server", {"triggerConfigurations": [trigger(triggerEvents=["Deploy"])]}, "InvalidTriggerConfig"),
    ("Server", {"triggerConfigurations": [trigger(triggerEvents=[])]}, "InvalidTriggerConfig"),
    ("Server", {"triggerConfigurations": [trigger(triggerTargetArn="topic")]}, "InvalidTriggerConfig"),
    ("Server", {"triggerConfigurations": [trigger(), trigger()]}, "InvalidTriggerConfig"),
    ("Server", {"triggerConfigurations": [trigger()] * 11}, "TriggerTargetsLimitExceeded"),
    (
        "Server",
        blue_green(deploymentReadyOption={"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 5}),
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    (
        "Server",
        blue_green(deploymentReadyOption={"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 0}),
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    (
        "Server",
        blue_green(terminateBlueInstancesOnDeploymentSuccess={"terminationWaitTimeInMinutes": 2881}),
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    (
        "Server",
        blue_green(
            terminateBlueInstancesOnDeploymentSuccess={"action": "KEEP_ALIVE", "terminationWaitTimeInMinutes": 5}
        ),
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    (
        "Server",
        blue_green(greenFleetProvisioningOption={"action": "INVENT"}),
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    ("Server", COPY, "InvalidBlueGreenDeploymentConfiguration"),
    ("Server", {**COPY, "autoScalingGroups": ["one", "two"]}, "InvalidBlueGreenDeploymentConfiguration"),
    ("Server", {"autoScalingGroups": ["one", "one"]}, "InvalidAutoScalingGroup"),
    ("Server", {"autoScalingGroups": ["full"]}, "LifecycleHookLimitExceeded"),
    (
        "Server",
        {"ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["Terminate", "Terminate"]}},
        "InvalidAutoScalingGroupProcessToSuspend",
    ),
    ("Server", {"loadBalancerInfo": {"targetGroupInfoList": [{}]}}, "InvalidLoadBalancerInfo"),
    ("Server", {"serviceRoleArn": "deployer"}, "InvalidRole"),
    ("Server", {"deploymentConfigName": "no name"}, "InvalidDeploymentConfigName"),
    ("Server", {"tags": [{"Key": "aws:x", "Value": "y"}]}, "InvalidTagsToAdd"),
    ("Server", {"tags": [{"Key": "x", "Value": "y"}] * 2}, "InvalidTagsToAdd"),
    ("Server", {"applicationName": "none"}, "ApplicationDoesNotExist"),
    ("Server", {"applicationName": "no name"}, "InvalidApplicationName"),
    ("Server", {"deploymentGroupName": "no name"}, "InvalidDeploymentGroupName"),
    ("Lambda", {"autoScalingGroups": ["one"]}, "InvalidAutoScalingGroup"),
    ("Lambda", {"loadBalancerInfo": {"elbInfoList": [{"name": "a"}]}}, "InvalidLoadBalancerInfo"),
    ("Lambda", COPY, "InvalidBlueGreenDeploymentConfiguration"),
    ("Lambda", {"ecsServices": ECS["ecsServices"]}, "InvalidECSService"),
    ("ECS", {**ECS, "ecsServices": ECS["ecsServices"] * 2}, "InvalidECSService"),
    ("ECS", {**ECS, "loadBalancerInfo": {"targetGroupPairInfoList": [PAIR, PAIR]}}, "InvalidTargetGroupPair"),
    (
        "ECS",
        {**ECS, "loadBalancerInfo": {"targetGroupPairInfoList": [{**PAIR, "prodTrafficRoute": {"listenerArns": []}}]}},
        "InvalidTargetGroupPair",
    ),
    (
        "ECS",
        {
            **ECS,
            "loadBalancerInfo": {"targetGroupPairInfoList": [{**PAIR, "prodTrafficRoute": NETWORK}]},
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        },
        "InvalidTrafficRoutingConfiguration",
    ),
    ("Lambda", {"deploymentStyle": {"deploymentType": "IN_PLACE"}}, "InvalidDeploymentStyle"),
    ("Lambda", {"ec2TagFilters": [TAG]}, "InvalidEC2Tag"),
    ("ECS", {**ECS, "autoScalingGroups": []}, "InvalidAutoScalingGroup"),
    ("ECS", {**ECS, "ecsServices": []}, "InvalidECSService"),
    (
        "ECS",
        {**ECS, "loadBalancerInfo": {"targetGroupPairInfoList": [{**PAIR, "targetGroups": [{"name": "a"}]}]}},
        "InvalidTargetGroupPair",
    ),
    (
        "ECS",
        {**ECS, **blue_green(greenFleetProvisioningOption={"action": "DISCOVER_EXISTING"})},
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    (
        "ECS",
        {**ECS, **blue_green(terminateBlueInstancesOnDeploymentSuccess={"action": "KEEP_ALIVE"})},
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    (
        "ECS",
        {**ECS, **blue_green(deploymentReadyOption={"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 1})},
        "InvalidBlueGreenDeploymentConfiguration",
    ),
    ("ECS", {**ECS, "blueGreenDeploymentConfiguration": {}}, "InvalidBlueGreenDeploymentConfiguration"),
    ("ECS", {**ECS, "loadBalancerInfo": {}}, "InvalidLoadBalancerInfo"),
    ("ECS", {**ECS, "loadBalancerInfo": {"targetGroupInfoList": [{"name": "a"}]}}, "InvalidLoadBalancerInfo"),
    ("ECS", {**ECS, **pair(targetGroups=[{"name": "a"}] * 2)}, "InvalidTargetGroupPair"),
    ("ECS", {**ECS, **pair(testTrafficRoute={"listenerArns": [LISTENER]})}, "InvalidTargetGroupPair"),
    ("ECS", {**ECS, **pair(testTrafficRoute={"listenerArns": [OTHER]})}, "InvalidTargetGroupPair"),
    ("ECS", {**ECS, "ecsServices": [{"clusterName": "c", "serviceName": "none"}]}, "InvalidECSService"),
    ("ECS", {**ECS, "ecsServices": [{"clusterName": "none", "serviceName": "s"}]}, "InvalidECSService"),
    ("ECS", {**ECS, "ecsServices": [{"clusterName": "c", "serviceName": "u"}]}, "InvalidECSService"),
]
# Errors of CreateDeploymentGroup that settings alone do not bring about, and where their test is.
ELSEWHERE = {
    "ApplicationNameRequired": "a client does not send such a request",
    "DeploymentGroupNameRequired": "a client does not send such a request",
    "RoleRequired": "a client does not send such a request",
    "Throttling": "the fault throttle",
    "DeploymentGroupAlreadyExists": "test_what_another_group_has_is_taken",
    "ECSServiceMappingLimitExceeded": "test_what_another_group_has_is_taken",
    "DeploymentGroupLimitExceeded": "test_the_number_of_groups_is_limited",
}


def test_every_error_of_the_model_has_a_case() -> None:
    model = botocore.session.get_session().get_service_model("codedeploy").operation_model("CreateDeploymentGroup")
    errors = {shape.name.removesuffix("Exception") for shape in model.error_shapes}
    assert errors == {code for _platform, _settings, code in REFUSED} | set(ELSEWHERE)


@pytest.mark.parametrize(("platform", "settings", "code"), REFUSED)
def test_refused_settings(shop: Shop, platform: str, settings: dict[str, Any], code: str) -> None:
    shop.codedeploy.create_application(applicationName="app", computePlatform=platform)
    ecs_services()
    for name in sorted({"one", "two", "full"} & set(settings.get("autoScalingGroups", []))):
        full(scaling_group(name, region=shop.region)) if name == "full" else scaling_group(name, region=shop.region)
    whole = {"applicationName": "app", "deploymentGroupName": "prod", "serviceRoleArn": ROLE, **settings}
    with pytest.raises(ClientError) as refused:
        shop.codedeploy.create_deployment_group(**whole)
    assert refused.value.response["Error"]["Code"] == f"{code}Exception"
    assert shop.codedeploy.list_deployment_groups(applicationName="app")["deploymentGroups"] == []


def test_what_another_group_has_is_taken(shop: Shop) -> None:
    shop.codedeploy.create_application(applicationName="app", computePlatform="ECS")
    ecs_services()

    def create(name: str, **settings: Any) -> Any:
        whole = {"applicationName": "app", "deploymentGroupName": name, "serviceRoleArn": ROLE, **ECS, **settings}
        return shop.codedeploy.create_deployment_group(**whole)

    create("prod")
    with pytest.raises(shop.codedeploy.exceptions.DeploymentGroupAlreadyExistsException):
        create("prod")
    arns = {"clusterName": "arn:aws:ecs:eu-west-1:123456789012:cluster/c", "serviceName": "s"}
    for service in (ECS["ecsServices"][0], arns):
        with pytest.raises(shop.codedeploy.exceptions.ECSServiceMappingLimitExceededException):
            create("other", ecsServices=[service])
    create("other", ecsServices=[{"clusterName": "c", "serviceName": "t"}])
    with pytest.raises(shop.codedeploy.exceptions.ECSServiceMappingLimitExceededException):
        update(shop, ecsServices=[{"clusterName": "c", "serviceName": "t"}])
    assert update(shop, ecsServices=ECS["ecsServices"])["ecsServices"] == ECS["ecsServices"]


def test_the_number_of_groups_is_limited(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto.codedeploy.limits.GROUPS", 1)
    shop.group()
    with pytest.raises(shop.codedeploy.exceptions.DeploymentGroupLimitExceededException):
        shop.group("other")


def test_a_copied_fleet_has_one_group(shop: Shop) -> None:
    scaling_group("one", region=shop.region)
    scaling_group("two", region=shop.region)
    shop.group(ec2TagFilters=[], autoScalingGroups=["one"], **COPY)
    with pytest.raises(shop.codedeploy.exceptions.InvalidBlueGreenDeploymentConfigurationException):
        update(shop, autoScalingGroups=["one", "two"])
    assert [each["name"] for each in shop.group_info()["autoScalingGroups"]] == ["one"]


@pytest.mark.parametrize("name", ["with space", "x" * 101, "slash/y"])
def test_refused_names(shop: Shop, name: str) -> None:
    with pytest.raises(shop.codedeploy.exceptions.InvalidDeploymentGroupNameException):
        shop.group(name)


@pytest.mark.parametrize(
    ("arn", "text"),
    [
        ("role", "invalid format"),
        ("arn:aws-cn:iam::123456789012:role/x", "invalid format"),
        ("arn:aws:iam::999999999999:role/x", "Cross-account"),
        ("arn:aws:iam::123456789012:role/other", "does not have the permissions required to assume the role"),
    ],
)
def test_refused_roles(shop: Shop, arn: str, text: str) -> None:
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    boto3.client("iam", "us-east-1").create_role(RoleName="other", AssumeRolePolicyDocument=trust)
    shop.codedeploy.create_application(applicationName="app")
    with pytest.raises(shop.codedeploy.exceptions.InvalidRoleException, match=text):
        shop.codedeploy.create_deployment_group(applicationName="app", deploymentGroupName="prod", serviceRoleArn=arn)


def test_a_role_that_is_not_ready_yet(shop: Shop) -> None:
    faults.add({"kind": "role-not-assumable", "times": 1})
    with pytest.raises(shop.codedeploy.exceptions.InvalidRoleException):
        shop.group()
    shop.group()
    assert shop.group_info()["serviceRoleArn"] == ROLE
