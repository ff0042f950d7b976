# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Builds: states on the clock, workflow executions, failures, cancel, retry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.image_builder import REGION, Builder, client, document, refusal

from slipway_emulator.clock import clock
from slipway_emulator.contents import images
from slipway_emulator.faults import faults

WITH_VERSION = "parameters:\n  - Version:\n      type: string\n"
STATES = ["PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]


def states(builder: Builder, image: str) -> list[str]:
    """Every state a build goes through."""
    seen = [builder.status(image)]
    while seen[-1] not in ("AVAILABLE", "FAILED", "CANCELLED"):
        clock.advance(15)
        status = builder.status(image)
        seen += [status] if status != seen[-1] else []
    return seen


def test_a_build_takes_its_way_in_twenty_minutes(builder: Builder) -> None:
    begin = clock.now()
    image = builder.start(builder.recipe())
    assert image == builder.arn("image", "web", "1.0.0", "1")
    assert states(builder, image) == STATES
    assert clock.now() - begin == pytest.approx(1200, abs=30)
    assert builder.start(
        builder.arn("image-recipe", "web", "1.x.x"),
        infrastructureConfigurationArn=builder.arn("infrastructure-configuration", "small"),
    ) == builder.arn("image", "web", "1.0.0", "2")


def test_without_tests_that_state_is_left_out(builder: Builder) -> None:
    image = builder.start(builder.recipe(), imageTestsConfiguration={"imageTestsEnabled": False})
    assert states(builder, image) == [state for state in STATES if state != "TESTING"]


def test_the_image_holds_copies_of_what_it_was_built_from(builder: Builder) -> None:
    component = builder.component()
    infrastructure = builder.infrastructure()
    recipe = builder.recipe(builder.arn("component", "app", "x.x.x"))
    image = builder.start(recipe, infrastructureConfigurationArn=infrastructure, tags={"a": "b"})
    builder.client.delete_image_recipe(imageRecipeArn=recipe)
    builder.client.delete_infrastructure_configuration(infrastructureConfigurationArn=infrastructure)
    found = builder.finished(image)
    assert found["imageRecipe"]["components"] == [{"componentArn": component}]
    assert found["imageRecipe"]["parentImage"].endswith(":aws:image/amazon-linux-2023-x86/2026.10.6/1")
    assert found["infrastructureConfiguration"]["name"] == "small"
    assert (found["version"], found["buildType"], found["tags"]) == ("1.0.0/1", "USER_INITIATED", {"a": "b"})
    assert [ami["region"] for ami in found["outputResources"]["amis"]] == [REGION]


def test_a_version_arn_finds_only_what_is_available(builder: Builder) -> None:
    image = builder.start(builder.recipe())
    version = builder.arn("image", "web", "1.x.x")
    assert refusal(builder.client.get_image, imageBuildVersionArn=version)[0] == "ResourceNotFoundException"
    builder.finished(image)
    assert builder.image(version)["arn"] == image


def test_executions_and_steps_follow_the_clock(builder: Builder) -> None:
    image = builder.start(builder.recipe())
    clock.run_until(lambda: builder.status(image) == "BUILDING")
    runs = builder.client.list_workflow_executions(imageBuildVersionArn=image)["workflowExecutions"]
    assert [(run["type"], run["status"]) for run in runs] == [
        ("BUILD", "RUNNING"),
        ("TEST", "PENDING"),
        ("DISTRIBUTION", "PENDING"),
    ]
    assert (runs[0]["totalStepCount"], runs[0]["totalStepsSucceeded"]) == (6, 1)
    steps = builder.client.list_workflow_step_executions(workflowExecutionId=runs[0]["workflowExecutionId"])["steps"]
    assert [step["status"] for step in steps[:3]] == ["COMPLETED", "RUNNING", "PENDING"]
    assert steps[1]["name"] == "ApplyBuildComponents"
    step = builder.client.get_workflow_step_execution(stepExecutionId=steps[0]["stepExecutionId"])
    assert step["imageBuildVersionArn"] == image
    builder.finished(image)
    run = builder.client.get_workflow_execution(workflowExecutionId=runs[0]["workflowExecutionId"])
    assert (run["status"], run["totalStepsSucceeded"]) == ("COMPLETED", 6)
    assert run["endTime"] > run["startTime"]


def test_a_failing_component_step_is_named(builder: Builder) -> None:
    component = builder.component()
    faults.add({"kind": "step-fails", "image": "web", "component": "app", "step": "Run", "message": "no space left"})
    image = builder.built(component)
    assert image["state"]["status"] == "FAILED"
    context = image["state"]["failureContext"]
    assert context["componentFailure"] == {
        "componentArn": component,
        "phaseName": "build",
        "stepName": "Run",
        "action": "ExecuteBash",
        "errorMessage": "no space left",
    }
    assert (context["imageStatus"], context["failedStep"]) == ("BUILDING", "ApplyBuildComponents")
    execution = context["workflowExecutionId"]
    assert image["state"]["reason"].startswith(f"Workflow Execution ID: {execution} failed with reason: Component")
    listed = builder.client.list_workflow_executions(imageBuildVersionArn=image["arn"])
    assert [run["status"] for run in listed["workflowExecutions"]] == ["FAILED", "PENDING", "PENDING"]
    assert "no space left" in listed["message"]
    assert image["outputResources"].get("amis", []) == []


def test_a_failing_test_leaves_the_ami_and_can_be_retried(builder: Builder) -> None:
    component = builder.component(data=document("true", phase="test"))
    faults.add({"kind": "step-fails", "phase": "test", "times": 1})
    image = builder.built(component)
    assert image["state"]["failureContext"]["imageStatus"] == "TESTING"
    ami = image["outputResources"]["amis"][0]["image"]
    assert builder.ec2.describe_images(ImageIds=[ami])["Images"]
    builder.client.retry_image(imageBuildVersionArn=image["arn"])
    assert builder.status(image["arn"]) == "TESTING"
    assert builder.finished(image["arn"])["state"]["status"] == "AVAILABLE"
    runs = builder.client.list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    assert [(run["type"], run["status"], run.get("retried", False)) for run in runs] == [
        ("BUILD", "COMPLETED", False),
        ("TEST", "FAILED", True),
        ("DISTRIBUTION", "PENDING", True),
        ("TEST", "COMPLETED", False),
        ("DISTRIBUTION", "COMPLETED", False),
    ]


def test_a_build_that_failed_before_its_ami_cannot_be_retried(builder: Builder) -> None:
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance", "message": "no capacity"})
    image = builder.built()
    assert "no capacity" in image["state"]["reason"]
    assert refusal(builder.client.retry_image, imageBuildVersionArn=image["arn"])[0] == "InvalidRequestException"


def test_cancelling_takes_a_moment(builder: Builder) -> None:
    image = builder.start(builder.recipe())
    clock.advance(60)
    builder.client.cancel_image_creation(imageBuildVersionArn=image)
    assert builder.status(image) == "CREATING"
    assert builder.finished(image)["state"]["status"] == "CANCELLED"
    clock.advance(3600)
    assert builder.status(image) == "CANCELLED"
    assert refusal(builder.client.cancel_image_creation, imageBuildVersionArn=image)[0] == "InvalidRequestException"


def test_a_slow_step_is_waited_for(builder: Builder) -> None:
    faults.add({"kind": "build-slow", "step": "ApplyBuildComponents", "seconds": 7200})
    begin = clock.now()
    assert builder.built()["state"]["status"] == "AVAILABLE"
    assert clock.now() - begin == pytest.approx(1200 + 7200, abs=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"subnetId": "subnet-0123456789abcdef0", "securityGroupIds": ["sg-1"]},
            "The subnet ID 'subnet-0123456789abcdef0' does not exist",
        ),
        ({}, "No default VPC for this user"),
    ],
)
def test_a_build_needs_a_network(builder: Builder, change: dict[str, Any], reason: str) -> None:
    for vpc in builder.ec2.describe_vpcs()["Vpcs"]:
        for subnet in builder.ec2.describe_subnets()["Subnets"]:
            builder.ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        builder.ec2.delete_vpc(VpcId=vpc["VpcId"])
    image = builder.finished(
        builder.start(builder.recipe(), infrastructureConfigurationArn=builder.infrastructure(**change))
    )
    assert image["state"]["status"] == "FAILED"
    assert reason in image["state"]["reason"]
    assert image["state"]["failureContext"]["failedStep"] == "LaunchBuildInstance"


def test_a_profile_without_a_role_is_never_reached_by_the_agent(builder: Builder) -> None:
    client("iam").remove_role_from_instance_profile(InstanceProfileName="builder", RoleName="builder")
    assert "verifying the Systems Manager Agent availability" in builder.built()["state"]["reason"]


def test_an_image_is_deleted_when_its_build_is_over(builder: Builder) -> None:
    image = builder.start(builder.recipe())
    assert refusal(builder.client.delete_image, imageBuildVersionArn=image)[0] == "InvalidRequestException"
    ami = builder.finished(image)["outputResources"]["amis"][0]["image"]
    builder.client.delete_image(imageBuildVersionArn=image)
    assert refusal(builder.client.get_image, imageBuildVersionArn=image)[0] == "ResourceNotFoundException"
    assert builder.ec2.describe_images(ImageIds=[ami])["Images"][0]["State"] == "available"
    again = {"infrastructureConfigurationArn": builder.arn("infrastructure-configuration", "small")}
    assert builder.start(builder.arn("image-recipe", "web", "1.0.0"), **again).endswith("/2")


def test_a_pipeline_knows_its_last_run(builder: Builder) -> None:
    pipeline = builder.pipeline(status="DISABLED", imageTags={"scheduled": "only"})
    image = builder.client.start_image_pipeline_execution(imagePipelineArn=pipeline, tags={"run": "1"})[
        "imageBuildVersionArn"
    ]
    assert builder.finished(image)["tags"] == {"run": "1"}
    found = builder.client.get_image_pipeline(imagePipelineArn=pipeline)["imagePipeline"]
    assert found["lastRunStatus"] == "AVAILABLE"
    assert found["dateLastRun"] == builder.image(image)["dateCreated"]
    listed = builder.client.list_image_pipeline_images(imagePipelineArn=pipeline)["imageSummaryList"]
    assert [each["arn"] for each in listed] == [image]
    missing = builder.arn("image-pipeline", "none")
    assert builder.client.list_image_pipeline_images(imagePipelineArn=missing)["imageSummaryList"] == []
    code = refusal(builder.client.start_image_pipeline_execution, imagePipelineArn=missing)[0]
    assert code == "ResourceNotFoundException"


def test_the_same_token_starts_one_build(builder: Builder) -> None:
    given = {"imagePipelineArn": builder.pipeline(), "clientToken": "once"}
    started = [builder.client.start_image_pipeline_execution(**given)["imageBuildVersionArn"] for _turn in range(2)]
    assert started[0] == started[1]
    assert len(builder.client.list_image_build_versions()["imageSummaryList"]) == 1


def test_images_are_listed_by_version_and_by_build(builder: Builder) -> None:
    image = builder.start(builder.recipe())
    version = builder.arn("image", "web", "1.0.0")
    assert [each["arn"] for each in builder.client.list_images()["imageVersionList"]] == [version]
    listed = builder.client.list_image_build_versions(imageVersionArn=version)["imageSummaryList"]
    assert [(each["arn"], each["state"]["status"]) for each in listed] == [(image, "PENDING")]
    missing = builder.arn("image", "none", "1.0.0")
    assert builder.client.list_image_build_versions(imageVersionArn=missing)["imageSummaryList"] == []
    amazon = builder.client.get_paginator("list_images").paginate(owner="Amazon")
    names = {each["name"] for page in amazon for each in page["imageVersionList"]}
    assert {"amazon-linux-2023-x86", "ubuntu-server-24-lts-arm64", "windows-server-2022-english-full-base-x86"} <= names


def test_logs_and_a_message_tell_of_the_build(builder: Builder) -> None:
    topic = client("sns", REGION).create_topic(Name="builds")["TopicArn"]
    sqs = client("sqs", REGION)
    queue = sqs.create_queue(QueueName="builds")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns", REGION).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    infrastructure = builder.infrastructure(snsTopicArn=topic)
    builder.finished(builder.start(builder.recipe(), infrastructureConfigurationArn=infrastructure))
    told = json.loads(json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])["Message"])
    assert (told["state"]["status"], told["buildVersion"]) == ("AVAILABLE", 1)
    logs = client("logs", REGION)
    events = logs.get_log_events(logGroupName="/aws/imagebuilder/web", logStreamName="1.0.0/1")["events"]
    assert events[-1]["message"] == "AVAILABLE"


def test_the_ami_contains_what_its_components_installed(builder: Builder) -> None:
    prefix = f"https://aws-codedeploy-{REGION}.s3.{REGION}.amazonaws.com"
    install = builder.component(
        "agent", data=document(f"curl -o install {prefix}/latestv2/install", "bash install auto", "dnf install -y jq")
    )
    check = builder.component("agent-test", data=document("systemctl is-enabled codedeploy-agent", phase="test"))
    image = builder.built(install, check)
    assert image["state"]["status"] == "AVAILABLE"
    contents = images.of(image["outputResources"]["amis"][0]["image"])
    assert (contents.agent_version, contents.agent_enabled) == ("2.1.0", True)
    assert contents.components == (install, check)
    packages = builder.client.list_image_packages(imageBuildVersionArn=image["arn"])["imagePackageList"]
    assert {each["packageName"] for each in packages} >= {"jq", "codedeploy-agent"}
    child = builder.recipe(check, name="child", parentImage=builder.arn("image", "web", "x.x.x"))
    again = {"infrastructureConfigurationArn": builder.arn("infrastructure-configuration", "small")}
    made = builder.finished(builder.start(child, **again))["outputResources"]["amis"][0]["image"]
    assert images.of(made).agent_version == "2.1.0"


def test_a_test_component_fails_the_image_without_the_agent(builder: Builder) -> None:
    check = builder.component("agent-test", data=document("systemctl is-enabled codedeploy-agent", phase="test"))
    image = builder.built(check)
    context = image["state"]["failureContext"]
    assert (context["imageStatus"], context["failedStep"]) == ("TESTING", "ApplyTestComponents")
    assert context["componentFailure"]["errorMessage"] == "codedeploy-agent is not enabled"


def test_parameters_of_the_recipe_reach_the_component(builder: Builder) -> None:
    data = document("./install auto -v releases/codedeploy-agent-{{ Version }}.noarch.rpm", head=WITH_VERSION)
    use = {"componentArn": builder.component(data=data), "parameters": [{"name": "Version", "value": ["1.7.1"]}]}
    image = builder.built(components=[use])
    assert images.of(image["outputResources"]["amis"][0]["image"]).agent_version == "1.7.1"
