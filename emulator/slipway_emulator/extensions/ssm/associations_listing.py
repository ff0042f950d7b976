# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operations that list associations, their versions, their runs, and what runs on a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dateutil.parser import isoparse
from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.responses import SimpleSystemManagerResponse

from ...hosts import registry
from .. import _patching
from . import documents
from .associations import Association, Execution, Members, known
from .associations_api import dates, find, managed, moment
from .associations_rules import KINDS
from .shared import paged, request

SUMMARY = (
    "Name",
    "InstanceId",
    "DocumentVersion",
    "Targets",
    "ScheduleExpression",
    "AssociationName",
    "ScheduleOffset",
    "Duration",
    "TargetMaps",
)
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "EQUAL": lambda one, other: int(one) == int(other),
    "LESS_THAN": lambda one, other: one < other,
    "GREATER_THAN": lambda one, other: one > other,
}


def extend() -> None:
    """Put the operations onto moto's responses."""
    _patching.put(
        SimpleSystemManagerResponse,
        list_associations,
        list_association_versions,
        describe_association_executions,
        describe_association_execution_targets,
        describe_effective_instance_associations,
        describe_instance_associations_status,
    )


def list_associations(self: Any) -> ActionResult:
    """ListAssociations: a summary without parameters and rate limits."""
    asked = request(self)
    filters = [(item["key"], item["value"]) for item in asked.get("AssociationFilterList") or []]
    page = paged(
        list(known(self.ssm_backend).values()),
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda association: all(_passes(association, key, value) for key, value in filters),
    )
    return ActionResult({"Associations": [_summary(one) for one in page.pop("items")], **page})


def _summary(association: Association) -> Members:
    return {
        **{name: association.members[name] for name in SUMMARY if name in association.members},
        "AssociationId": association.association_id,
        "AssociationVersion": str(association.version),
        "Overview": association.overview(),
        **{name: date for name, date in dates(association).items() if name == "LastExecutionDate"},
    }


def _passes(association: Association, key: str, value: str) -> bool:
    ran = association.executions[-1].created if association.executions else None
    if key in ("LastExecutedBefore", "LastExecutedAfter"):
        limit = isoparse(value).timestamp()
        return ran is not None and (ran < limit if key == "LastExecutedBefore" else ran > limit)
    if key == "AssociationStatusName":
        return bool(association.overview()["Status"] == value)
    if key == "ResourceGroupName":
        targets = association.members.get("Targets") or []
        return any(one["Key"] == "resource-groups:Name" and value in one["Values"] for one in targets)
    if key == "AssociationId":
        return association.association_id == value
    return bool(association.members.get(key) == value)


def list_association_versions(self: Any) -> ActionResult:
    """ListAssociationVersions: the members that each version had."""
    asked = request(self)
    association = find(self, asked["AssociationId"])
    versions = list(enumerate(association.versions, start=1))
    page = paged(versions, asked.get("NextToken"), asked.get("MaxResults") or 50)
    listed = [
        {
            **{name: value for name, value in members.items() if name not in ("InstanceId", "AlarmConfiguration")},
            "AssociationId": association.association_id,
            "AssociationVersion": str(number),
            "CreatedDate": moment(created),
        }
        for number, (created, members) in page.pop("items")
    ]
    return ActionResult({"AssociationVersions": listed, **page})


def describe_association_executions(self: Any) -> ActionResult:
    """DescribeAssociationExecutions: newest first."""
    asked = request(self)
    association = find(self, asked["AssociationId"])
    page = paged(
        association.executions[::-1],
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda execution: all(_execution_passes(execution, item) for item in asked.get("Filters") or []),
    )
    listed = [_execution(association, one) for one in page.pop("items")]
    return ActionResult({"AssociationExecutions": listed, **page})


def _execution_passes(execution: Execution, item: Members) -> bool:
    if item["Key"] == "CreatedTime":
        return COMPARED[item["Type"]](execution.created, isoparse(item["Value"]).timestamp())
    found = execution.execution_id if item["Key"] == "ExecutionId" else execution.state()[0]
    return bool(found == item["Value"])


def _execution(association: Association, execution: Execution) -> Members:
    status, details = execution.state()
    counts = ", ".join(f"{name}={count}" for name, count in sorted(execution.counts().items()))
    ended, alarms = execution.ended(), association.members.get("AlarmConfiguration")
    return {
        **_of(association, execution),
        "Status": status,
        "DetailedStatus": details,
        "CreatedTime": moment(execution.created),
        "ResourceCountByStatus": f"{{{counts}}}",
        **({"LastExecutionDate": moment(ended)} if ended is not None else {}),
        **({"AlarmConfiguration": alarms} if alarms else {}),
    }


def _of(association: Association, execution: Execution) -> Members:
    return {
        "AssociationId": association.association_id,
        "AssociationVersion": str(execution.version),
        "ExecutionId": execution.execution_id,
    }


def describe_association_execution_targets(self: Any) -> ActionResult:
    """DescribeAssociationExecutionTargets: the nodes of a run, and the command that ran on them."""
    asked = request(self)
    association = find(self, asked["AssociationId"])
    execution = next((one for one in association.executions if one.execution_id == asked["ExecutionId"]), None)
    if execution is None:
        raise SSMException("AssociationExecutionDoesNotExist", "The specified execution ID does not exist.")
    rows = [_target(association, execution, *one) for one in execution.results().items()]
    page = paged(
        rows,
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda row: all(row[item["Key"]] == item["Value"] for item in asked.get("Filters") or []),
    )
    return ActionResult({"AssociationExecutionTargets": page.pop("items"), **page})


def _target(association: Association, execution: Execution, instance_id: str, state: tuple[str, str]) -> Members:
    command = execution.command
    ended = command.invocations[instance_id].ended if command else None
    return {
        **_of(association, execution),
        "ResourceId": instance_id,
        "ResourceType": "ManagedInstance",
        "Status": state[0],
        "DetailedStatus": state[1],
        "LastExecutionDate": moment(execution.created if ended is None else ended),
        "OutputSource": {
            "OutputSourceId": command.command_id if command else execution.execution_id,
            "OutputSourceType": "RunCommand",
        },
    }


def describe_effective_instance_associations(self: Any) -> ActionResult:
    """DescribeEffectiveInstanceAssociations: five at most in a page, with the content of their documents."""
    asked = request(self)
    managed(self, asked["InstanceId"])
    page = paged(_on_node(self, asked["InstanceId"]), asked.get("NextToken"), asked.get("MaxResults") or 5)
    listed = [
        {
            "AssociationId": one.association_id,
            "InstanceId": asked["InstanceId"],
            "Content": documents.find(
                self.ssm_backend, one.members["Name"], one.members["DocumentVersion"], KINDS
            ).content,
            "AssociationVersion": str(one.version),
        }
        for one in page.pop("items")
    ]
    return ActionResult({"Associations": listed, **page})


def describe_instance_associations_status(self: Any) -> ActionResult:
    """DescribeInstanceAssociationsStatus: how each association of a node ended there."""
    asked = request(self)
    managed(self, asked["InstanceId"])
    rows = [_node_status(one, asked["InstanceId"]) for one in _on_node(self, asked["InstanceId"])]
    page = paged(rows, asked.get("NextToken"), asked.get("MaxResults") or 50)
    return ActionResult({"InstanceAssociationStatusInfos": page.pop("items"), **page})


def _on_node(response: Any, instance_id: str) -> list[Association]:
    host = registry.get(instance_id)
    return [one for one in known(response.ssm_backend).values() if host and one.is_for(host)]


def _node_status(association: Association, instance_id: str) -> Members:
    members = association.members
    row = {
        "AssociationId": association.association_id,
        "Name": members["Name"],
        "DocumentVersion": members["DocumentVersion"],
        "AssociationVersion": str(association.version),
        "InstanceId": instance_id,
        "Status": "Pending",
        "DetailedStatus": "Associated",
    }
    if "AssociationName" in members:
        row["AssociationName"] = members["AssociationName"]
    found = association.latest().get(instance_id)
    if found is None:
        return row
    status, details, execution = found
    row |= {"Status": status, "DetailedStatus": details, "ExecutionDate": moment(execution.created)}
    row["ExecutionSummary"] = f"1 out of 1 plugin processed, {int(status == 'Success')} success, {details}"
    return row
