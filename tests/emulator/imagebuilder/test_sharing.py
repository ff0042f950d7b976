# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Resource policies: RAM checks them and makes shares of them, and what is shared cannot be deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.image_builder import Builder, client, refusal

THEIRS = "210987654321"


def policy(arn: str, **more: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{THEIRS}:root"]},
        "Action": ["imagebuilder:GetComponent"],
        "Resource": [arn],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **more}]})


def test_a_policy_shares_and_is_promoted(builder: Builder) -> None:
    arn, ram = builder.component(), client("ram")
    assert "policy" not in builder.client.get_component_policy(componentArn=arn)
    builder.client.put_component_policy(componentArn=arn, policy=policy(arn))
    assert builder.client.get_component_policy(componentArn=arn)["policy"] == policy(arn)
    (share,) = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert share["featureSet"] == "CREATED_FROM_POLICY"
    builder.client.put_component_policy(componentArn=arn, policy=policy(arn, Action="imagebuilder:ListComponents"))
    for kind, entity in (("RESOURCE", arn), ("PRINCIPAL", THEIRS)):
        found = ram.get_resource_share_associations(associationType=kind)["resourceShareAssociations"]
        assert [one["associatedEntity"] for one in found] == [entity]
    promote = ram.promote_resource_share_created_from_policy
    assert promote(resourceShareArn=share["resourceShareArn"])["returnValue"]
    assert ram.get_resource_shares(resourceOwner="SELF")["resourceShares"][0]["featureSet"] == "STANDARD"
    assert refusal(promote, resourceShareArn=share["resourceShareArn"])[0] == "OperationNotPermittedException"
    assert refusal(promote, resourceShareArn=f"{share['resourceShareArn']}x")[0] == "UnknownResourceException"


def test_what_is_shared_cannot_be_deleted(builder: Builder) -> None:
    ram = client("ram")
    arns = {"component": builder.component(), "image_recipe": builder.recipe()}
    calls = {
        "component": ("componentArn", "componentBuildVersionArn"),
        "image_recipe": ("imageRecipeArn", "imageRecipeArn"),
    }
    for kind, arn in arns.items():
        put, delete = (getattr(builder.client, name) for name in (f"put_{kind}_policy", f"delete_{kind}"))
        put(**{calls[kind][0]: arn, "policy": policy(arn)})
        assert refusal(delete, **{calls[kind][1]: arn})[0] == "ResourceDependencyException"
        share = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"][-1]["resourceShareArn"]
        ram.delete_resource_share(resourceShareArn=share)
        assert "policy" not in getattr(builder.client, f"get_{kind}_policy")(**{calls[kind][0]: arn})
        delete(**{calls[kind][1]: arn})


@pytest.mark.parametrize(
    "wrong",
    ["{", "[]", "{}", '{"Statement": []}', policy("arn:aws:imagebuilder:x"), '{"Statement": {"Effect": "Allow"}}'],
)
def test_wrong_policies_are_refused(builder: Builder, wrong: str) -> None:
    code, message = refusal(builder.client.put_component_policy, componentArn=builder.component(), policy=wrong)
    assert code == "InvalidParameterValueException" and "'policy'" in message
