# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ssm_managed_node_info against the emulator: which nodes there are, which answer, and what is installed on them."""

from __future__ import annotations

import json
import typing as t

import pytest
from support import compute
from support.imagebuilder import done
from support.modules import Outcome, run_module
from support.run_command import fleet, nodes

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "ssm_managed_node_info"
pytestmark = pytest.mark.usefixtures("world")


def ids_of(outcome: Outcome) -> list[str]:
    return [node["instance_id"] for node in outcome["nodes"]]


def test_every_node_with_its_agent_and_platform() -> None:
    ids = nodes(2, role="web")
    read = done(MODULE, {})
    assert not read.changed and ids_of(read) == ids and read["missing_nodes"] == read["unreachable_nodes"] == []
    node = read["nodes"][0]
    assert (node["ping_status"], node["platform_type"], node["resource_type"]) == ("Online", "Linux", "EC2Instance")
    assert node["agent_version"] and node["ip_address"] and "tags" not in node and "package" not in node
    assert [call.operation for call in read.calls] == ["DescribeInstanceInformation"]


def test_missing_and_lost_are_told_apart() -> None:
    lost, stopped, online = nodes(3)
    faults.add({"kind": "ssm-offline", "instance_id": lost})
    compute.client("ec2").stop_instances(InstanceIds=[stopped])
    read = done(MODULE, {"instance_ids": [lost, stopped, online, "i-0123456789abcdef0"]})
    assert ids_of(read) == [lost, online] and read["unreachable_nodes"] == [lost]
    assert [one["instance_id"] for one in read["missing_nodes"]] == [stopped, "i-0123456789abcdef0"]
    assert "SSM does not list it" in read["missing_nodes"][0]["reason"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"tag_filters": {"role": "web"}}, 2),
        ({"tag_filters": {"role": ["web", "db"]}}, 3),
        ({"tag_filters": {"role": None}}, 3),
        ({"tag_filters": {"role": "web"}, "ping_status": "ConnectionLost"}, 1),
        ({"ping_status": "Online"}, 3),
        ({"platform_types": ["Windows", "MacOS"]}, 0),
        ({"platform_types": ["Linux"], "agent_versions": ["1.0"]}, 0),
        ({"resource_group_name": "webs"}, 2),
        ({"resource_group_name": "webs", "ping_status": "Online"}, 1),
    ],
)
def test_filters(options: dict[str, t.Any], count: int) -> None:
    ids = [*nodes(2, role="web"), *nodes(1, role="db"), *nodes(1)]
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    query = {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "role", "Values": ["web"]}]}
    compute.client("resource-groups").create_group(
        Name="webs", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)}
    )
    assert len(done(MODULE, options)["nodes"]) == count


def test_a_resource_group_that_is_missing_is_refused() -> None:
    read = run_module(MODULE, {"resource_group_name": "nobody"})
    assert read.failed and "there is no resource group nobody in eu-west-1" in read.msg


def test_tags_are_read_when_they_are_asked_for() -> None:
    nodes(1, role="web", cost_Center="7")
    assert done(MODULE, {"include_tags": True})["nodes"][0]["tags"] == {"role": "web", "cost_Center": "7"}


def test_versions_of_a_package_by_inventory() -> None:
    ids = fleet("1.8.1", "1.8.1", "1.7.0", None)
    clock.advance(1800)
    read = done(MODULE, {"package_name": "codedeploy-agent"})
    assert read["package_versions"] == {"1.7.0": 1, "1.8.1": 2}
    found = {node["instance_id"]: node["package"] for node in read["nodes"]}
    assert found[ids[0]]["version"] == "1.8.1" and found[ids[0]]["captured_at"]
    assert found[ids[3]] == {**found[ids[3]], "inventory": True, "version": None}
    assert read["nodes_without_inventory"] == [] and read["inventory_message"] is None


def test_nodes_without_inventory_are_named_and_how_to_ask_them() -> None:
    ids = fleet("1.8.1", "1.8.1")
    faults.add({"kind": "inventory-off", "instance_id": ids[0]})
    clock.advance(1800)
    read = done(MODULE, {"package_name": "codedeploy-agent"})
    assert read["nodes_without_inventory"] == [ids[0]] and read["package_versions"] == {"1.8.1": 1}
    assert "there is no inventory of 1 node" in read["inventory_message"]
    assert "slipway.aws.ssm_run_command" in read["inventory_message"]
    assert read.result["warnings"] == [read["inventory_message"]]
    assert "no association with AWS-GatherSoftwareInventory" in read["inventory_message"]
    compute.client("ssm").create_association(
        Name="AWS-GatherSoftwareInventory", Targets=[{"Key": "InstanceIds", "Values": ["*"]}]
    )
    gathered = done(MODULE, {"package_name": "codedeploy-agent"})
    assert "gathered every 30 minutes at best" in gathered["inventory_message"]


def test_ids_are_asked_for_fifty_at_a_time() -> None:
    ids = nodes(51)
    read = done(MODULE, {"instance_ids": ids})
    assert len(read["nodes"]) == 51 and len(read.calls) == 2


def test_what_cannot_be_read_is_one_sentence() -> None:
    faults.add({"kind": "denied", "operation": "DescribeInstanceInformation"})
    read = run_module(MODULE, {})
    assert read.failed and read.msg.startswith("Failed to read the managed nodes: ") and "IAM policy" in read.msg
