# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Infrastructure and distribution configurations, pipelines, workflows."""

from __future__ import annotations

from typing import Any

import pytest
from support.image_builder import REGION, Builder, client, refusal

from slipway_emulator.clock import clock

NAMED = {"amiDistributionConfiguration": {"name": "web {{ imagebuilder:buildDate }}"}}


def test_infrastructure_is_replaced_as_a_whole(builder: Builder) -> None:
    arn = builder.infrastructure(description="first", instanceTypes=["t3.micro"], tags={"a": "b"})
    before = builder.client.get_infrastructure_configuration(infrastructureConfigurationArn=arn)
    assert before["infrastructureConfiguration"]["terminateInstanceOnFailure"] is True
    clock.advance(60)
    builder.client.update_infrastructure_configuration(
        infrastructureConfigurationArn=arn, instanceProfileName="builder", terminateInstanceOnFailure=False
    )
    after = builder.client.get_infrastructure_configuration(infrastructureConfigurationArn=arn)
    configuration = after["infrastructureConfiguration"]
    assert configuration["terminateInstanceOnFailure"] is False
    assert configuration["tags"] == {"a": "b"}
    assert {"description", "instanceTypes"} & set(configuration) == set()
    assert configuration["dateUpdated"] > configuration["dateCreated"]


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"instanceProfileName": "none"}, "InvalidParameterValueException", "instance profile does not exist"),
        ({"subnetId": "subnet-1"}, "InvalidParameterCombinationException", "securityGroupIds"),
        (
            {"snsTopicArn": "arn:aws:sns:eu-central-1:123456789012:none"},
            "InvalidParameterValueException",
            "The SNS topic 'arn:aws:sns:eu-central-1:123456789012:none' does not exist",
        ),
        ({"resourceTags": {"CreatedBy": "me"}}, "InvalidParameterValueException", "'CreatedBy' is reserved"),
        ({"instanceMetadataOptions": {"httpTokens": "maybe"}}, "InvalidParameterValueException", "optional|required"),
        (
            {"instanceMetadataOptions": {"httpPutResponseHopLimit": 65}},
            "InvalidParameterValueException",
            "httpPutResponseHopLimit must be at most 64",
        ),
        ({"placement": {"hostId": "h-1"}}, "InvalidParameterCombinationException", "tenancy 'host'"),
    ],
)
def test_wrong_infrastructure_is_named(builder: Builder, change: dict[str, Any], code: str, text: str) -> None:
    given = {"name": "small", "instanceProfileName": "builder", **change}
    found, message = refusal(builder.client.create_infrastructure_configuration, **given)
    assert found == code
    assert text in message


def test_a_topic_that_exists_is_taken(builder: Builder) -> None:
    topic = client("sns", REGION).create_topic(Name="builds")["TopicArn"]
    assert builder.infrastructure(snsTopicArn=topic)


def test_a_name_is_taken_once(builder: Builder) -> None:
    arn = builder.infrastructure("Small One")
    code, message = refusal(builder.infrastructure, name="small_one")
    assert code == "ResourceAlreadyExistsException"
    assert message == f"The following resource 'InfrastructureConfiguration' already exists: '{arn}'."


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([], "distributions must have at least 1"),
        ([{"region": "eu-west-1"}, {"region": "eu-west-1"}], "'eu-west-1' is given more than once"),
        ([{"region": "mars-1"}], "'mars-1' is not a Region"),
        (
            [{"region": "eu-west-1", "amiDistributionConfiguration": {"name": "web"}}],
            "must contain {{ imagebuilder:buildDate }}",
        ),
        (
            [{"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": ["1"]}}],
            "must match pattern ^[0-9]{12}$",
        ),
        (
            [{"region": "eu-west-1", "launchTemplateConfigurations": [{"launchTemplateId": "web"}]}],
            "^lt-[a-z0-9-_]{17}$",
        ),
        (
            [{"region": "eu-west-1", "ssmParameterConfigurations": [{"parameterName": "a", "amiAccountId": "1" * 12}]}],
            "is not one of targetAccountIds",
        ),
    ],
)
def test_wrong_distributions_are_named(builder: Builder, entries: list[dict[str, Any]], text: str) -> None:
    code, message = refusal(builder.client.create_distribution_configuration, name="everywhere", distributions=entries)
    assert code == "InvalidParameterValueException"
    assert text in message


def test_distributions_come_back_with_their_regions(builder: Builder) -> None:
    arn = builder.distribution({"region": "eu-west-1", **NAMED}, {"region": "us-east-1"})
    found = builder.client.get_distribution_configuration(distributionConfigurationArn=arn)
    assert found["distributionConfiguration"]["timeoutMinutes"] == 720
    listed = builder.client.list_distribution_configurations()["distributionConfigurationSummaryList"]
    assert [each["regions"] for each in listed] == [["eu-west-1", "us-east-1"]]


def test_a_pipeline_has_the_services_defaults(builder: Builder) -> None:
    pipeline = _pipeline(builder, builder.pipeline(schedule={"scheduleExpression": "cron(0 3 ? * sun *)"}))
    assert pipeline["status"] == "ENABLED"
    assert pipeline["imageTestsConfiguration"] == {"imageTestsEnabled": True, "timeoutMinutes": 720}
    assert pipeline["enhancedImageMetadataEnabled"] is True
    assert pipeline["schedule"]["timezone"] == "UTC"
    assert (
        pipeline["schedule"]["pipelineExecutionStartCondition"] == "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"
    )
    assert (pipeline["platform"], pipeline["consecutiveFailures"]) == ("Linux", 0)
    assert pipeline["dateNextRun"].endswith("T03:00:00.000Z")


def test_an_update_forgets_what_it_does_not_say(builder: Builder) -> None:
    arn = builder.pipeline(
        status="DISABLED",
        description="old",
        executionRole="runner",
        schedule={"scheduleExpression": "rate(1 day)"},
        imageTestsConfiguration={"imageTestsEnabled": False},
        tags={"a": "b"},
    )
    before = _pipeline(builder, arn)
    assert before["status"] == "DISABLED"
    again = {key: before[key] for key in ("imageRecipeArn", "infrastructureConfigurationArn")}
    builder.client.update_image_pipeline(imagePipelineArn=arn, **again)
    after = _pipeline(builder, arn)
    assert after["status"] == "ENABLED"
    assert after["imageTestsConfiguration"] == {"imageTestsEnabled": True, "timeoutMinutes": 720}
    assert {"schedule", "description", "executionRole"} & set(after) == set()
    assert after["tags"] == {"a": "b"}


def _pipeline(builder: Builder, arn: str) -> dict[str, Any]:
    return dict(builder.client.get_image_pipeline(imagePipelineArn=arn)["imagePipeline"])


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (
            {"imageRecipeArn": "arn:aws:imagebuilder:eu-central-1:123456789012:image-recipe/none/1.0.0"},
            "InvalidParameterValueException",
            "does not exist",
        ),
        (
            {"containerRecipeArn": "arn:aws:imagebuilder:eu-central-1:123456789012:container-recipe/none/1.0.0"},
            "InvalidParameterCombinationException",
            "Exactly one of 'imageRecipeArn'",
        ),
        (
            {"schedule": {"scheduleExpression": "cron(0 3 * * * *)"}},
            "InvalidParameterValueException",
            "scheduleExpression must be",
        ),
        (
            {"schedule": {"scheduleExpression": "every day"}},
            "InvalidParameterValueException",
            "scheduleExpression must be",
        ),
        (
            {"schedule": {"scheduleExpression": "rate(1 day)", "timezone": "Mars/Olympus"}},
            "InvalidParameterValueException",
            "IANA time zone",
        ),
        (
            {"imageTestsConfiguration": {"timeoutMinutes": 1441}},
            "InvalidParameterValueException",
            "timeoutMinutes must be at most 1440",
        ),
        (
            {"workflows": [{"workflowArn": "arn:aws:imagebuilder:eu-central-1:aws:workflow/build/build-image/x.x.x"}]},
            "InvalidParameterCombinationException",
            "executionRole",
        ),
        (
            {"loggingConfiguration": {"imageLogGroupName": "/my/group"}},
            "InvalidParameterCombinationException",
            "executionRole",
        ),
        (
            {
                "imageScanningConfiguration": {"imageScanningEnabled": True},
                "imageTestsConfiguration": {"imageTestsEnabled": False},
            },
            "InvalidParameterCombinationException",
            "needs image tests",
        ),
    ],
)
def test_wrong_pipelines_are_named(builder: Builder, change: dict[str, Any], code: str, text: str) -> None:
    found, message = refusal(builder.pipeline, **change)
    assert found == code
    assert text in message


def test_what_a_pipeline_uses_cannot_be_deleted(builder: Builder) -> None:
    infrastructure, distribution = builder.infrastructure(), builder.distribution({"region": REGION})
    given = {"infrastructureConfigurationArn": infrastructure, "distributionConfigurationArn": distribution}
    pipeline = builder.pipeline(**given)
    deletes = {
        "infrastructureConfigurationArn": builder.client.delete_infrastructure_configuration,
        "distributionConfigurationArn": builder.client.delete_distribution_configuration,
    }
    for key, delete in deletes.items():
        assert refusal(delete, **{key: given[key]})[0] == "ResourceDependencyException"
    builder.client.delete_image_pipeline(imagePipelineArn=pipeline)
    for key, delete in deletes.items():
        delete(**{key: given[key]})
        assert refusal(delete, **{key: given[key]})[0] == "ResourceNotFoundException"


def test_pipelines_are_listed_in_full_and_filtered(builder: Builder) -> None:
    builder.pipeline("first")
    recipe, infrastructure = (
        builder.arn("image-recipe", "web", "1.0.0"),
        builder.arn("infrastructure-configuration", "small"),
    )
    builder.pipeline("second", imageRecipeArn=recipe, infrastructureConfigurationArn=infrastructure, status="DISABLED")
    listed = builder.client.list_image_pipelines(filters=[{"name": "status", "values": ["DISABLED"]}])[
        "imagePipelineList"
    ]
    assert [(each["name"], each["imageRecipeArn"]) for each in listed] == [("second", recipe)]
    code, message = refusal(builder.client.list_image_pipelines, filters=[{"name": "colour", "values": ["red"]}])
    assert (code, "'colour' is not a filter" in message) == ("InvalidParameterValueException", True)


def test_workflows_are_versioned_like_components(builder: Builder) -> None:
    data = "name: own\nschemaVersion: 1.0\nsteps:\n  - {name: Launch, action: LaunchInstance}\n"
    given = {"name": "own", "semanticVersion": "1.0.0", "type": "BUILD"}
    arn = builder.client.create_workflow(data=data, **given)["workflowBuildVersionArn"]
    assert arn == builder.arn("workflow/build", "own", "1.0.0", "1")
    assert refusal(builder.client.create_workflow, data=data, **given)[0] == "ResourceAlreadyExistsException"
    second = builder.client.create_workflow(data=data + "# more\n", **given)["workflowBuildVersionArn"]
    assert second.endswith("/2")
    builder.client.delete_workflow(workflowBuildVersionArn=second)
    listed = builder.client.list_workflows()["workflowVersionList"]
    assert [each["arn"] for each in listed] == [builder.arn("workflow/build", "own", "1.0.0")]
    managed = builder.client.get_workflow(
        workflowBuildVersionArn=builder.managed("workflow/test", "test-image", "1.0.0/1")
    )
    assert managed["workflow"]["owner"] == "Amazon"
