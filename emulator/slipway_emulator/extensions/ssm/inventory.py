# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Inventory: what was found on the nodes when it was gathered last, up to half an hour ago."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException, ValidationException
from moto.ssm.responses import SimpleSystemManagerResponse

from slipway_emulator.numerals import is_number

from ...contents import Contents
from ...hosts import Host, registry
from ...machine.state import AGENT, WINDOWS_AGENT
from ...machine.systems import platform_version
from .._instances import instance_of
from .._patching import put
from .inventory_put import APPLICATION, COMPONENT, CUSTOM, GATHERED, INSTANCE, TYPES, Item, hash_of, of_node
from .shared import AGENT_VERSION, paged, platform_type, request

IDS = f"{INSTANCE}.InstanceId"
PAGE = 50


def extend() -> None:
    """Put the operations onto moto's responses."""
    put(SimpleSystemManagerResponse, get_inventory, list_inventory_entries)


def get_inventory(self: Any) -> ActionResult:
    """GetInventory: nodes that fit every filter, or counts of what they have."""
    asked = request(self)
    filters, aggregators = asked.get("Filters", []), asked.get("Aggregators", [])
    hosts = _looked_at(self, filters)

    def fits(host: Host) -> bool:
        return _gathered(host) and _fits(host, filters)

    if aggregators:
        counted = [host for host in hosts if fits(host)]
        page = paged([_aggregated(counted, one) for one in aggregators], asked.get("NextToken"), PAGE)
        return ActionResult({"Entities": page.pop("items"), **page})
    types = [a["TypeName"] for a in asked.get("ResultAttributes", [])] or [INSTANCE]
    page = paged(hosts, asked.get("NextToken"), asked.get("MaxResults") or PAGE, fits)
    return ActionResult({"Entities": [_entity(host, types) for host in page.pop("items")], **page})


def list_inventory_entries(self: Any) -> ActionResult:
    """ListInventoryEntries: the rows of one type of one node."""
    asked = request(self)
    host = next(iter(registry.named(self.current_account, self.region, [asked["InstanceId"]])), None)
    if host is None or not _gathered(host):
        raise SSMException("InvalidInstanceId", f"Instance {asked['InstanceId']} has no inventory.")
    name = asked["TypeName"]
    kept = [row for row in _rows(host, name) if all(_row_fits(row, f) for f in asked.get("Filters", []))]
    page = paged(kept, asked.get("NextToken"), asked.get("MaxResults") or PAGE)
    return ActionResult(
        {
            "TypeName": name,
            "InstanceId": host.instance_id,
            "SchemaVersion": _schema(host, name),
            "CaptureTime": _captured(host, name),
            "Entries": page.pop("items"),
            **page,
        }
    )


def _looked_at(response: Any, filters: list[dict[str, Any]]) -> list[Host]:
    """The hosts of the region, or those that a filter names by their ids."""
    named = [f["Values"] for f in filters if f["Key"] == IDS and f.get("Type", "Equal") == "Equal"]
    account, region = response.current_account, response.region
    return registry.named(account, region, named[0]) if named else registry.of(account, region)


def _gathered(host: Host) -> bool:
    """Whether it was ever gathered from, before it was terminated too: such nodes stay listed for thirty days."""
    host.gather()
    return host.inventory is not None or bool(of_node(host))


def _put(host: Host, type_name: str) -> Item | None:
    """What somebody put, unless it was gathered since."""
    item, found = of_node(host).get(type_name), host.inventory
    is_old = item is not None and found is not None and type_name in GATHERED and found.captured_at > item.at
    return None if is_old else item


def _schema(host: Host, type_name: str) -> str:
    item = _put(host, type_name)
    return item.schema if item else TYPES.get(type_name, "1.0")


def _captured(host: Host, type_name: str) -> str:
    item, found = _put(host, type_name), host.inventory
    if item or not found:
        return item.captured if item else ""
    return datetime.fromtimestamp(found.captured_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rows(host: Host, type_name: str) -> list[dict[str, str]]:
    item, found = _put(host, type_name), host.inventory
    if item or not found:
        return item.rows if item else []
    contents = found.contents
    if type_name == APPLICATION:
        return sorted([*_applications(contents), *_distributed(contents)], key=lambda row: row["Name"])
    if type_name == COMPONENT:
        return [row for row in _distributed(contents) if _is_amazons(row["Publisher"])]
    return [_instance(host)] if type_name == INSTANCE else []


def _applications(contents: Contents) -> list[dict[str, str]]:
    windows = contents.windows
    found = {"amazon-ssm-agent": AGENT_VERSION, **contents.packages}
    if contents.agent_version is not None:
        found[WINDOWS_AGENT if windows else AGENT] = contents.agent_version
    return [
        {
            "Name": name,
            "Version": version,
            "Architecture": "x86_64",
            "ApplicationType": "" if windows else "System Environment/Base",
            "PackageId": f"{name}-{version}",
        }
        for name, version in sorted(found.items())
    ]


def _distributed(contents: Contents) -> list[dict[str, str]]:
    """Packages of Distributor that tell inventory of themselves."""
    return [dict(one.row) for one in contents.distributed.values() if one.row and one.state == "Installed"]


def _is_amazons(publisher: str) -> bool:
    """A package that does not name its publisher is taken for one of AWS's."""
    return not publisher or publisher.lower().startswith("amazon")


def _instance(host: Host) -> dict[str, str]:
    return {
        "AgentType": "amazon-ssm-agent",
        "AgentVersion": AGENT_VERSION,
        "ComputerName": str(instance_of(host).private_dns_name),
        "InstanceId": host.instance_id,
        "InstanceStatus": _status(host),
        "IpAddress": str(instance_of(host).private_ip),
        "PlatformName": host.contents.platform_name,
        "PlatformType": platform_type(host.contents),
        "PlatformVersion": platform_version(host.contents),
        "ResourceType": "EC2Instance",
    }


def _status(host: Host) -> str:
    if host.state != "running":
        return host.state.capitalize()
    return "Active" if host.online() else "ConnectionLost"


def _entity(host: Host, types: list[str]) -> dict[str, Any]:
    data = {}
    for name in types:
        rows = _rows(host, name)
        data[name] = {
            "TypeName": name,
            "SchemaVersion": _schema(host, name),
            "CaptureTime": _captured(host, name),
            "ContentHash": hash_of(rows),
            "Content": rows,
        }
    return {"Id": host.instance_id, "Data": data}


def _is_type(name: str) -> bool:
    return name in TYPES or name.startswith(CUSTOM)


def _fits(host: Host, filters: list[dict[str, Any]]) -> bool:
    """A filter is about the node: it fits when any of its rows does; NotEqual, when none has one of the values."""
    return all(_fits_one(host, item) for item in filters)


def _fits_one(host: Host, item: dict[str, Any]) -> bool:
    type_name, _mark, attribute = item["Key"].rpartition(".")
    if not _is_type(type_name):
        raise SSMException("InvalidFilter", f"The filter key {item['Key']} is not valid.")
    kind = item.get("Type", "Equal")
    values = [row.get(attribute, "") for row in _rows(host, type_name)]
    if kind == "Exists":
        raise ValidationException("The filter type Exists can only be used with aggregators.")
    if kind == "NotEqual":
        return not any(value in item["Values"] for value in values)
    return any(_compares(value, kind, item["Values"]) for value in values)


def _row_fits(row: dict[str, str], item: dict[str, Any]) -> bool:
    value = row.get(item["Key"].rpartition(".")[2], "")
    if item.get("Type") == "NotEqual":
        return value not in item["Values"]
    return _compares(value, item.get("Type", "Equal"), item["Values"])


def _compares(value: str, kind: str, wanted: list[str]) -> bool:
    if kind == "BeginWith":
        return value.startswith(tuple(wanted))
    if kind == "LessThan":
        return any(_version(value) < _version(other) for other in wanted)
    if kind == "GreaterThan":
        return any(_version(value) > _version(other) for other in wanted)
    return value in wanted


def _version(text: str) -> list[tuple[int, str]]:
    """Numbers by value and everything else by letters."""
    return [(int(part), "") if is_number(part) else (-1, part) for part in text.replace("-", ".").split(".")]


def _aggregated(hosts: list[Host], aggregator: dict[str, Any]) -> dict[str, Any]:
    """Counts of nodes by the values of an attribute, and by those of the aggregators inside it."""
    expressions = [aggregator.get("Expression", "")]
    inner = aggregator.get("Aggregators", [])
    while inner:
        expressions.append(inner[0].get("Expression", ""))
        inner = inner[0].get("Aggregators", [])
    type_name = expressions[0].rpartition(".")[0]
    if not _is_type(type_name) or any(e.rpartition(".")[0] != type_name for e in expressions):
        raise SSMException("InvalidAggregator", f"The aggregator {expressions[0]} is not valid.")
    names = [expression.rpartition(".")[2] for expression in expressions]
    counts: Counter[tuple[str, ...]] = Counter()
    for host in hosts:
        counts.update({tuple(row.get(name, "") for name in names) for row in _rows(host, type_name)})
    content = [{**dict(zip(names, key)), "Count": str(count)} for key, count in sorted(counts.items())]
    return {
        "Data": {type_name: {"TypeName": type_name, "SchemaVersion": TYPES.get(type_name, "1.0"), "Content": content}}
    }
