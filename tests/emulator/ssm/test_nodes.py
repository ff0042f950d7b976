# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Managed nodes and inventory."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute

from slipway_emulator.clock import clock
from slipway_emulator.console import run
from slipway_emulator.contents import Contents
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
APPLICATION = [{"TypeName": "AWS:Application"}]


def listed(**asked: Any) -> list[str]:
    found = compute.client("ssm").describe_instance_information(**asked)["InstanceInformationList"]
    return [node["InstanceId"] for node in found]


def only(key: str, *values: str) -> list[str]:
    return listed(Filters=[{"Key": key, "Values": list(values)}])


def test_a_booted_host_with_a_profile_is_a_managed_node() -> None:
    [instance] = compute.run(compute.image())
    compute.run(compute.image(), with_profile=False)
    assert listed() == []
    compute.boot()
    [node] = compute.client("ssm").describe_instance_information()["InstanceInformationList"]
    assert node["InstanceId"] == node["SourceId"] == instance
    assert (node["PingStatus"], node["PlatformType"], node["ResourceType"]) == ("Online", "Linux", "EC2Instance")
    assert (node["PlatformName"], node["PlatformVersion"]) == ("Amazon Linux", "2023")


def test_stopped_and_terminated_nodes_are_not_listed() -> None:
    one, two, three = compute.run(compute.image(), 3)
    compute.boot()
    ec2 = compute.client("ec2")
    ec2.stop_instances(InstanceIds=[one])
    ec2.terminate_instances(InstanceIds=[two])
    assert listed() == [three]
    ec2.start_instances(InstanceIds=[one])
    compute.boot()
    assert sorted(listed()) == sorted([one, three])


def test_faults_tell_offline_from_unknown() -> None:
    offline, unmanaged = compute.run(compute.image(), 2)
    compute.boot()
    faults.add({"kind": "ssm-offline", "instance_id": offline})
    faults.add({"kind": "ssm-unmanaged", "instance_id": unmanaged})
    [node] = compute.client("ssm").describe_instance_information()["InstanceInformationList"]
    assert (node["InstanceId"], node["PingStatus"]) == (offline, "ConnectionLost")
    assert only("PingStatus", "Online") == []


def test_filters_by_id_tag_and_attribute() -> None:
    [web] = compute.run(compute.image(), tags={"role": "web"})
    [other] = compute.run(compute.image(), tags={"role": "db", "team": "a"})
    compute.boot()
    assert only("tag:role", "web", "api") == [web]
    assert only("tag-key", "team") == [other]
    assert only("InstanceIds", web) == [web]
    assert sorted(only("PlatformTypes", "Linux")) == sorted([web, other])
    assert listed(InstanceInformationFilterList=[{"key": "InstanceIds", "valueSet": [other]}]) == [other]


def test_an_instance_that_is_not_managed_is_left_out_and_one_that_is_not_ours_is_an_error() -> None:
    [unmanaged] = compute.run(compute.image(), with_profile=False)
    compute.boot()
    assert only("InstanceIds", unmanaged) == []
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        only("InstanceIds", unmanaged, "i-0123456789abcdef0")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Filters": [{"Key": "Colour", "Values": ["red"]}]}, "InvalidFilterKey"),
        (
            {"Filters": [{"Key": "tag:a", "Values": ["b"]}, {"Key": "PingStatus", "Values": ["Online"]}]},
            "InvalidFilterKey",
        ),
        (
            {
                "Filters": [{"Key": "PingStatus", "Values": ["Online"]}],
                "InstanceInformationFilterList": [{"key": "PingStatus", "valueSet": ["Online"]}],
            },
            "ValidationException",
        ),
        ({"NextToken": "nonsense"}, "InvalidNextToken"),
        ({"MaxResults": 51}, "ValidationException"),
    ],
)
def test_wrong_questions_are_refused(asked: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        listed(**asked)
    assert refused.value.response["Error"]["Code"] == code


def test_pages_of_ten_unless_told() -> None:
    ids = compute.run(compute.image(), 12)
    compute.boot()
    ssm = compute.client("ssm")
    assert len(listed()) == 10
    pages = list(ssm.get_paginator("describe_instance_information").paginate(MaxResults=5))
    assert [len(page["InstanceInformationList"]) for page in pages] == [5, 5, 2]
    found = [node["InstanceId"] for page in pages for node in page["InstanceInformationList"]]
    assert sorted(found) == sorted(ids)


def test_properties_tell_more_of_a_node() -> None:
    [instance] = compute.run(compute.image(), InstanceType="t3.small")
    compute.boot()
    wanted = [{"Key": "InstanceIds", "Values": [instance], "Operator": "Equal"}]
    [node] = compute.client("ssm").describe_instance_properties(FiltersWithOperator=wanted)["InstanceProperties"]
    assert (node["InstanceType"], node["InstanceState"], node["PingStatus"]) == ("t3.small", "running", "Online")


def entities(**asked: Any) -> list[dict[str, Any]]:
    return compute.client("ssm").get_inventory(**asked)["Entities"]


def with_agent(version: str | None) -> list[str]:
    wanted = [{"Key": "AWS:Application.Name", "Values": ["codedeploy-agent"]}]
    if version:
        wanted.append({"Key": "AWS:Application.Version", "Values": [version]})
    return [entity["Id"] for entity in entities(Filters=wanted, ResultAttributes=APPLICATION)]


def test_inventory_lists_what_is_installed_with_the_time_it_was_found() -> None:
    [old] = compute.run(compute.image("1.8.1"))
    [new] = compute.run(compute.image("2.1.0"))
    compute.run(compute.image())
    compute.boot()
    assert sorted(with_agent(None)) == sorted([old, new])
    assert with_agent("2.1.0") == [new]
    rows = compute.client("ssm").list_inventory_entries(InstanceId=old, TypeName="AWS:Application")
    assert {row["Name"]: row["Version"] for row in rows["Entries"]}["codedeploy-agent"] == "1.8.1"
    assert rows["CaptureTime"].endswith("Z")


def test_inventory_is_up_to_half_an_hour_old() -> None:
    [instance] = compute.run(compute.image())
    compute.boot()
    compute.host(instance).change(Contents(agent_version="1.8.1"))
    clock.advance(1700)
    assert with_agent(None) == []
    clock.advance(100)
    assert with_agent(None) == [instance]


def test_inventory_of_a_node_that_is_gone_stays_and_says_so() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    compute.boot()
    compute.client("ec2").terminate_instances(InstanceIds=[instance])
    assert with_agent(None) == [instance]
    alive = [{"Key": "AWS:InstanceInformation.InstanceStatus", "Values": ["Terminated"], "Type": "NotEqual"}]
    assert entities(Filters=alive) == []


def test_inventory_can_be_off() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    faults.add({"kind": "inventory-off", "instance_id": instance})
    compute.boot()
    assert with_agent(None) == []
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        compute.client("ssm").list_inventory_entries(InstanceId=instance, TypeName="AWS:Application")


def test_versions_are_counted_over_the_fleet_in_one_call() -> None:
    compute.run(compute.image("1.8.1"), 2)
    compute.run(compute.image("2.1.0"))
    compute.boot()
    aggregators = [{"Expression": "AWS:Application.Name", "Aggregators": [{"Expression": "AWS:Application.Version"}]}]
    [counted] = entities(Aggregators=aggregators)
    rows = [r for r in counted["Data"]["AWS:Application"]["Content"] if r["Name"] == "codedeploy-agent"]
    assert [(row["Version"], row["Count"]) for row in rows] == [("1.8.1", "2"), ("2.1.0", "1")]


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("BeginWith", "1.8", True),
        ("LessThan", "1.10.0", True),
        ("GreaterThan", "1.10.0", False),
        ("NotEqual", "1.8.1", False),
    ],
)
def test_inventory_filters_compare(kind: str, value: str, found: bool) -> None:
    compute.run(compute.image("1.8.1"))
    compute.boot()
    run(compute.host(listed()[0]), "true")
    name = {"Key": "AWS:Application.Name", "Values": ["codedeploy-agent"]}
    version = {"Key": "AWS:Application.Version", "Values": [value], "Type": kind}
    only_agent = [version] if kind == "NotEqual" else [name, version]
    if kind == "GreaterThan":  # the SSM agent is newer than that, so only the row itself can tell
        instance = listed()[0]
        rows = compute.client("ssm").list_inventory_entries(
            InstanceId=instance, TypeName="AWS:Application", Filters=only_agent
        )
        assert rows["Entries"] == []
        return
    assert bool(entities(Filters=only_agent)) is found
