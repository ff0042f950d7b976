# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Scans: what they find, when it is told, and what fails an image."""

from __future__ import annotations

from typing import Any

import pytest
from support.image_builder import Builder, document, refusal

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

SCANNED = {"imageScanningConfiguration": {"imageScanningEnabled": True}}


def found(builder: Builder, **one: str) -> list[dict[str, Any]]:
    filters = {"filters": [{"name": name, "values": [value]} for name, value in one.items()]} if one else {}
    return list(builder.client.list_image_scan_findings(**filters)["findings"])


def on_demand(most: str | None, **more: Any) -> dict[str, Any]:
    condition = {"scanResultCondition": {"maximumSeverityLabel": most, **more}} if most else {}
    kind = {"imageScanningEnabled": True, "imageScanningTypes": ["ON_DEMAND_AMI_CVE"]}
    return {"imageScanningConfiguration": {**kind, **condition}}


def two_findings() -> None:
    faults.add({"kind": "image-finding", "vulnerability": "CVE-2026-0001", "severity": "CRITICAL", "fixed_in": "6.1.1"})
    faults.add({"kind": "image-finding", "vulnerability": "CVE-2026-0002", "severity": "LOW", "package": "jq"})


def test_a_scan_finds_what_the_image_has(builder: Builder) -> None:
    two_findings()
    component = builder.component(data=document("dnf install -y jq"))
    pipeline = builder.pipeline(imageRecipeArn=builder.recipe(component), **SCANNED)
    image = builder.client.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"]
    seen = [builder.image(image)["scanState"]["status"]]
    while seen[-1] != "COMPLETED":
        clock.advance(30)
        status = builder.image(image)["scanState"]["status"]
        seen += [status] if status != seen[-1] else []
    assert seen == ["PENDING", "SCANNING", "COLLECTING", "COMPLETED"]
    first, second = found(builder, imageBuildVersionArn=image)
    assert (first["severity"], first["fixAvailable"], first["imagePipelineArn"]) == ("CRITICAL", "YES", pipeline)
    details = second["packageVulnerabilityDetails"]
    assert (details["vulnerabilityId"], second["fixAvailable"]) == ("CVE-2026-0002", "NO")
    assert details["vulnerablePackages"][0]["name"] == "jq"
    assert found(builder, severity="LOW") == found(builder, vulnerabilityId="CVE-2026-0002") == [second]
    assert found(builder, imagePipelineArn="other") == []


def test_findings_are_counted(builder: Builder) -> None:
    two_findings()
    component = builder.component(data=document("dnf install -y jq"))
    image = builder.finished(builder.start(builder.recipe(component), **SCANNED))["arn"]
    count = builder.client.list_image_scan_finding_aggregations
    whole = count()
    assert whole["aggregationType"] == "AccountAggregation"
    counts = {"all": 2, "critical": 1, "high": 0, "medium": 0}
    assert whole["responses"][0]["accountAggregation"]["severityCounts"] == counts
    by_image = count(filter={"name": "imageBuildVersionArn", "values": [image]})
    assert by_image["responses"] == [{"imageAggregation": {"imageBuildVersionArn": image, "severityCounts": counts}}]
    one = count(filter={"name": "vulnerabilityId", "values": ["CVE-2026-0002"]})["responses"][0]
    assert one["vulnerabilityIdAggregation"]["severityCounts"]["all"] == 1
    code, _text = refusal(count, filter={"name": "severity", "values": ["LOW"]})
    assert code == "InvalidParameterValueException"


def test_what_is_not_scanned_has_no_findings(builder: Builder) -> None:
    two_findings()
    image = builder.built()
    assert "scanState" not in image and found(builder) == []
    runs = builder.client.list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    steps = builder.client.list_workflow_step_executions(workflowExecutionId=runs[1]["workflowExecutionId"])["steps"]
    assert {step["name"]: step["status"] for step in steps}["CollectImageScanFindings"] == "SKIPPED"


def test_a_scan_that_is_not_over_is_given_up_and_one_can_fail(builder: Builder) -> None:
    image = builder.start(builder.recipe(), **SCANNED)
    builder.client.cancel_image_creation(imageBuildVersionArn=image)
    assert builder.finished(image)["scanState"]["status"] == "ABANDONED"
    faults.add({"kind": "scan-fails", "status": "TIMED_OUT", "message": "too slow"})
    recipe, infrastructure = builder.arn("image-recipe", "web", "x.x.x"), builder.infrastructure("other")
    image = builder.finished(builder.start(recipe, infrastructureConfigurationArn=infrastructure, **SCANNED))
    assert image["state"]["status"] == "AVAILABLE"
    assert image["scanState"] == {"status": "TIMED_OUT", "reason": "too slow"}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (on_demand(None), "AVAILABLE"),
        (on_demand("HIGH"), "FAILED"),
        (on_demand("MEDIUM", fixAvailable=False), "FAILED"),
    ],
)
def test_a_condition_fails_the_image_before_it_is_distributed(
    builder: Builder, asked: dict[str, Any], status: str
) -> None:
    two_findings()
    image = builder.finished(builder.start(builder.recipe(), **asked))
    assert image["state"]["status"] == status
    assert found(builder) == []  # they are told by EC2
    if status == "FAILED":
        assert "more severe than" in image["state"]["reason"] and "CVE-2026-0001" in image["state"]["reason"]
        assert image["state"]["failureContext"]["imageStatus"] == "TESTING"


def test_packages_are_collected_unless_that_is_turned_off(builder: Builder) -> None:
    component = builder.component(data=document("dnf install -y jq"))
    given = {"enhancedImageMetadataEnabled": False}
    image = builder.finished(builder.start(builder.recipe(component), **given))
    assert builder.client.list_image_packages(imageBuildVersionArn=image["arn"])["imagePackageList"] == []
