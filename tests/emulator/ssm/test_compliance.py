# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Compliance items, put by hand and by associations."""

from __future__ import annotations

from typing import Any

import pytest
from support import compute, packages

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
TYPE = "Custom:CodeDeployAgent"


def give(instance_id: str, *statuses: str, **more: Any) -> None:
    items = [
        {"Id": f"check-{number}", "Title": "Runs", "Severity": "HIGH", "Status": status}
        for number, status in enumerate(statuses)
    ]
    asked = {"ResourceType": "ManagedInstance", "ComplianceType": TYPE, "ExecutionSummary": {"ExecutionTime": 1000.0}}
    compute.client("ssm").put_compliance_items(**{"ResourceId": instance_id, "Items": items, **asked, **more})


def items(instance_id: str, **filters: str) -> list[tuple[str, str]]:
    asked = [{"Key": key, "Values": [value]} for key, value in filters.items()]
    told = compute.client("ssm").list_compliance_items(ResourceIds=[instance_id], Filters=asked)["ComplianceItems"]
    return [(item["Id"], item["Status"]) for item in told]


def test_items_replace_those_of_their_type() -> None:
    instance_id = packages.node()
    give(instance_id, "COMPLIANT", "NON_COMPLIANT")
    assert items(instance_id) == [("check-0", "COMPLIANT"), ("check-1", "NON_COMPLIANT")]
    assert items(instance_id, Status="COMPLIANT") == [("check-0", "COMPLIANT")]
    give(instance_id, "COMPLIANT", UploadType="PARTIAL")
    assert len(items(instance_id)) == 2
    give(instance_id, "COMPLIANT")
    assert items(instance_id) == [("check-0", "COMPLIANT")]
    assert items(instance_id, ComplianceType="Patch") == []


def test_summaries_of_a_fleet() -> None:
    good, bad = packages.node(), packages.node()
    give(good, "COMPLIANT", "COMPLIANT")
    give(bad, "COMPLIANT", "NON_COMPLIANT")
    ssm = compute.client("ssm")
    [summary] = ssm.list_compliance_summaries()["ComplianceSummaryItems"]
    assert (summary["ComplianceType"], summary["CompliantSummary"]["CompliantCount"]) == (TYPE, 1)
    assert summary["NonCompliantSummary"]["SeveritySummary"]["HighCount"] == 1
    paginator = ssm.get_paginator("list_resource_compliance_summaries")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 1}))
    [first], [second] = (page["ResourceComplianceSummaryItems"] for page in pages)
    assert (first["ResourceId"], first["Status"], first["OverallSeverity"]) == (good, "COMPLIANT", "UNSPECIFIED")
    assert (second["ResourceId"], second["Status"], second["OverallSeverity"]) == (bad, "NON_COMPLIANT", "HIGH")
    assert second["CompliantSummary"]["CompliantCount"] == second["NonCompliantSummary"]["NonCompliantCount"] == 1


@pytest.mark.parametrize(("sync", "seen"), [("AUTO", True), ("MANUAL", False)])
def test_an_association_tells_how_it_went(sync: str, seen: bool) -> None:
    good, bad = packages.node(), packages.node()
    faults.add({"kind": "package-exits", "instance_id": bad})
    made = compute.client("ssm").create_association(
        Name="AWS-ConfigureAWSPackage",
        Parameters={"name": ["AWSCodeDeployAgent"], "action": ["Install"]},
        Targets=[{"Key": "InstanceIds", "Values": [good, bad]}],
        SyncCompliance=sync,
        ComplianceSeverity="CRITICAL",
    )["AssociationDescription"]
    clock.advance(60)
    assert (compute.host(good).agent, compute.host(bad).agent) == ("running", "absent")
    wanted = made["AssociationId"]
    assert items(good) == ([(wanted, "COMPLIANT")] if seen else [])
    assert items(bad, Severity="CRITICAL") == ([(wanted, "NON_COMPLIANT")] if seen else [])


def test_what_is_refused() -> None:
    instance_id = packages.node()
    ssm = compute.client("ssm")
    for wrong, code in (
        ({"ResourceId": "i-00000000000000000"}, ssm.exceptions.InvalidResourceId),
        ({"ResourceType": "Bucket"}, ssm.exceptions.InvalidResourceType),
        ({"Items": [{"Id": "a", "Severity": "LOW", "Status": "COMPLIANT"}] * 2}, ssm.exceptions.InvalidItemContentException),
    ):  # fmt: skip
        with pytest.raises(code):
            give(instance_id, "COMPLIANT", **wrong)
    assert packages.refused("list_compliance_items", ResourceIds=["a", "b"])[0] == "ValidationException"
    wrong_key = [{"Key": "Colour", "Values": ["red"]}]
    assert packages.refused("list_compliance_summaries", Filters=wrong_key)[0] == "InvalidFilter"
