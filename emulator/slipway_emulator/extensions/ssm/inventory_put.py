# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Inventory that somebody put: items of their own types, and of those that are gathered, until these are gathered again."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from ...hosts import Host, registry
from .._patching import put
from .shared import request

APPLICATION, COMPONENT, INSTANCE = "AWS:Application", "AWS:AWSComponent", "AWS:InstanceInformation"
GATHERED = {APPLICATION: "1.1", COMPONENT: "1.0", INSTANCE: "1.0"}  # with their schema versions
OTHERS = ("BillingInfo", "File", "InstanceDetailedInformation", "Network", "Service", "Tag", "WindowsRegistry")
TYPES = {**GATHERED, **{f"AWS:{name}": "1.0" for name in (*OTHERS, "WindowsRole", "WindowsUpdate")}}
CUSTOM = "Custom:"
MOST_CUSTOM = 20  # types of an account
Rows = list[dict[str, str]]


class Item(NamedTuple):
    """What was put of one type of one node."""

    schema: str
    captured: str  # the time as it was given
    content_hash: str
    rows: Rows

    @property
    def at(self) -> float:
        return datetime.fromisoformat(self.captured).replace(tzinfo=UTC).timestamp()


def extend() -> None:
    """Put the operation onto moto's responses."""
    put(SimpleSystemManagerResponse, put_inventory)


def put_inventory(self: Any) -> ActionResult:
    """PutInventory: the items take the place of those of their types; without content only their time does."""
    asked = request(self)
    host = next(iter(registry.named(self.current_account, self.region, [asked["InstanceId"]])), None)
    if host is None or not host.managed():
        raise SSMException("InvalidInstanceId", f"Instance {asked['InstanceId']} is not a managed node.")
    before = of_node(host)
    after = {item["TypeName"]: _item(item, before.get(item["TypeName"])) for item in asked["Items"]}
    everywhere = {name for items in _kept(host).values() for name in items} | set(after)
    if sum(name.startswith(CUSTOM) for name in everywhere) > MOST_CUSTOM:
        raise SSMException(
            "CustomSchemaCountLimitExceededException", f"An account has {MOST_CUSTOM} custom types at most."
        )
    _kept(host)[host.instance_id] = {**before, **after}
    return ActionResult({"Message": "The inventory was updated."})


def of_node(host: Host) -> dict[str, Item]:
    """What was put of a node, by type."""
    return _kept(host).get(host.instance_id, {})


def hash_of(rows: Rows) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _kept(host: Host) -> dict[str, dict[str, Item]]:
    """By node and type."""
    found: dict[str, dict[str, Item]] = ssm_backends[host.account_id][host.region].__dict__.setdefault("inventory", {})
    return found


def _item(asked: dict[str, Any], before: Item | None) -> Item:
    name, schema = asked["TypeName"], asked["SchemaVersion"]
    if not name.startswith(CUSTOM) and name not in TYPES:
        raise SSMException("InvalidTypeNameException", f"The inventory type {name} is not valid.")
    if schema != TYPES.get(name, schema):
        raise SSMException(
            "UnsupportedInventorySchemaVersionException", f"The schema version of {name} is {TYPES[name]}."
        )
    if "Content" not in asked:
        if before is None or asked.get("ContentHash") != before.content_hash:
            raise SSMException(
                "ItemContentMismatchException", f"The content of {name} is needed: its hash is another one."
            )
        return before._replace(captured=asked["CaptureTime"])
    return Item(schema, asked["CaptureTime"], asked.get("ContentHash") or hash_of(asked["Content"]), asked["Content"])
