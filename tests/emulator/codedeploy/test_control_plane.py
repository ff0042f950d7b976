# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Applications, configurations, revisions, tags, on-premises instances: the rest of the API."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import ROLE, Shop

from slipway_emulator.clock import clock
from slipway_emulator.world import world

USER = "arn:aws:iam::123456789012:user/host"


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_application_from_birth_to_death(shop: Shop) -> None:
    client = shop.codedeploy
    made = client.create_application(applicationName="app")["applicationId"]
    told = client.get_application(applicationName="app")["application"]
    assert (told["applicationId"], told["computePlatform"], told["linkedToGitHub"]) == (made, "Server", False)
    assert refusal(client.create_application, applicationName="app") == "ApplicationAlreadyExistsException"
    client.update_application(applicationName="app", newApplicationName="shop")
    assert client.list_applications()["applications"] == ["shop"]
    assert refusal(client.get_application, applicationName="app") == "ApplicationDoesNotExistException"
    for _time in range(2):
        client.delete_application(applicationName="shop")
    assert client.list_applications()["applications"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"applicationName": "with space"}, "InvalidApplicationNameException"),
        ({"applicationName": "x" * 101}, "InvalidApplicationNameException"),
        ({"applicationName": "x", "computePlatform": "Mainframe"}, "InvalidComputePlatformException"),
        ({"applicationName": "x", "tags": [{"Key": "k" * 129, "Value": "v"}]}, "InvalidTagsToAddException"),
        ({"applicationName": "x", "tags": [{"Key": "aws:k", "Value": "v"}]}, "InvalidTagsToAddException"),
    ],
)
def test_refused_applications(shop: Shop, arguments: dict, code: str) -> None:
    assert refusal(shop.codedeploy.create_application, **arguments) == code


def test_batch_of_applications_fails_whole(shop: Shop) -> None:
    shop.codedeploy.create_application(applicationName="app")
    ask = shop.codedeploy.batch_get_applications
    assert len(ask(applicationNames=["app"])["applicationsInfo"]) == 1
    assert refusal(ask, applicationNames=["app", "none"]) == "ApplicationDoesNotExistException"
    assert refusal(ask, applicationNames=["x"] * 101) == "BatchLimitExceededException"


def test_pages_of_applications(shop: Shop) -> None:
    for number in range(101):
        shop.codedeploy.create_application(applicationName=f"app{number}")
    first = shop.codedeploy.list_applications()
    assert len(first["applications"]) == 100
    assert shop.codedeploy.list_applications(nextToken=first["nextToken"])["applications"] == ["app100"]
    assert refusal(shop.codedeploy.list_applications, nextToken="garbage") == "InvalidNextTokenException"


def test_predefined_configs(shop: Shop) -> None:
    names = shop.codedeploy.list_deployment_configs()["deploymentConfigsList"]
    assert len(names) == 17
    assert "CodeDeployDefault.LambdaLinear10PercentEvery1Minute" in names
    assert "CodeDeployDefault.ECSLinear10PercentEvery1Minutes" in names

    def told(name: str) -> dict[str, Any]:
        answer = shop.codedeploy.get_deployment_config(deploymentConfigName=f"CodeDeployDefault.{name}")
        return answer["deploymentConfigInfo"]

    assert told("OneAtATime")["minimumHealthyHosts"] == {"type": "MOST_CONCURRENCY", "value": 1}
    assert told("HalfAtATime")["minimumHealthyHosts"] == {"type": "FLEET_PERCENT", "value": 50}
    canary = told("LambdaCanary10Percent5Minutes")
    assert canary["trafficRoutingConfig"]["timeBasedCanary"] == {"canaryPercentage": 10, "canaryInterval": 5}
    assert canary["computePlatform"] == "Lambda"


def test_custom_configs(shop: Shop) -> None:
    client = shop.codedeploy
    zonal = {
        "monitorDurationInSeconds": 60,
        "minimumHealthyHostsPerZone": {"type": "FLEET_PERCENT", "value": 50},
    }
    minimum = {"type": "HOST_COUNT", "value": 2}
    client.create_deployment_config(deploymentConfigName="own", minimumHealthyHosts=minimum, zonalConfig=zonal)
    told = client.get_deployment_config(deploymentConfigName="own")["deploymentConfigInfo"]
    assert (told["minimumHealthyHosts"], told["zonalConfig"], told["computePlatform"]) == (minimum, zonal, "Server")
    assert refusal(client.create_deployment_config, deploymentConfigName="own", minimumHealthyHosts=minimum) == (
        "DeploymentConfigAlreadyExistsException"
    )
    shop.group(deploymentConfigName="own")
    assert refusal(client.delete_deployment_config, deploymentConfigName="own") == "DeploymentConfigInUseException"
    client.delete_application(applicationName="app")
    for _time in range(2):
        client.delete_deployment_config(deploymentConfigName="own")
    assert refusal(client.get_deployment_config, deploymentConfigName="own") == "DeploymentConfigDoesNotExistException"
    predefined = "CodeDeployDefault.AllAtOnce"
    assert refusal(client.delete_deployment_config, deploymentConfigName=predefined) == "InvalidOperationException"


LINEAR = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 20, "linearInterval": 5}}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "InvalidMinimumHealthyHostValueException"),
        ({"minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 100}}, "InvalidMinimumHealthyHostValueException"),
        ({"minimumHealthyHosts": {"type": "HOST_COUNT", "value": -1}}, "InvalidMinimumHealthyHostValueException"),
        ({"minimumHealthyHosts": {"type": "MOST_CONCURRENCY", "value": 1}}, "InvalidMinimumHealthyHostValueException"),
        ({"computePlatform": "Lambda"}, "InvalidTrafficRoutingConfigurationException"),
        (
            {"computePlatform": "ECS", "trafficRoutingConfig": {**LINEAR, "timeBasedCanary": {"canaryPercentage": 1}}},
            "InvalidTrafficRoutingConfigurationException",
        ),
        (
            {
                "computePlatform": "ECS",
                "trafficRoutingConfig": {
                    "type": "TimeBasedLinear",
                    "timeBasedLinear": {"linearPercentage": 1, "linearInterval": 60},
                },
            },
            "InvalidTrafficRoutingConfigurationException",
        ),
        (
            {"computePlatform": "ECS", "trafficRoutingConfig": LINEAR, "zonalConfig": {"monitorDurationInSeconds": 1}},
            "InvalidZonalDeploymentConfigurationException",
        ),
        ({"computePlatform": "Toaster"}, "InvalidComputePlatformException"),
        ({"deploymentConfigName": "CodeDeployDefault.Own"}, "InvalidDeploymentConfigNameException"),
    ],
)
def test_refused_configs(shop: Shop, arguments: dict, code: str) -> None:
    assert refusal(shop.codedeploy.create_deployment_config, **{"deploymentConfigName": "own", **arguments}) == code


def test_revisions(shop: Shop) -> None:
    client = shop.codedeploy
    shop.hosts(1)
    shop.group()
    deployed, other = shop.bundle("web/a.zip"), shop.bundle("web/b.zip")
    client.register_application_revision(applicationName="app", revision=other, description="by hand")
    client.register_application_revision(applicationName="app", revision=other)
    clock.advance(1)
    deployment_id = shop.deployed(deployed)["deploymentId"]
    told = client.get_application_revision(applicationName="app", revision=deployed)["revisionInfo"]
    assert told["description"] == f"Application revision registered by Deployment ID: {deployment_id}"
    assert told["deploymentGroups"] == ["prod"]
    assert told["firstUsedTime"] == told["lastUsedTime"]

    def listed(**wish: str) -> list[Any]:
        return client.list_application_revisions(applicationName="app", **wish)["revisions"]

    assert listed(sortBy="registerTime") == [other, deployed]
    assert listed(sortBy="registerTime", sortOrder="descending") == [deployed, other]
    assert listed(deployed="include") == [deployed]
    assert listed(deployed="exclude") == [other]
    assert listed(s3Bucket=shop.bucket, s3KeyPrefix="web/b") == [other]
    assert listed(s3Bucket="another") == []
    ask = client.list_application_revisions
    assert refusal(ask, applicationName="app", s3KeyPrefix="web") == "BucketNameFilterRequiredException"
    assert refusal(ask, applicationName="app", sortBy="size") == "InvalidSortByException"
    missing = shop.at("none.zip")
    batch = client.batch_get_application_revisions(applicationName="app", revisions=[other, missing])
    assert [r["genericRevisionInfo"]["description"] for r in batch["revisions"]] == ["by hand"]
    assert "none.zip" in batch["errorMessage"]
    assert refusal(client.get_application_revision, applicationName="app", revision=missing) == (
        "RevisionDoesNotExistException"
    )
    many = {"applicationName": "app", "revisions": [other] * 26}
    assert refusal(client.batch_get_application_revisions, **many) == "BatchLimitExceededException"


def test_tags(shop: Shop) -> None:
    client = shop.codedeploy
    shop.group()
    arn = f"arn:aws:codedeploy:{shop.region}:123456789012:deploymentgroup:app/prod"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    ask = client.list_tags_for_resource
    assert refusal(ask, ResourceArn=arn.replace("prod", "none")) == "DeploymentGroupDoesNotExistException"
    assert refusal(ask, ResourceArn=arn.replace("deploymentgroup:app/prod", "deploymentconfig:x")) == (
        "ArnNotSupportedException"
    )
    assert refusal(ask, ResourceArn="arn:nothing") == "InvalidArnException"
    client.delete_deployment_group(applicationName="app", deploymentGroupName="prod")
    shop.group()
    assert ask(ResourceArn=arn)["Tags"] == []


def test_on_premises_instances(shop: Shop) -> None:
    client = shop.codedeploy
    client.register_on_premises_instance(instanceName="host", iamUserArn=USER)
    told = client.get_on_premises_instance(instanceName="host")["instanceInfo"]
    assert told["instanceArn"].startswith(f"arn:aws:codedeploy:{shop.region}:123456789012:instance/host_")
    again = client.register_on_premises_instance
    assert refusal(again, instanceName="host", iamUserArn=USER) == "IamUserArnAlreadyRegisteredException"
    assert refusal(again, instanceName="host", iamUserArn=USER + "2") == "InstanceNameAlreadyRegisteredException"
    assert refusal(again, instanceName="b") == "IamArnRequiredException"
    assert refusal(again, instanceName="i-0123", iamUserArn=USER) == "InvalidInstanceNameException"
    tags = [{"Key": "role", "Value": "web"}]
    client.add_tags_to_on_premises_instances(tags=tags, instanceNames=["host"])
    listed = client.list_on_premises_instances
    assert listed(registrationStatus="Registered", tagFilters=tags)["instanceNames"] == ["host"]
    client.remove_tags_from_on_premises_instances(tags=tags, instanceNames=["host"])
    assert listed(tagFilters=tags)["instanceNames"] == []
    for _time in range(2):
        client.deregister_on_premises_instance(instanceName="host")
    assert listed(registrationStatus="Registered")["instanceNames"] == []
    (kept,) = client.batch_get_on_premises_instances(instanceNames=["host", "none"])["instanceInfos"]
    assert "deregisterTime" in kept
    assert refusal(client.get_on_premises_instance, instanceName="none") == "InstanceNotRegisteredException"


def test_on_premises_instances_are_selected_by_their_tags(shop: Shop) -> None:
    tags = [{"Key": "role", "Value": "web"}]
    shop.codedeploy.register_on_premises_instance(instanceName="host", iamUserArn=USER)
    shop.codedeploy.add_tags_to_on_premises_instances(tags=tags, instanceNames=["host"])
    shop.group(ec2TagFilters=[], onPremisesInstanceTagFilters=tags)
    deployment_id = shop.deploy(shop.bundle())
    clock.advance(5)
    assert list(shop.targets(deployment_id)) == ["host"]


# Every operation with input that a client lets through; what the slice lacks says so.
LACKING = {"DeleteResourcesByExternalId"}


def _least(shape: Any) -> Any:
    """The least input botocore lets through."""
    if shape.type_name == "structure":
        return {name: _least(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [_least(shape.member)]
    return {"string": "x", "boolean": True, "integer": 1, "timestamp": 0}[shape.type_name]


def test_every_operation_answers(shop: Shop) -> None:
    model = shop.codedeploy.meta.service_model
    assert len(model.operation_names) == 47
    lacking = set()
    for name, operation in shop.codedeploy.meta.method_to_api_mapping.items():
        shape = model.operation_model(operation).input_shape
        try:
            getattr(shop.codedeploy, name)(**(_least(shape) if shape else {}))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code != "InternalFailure", operation
            known = {s.name for s in model.operation_model(operation).error_shapes}
            lacking |= {operation} if code not in known else set()
    assert lacking == LACKING


@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_other_partitions(region: str, partition: str) -> None:
    with world():
        shop = Shop(region)
        (host,) = shop.hosts(1)
        shop.codedeploy.create_application(applicationName="app")
        shop.codedeploy.create_deployment_group(
            applicationName="app",
            deploymentGroupName="prod",
            serviceRoleArn=ROLE.replace("arn:aws:", f"arn:{partition}:"),
            ec2TagFilters=[{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
        )
        deployment_id = shop.deploy(shop.bundle())
        assert shop.ended(deployment_id)["status"] == "Succeeded"
        arn = f"arn:{partition}:ec2:{region}:123456789012:instance/{host}"
        assert shop.targets(deployment_id)[host]["targetArn"] == arn
        tags = boto3.client("codedeploy", region).list_tags_for_resource(
            ResourceArn=f"arn:{partition}:codedeploy:{region}:123456789012:application:app"
        )
        assert tags["Tags"] == []
