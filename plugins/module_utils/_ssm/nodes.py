# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of Systems Manager for managed nodes and their inventory. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items, pages
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "ssm"
PAGE = 50  # nodes in one answer, and ids in one filter
GROUP = "resource-groups:Name"  # the key of a target
NODE_TYPES = ("AWS::EC2::Instance", "AWS::SSM::ManagedInstance")  # in a resource group
GATHERING = "AWS-GatherSoftwareInventory"
TAG_VALUES = 200  # ids in one filter of EC2
INVENTORY_VALUES = 40  # values in one filter of GetInventory
NODES = "describe_instance_information"
FILTER_REFUSED = ("InvalidFilterKey", "InvalidInstanceInformationFilterValue", "ValidationException")


def managed_nodes(aws: Connection, ids: list[str], targets: list[Shape] | None = None) -> dict[str, Shape]:
    """What SSM knows of these instances, by id; those it does not know are left out.

    One question for up to 50. More are looked for first in the pages of one question: by `targets`, tags that all of
    them have, else in the Region. Whom that does not find is asked for by id.
    """
    found = _listed(aws, set(ids), targets) if len(ids) > PAGE else {}
    left = [i for i in ids if i not in found]
    for start in range(0, len(left), PAGE):
        asked = [{"Key": "InstanceIds", "Values": left[start : start + PAGE]}]
        try:
            found.update(_nodes(aws, Filters=asked))
        except is_boto3_error_code("InvalidInstanceId"):  # one unknown id may fail the whole question
            everything = _nodes(aws)
            return {i: node for i, node in everything.items() if i in set(ids)}
    return found


def offline(known: dict[str, Shape]) -> list[str]:
    """Those of the nodes that SSM has lost the connection to."""
    return [one for one, node in known.items() if node.get("PingStatus") != "Online"]


def targeted(aws: Connection, targets: list[Shape]) -> dict[str, Shape]:
    """The nodes that targets of a command reach now: values of a target are alternatives, and every target has to fit."""
    tags = [one for one in targets if one["Key"].startswith("tag")]
    ids = [set(one["Values"]) for one in targets if one["Key"].lower() == "instanceids" and one["Values"] != ["*"]]
    groups = [set(group_members(aws, one["Values"][0])) for one in targets if one["Key"] == GROUP]
    named = [*ids, *groups]
    if named and not tags:
        return managed_nodes(aws, sorted(set.intersection(*named)))
    found = _nodes(aws, **({"Filters": tags} if tags else {}))
    return {one: node for one, node in found.items() if all(one in some for some in named)}


def group_members(aws: Connection, name: str) -> list[str]:
    """Ids of the nodes in a resource group, instances and those of other machines."""
    try:
        found = items(aws, "resource-groups", "list_group_resources", "ResourceIdentifiers", GroupName=name)
    except is_boto3_error_code("NotFoundException"):
        raise Refused(f"there is no resource group {name} in {aws.region}. Correct its name or region.") from None
    return [one["ResourceArn"].rpartition("/")[2] for one in found if one["ResourceType"] in NODE_TYPES]


def every(aws: Connection, filters: list[Shape]) -> dict[str, Shape]:
    """All nodes that filters of DescribeInstanceInformation let pass, by id."""
    return _nodes(aws, **({"Filters": filters} if filters else {}))


def _listed(aws: Connection, wanted: set[str], targets: list[Shape] | None) -> dict[str, Shape]:
    """Those of the nodes that a list has, as long as reading it costs little more than to ask for each."""
    narrowed: Shape = {"Filters": [{"Key": one["Key"], "Values": one["Values"]} for one in (targets or [])[:1]]}
    asked: Shape = {"MaxResults": PAGE, **(narrowed if targets else {})}
    found: dict[str, Shape] = {}
    try:
        for page in itertools.islice(pages(aws, SERVICE, NODES, **asked), 2 * len(wanted) // PAGE + 1):
            listed = page["InstanceInformationList"]
            found.update({node["InstanceId"]: node for node in listed if node["InstanceId"] in wanted})
            if len(found) == len(wanted):
                break
    except is_boto3_error_code(FILTER_REFUSED):
        return {}
    return found


def _nodes(aws: Connection, **asked: t.Any) -> dict[str, Shape]:
    found = items(aws, SERVICE, NODES, "InstanceInformationList", MaxResults=PAGE, **asked)
    return {node["InstanceId"]: node for node in found}


def tags_of(aws: Connection, ids: list[str]) -> dict[str, dict[str, str]]:
    """The tags of nodes: EC2 has those of its instances, SSM those of other machines, one by one."""
    found: dict[str, dict[str, str]] = {}
    instances = [one for one in ids if one.startswith("i-")]
    for start in range(0, len(instances), TAG_VALUES):
        asked = [{"Name": "resource-id", "Values": instances[start : start + TAG_VALUES]}]
        for tag in items(aws, "ec2", "describe_tags", "Tags", Filters=asked):
            found.setdefault(tag["ResourceId"], {})[tag["Key"]] = tag["Value"]
    for one in (one for one in ids if not one.startswith("i-")):
        answer = aws.client(SERVICE).list_tags_for_resource(ResourceType="ManagedInstance", ResourceId=one)
        found[one] = {tag["Key"]: tag["Value"] for tag in answer["TagList"]}
    return found


def instances_of(aws: Connection, filters: list[Shape]) -> dict[str, str]:
    """Architectures of the EC2 instances that run, by id."""
    running = {"Name": "instance-state-name", "Values": ["running"]}
    found = items(aws, "ec2", "describe_instances", "Reservations", Filters=[*filters, running], MaxResults=1000)
    return {one["InstanceId"]: one.get("Architecture", "") for some in found for one in some["Instances"]}


def architectures_of(aws: Connection, ids: list[str]) -> dict[str, str]:
    """The same of these instances, 200 a question."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), TAG_VALUES):
        found.update(instances_of(aws, [{"Name": "instance-id", "Values": ids[start : start + TAG_VALUES]}]))
    return found


def gathers_inventory(aws: Connection) -> bool:
    """Whether any association of the Region gathers inventory."""
    narrowed = [{"key": "Name", "value": GATHERING}]
    return bool(aws.client(SERVICE).list_associations(AssociationFilterList=narrowed, MaxResults=1)["Associations"])


def inventory_of(aws: Connection, ids: list[str], names: t.Collection[str]) -> dict[str, Shape]:
    """What inventory knows of an application, by instance id: `{version, capturedAt}`; version None: not installed.

    Instances that no inventory was gathered from are left out. Inventory proves what was installed when it was
    gathered (every 30 minutes at best), never what runs now. One call per 40 ids.
    """
    found: dict[str, Shape] = {}
    for start in range(0, len(ids), INVENTORY_VALUES):
        part = ids[start : start + INVENTORY_VALUES]
        asked: Shape = {
            "Filters": [{"Key": "AWS:InstanceInformation.InstanceId", "Values": part, "Type": "Equal"}],
            "ResultAttributes": [{"TypeName": "AWS:Application"}],
        }
        found.update(_applications(items(aws, SERVICE, "get_inventory", "Entities", **asked), names))
    return found


def _applications(entities: t.Iterable[Shape], names: t.Collection[str]) -> dict[str, Shape]:
    found = {}
    for entity in entities:
        data = entity.get("Data", {}).get("AWS:Application")
        if data:
            versions = [row.get("Version") for row in data.get("Content") or [] if row.get("Name") in names]
            found[entity["Id"]] = {
                "version": versions[0] if versions else None,
                "capturedAt": data.get("CaptureTime"),
            }
    return found
