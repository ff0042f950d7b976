# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether hosts without a way to the internet have the VPC endpoints that their agents need. Only reads. Private.

A route table tells a route, and not whether what it leads to lets traffic through, so only a missing one is told. Hosts may
also have a proxy, which no call tells. So what is missing is a warning, and no verdict.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import some

FOR_AGENT = ("codedeploy", "codedeploy-commands-secure", "s3")
FOR_PROBE = ("ssm", "ssmmessages", "ec2messages")
EVERYWHERE = ("0.0.0.0/0", "::/0")
MOST_NAMED = 3


def problems(aws: Connection, hosts: list[Shape]) -> list[Shape]:
    """One for each VPC in which something is missing; nothing where the caller may not look."""
    private = [one for one in hosts if one["state"] == "running" and one["subnetId"] and not one["publicIpAddress"]]
    return (if_readable(lambda: _problems(aws, private)) or []) if private else []


def _problems(aws: Connection, hosts: list[Shape]) -> list[Shape]:
    vpcs = sorted({one["vpcId"] for one in hosts})
    tables = _described(aws, "describe_route_tables", "RouteTables", vpcs)
    closed = [one for one in hosts if not _leads_out(_table_of(tables, one))]
    endpoints = _described(aws, "describe_vpc_endpoints", "VpcEndpoints", vpcs) if closed else []
    told = []
    for vpc in vpcs:
        inside = [one for one in closed if one["vpcId"] == vpc]
        found = _found(endpoints, vpc, [_table_of(tables, one) for one in inside])
        missing = [name for name in _needed(inside) if name not in found]
        if inside and missing:
            told.append(causes.problem("endpoints_missing", _in_words(vpc, inside, missing)))
    return told


def _described(aws: Connection, operation: str, member: str, vpcs: list[str]) -> list[Shape]:
    return items(aws, "ec2", operation, member, Filters=[{"Name": "vpc-id", "Values": vpcs}])


def _table_of(tables: list[Shape], host: Shape) -> Shape:
    """The one of its subnet, else the main one of its VPC."""
    of_vpc = [
        (table, link) for table in tables if table.get("VpcId") == host["vpcId"] for link in table["Associations"]
    ]
    own = (table for table, link in of_vpc if link.get("SubnetId") == host["subnetId"])
    return next(own, next((table for table, link in of_vpc if link.get("Main")), {}))


def _leads_out(table: Shape) -> bool:
    """Whether there is a route to everywhere. One to an internet gateway is of no use to a host without a public address."""
    return any(
        not str(route.get("GatewayId") or "").startswith("igw-")
        for route in table.get("Routes") or []
        if EVERYWHERE[0] == route.get("DestinationCidrBlock") or EVERYWHERE[1] == route.get("DestinationIpv6CidrBlock")
    )


def _needed(hosts: list[Shape]) -> list[str]:
    """Those of SSM only where it does not reach a host."""
    return [*FOR_AGENT, *(FOR_PROBE if any(one["ssmPing"] != "Online" for one in hosts) else ())]


def _found(endpoints: list[Shape], vpc: str, tables: list[Shape]) -> set[str]:
    """An endpoint of the kind Gateway serves the subnets whose route tables it is in."""
    ids = {table.get("RouteTableId") for table in tables}
    return {
        one["ServiceName"].rpartition(".")[2]
        for one in endpoints
        if one.get("VpcId") == vpc
        and str(one.get("State")).lower() == "available"
        and (one.get("VpcEndpointType") != "Gateway" or ids <= set(one.get("RouteTableIds") or []))
    }


def _in_words(vpc: str, hosts: list[Shape], missing: list[str]) -> str:
    ids = some([one["instanceId"] for one in hosts], MOST_NAMED)
    verb = "has" if len(hosts) == 1 else "have"
    return f"{ids} {verb} no route to the internet, and {vpc} has no endpoint for {', '.join(missing)}."
