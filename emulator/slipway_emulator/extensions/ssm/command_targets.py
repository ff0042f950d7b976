# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Which nodes a command is for: ids, tags and resource groups."""

from __future__ import annotations

from typing import Any

from moto.ssm.exceptions import SSMException, ValidationException

from ...hosts import Host, registry
from .. import resourcegroups
from .._instances import tags_of
from . import nodes
from .documents import Step
from .shared import not_in_a_valid_state, platform_type

GROUP, TYPES = "resource-groups:Name", "resource-groups:ResourceTypeFilters"
TARGET_KEYS = ("InstanceIds", "instanceids", "tag-key", GROUP, TYPES)

Targets = list[dict[str, Any]]


def check(ids: list[str], targets: Targets) -> None:
    """What is refused whatever nodes there are."""
    if bool(ids) == bool(targets):
        raise ValidationException("Specify either InstanceIds or Targets, and not both.")
    if len(set(ids)) < len(ids):
        raise SSMException("DuplicateInstanceId", "You cannot specify an instance ID in more than one place.")
    keys = [target.get("Key", "") for target in targets]
    for key in keys:
        if key not in TARGET_KEYS and not key.startswith("tag:"):
            raise SSMException("InvalidTarget", f"The target key {key} is not valid or not built in this emulator.")
    grouped = [target for target in targets if target.get("Key") == GROUP]
    if any(len(target.get("Values", [])) != 1 for target in grouped) or (TYPES in keys and not grouped):
        raise SSMException("InvalidTarget", f"{GROUP} takes one resource group, and {TYPES} goes with it.")


def by_ids(account_id: str, region: str, ids: list[str], steps: list[Step]) -> list[Host]:
    """The nodes of these ids: one that cannot take the command fails the whole call."""
    hosts = {host.instance_id: host for host in registry.named(account_id, region, ids) if host.managed()}
    bad = [i for i in ids if i not in hosts]
    if bad:
        raise not_in_a_valid_state(account_id, bad)
    platforms = {i: platform_type(hosts[i].contents) for i in ids}
    wrong = [i for i in ids if not any(step.runs_on(platforms[i]) for step in steps)]
    if wrong:
        raise SSMException(
            "UnsupportedPlatformType", f"The document is not supported on the platform of {', '.join(wrong)}."
        )
    return [hosts[i] for i in ids]


def by_targets(account_id: str, region: str, targets: Targets) -> list[Host]:
    """The nodes that fit. Who names ids does not have the whole fleet looked at."""
    ids = [target.get("Values", []) for target in targets if target["Key"].lower() == "instanceids"]
    named = registry.named(account_id, region, ids[0]) if ids and ids[0] != ["*"] else None
    looked_at = nodes.managed(account_id, region) if named is None else [host for host in named if host.managed()]
    return [host for host in looked_at if fits(host, targets)]


def fits(host: Host, targets: Targets) -> bool:
    """Values of a target are alternatives; every target must fit."""
    plain = [target for target in targets if target["Key"] not in (GROUP, TYPES)]
    return all(_fits(host, target["Key"], target.get("Values", [])) for target in plain) and (
        len(plain) == len(targets) or _in_group(host, targets)
    )


def _fits(host: Host, key: str, values: list[str]) -> bool:
    if key.lower() == "instanceids":
        return host.instance_id in values or values == ["*"]
    if key == "tag-key":
        return any(value in tags_of(host) for value in values)
    return tags_of(host).get(key.removeprefix("tag:")) in values


def _in_group(host: Host, targets: Targets) -> bool:
    values = {target["Key"]: target.get("Values", []) for target in targets}
    types = values.get(TYPES) or [resourcegroups.INSTANCE]
    name = values[GROUP][0]
    return resourcegroups.INSTANCE in types and resourcegroups.has(name, host)
