# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for associations of State Manager. Knows nothing of Ansible. Private to this collection.

A name is not unique in AWS, and UpdateAssociation forgets every member that it is not sent. So an association is looked
for by its name and refused when there are two, and an update sends all that is there with the wish laid over it.
Every update runs the association on all its nodes, and so does a create; neither is repeated when an answer was lost.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    AWS_FAILURES,
    Refused,
    may_have_happened,
    refuse,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, Shape, differences, given, overlay
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.options import canonical, wish
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.rules import problems

SERVICE = "ssm"
PAGE = 50
MISSING = "AssociationDoesNotExist"
# All that UpdateAssociation takes; what is left out of a request is lost. A test holds it against the model.
MEMBERS = (
    "DocumentName",
    "DocumentVersion",
    "AssociationName",
    "Parameters",
    "Targets",
    "TargetMaps",
    "AutomationTargetParameterName",
    "ScheduleExpression",
    "ScheduleOffset",
    "Duration",
    "ApplyOnlyAtCronInterval",
    "MaxConcurrency",
    "MaxErrors",
    "ComplianceSeverity",
    "SyncCompliance",
    "CalendarNames",
    "TargetLocations",
    "OutputLocation",
    "AlarmConfiguration",
    "AssociationDispatchAssumeRole",
)
# What AWS takes where an association says nothing.
DEFAULTS = {
    "DocumentVersion": "$DEFAULT",
    "ComplianceSeverity": "UNSPECIFIED",
    "SyncCompliance": "AUTO",
    "ApplyOnlyAtCronInterval": False,
}
# AWS describes its own limits for an association without any in two ways, so a new one gets these.
LIMITS = {"max_concurrency": "50", "max_errors": "10%"}
FILTERS = {  # of ListAssociations, by option
    "name": "AssociationName",
    "association_id": "AssociationId",
    "document_name": "Name",
    "status": "AssociationStatusName",
    "resource_group_name": "ResourceGroupName",
}
RUN = "RunNow"  # a wish that is no member: to be run although nothing else differs


def find_association(aws: Connection, params: Shape) -> Shape | None:
    """The association as Describe returns it. Puts rate limits for a new one, and the name of one with an id, in params."""
    live = read_one(aws, params)
    if live is None:
        if params["state"] == "present":
            _complete_new(params)
    elif params["name"] == params["association_id"]:
        params["name"] = live.get("AssociationName") or params["name"]
    if params["state"] == "present":
        refuse(problems(overlay(live or {}, given(wish(params)))))
    if live is None:
        return None
    _note(aws, params, live)
    return {
        **with_tags(aws, params, live),
        **({"Execution": aws.noted["execution"]} if "execution" in aws.noted else {}),
    }


def read_one(aws: Connection, params: Shape) -> Shape | None:
    """The one association that a task is about."""
    association_id = aws.noted.get("association_id") or params["association_id"]
    if association_id:
        return describe(aws, association_id)
    named = list_associations(aws, {"AssociationName": params["name"]})
    ids = [one["AssociationId"] for one in named if one.get("AssociationName") == params["name"]]
    if len(ids) > 1:
        raise Refused(
            f"{len(ids)} associations have this name: {', '.join(ids)}. Select one with association_id, and delete or "
            "rename the others."
        )
    return describe(aws, ids[0]) if ids else None


def describe(aws: Connection, association_id: str) -> Shape | None:
    """An association in the form that is compared; None when there is none of this id."""
    try:
        answer = aws.client(SERVICE).describe_association(AssociationId=association_id)["AssociationDescription"]
    except is_boto3_error_code(MISSING):
        return None
    found = {**DEFAULTS, **{name: value for name, value in answer.items() if value is not None}}
    return canonical({"DocumentName": found.pop("Name"), **found})


def list_associations(aws: Connection, filters: t.Mapping[str, str]) -> list[Shape]:
    """Summaries of associations."""
    wanted = [{"key": key, "value": value} for key, value in filters.items()]
    asked: Shape = {"AssociationFilterList": wanted} if wanted else {}
    return items(aws, SERVICE, "list_associations", "Associations", MaxResults=PAGE, **asked)


def with_tags(aws: Connection, params: Shape, live: Shape) -> Shape:
    """Describe returns no tags; they cost a call of their own, made only when the task says something of tags."""
    if params.get("tags") is None and not params.get("include_tags"):
        return live
    found = aws.client(SERVICE).list_tags_for_resource(**_resource(live))["TagList"]
    return {**live, "tags": boto3_tag_list_to_ansible_dict(found)}


def create_association(aws: Connection, wanted: Shape) -> None:
    """Create it once. After a lost answer it is looked for: a second one of the same name would be accepted."""
    tags = {"Tags": ansible_dict_to_boto3_tag_list(wanted["tags"])} if wanted.get("tags") else {}
    try:
        made = aws.client(SERVICE, once=True).create_association(**spoken(wanted), **tags)["AssociationDescription"]
    except AWS_FAILURES as problem:
        if not may_have_happened(problem):
            raise
        named = list_associations(aws, {"AssociationName": wanted["AssociationName"]})
        if len(named) != 1:
            raise
        made = named[0]
    aws.noted.update(association_id=made["AssociationId"], known=set())
    if wanted.get(RUN) and wanted.get("ApplyOnlyAtCronInterval"):
        _run(aws, made)


def update_association(aws: Connection, live: Shape, after: Shape) -> None:
    """Replace it by the whole of what is to be there, if nobody changed it since; or have it run."""
    if _is(live, after):
        _run(aws, live)
        return
    asked = {"AssociationId": live["AssociationId"], "AssociationVersion": live["AssociationVersion"], **spoken(after)}
    try:
        aws.client(SERVICE, once=True).update_association(**asked)
    except AWS_FAILURES as problem:
        found = describe(aws, live["AssociationId"]) if may_have_happened(problem) else None
        if found is None or found["AssociationVersion"] == live["AssociationVersion"]:
            raise
        if not _is(found, after):
            raise
    if after.get(RUN) and after.get("ApplyOnlyAtCronInterval"):
        _run(aws, live)


def delete_association(aws: Connection, live: Shape) -> None:
    """What is gone is deleted: an attempt before this one may have done it."""
    try:
        aws.client(SERVICE).delete_association(AssociationId=live["AssociationId"])
    except is_boto3_error_code(MISSING):
        return


def retag(aws: Connection, live: Shape, put: Shape, drop: list[str]) -> None:
    """Remove tags from and add tags to an association."""
    if drop:
        aws.client(SERVICE).remove_tags_from_resource(**_resource(live), TagKeys=drop)
    if put:
        aws.client(SERVICE).add_tags_to_resource(**_resource(live), Tags=ansible_dict_to_boto3_tag_list(put))


def spoken(shape: Shape) -> Shape:
    """The members that AWS takes, without what is empty: left out, it is cleared."""
    members = {member: _filled(shape[member]) for member in MEMBERS if member in shape}
    kept = {member: value for member, value in members.items() if value not in EMPTY}
    return {"Name" if member == "DocumentName" else member: value for member, value in kept.items()}


def executions(aws: Connection, association_id: str, **asked: t.Any) -> list[Shape]:
    """Runs of an association in one answer, newest first; the 50 that AWS lists first unless asked for one."""
    answer = aws.client(SERVICE).describe_association_executions(AssociationId=association_id, MaxResults=PAGE, **asked)
    found: list[Shape] = answer["AssociationExecutions"]
    return sorted(found, key=lambda one: one["CreatedTime"], reverse=True)


def _is(live: Shape, after: Shape) -> bool:
    return not differences(live, {member: after[member] for member in MEMBERS if member in after})


def _run(aws: Connection, live: Shape) -> None:
    """Have it run once. After a lost answer it is looked whether it does."""
    aws.noted["ran"] = True
    try:
        aws.client(SERVICE, once=True).start_associations_once(AssociationIds=[live["AssociationId"]])
    except AWS_FAILURES as problem:
        known = aws.noted["known"]
        begun = [one for one in executions(aws, live["AssociationId"]) if one["ExecutionId"] not in known]
        if not may_have_happened(problem) or not begun:
            raise


def _note(aws: Connection, params: Shape, live: Shape) -> None:
    """What a later call has to know: which association, which version it had, which runs there were."""
    aws.noted.setdefault("association_id", live["AssociationId"])
    aws.noted.setdefault("version", live["AssociationVersion"])
    if params["run_now"] and params["state"] == "present" and "known" not in aws.noted:
        aws.noted["known"] = {one["ExecutionId"] for one in executions(aws, live["AssociationId"])}


def _complete_new(params: Shape) -> None:
    if params["association_id"]:
        raise Refused(
            "there is no association with this association_id. Correct it, or leave it out to create a new one"
        )
    if not params["document_name"]:
        raise Refused("the association does not exist, and a new association requires document_name")
    for option, limit in LIMITS.items():
        params[option] = limit if params[option] is None else params[option]


def _resource(live: Shape) -> Shape:
    return {"ResourceType": "Association", "ResourceId": live["AssociationId"]}


def _filled(value: t.Any) -> t.Any:
    """A block without what is empty in it; maps of the user's own keys have lists as values, which may be empty."""
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items() if item not in (None, "", {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value
