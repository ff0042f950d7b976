# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Inventory sees a package of Distributor by its own manifest.json alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import compute, packages
from support.packages import configure, node, published

from slipway_emulator.clock import clock

pytestmark = pytest.mark.usefixtures("world")
ABOUT = {"name": "agent", "version": "1.0", "platform": "linux", "architecture": "x86_64"}


def rows(instance_id: str, type_name: str = "AWS:Application") -> list[dict[str, Any]]:
    clock.advance(1800)
    told = compute.client("ssm").list_inventory_entries(InstanceId=instance_id, TypeName=type_name)["Entries"]
    return [row for row in told if row["Name"] in ("agent", "Our Agent")]


def installed(**about: str) -> str:
    published({"manifest.json": json.dumps({**ABOUT, **about})})
    instance_id = node()
    configure(instance_id)
    return instance_id


def test_a_package_with_a_manifest_has_a_row_until_it_is_removed() -> None:
    instance_id = installed(
        appname="Our Agent", apppublisher="Us", apptype="Web", appreferenceurl="https://example.com"
    )
    [row] = rows(instance_id)
    assert row == {
        "Name": "Our Agent",
        "Version": "1.0",
        "Architecture": "x86_64",
        "Publisher": "Us",
        "URL": "https://example.com",
        "ApplicationType": "Web",
    }
    assert rows(instance_id, "AWS:AWSComponent") == []
    filters = [{"Key": "AWS:Application.Name", "Values": ["Our Agent"]}]
    assert [e["Id"] for e in compute.client("ssm").get_inventory(Filters=filters)["Entities"]] == [instance_id]
    configure(instance_id, action="Uninstall")
    assert rows(instance_id) == []


@pytest.mark.parametrize("publisher", ["", "Amazon Web Services"])
def test_one_without_a_publisher_is_taken_for_a_component_of_aws(publisher: str) -> None:
    instance_id = installed(apppublisher=publisher)
    assert [row["Name"] for row in rows(instance_id, "AWS:AWSComponent")] == ["agent"]


def test_a_package_without_a_manifest_has_no_row() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    assert rows(instance_id) == []


def test_the_inventory_document_gathers_at_once() -> None:
    instance_id = installed()
    sent = compute.client("ssm").send_command(DocumentName="AWS-GatherSoftwareInventory", InstanceIds=[instance_id])
    clock.advance(10)
    assert packages.invocation(sent["Command"]["CommandId"], instance_id)["Status"] == "Success"
    told = compute.client("ssm").list_inventory_entries(InstanceId=instance_id, TypeName="AWS:Application")
    assert "agent" in [row["Name"] for row in told["Entries"]]
