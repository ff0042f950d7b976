# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Compliance: items that somebody put, and what became of associations on the nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.exceptions import InvalidResourceId, InvalidResourceType, SSMException, ValidationException
from moto.ssm.responses import SimpleSystemManagerResponse

from ...hosts import registry
from .._patching import put
from .associations import ENDED, known
from .shared import paged, request

NODE = "ManagedInstance"
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED")  # the worst first
KEYS = ("ComplianceType", "ResourceId", "ResourceType", "Id", "Title", "Status", "Severity", "OverallSeverity")
PAGE = 50
COMPARES: dict[str, Callable[[str, list[str]], bool]] = {
    "EQUAL": lambda value, wanted: value in wanted,
    "NOT_EQUAL": lambda value, wanted: value not in wanted,
    "BEGIN_WITH": lambda value, wanted: value.startswith(tuple(wanted)),
    "LESS_THAN": lambda value, wanted: any(value < other for other in wanted),
    "GREATER_THAN": lambda value, wanted: any(value > other for other in wanted),
}
Row = dict[str, Any]


def extend() -> None:
    """Put the operations onto moto's responses."""
    put(
        SimpleSystemManagerResponse,
        put_compliance_items,
        list_compliance_items,
        list_compliance_summaries,
        list_resource_compliance_summaries,
    )


def put_compliance_items(self: Any) -> EmptyResult:
    """PutComplianceItems: all items of a type of a node, in place of those there were; PARTIAL adds to them."""
    asked = request(self)
    if asked["ResourceType"] != NODE:
        raise InvalidResourceType
    host = next(iter(registry.named(self.current_account, self.region, [asked["ResourceId"]])), None)
    if host is None or not host.managed():
        raise InvalidResourceId
    ids = [item.get("Id", "") for item in asked["Items"]]
    if len(set(ids)) < len(ids):
        raise SSMException("InvalidItemContentException", "The ids of the items must be unique.")
    about = {name: asked[name] for name in ("ComplianceType", "ResourceType", "ResourceId")}
    execution = {**asked["ExecutionSummary"], "ExecutionTime": _time(asked["ExecutionSummary"]["ExecutionTime"])}
    rows = {
        item.get("Id", ""): {"Title": "", "Details": {}, **item, **about, "ExecutionSummary": execution}
        for item in asked["Items"]
    }
    kept = _kept(self.ssm_backend)
    place = (asked["ResourceId"], asked["ComplianceType"])
    kept[place] = {**kept.get(place, {}), **rows} if asked.get("UploadType") == "PARTIAL" else rows
    return EmptyResult()


def list_compliance_items(self: Any) -> ActionResult:
    """ListComplianceItems: of one node, or of all."""
    asked = _asked(self)
    if len(asked.get("ResourceIds", [])) > 1:
        raise ValidationException("Only one resource ID can be specified.")
    if set(asked.get("ResourceTypes", [NODE])) != {NODE}:
        raise InvalidResourceType
    ids = asked.get("ResourceIds")
    return _answer(asked, "ComplianceItems", [r for r in _rows(self.ssm_backend) if not ids or r["ResourceId"] in ids])


def list_compliance_summaries(self: Any) -> ActionResult:
    """ListComplianceSummaries: how many nodes are compliant, by type."""
    asked = _asked(self)
    fitting = [row for row in _resources(_rows(self.ssm_backend)) if _fits(row, asked)]
    told = [
        {"ComplianceType": name, **_counts((row["Status"], row["OverallSeverity"]) for row in rows)}
        for name, rows in _grouped(fitting, "ComplianceType").items()
    ]
    return _page(asked, "ComplianceSummaryItems", told)


def list_resource_compliance_summaries(self: Any) -> ActionResult:
    """ListResourceComplianceSummaries: of every type of every node, with counts of items."""
    asked = _asked(self)
    return _answer(asked, "ResourceComplianceSummaryItems", _resources(_rows(self.ssm_backend)))


def _asked(response: Any) -> Row:
    asked = request(response)
    wrong = next((item.get("Key") for item in asked.get("Filters", []) if item.get("Key") not in KEYS), None)
    if wrong is not None:
        raise SSMException("InvalidFilter", f"The filter key {wrong} is not valid.")
    return asked


def _rows(backend: Any) -> list[Row]:
    put_by_hand = [row for rows in _kept(backend).values() for row in rows.values()]
    return [*put_by_hand, *_of_associations(backend)]


def _of_associations(backend: Any) -> Iterator[Row]:
    """The last result of each association on each node, unless its owner tells compliance by hand."""
    for one in known(backend).values():
        if one.members.get("SyncCompliance") == "MANUAL":
            continue
        for instance_id, (status, details, execution) in one.latest().items():
            if status in ENDED:
                yield {
                    "ComplianceType": "Association",
                    "ResourceType": NODE,
                    "ResourceId": instance_id,
                    "Id": one.association_id,
                    "Title": one.members.get("AssociationName") or "",
                    "Status": "COMPLIANT" if status == "Success" else "NON_COMPLIANT",
                    "Severity": one.members.get("ComplianceSeverity") or "UNSPECIFIED",
                    "ExecutionSummary": {
                        "ExecutionTime": _time(execution.created),
                        "ExecutionId": execution.execution_id,
                        "ExecutionType": "Association",
                    },
                    "Details": {"DocumentName": one.members["Name"], "DetailedStatus": details},
                }


def _resources(rows: Iterable[Row]) -> list[Row]:
    """One row for every type of every node."""
    told = []
    for name, of_type in _grouped(rows, "ComplianceType").items():
        for resource, items in _grouped(of_type, "ResourceId").items():
            wrong = [item["Severity"] for item in items if item["Status"] == "NON_COMPLIANT"]
            told.append(
                {
                    "ComplianceType": name,
                    "ResourceType": NODE,
                    "ResourceId": resource,
                    "Status": "NON_COMPLIANT" if wrong else "COMPLIANT",
                    "OverallSeverity": min(wrong, key=SEVERITIES.index, default="UNSPECIFIED"),
                    "ExecutionSummary": items[-1]["ExecutionSummary"],
                    **_counts((item["Status"], item["Severity"]) for item in items),
                }
            )
    return told


def _counts(found: Iterable[tuple[str, str]]) -> Row:
    """CompliantSummary and NonCompliantSummary of pairs of status and severity."""
    counts = Counter(found)
    summaries: Row = {}
    for status, word in (("COMPLIANT", "Compliant"), ("NON_COMPLIANT", "NonCompliant")):
        by_severity = {f"{severity.capitalize()}Count": counts[status, severity] for severity in SEVERITIES}
        summaries[f"{word}Summary"] = {f"{word}Count": sum(by_severity.values()), "SeveritySummary": by_severity}
    return summaries


def _grouped(rows: Iterable[Row], member: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[member], []).append(row)
    return groups


def _answer(asked: Row, member: str, rows: list[Row]) -> ActionResult:
    return _page(asked, member, [row for row in rows if _fits(row, asked)])


def _page(asked: Row, member: str, rows: list[Row]) -> ActionResult:
    page = paged(rows, asked.get("NextToken"), asked.get("MaxResults") or PAGE)
    return ActionResult({member: page.pop("items"), **page})


def _fits(row: Row, asked: Row) -> bool:
    return all(
        COMPARES[item.get("Type") or "EQUAL"](str(row.get(item["Key"], "")), item.get("Values", []))
        for item in asked.get("Filters", [])
    )


def _kept(backend: Any) -> dict[tuple[str, str], dict[str, Row]]:
    """By node and type, then by the id of the item."""
    return backend.__dict__.setdefault("compliance", {})


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
