# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployment groups: update semantics, what Get answers, hooks on Auto Scaling groups."""

from __future__ import annotations

from typing import Any

import pytest
from support.codedeploy_shop import ROLE, Shop
from support.deployment_groups import ECS, SHIFT, TAG, blue_green, ecs_services, scaling_group, trigger, update


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
    ecs_services()
    shop.codedeploy.create_application(applicationName="app", computePlatform="ECS")
    made = shop.codedeploy.create_deployment_group(
        applicationName="app", deploymentGroupName="prod", serviceRoleArn=ROLE, **ECS
    )
    info = shop.group_info()
    assert (info["deploymentGroupId"], info["computePlatform"]) == (made["deploymentGroupId"], "ECS")
    assert info["ecsServices"] == ECS["ecsServices"]
    assert info["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    assert info["blueGreenDeploymentConfiguration"] == {
        "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 0},
    }


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
    autoscaling = scaling_group(region=shop.region)

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
    autoscaling = scaling_group(region=shop.region)

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
    autoscaling = scaling_group(region=shop.region)
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
