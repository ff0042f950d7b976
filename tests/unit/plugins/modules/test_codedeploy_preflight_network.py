# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts in private subnets: the preflight tells which VPC endpoints their agents lack."""

from __future__ import annotations

import typing as t

import pytest
from support.codedeploy_shop import REGION
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.faults import faults

ANYWHERE = "0.0.0.0/0"
ENDPOINTS = ("codedeploy", "codedeploy-commands-secure", "s3")


class Private(Fleet):
    """Two hosts of a group in a subnet of its own, without a way out."""

    def __init__(self) -> None:
        super().__init__()
        self.group()
        self.vpc = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
        self.ids = self.launch(2, subnet=self.subnet)

    def endpoint(self, name: str, **more: t.Any) -> None:
        kind = {"VpcEndpointType": "Interface", "SubnetIds": [self.subnet], **more}
        self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.{name}", **kind)

    def table(self) -> str:
        """A route table for the subnet."""
        made = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=made, SubnetId=self.subnet)
        return str(made)


@pytest.fixture
def private(world: None) -> Private:
    return Private()


def told(outcome: Outcome | None = None) -> list[str]:
    found = (outcome or run_module("codedeploy_preflight", GROUP))["preflight"]["problems"]
    return [one["message"] for one in found if one["cause"] == "endpoints_missing"]


def test_endpoints_that_are_missing_are_named_and_block_nothing(private: Private) -> None:
    outcome = run_module("codedeploy_preflight", GROUP)
    [message] = told(outcome)
    assert not outcome.failed and outcome["preflight"]["verdict"] == "ready"
    assert all(one in message for one in private.ids)
    assert f"{private.vpc} has no endpoint for codedeploy, codedeploy-commands-secure, s3." in message
    [problem] = [one for one in outcome["preflight"]["problems"] if one["cause"] == "endpoints_missing"]
    assert "NAT gateway" in problem["remedy"] and "codedeploy_agent_private_network: true" in problem["remedy"]
    for name in ENDPOINTS[:2]:
        private.endpoint(name)
    assert told()[0].endswith(f"{private.vpc} has no endpoint for s3.")
    private.endpoint("s3")
    assert told() == []


def test_those_of_ssm_are_named_where_it_does_not_reach_a_host(private: Private) -> None:
    faults.add({"kind": "ssm-offline", "instance_id": private.ids[0]})
    assert "s3, ssm, ssmmessages, ec2messages." in told()[0]


def test_a_gateway_serves_the_subnets_of_its_route_tables(private: Private) -> None:
    for name in ENDPOINTS[:2]:
        private.endpoint(name)
    other = private.ec2.create_route_table(VpcId=private.vpc)["RouteTable"]["RouteTableId"]
    gateway = {"VpcEndpointType": "Gateway", "SubnetIds": []}
    private.endpoint("s3", RouteTableIds=[other], **gateway)
    assert told()[0].endswith("has no endpoint for s3.")
    private.endpoint("s3", RouteTableIds=[private.table()], **gateway)
    assert told() == []


@pytest.mark.parametrize("gateway", ["NatGatewayId", "GatewayId"])
def test_a_route_out_is_enough_unless_it_needs_a_public_address(private: Private, gateway: str) -> None:
    made = private.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    private.ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=private.vpc)
    if gateway == "NatGatewayId":
        address = private.ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = private.ec2.create_nat_gateway(SubnetId=private.subnet, AllocationId=address)
        made = nat["NatGateway"]["NatGatewayId"]
    private.ec2.create_route(RouteTableId=private.table(), DestinationCidrBlock=ANYWHERE, **{gateway: made})
    assert bool(told()) is (gateway == "GatewayId")


def test_who_may_not_look_gets_no_warning(private: Private) -> None:
    faults.add({"kind": "denied", "operation": "DescribeRouteTables", "code": "UnauthorizedOperation"})
    outcome = run_module("codedeploy_preflight", GROUP)
    assert told(outcome) == [] and not outcome.failed


def test_hosts_with_public_addresses_cost_no_call(world: None) -> None:
    fleet = Fleet()
    fleet.group()
    fleet.launch(1)
    operations = [call.operation for call in run_module("codedeploy_preflight", GROUP).calls]
    assert "DescribeRouteTables" not in operations and "DescribeVpcEndpoints" not in operations
