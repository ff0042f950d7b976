# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Targets that name a resource group, as the tags that its query asks for."""

from __future__ import annotations

import json
from typing import Any

from moto.resourcegroups.models import resourcegroups_backends

GROUP = "resource-groups:"


def as_tags(account_id: str, region: str, targets: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The targets with a resource group replaced by its tags; None when there is no such group."""
    translated: list[dict[str, Any]] = []
    for target in targets:
        if not target["Key"].startswith(GROUP):
            translated.append(target)
        elif target["Key"] == f"{GROUP}Name":
            tags = _tags(account_id, region, target["Values"][0])
            if tags is None:
                return None
            translated += tags
    return translated


def _tags(account_id: str, region: str, name: str) -> list[dict[str, Any]] | None:
    group = resourcegroups_backends[account_id][region].groups.by_name.get(name)
    if group is None:
        return None
    query = json.loads(group.resource_query["Query"])
    return [{"Key": f"tag:{tag['Key']}", "Values": tag["Values"]} for tag in query.get("TagFilters", [])]
