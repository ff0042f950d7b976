# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployment groups: validation, update semantics, what Get answers, hooks on Auto Scaling groups."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import ROLE, Shop

from slipway_emulator.faults import faults

TAG = {"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:deployments"
SHIFT = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2"
PAIR = {"targetGroups": [{"name": "a"}, {"name": "b"}], "prodTrafficRoute": {"listenerArns": [LISTENER]}}
ECS = {
    "ecsServices": [{"clusterName": "c", "serviceName": "s"}],
    "loadBalancerInfo": {"targetGroupPairInfoList": [PAIR]},
    "deploymentStyle": SHIFT,
}


def update(shop: Shop, **settings: Any) -> dict[str, Any]:
    shop.codedeploy.update_deployment_group(applicationName="app", currentDeploymentGroupName="prod", **settings)
    return shop.group_info()


def scaling_group(shop: Shop, name: str = "web", size: int = 0) -> Any:
    autoscaling = boto3.client("autoscaling", shop.region)
    autoscaling.create_launch_configuration(
        LaunchConfigurationName=f"{name}-lc", ImageId="ami-12c6146b", InstanceType="t2.micro"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=f"{name}-lc",
        MinSize=size,
        MaxSize=5,
        DesiredCapacity=size,
        AvailabilityZones=[f"{shop.region}a"],
    )
    return autoscaling


def trigger(**more: Any) -> dict[str, Any]:
    return {"triggerName": "t", "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentStart"], **more}


def blue_green(**block: Any) -> dict[str, Any]:
    return {"blueGreenDeploymentConfiguration": block}


@pytest.mark.parametrize(
    ("platform", "settings", "code"),
    [
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
            blue_green(terminateBlueInstancesOnDeploymentSuccess={"terminationWaitTimeInMinutes": 2881}),
            "InvalidBlueGreenDeploymentConfiguration",
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
    ],
)
def test_refused_settings(shop: Shop, platform: str, settings: dict[str, Any], code: str) -> None:
    shop.codedeploy.create_application(applicationName="app", computePlatform=platform)
    with pytest.raises(ClientError) as refused:
        shop.codedeploy.create_deployment_group(
            applicationName="app", deploymentGroupName="prod", serviceRoleArn=ROLE, **settings
        )
    assert refused.value.response["Error"]["Code"] == f"{code}Exception"
    assert shop.codedeploy.list_deployment_groups(applicationName="app")["deploymentGroups"] == []


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


def test_what_get_answers_for_a_bare_group(shop: Shop) -> None:
    shop.group(ec2TagFilters=[])
    info = shop.group_info()
    assert info["deploymentConfigName"] == "CodeDeployDefault.OneAtATime"
    assert info["deploymentStyle"] == {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    assert info["autoRollbackConfiguration"] == {"enabled": False}
    assert info["onPremisesTagSet"] == {"onPremisesTagSetList": []}
    absent = (
        "alarmConfiguration",
        "loadBalancerInfo",
        "ec2TagSet",
        "targetRevision",
        "blueGreenDeploymentConfiguration",
    )
    assert [name for name in absent if name in info] == []
    assert "tags" not in info


def test_every_block_comes_back(shop: Shop) -> None:
    settings = {
        "deploymentConfigName": "CodeDeployDefault.AllAtOnce",
        "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "a"}]},
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        "triggerConfigurations": [trigger()],
        "loadBalancerInfo": {"targetGroupInfoList": [{"name": "web"}]},
        "deploymentStyle": SHIFT,
        "outdatedInstancesStrategy": "IGNORE",
        "terminationHookEnabled": True,
        **blue_green(deploymentReadyOption={"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 5}),
    }
    shop.group(**settings)
    info = shop.group_info()
    assert {name: info[name] for name in settings} == settings


def test_an_ecs_group_is_stored(shop: Shop) -> None:
    shop.codedeploy.create_application(applicationName="app", computePlatform="ECS")
    made = shop.codedeploy.create_deployment_group(
        applicationName="app", deploymentGroupName="prod", serviceRoleArn=ROLE, **ECS
    )
    info = shop.group_info()
    assert (info["deploymentGroupId"], info["computePlatform"]) == (made["deploymentGroupId"], "ECS")
    assert info["ecsServices"] == ECS["ecsServices"]
    assert info["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"


FULL = {
    "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": False, "alarms": [{"name": "a"}]},
    "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    "triggerConfigurations": [trigger()],
    "loadBalancerInfo": {"targetGroupInfoList": [{"name": "web"}]},
}


@pytest.mark.parametrize(
    ("name", "empty", "shown"),
    [
        (
            "alarmConfiguration",
            {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
            {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
        ),
        ("autoRollbackConfiguration", {"enabled": False, "events": []}, {"enabled": False}),
        ("triggerConfigurations", [], []),
        ("loadBalancerInfo", {}, None),
        ("ec2TagFilters", [], []),
    ],
)
def test_an_update_keeps_what_is_not_given_and_empties_what_is_given_empty(
    shop: Shop, name: str, empty: Any, shown: Any
) -> None:
    shop.group(**FULL)
    before = shop.group_info()
    assert update(shop, outdatedInstancesStrategy="IGNORE") == {**before, "outdatedInstancesStrategy": "IGNORE"}
    after = update(shop, **{name: empty})
    assert after.get(name) == shown
    others = [n for n in before if n not in (name, "outdatedInstancesStrategy")]
    assert {n: after.get(n) for n in others} == {n: before[n] for n in others}


def test_a_selection_given_in_part_loses_the_tags_not_given(shop: Shop) -> None:
    shop.group()
    assert update(shop, autoScalingGroups=[])["ec2TagFilters"] == []


def test_filters_and_sets_can_be_exchanged(shop: Shop) -> None:
    shop.group()
    grouped = {"ec2TagSetList": [[TAG]]}
    after = update(shop, ec2TagSet=grouped, ec2TagFilters=[])
    assert (after["ec2TagFilters"], after["ec2TagSet"]) == ([], grouped)
    after = update(shop, ec2TagSet={"ec2TagSetList": []}, ec2TagFilters=[TAG])
    assert after["ec2TagFilters"] == [TAG]
    assert "ec2TagSet" not in after


def test_a_refused_update_changes_nothing(shop: Shop) -> None:
    shop.group()
    before = shop.group_info()
    with pytest.raises(shop.codedeploy.exceptions.InvalidAlarmConfigException):
        update(shop, alarmConfiguration={"enabled": True}, outdatedInstancesStrategy="IGNORE")
    assert shop.group_info() == before


def test_rename(shop: Shop) -> None:
    group_id = shop.group(tags=[{"Key": "team", "Value": "web"}])
    shop.group("other")
    with pytest.raises(shop.codedeploy.exceptions.DeploymentGroupAlreadyExistsException):
        update(shop, newDeploymentGroupName="other")
    shop.codedeploy.update_deployment_group(
        applicationName="app", currentDeploymentGroupName="prod", newDeploymentGroupName="live"
    )
    assert shop.group_info("live")["deploymentGroupId"] == group_id
    arn = f"arn:aws:codedeploy:{shop.region}:123456789012:deploymentgroup:app/live"
    assert shop.codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "web"}]
    with pytest.raises(shop.codedeploy.exceptions.DeploymentGroupDoesNotExistException):
        shop.group_info("prod")


def test_deleting_twice(shop: Shop) -> None:
    shop.group()
    for _time in range(2):
        answer = shop.codedeploy.delete_deployment_group(applicationName="app", deploymentGroupName="prod")
        assert answer["hooksNotCleanedUp"] == []
    assert shop.codedeploy.list_deployment_groups(applicationName="app")["deploymentGroups"] == []


def test_batch_names_what_is_missing(shop: Shop) -> None:
    shop.group()
    ask = shop.codedeploy.batch_get_deployment_groups
    answer = ask(applicationName="app", deploymentGroupNames=["prod", "none"])
    assert [g["deploymentGroupName"] for g in answer["deploymentGroupsInfo"]] == ["prod"]
    assert "none" in answer["errorMessage"]
    with pytest.raises(shop.codedeploy.exceptions.BatchLimitExceededException):
        ask(applicationName="app", deploymentGroupNames=["x"] * 101)


def test_hooks_come_and_go_with_the_groups(shop: Shop) -> None:
    autoscaling = scaling_group(shop)

    def hooks() -> list[str]:
        found = autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="web")["LifecycleHooks"]
        return [hook["LifecycleHookName"] for hook in found]

    shop.group(ec2TagFilters=[], autoScalingGroups=["web"])
    (shown,) = shop.group_info()["autoScalingGroups"]
    assert shown == {"name": "web", "hook": hooks()[0]}
    assert shown["hook"].startswith("CodeDeploy-managed-automatic-launch-deployment-hook-prod-")
    assert update(shop, autoScalingGroups=["web"])["autoScalingGroups"] == [shown]
    assert update(shop, autoScalingGroups=[])["autoScalingGroups"] == []
    assert hooks() == []
    update(shop, autoScalingGroups=["web"])
    assert len(hooks()) == 1


def test_a_termination_hook_comes_with_its_setting(shop: Shop) -> None:
    autoscaling = scaling_group(shop)

    def transitions() -> list[str]:
        found = autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="web")["LifecycleHooks"]
        return [hook["LifecycleTransition"].rpartition("_")[2] for hook in found]

    shop.group(ec2TagFilters=[], autoScalingGroups=["web"], terminationHookEnabled=True)
    (shown,) = shop.group_info()["autoScalingGroups"]
    assert shown["terminationHook"].startswith("CodeDeploy-managed-automatic-termination-deployment-hook-prod-")
    assert transitions() == ["LAUNCHING", "TERMINATING"]
    update(shop, terminationHookEnabled=False)
    assert transitions() == ["LAUNCHING"] and "terminationHook" not in shop.group_info()["autoScalingGroups"][0]


def test_a_hook_that_is_lost_comes_back_only_with_the_group(shop: Shop) -> None:
    autoscaling = scaling_group(shop)
    shop.group(ec2TagFilters=[], autoScalingGroups=["web"])
    (shown,) = shop.group_info()["autoScalingGroups"]
    autoscaling.delete_lifecycle_hook(AutoScalingGroupName="web", LifecycleHookName=shown["hook"])

    def hooks() -> list[str]:
        found = autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="web")["LifecycleHooks"]
        return [hook["LifecycleHookName"] for hook in found]

    assert update(shop, autoScalingGroups=["web"])["autoScalingGroups"] == [shown] and hooks() == []
    update(shop, autoScalingGroups=[])
    (again,) = update(shop, autoScalingGroups=["web"])["autoScalingGroups"]
    assert hooks() == [again["hook"]] and again != shown
    shop.codedeploy.delete_application(applicationName="app")
    assert hooks() == []
