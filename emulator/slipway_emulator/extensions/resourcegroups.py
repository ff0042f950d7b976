# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Resource Groups: the instances of a group whose query is of tags, which moto stores and does not evaluate."""

from __future__ import annotations

import json
from typing import Any

from moto.resourcegroups import urls
from moto.resourcegroups.exceptions import NotFoundException
from moto.resourcegroups.models import resourcegroups_backends
from moto.resourcegroups.responses import ResourceGroupsResponse

from ..hosts import Host, registry
from ._instances import tags_of
from ._patching import put

INSTANCE, EVERYTHING = "AWS::EC2::Instance", "AWS::AllSupported"
TAGS = "TAG_FILTERS_1_0"
PAGE = 50
GONE = ("terminated", "shutting-down")


def extend() -> None:
    """Put the operation onto moto's responses, and its path to those that moto knows."""
    urls.url_paths["{0}/list-group-resources$"] = ResourceGroupsResponse.dispatch
    put(ResourceGroupsResponse, list_group_resources)


def list_group_resources(self: Any) -> str:
    """ListGroupResources: instances only, the one kind that tests of this emulator group."""
    asked = json.loads(self.body or "{}")
    name = str(asked.get("Group") or asked.get("GroupName") or self._get_param("Group")).rpartition("group/")[2]
    if _query(self.current_account, self.region, name) is None:
        raise NotFoundException
    found = [host for host in registry.of(self.current_account, self.region) if has(name, host)]
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or PAGE)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    listed = [
        {"ResourceArn": _arn(self.partition, host), "ResourceType": INSTANCE} for host in found[start : start + size]
    ]
    resources = [{"Identifier": one} for one in listed]
    return json.dumps({"Resources": resources, "ResourceIdentifiers": listed, "QueryErrors": [], **more})


def has(name: str, host: Host) -> bool:
    """Whether a host is in the group. Every filter must fit; its values are alternatives, none means any."""
    query = _query(host.account_id, host.region, name)
    if query is None or host.state in GONE or not {INSTANCE, EVERYTHING} & set(query["ResourceTypeFilters"]):
        return False
    tags = tags_of(host)
    return all(_fits(tags, one) for one in query.get("TagFilters") or [])


def _fits(tags: dict[str, str], one: dict[str, Any]) -> bool:
    return one["Key"] in tags and (not one.get("Values") or tags[one["Key"]] in one["Values"])


def _query(account_id: str, region: str, name: str) -> dict[str, Any] | None:
    groups = resourcegroups_backends[account_id][region].groups
    if name not in groups:
        return None
    query: dict[str, str] = groups[name].resource_query or {}
    if query.get("Type") != TAGS:
        raise NotImplementedError("Only groups with a query of tags are.")
    return dict(json.loads(query["Query"]))


def _arn(partition: str, host: Host) -> str:
    return f"arn:{partition}:ec2:{host.region}:{host.account_id}:instance/{host.instance_id}"
