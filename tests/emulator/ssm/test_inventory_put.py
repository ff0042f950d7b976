# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Inventory that somebody puts: types of their own, and of those that are gathered until that happens again."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute
from support.run_command import nodes

from slipway_emulator.clock import clock

pytestmark = pytest.mark.usefixtures("world")
RACK = "Custom:RackInfo"
ROWS = [{"RackLocation": "Bay B/Row C"}]


def put(instance_id: str, name: str = RACK, content: Any = (*ROWS,), **more: str) -> str:
    """The code of what AWS answers; empty where it takes the item."""
    captured = f"{clock.datetime():%Y-%m-%dT%H:%M:%SZ}"
    item = {"TypeName": name, "SchemaVersion": "1.0", "CaptureTime": captured, **more}
    items = [{**item, **({} if content is None else {"Content": list(content)})}]
    try:
        compute.client("ssm").put_inventory(InstanceId=instance_id, Items=items)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def entries(instance_id: str, name: str = RACK) -> list[dict[str, str]]:
    return list(compute.client("ssm").list_inventory_entries(InstanceId=instance_id, TypeName=name)["Entries"])


def test_a_type_of_ones_own_is_listed_filtered_and_counted() -> None:
    one, other = nodes(2)
    assert put(one) == ""
    assert entries(one) == ROWS and entries(other) == []
    ssm = compute.client("ssm")
    asked = [{"Key": f"{RACK}.RackLocation", "Values": ["Bay B"], "Type": "BeginWith"}]
    [entity] = ssm.get_inventory(Filters=asked, ResultAttributes=[{"TypeName": RACK}])["Entities"]
    assert entity["Id"] == one and entity["Data"][RACK]["Content"] == ROWS
    [counted] = ssm.get_inventory(Aggregators=[{"Expression": f"{RACK}.RackLocation"}])["Entities"]
    assert counted["Data"][RACK]["Content"] == [{"RackLocation": "Bay B/Row C", "Count": "1"}]


def test_equal_content_need_not_be_sent_again() -> None:
    [one] = nodes(1)
    assert put(one, content=None, ContentHash="a") == "ItemContentMismatchException"
    assert put(one, ContentHash="a") == ""
    clock.advance(60)
    assert put(one, content=None, ContentHash="a") == "" and entries(one) == ROWS
    told = compute.client("ssm").list_inventory_entries(InstanceId=one, TypeName=RACK)
    assert told["CaptureTime"] == f"{clock.datetime():%Y-%m-%dT%H:%M:%SZ}"
    assert put(one, content=[]) == "" and entries(one) == []


def test_what_is_gathered_takes_its_place_again() -> None:
    [one] = nodes(1)
    rows = [{"Name": "shop-agent", "Version": "9"}]
    clock.advance(10)
    assert put(one, "AWS:Application", rows, SchemaVersion="1.1") == ""
    assert entries(one, "AWS:Application") == rows
    clock.advance(1900)
    assert [row["Name"] for row in entries(one, "AWS:Application")] == ["amazon-ssm-agent"]
    assert entries(one) == []


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"name": "AWS:Nothing"}, "InvalidTypeNameException"),
        ({"name": "AWS:Application"}, "UnsupportedInventorySchemaVersionException"),
        ({"instance_id": "i-0123456789abcdef0"}, "InvalidInstanceId"),
    ],
)
def test_what_is_refused(about: dict[str, str], code: str) -> None:
    [one] = nodes(1)
    assert put(**{"instance_id": one, **about}) == code


def test_an_account_has_twenty_types_of_its_own() -> None:
    one, other = nodes(2)
    assert [put(one, f"Custom:T{number}") for number in range(20)] == [""] * 20
    assert put(other, "Custom:T20") == "CustomSchemaCountLimitExceededException"
    assert put(other, "Custom:T1") == ""
