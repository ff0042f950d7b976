# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Managed nodes: the hosts whose SSM agent registered. Stopped and terminated ones are not listed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.exceptions import InvalidFilterKey, SSMException, ValidationException
from moto.ssm.responses import SimpleSystemManagerResponse

from ...clock import clock
from ...hosts import Host, registry
from ...machine.systems import platform_version
from .._instances import instance_of, tags_of
from .._patching import put
from .shared import AGENT_VERSION, paged, platform_type, request

PING_SECONDS = 300.0
ATTRIBUTES = {
    "ActivationIds": "ActivationId",
    "AgentVersion": "AgentVersion",
    "AssociationStatus": "AssociationStatus",
    "IamRole": "IamRole",
    "InstanceIds": "InstanceId",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ResourceType": "ResourceType",
    "SourceIds": "SourceId",
    "SourceTypes": "SourceType",
}


def extend() -> None:
    """Put the operations onto moto's responses."""
    put(SimpleSystemManagerResponse, describe_instance_information, describe_instance_properties)


def managed(account_id: str, region: str) -> list[Host]:
    return [host for host in registry.of(account_id, region) if host.managed()]


def information(host: Host) -> dict[str, Any]:
    """InstanceInformation of one node."""
    instance = instance_of(host)
    online = host.online()
    registered = datetime.fromtimestamp(host.boot_time(), UTC)
    seen = clock.now() - (clock.now() - host.boot_time()) % PING_SECONDS
    return {
        "InstanceId": host.instance_id,
        "PingStatus": "Online" if online else "ConnectionLost",
        "LastPingDateTime": datetime.fromtimestamp(seen, UTC) if online else registered,
        "AgentVersion": AGENT_VERSION,
        "IsLatestVersion": True,
        "PlatformType": platform_type(host.contents),
        "PlatformName": host.contents.platform_name,
        "PlatformVersion": platform_version(host.contents),
        "ResourceType": "EC2Instance",
        "IPAddress": instance.private_ip,
        "ComputerName": instance.private_dns_name,
        "SourceId": host.instance_id,
        "SourceType": "AWS::EC2::Instance",
    }


def describe_instance_information(self: Any) -> ActionResult:
    """DescribeInstanceInformation: pages of 5 to 50, 10 unless told."""
    asked = request(self)
    filters, legacy = asked.get("Filters", []), asked.get("InstanceInformationFilterList", [])
    if filters and legacy:
        raise ValidationException("Filters and InstanceInformationFilterList cannot be used together.")
    wanted = [(f["Key"], f["Values"]) for f in filters] + [(f["key"], f["valueSet"]) for f in legacy]
    page = _page(self, wanted, asked, 10)
    return ActionResult({"InstanceInformationList": page.pop("items"), **page})


def describe_instance_properties(self: Any) -> ActionResult:
    """DescribeInstanceProperties: the console's view, pages of up to 1000; only filters that compare for equality."""
    asked = request(self)
    wanted = [(f["key"], f["valueSet"]) for f in asked.get("InstancePropertyFilterList", [])]
    for item in asked.get("FiltersWithOperator", []):
        if item.get("Operator", "Equal") != "Equal":
            raise SSMException(
                "InvalidInstancePropertyFilterValue", "Only the operator Equal is built in this emulator."
            )
        wanted.append((item["Key"], item["Values"]))
    page = _page(self, wanted, asked, 50)
    properties = [{**item, **_properties(item["InstanceId"])} for item in page.pop("items")]
    return ActionResult({"InstanceProperties": properties, **page})


def _properties(instance_id: str) -> dict[str, Any]:
    host = registry.get(instance_id)
    instance = instance_of(host) if host else None
    if instance is None:
        return {}
    return {
        "InstanceType": instance.instance_type,
        "InstanceState": instance.state,
        "Architecture": instance.architecture,
        "AvailabilityZone": instance.placement.zone,
        "LaunchTime": instance.launch_time,
    }


def _page(response: Any, wanted: list[tuple[str, list[str]]], asked: dict[str, Any], size: int) -> dict[str, Any]:
    tags = [key for key, _values in wanted if key.startswith("tag")]
    if tags and len(tags) < len(wanted):
        raise InvalidFilterKey("Tag filters cannot be combined with other filters.")
    for key, values in wanted:
        if key == "InstanceIds":
            _check_ids(response, values)
        elif key not in ATTRIBUTES and key != "tag-key" and not key.startswith("tag:"):
            raise InvalidFilterKey(f"The filter key {key} is not valid.")
    account, region = response.current_account, response.region
    ids = next((values for key, values in wanted if key == "InstanceIds"), None)
    hosts = registry.of(account, region) if ids is None else registry.named(account, region, ids)
    page = paged(
        hosts,
        asked.get("NextToken"),
        asked.get("MaxResults") or size,
        lambda host: host.managed() and _fits(host, wanted),
    )
    page["items"] = [information(host) for host in page["items"]]
    return page


def _check_ids(response: Any, ids: list[str]) -> None:
    """An instance of ours that is not managed is only not listed; one that is not ours is an error."""
    ours = {host.instance_id for host in registry.named(response.current_account, response.region, ids)}
    if set(ids) - ours:
        raise SSMException("InvalidInstanceId", f"Invalid instance id: {', '.join(sorted(set(ids) - ours))}")


def _fits(host: Host, wanted: list[tuple[str, list[str]]]) -> bool:
    return all(_fits_one(host, key, values) for key, values in wanted)


def _fits_one(host: Host, key: str, values: list[str]) -> bool:
    if key == "tag-key":
        return any(value in tags_of(host) for value in values)
    if key.startswith("tag:"):
        return tags_of(host).get(key.removeprefix("tag:")) in values
    return information(host).get(ATTRIBUTES[key]) in values
