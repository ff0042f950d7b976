# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Pipelines on their schedules: when they run, what keeps them from it, and what disables them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from support.image_builder import REGION, Builder, client, document

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

DAY = 86_400.0
ALWAYS = {"pipelineExecutionStartCondition": "EXPRESSION_MATCH_ONLY"}


def seen(builder: Builder, arn: str) -> dict[str, Any]:
    return dict(builder.client.get_image_pipeline(imagePipelineArn=arn)["imagePipeline"])


def runs(builder: Builder, arn: str) -> list[dict[str, Any]]:
    listed = builder.client.list_image_pipeline_images(imagePipelineArn=arn)["imageSummaryList"]
    return [builder.image(each["arn"]) for each in listed]


def scheduled(builder: Builder, recipe: str = "", expression: str = "rate(1 day)", **schedule: Any) -> str:
    return builder.pipeline(imageRecipeArn=recipe, schedule={"scheduleExpression": expression, **schedule})


def update(builder: Builder, arn: str, **more: Any) -> None:
    names = ("imageRecipeArn", "infrastructureConfigurationArn", "schedule")
    kept = {name: value for name, value in seen(builder, arn).items() if name in names}
    builder.client.update_image_pipeline(imagePipelineArn=arn, **{**kept, **more})


def test_a_pipeline_runs_on_its_cron_in_its_zone(builder: Builder) -> None:
    berlin = {"timezone": "Europe/Berlin", **ALWAYS}
    pipeline = builder.pipeline(
        schedule={"scheduleExpression": "cron(30 2 * * ? *)", **berlin}, imageTags={"scheduled": "yes"}
    )
    planned = seen(builder, pipeline)["dateNextRun"]
    assert planned[11:16] in ("00:30", "01:30")  # 02:30 in Berlin
    clock.run_until(lambda: bool(runs(builder, pipeline)))
    (image,) = runs(builder, pipeline)
    assert (image["dateCreated"], image["buildType"], image["tags"]) == (planned, "SCHEDULED", {"scheduled": "yes"})
    now = seen(builder, pipeline)
    assert now["dateLastRun"] == planned < now["dateNextRun"]
    clock.advance(2 * DAY)
    assert len(runs(builder, pipeline)) == 3


def test_without_news_nothing_is_built(builder: Builder) -> None:
    builder.component()
    pipeline = scheduled(builder, builder.recipe(builder.arn("component", "app", "x.x.x")))
    clock.advance(3.5 * DAY)
    assert len(runs(builder, pipeline)) == 1, "the first one"
    builder.component(version="1.1.0", data=document("echo"))
    clock.advance(DAY)
    assert len(runs(builder, pipeline)) == 2 and seen(builder, pipeline)["lastRunStatus"] == "AVAILABLE"


def test_another_value_of_the_parameter_of_the_parent_is_news(builder: Builder) -> None:
    component, ssm = builder.component(), client("ssm")
    own = builder.built(component, name="own")["outputResources"]["amis"][0]["image"]
    ssm.put_parameter(Name="base", Value="ami-04681a1dbd79675a5", Type="String")
    small = builder.arn("infrastructure-configuration", "small")
    recipe = builder.recipe(component, parentImage="ssm:base")
    pipeline = builder.pipeline(
        imageRecipeArn=recipe, infrastructureConfigurationArn=small, schedule={"scheduleExpression": "rate(1 day)"}
    )
    clock.advance(2.5 * DAY)
    assert [image["state"] for image in runs(builder, pipeline)] == [{"status": "AVAILABLE"}]
    ssm.put_parameter(Name="base", Value=own, Type="String", Overwrite=True)
    clock.advance(DAY)
    assert len(runs(builder, pipeline)) == 2


def test_failures_in_a_row_disable_a_pipeline(builder: Builder) -> None:
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance"})
    pipeline = scheduled(builder, autoDisablePolicy={"failureCount": 2}, **ALWAYS)
    manual = builder.client.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"]
    builder.finished(manual)
    assert seen(builder, pipeline)["consecutiveFailures"] == 0, "only scheduled runs count"
    clock.advance(1.5 * DAY)
    assert (seen(builder, pipeline)["consecutiveFailures"], seen(builder, pipeline)["status"]) == (1, "ENABLED")
    clock.advance(5 * DAY)
    disabled = seen(builder, pipeline)
    assert (disabled["consecutiveFailures"], disabled["status"], "dateNextRun" in disabled) == (2, "DISABLED", False)
    assert len(runs(builder, pipeline)) == 3
    faults.remove()
    update(builder, pipeline, status="ENABLED")
    clock.advance(1.5 * DAY)
    assert len(runs(builder, pipeline)) == 4 and seen(builder, pipeline)["consecutiveFailures"] == 0


def test_five_failures_unless_said_otherwise_and_a_success_resets(builder: Builder) -> None:
    rule = faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance"})
    pipeline = scheduled(builder, **ALWAYS)
    clock.advance(4.5 * DAY)
    assert seen(builder, pipeline)["consecutiveFailures"] == 4
    faults.remove(rule["id"])
    builder.finished(builder.client.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"])
    assert seen(builder, pipeline)["consecutiveFailures"] == 0
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance"})
    clock.advance(5 * DAY)
    assert seen(builder, pipeline)["status"] == "DISABLED"


def test_what_is_disabled_changed_or_deleted_does_not_run(builder: Builder) -> None:
    pipeline = scheduled(builder, **ALWAYS)
    update(builder, pipeline, status="DISABLED")
    assert "dateNextRun" not in seen(builder, pipeline)
    clock.advance(2 * DAY)
    assert runs(builder, pipeline) == []
    update(builder, pipeline, schedule={"scheduleExpression": "rate(3 days)", **ALWAYS})
    planned = datetime.fromisoformat(seen(builder, pipeline)["dateNextRun"])
    assert 2.9 * DAY < planned.timestamp() - clock.now() <= 3 * DAY
    clock.advance(2.5 * DAY)
    assert runs(builder, pipeline) == []
    builder.client.delete_image_pipeline(imagePipelineArn=pipeline)
    clock.advance(2 * DAY)
    assert client("imagebuilder", REGION).list_image_build_versions()["imageSummaryList"] == []
