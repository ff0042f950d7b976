# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What RAM does with a resource policy: checks it, and makes a resource share of it that it can promote."""

from __future__ import annotations

import json
from typing import Any

from moto.ram.models import ResourceShare, ram_backends

from .exceptions import InvalidParameterValueException, ResourceDependencyException
from .store import Item, Store

FROM_POLICY = "CREATED_FROM_POLICY"


def check(text: str, arn: str) -> Item:
    """The policy. Raise InvalidParameterValueException for one that shares nothing, or another resource."""
    try:
        policy = json.loads(text)
    except ValueError:
        raise InvalidParameterValueException("policy", "The policy is not a JSON document.") from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    found = [statements] if isinstance(statements, dict) else statements
    if not found:
        raise InvalidParameterValueException("policy", "The policy has no statement.")
    for statement in found:
        missing = [name for name in ("Effect", "Principal", "Action") if not statement.get(name)]
        if missing:
            raise InvalidParameterValueException("policy", f"A statement of the policy has no {missing[0]}.")
        if arn not in _texts(statement.get("Resource", arn)):
            raise InvalidParameterValueException("policy", f"A statement of the policy is not about '{arn}'.")
    return {**policy, "Statement": found}


def share(store: Store, arn: str, policy: Item) -> None:
    """The share of a policy; a new policy changes the one that is there."""
    found = _share(store, arn)
    if found is None:
        name = arn.rpartition(":")[2].replace("/", "-")
        found = ResourceShare(store.account_id, store.region_name, name=name)
        found.feature_set, found.resource_arns = FROM_POLICY, [arn]
        ram_backends[store.account_id][store.region_name].resource_shares.append(found)
    principals = [statement["Principal"] for statement in policy["Statement"]]
    named = [text for one in principals for text in _texts(one.get("AWS", []) if isinstance(one, dict) else one)]
    found.principals = [text.split(":")[4] if text.endswith(":root") else text for text in named]


def refuse_shared(store: Store, arn: str) -> None:
    """Raise ResourceDependencyException for a resource that others may use."""
    if any(arn in one.resource_arns for one in _shares(store)):
        raise ResourceDependencyException(arn)


def _share(store: Store, arn: str) -> Any:
    return next((one for one in _shares(store) if one.resource_arns == [arn]), None)


def is_shared(store: Store, arn: str) -> bool:
    """Whether the share of a policy is still there; with it the policy goes."""
    return _share(store, arn) is not None


def _shares(store: Store) -> list[Any]:
    found = ram_backends[store.account_id][store.region_name].resource_shares
    return [one for one in found if one.status == "ACTIVE"]


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
