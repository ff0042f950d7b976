# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instances by their id, their tags, and the pages of DescribeInstances."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ec2.models import EC2Backend
from support import compute

from slipway_emulator.hosts import registry

pytestmark = pytest.mark.usefixtures("world")


def described(**asked: Any) -> list[str]:
    answer = compute.client("ec2").describe_instances(**asked)
    return [i["InstanceId"] for reservation in answer["Reservations"] for i in reservation["Instances"]]


def filtered(name: str, *values: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)}]


def test_an_instance_is_found_by_its_id_and_others_are_left_out() -> None:
    one, two, three = compute.run(compute.image(), 3)
    [other] = compute.run(compute.image(), tags={"role": "db"})
    assert described(InstanceIds=[two, other]) == [two, other]
    assert described(Filters=filtered("instance-id", three, other, "i-0123456789abcdef0")) == [three, other]
    assert described(Filters=[*filtered("instance-id", one, other), *filtered("tag:role", "db")]) == [other]
    assert sorted(described()) == sorted([one, two, three, other])


def test_an_id_that_does_not_exist_is_refused() -> None:
    ec2 = compute.client("ec2")
    for call in (described, ec2.stop_instances, ec2.describe_instance_status):
        with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
            call(InstanceIds=["i-0123456789abcdef0"])


def test_tags_are_those_of_the_moment() -> None:
    [instance] = compute.run(compute.image(), tags={"role": "web"})
    ec2 = compute.client("ec2")
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "tier", "Value": "1"}])
    ec2.delete_tags(Resources=[instance], Tags=[{"Key": "role"}])
    assert (
        described(Filters=filtered("tag:tier", "1")) == [instance]
        and described(Filters=filtered("tag-key", "role")) == []
    )


def test_pages_hold_everything_once_and_can_be_asked_for_again() -> None:
    ids = [compute.run(compute.image())[0] for _turn in range(12)]
    ec2 = compute.client("ec2")
    first = ec2.describe_instances(MaxResults=5)
    again = [ec2.describe_instances(MaxResults=5, NextToken=first["NextToken"]) for _turn in range(2)]
    assert again[0]["Reservations"] == again[1]["Reservations"]
    last = ec2.describe_instances(MaxResults=5, NextToken=again[0]["NextToken"])
    found = [r["Instances"][0]["InstanceId"] for page in (first, again[0], last) for r in page["Reservations"]]
    assert found == ids and "NextToken" not in last
    with pytest.raises(ClientError, match="InvalidNextToken"):
        ec2.describe_instances(MaxResults=5, NextToken="nonsense")


def test_the_pages_of_managed_nodes_look_at_each_host_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compute.run(compute.image(), 20)
    compute.boot()
    looked: list[str] = []
    managed = type(registry.all()[0]).managed
    monkeypatch.setattr(
        type(registry.all()[0]), "managed", lambda host: looked.append(host.instance_id) or managed(host)
    )
    walked: list[Any] = []
    everything = EC2Backend.all_reservations
    monkeypatch.setattr(EC2Backend, "all_reservations", lambda *args: walked.append(args) or everything(*args))
    nodes = compute.client("ssm").get_paginator("describe_instance_information").paginate(MaxResults=5)
    assert len([node for page in nodes for node in page["InstanceInformationList"]]) == 20
    assert len([one for one in looked if one]) <= 3 * 20 + 4 and walked == []
