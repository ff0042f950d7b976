# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operations of State Manager on associations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.moto_api._internal import mock_random
from moto.ssm.exceptions import InvalidResourceId, SSMException, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from ...clock import clock
from ...hosts import registry
from .. import _patching
from . import associations
from . import associations_rules as rules
from .associations import Association, Members, known
from .shared import not_in_a_valid_state, request

MOST, MOST_VERSIONS = 2000, 1000
SETTABLE = (
    "Name",
    "DocumentVersion",
    "InstanceId",
    "AssociationName",
    "Parameters",
    "Targets",
    "TargetMaps",
    "AutomationTargetParameterName",
    "ScheduleExpression",
    "ScheduleOffset",
    "ApplyOnlyAtCronInterval",
    "Duration",
    "OutputLocation",
    "MaxConcurrency",
    "MaxErrors",
    "ComplianceSeverity",
    "SyncCompliance",
    "CalendarNames",
    "TargetLocations",
    "AlarmConfiguration",
    "AssociationDispatchAssumeRole",
)


def extend() -> None:
    """Put the operations onto moto's responses."""
    associations.extend()
    _patching.wrap(SimpleSystemManagerBackend, "_validate_resource_type_and_id", _taggable)
    _patching.put(
        SimpleSystemManagerResponse,
        create_association,
        create_association_batch,
        update_association,
        describe_association,
        delete_association,
        start_associations_once,
    )


def create_association(self: Any) -> ActionResult:
    """CreateAssociation: names are not unique; one document and instance can be associated once."""
    asked = request(self)
    made = _create(self, asked)
    tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags") or []}
    if tags:
        self.ssm_backend.add_tags_to_resource("Association", made.association_id, tags)
    return ActionResult({"AssociationDescription": described(made)})


def create_association_batch(self: Any) -> ActionResult:
    """CreateAssociationBatch: what is refused of it is listed, and the rest is made."""
    entries = request(self)["Entries"]
    instances = [entry["InstanceId"] for entry in entries if entry.get("InstanceId")]
    if len(set(instances)) < len(instances):
        raise SSMException("DuplicateInstanceId", "You cannot specify an instance ID in more than one association.")
    made, failed = [], []
    for entry in entries:
        try:
            made.append(described(_create(self, entry)))
        except ServiceException as refused:
            failed.append({"Entry": entry, "Message": f"{refused.code}: {refused.message}", "Fault": "Client"})
    return ActionResult({"Successful": made, "Failed": failed})


def _create(response: Any, asked: Members) -> Association:
    everything = known(response.ssm_backend)
    members = _members(asked)
    rules.check(response.ssm_backend, members)
    instance = members.get("InstanceId")
    if instance:
        managed(response, instance)
        if _of_instance(response, members["Name"], instance):
            raise SSMException("AssociationAlreadyExists", "The specified association already exists.")
    if len(everything) >= MOST:
        raise SSMException("AssociationLimitExceeded", "You can have at most 2,000 active associations.")
    made = Association(
        str(mock_random.uuid4()), response.ssm_backend, response.current_account, response.region, clock.now()
    )
    everything[made.association_id] = made
    made.put(members)
    return made


def update_association(self: Any) -> ActionResult:
    """UpdateAssociation: a new version of the members that are given, whatever was there before; it runs."""
    asked = request(self)
    association = find(self, asked["AssociationId"])
    version = asked.get("AssociationVersion")
    if version not in (None, "$LATEST", str(association.version)):
        raise SSMException("InvalidAssociationVersion", "The version you specified is not the latest.")
    members = {"Name": association.members["Name"], **_members(asked)}
    if association.members.get("InstanceId") and members.get("Targets"):
        raise SSMException("InvalidUpdate", "An association of an instance cannot be changed to one of targets.")
    if association.members.get("InstanceId"):
        members["InstanceId"] = association.members["InstanceId"]
    rules.check(self.ssm_backend, members)
    if association.version >= MOST_VERSIONS:
        raise SSMException("AssociationVersionLimitExceeded", "An association can have at most 1,000 versions.")
    association.put(members)
    return ActionResult({"AssociationDescription": described(association)})


def describe_association(self: Any) -> ActionResult:
    """DescribeAssociation: by id, the last version unless told, or by document and instance."""
    asked = request(self)
    association = _one(self, asked)
    version = asked.get("AssociationVersion") or "$LATEST"
    number = association.version if version == "$LATEST" else int(version)
    if not 1 <= number <= association.version:
        raise SSMException("InvalidAssociationVersion", "The version you specified is not valid.")
    return ActionResult({"AssociationDescription": described(association, number)})


def delete_association(self: Any) -> EmptyResult:
    """DeleteAssociation: a run of it that began goes on, and nothing on the nodes is undone."""
    association = _one(self, request(self))
    association.deleted = True
    del known(self.ssm_backend)[association.association_id]
    self.ssm_backend._resource_tags["Association"].pop(association.association_id, None)
    return EmptyResult()


def start_associations_once(self: Any) -> EmptyResult:
    """StartAssociationsOnce: all of them, or none when there is no such one."""
    ids = request(self)["AssociationIds"]
    for association in [find(self, association_id) for association_id in ids]:
        association.run()
    return EmptyResult()


def described(association: Association, number: int | None = None) -> Members:
    """AssociationDescription of a version."""
    number = number or association.version
    updated, members = association.versions[number - 1]
    return {
        "SyncCompliance": "AUTO",
        "ComplianceSeverity": "UNSPECIFIED",
        "ApplyOnlyAtCronInterval": False,
        **members,
        "AssociationId": association.association_id,
        "AssociationVersion": str(number),
        "Date": moment(association.created),
        "LastUpdateAssociationDate": moment(updated),
        "Overview": association.overview(),
        **dates(association),
    }


def dates(association: Association) -> Members:
    """When it ran last, and when all nodes last succeeded."""
    found: Members = {}
    if association.executions:
        found["LastExecutionDate"] = moment(association.executions[-1].created)
    for execution in reversed(association.executions):
        if execution.state()[0] == "Success":
            found["LastSuccessfulExecutionDate"] = moment(execution.created)
            break
    return found


def find(response: Any, association_id: str) -> Association:
    """The association of this id."""
    return _found(known(response.ssm_backend).get(association_id))


def managed(response: Any, instance_id: str) -> None:
    """Refuse an instance that is no managed node."""
    hosts = registry.named(response.current_account, response.region, [instance_id])
    if not any(host.managed() for host in hosts):
        raise not_in_a_valid_state(response.current_account, [instance_id])


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _one(response: Any, asked: Members) -> Association:
    if asked.get("AssociationId"):
        return find(response, asked["AssociationId"])
    if not (asked.get("Name") and asked.get("InstanceId")):
        raise ValidationException("Specify AssociationId, or Name and InstanceId.")
    return _found(_of_instance(response, asked["Name"], asked["InstanceId"]))


def _of_instance(response: Any, name: str, instance_id: str) -> Association | None:
    everything = known(response.ssm_backend).values()
    pair = (name, instance_id)
    return next((a for a in everything if (a.members["Name"], a.members.get("InstanceId")) == pair), None)


def _found(association: Association | None) -> Association:
    if association is None:
        raise SSMException("AssociationDoesNotExist", "The specified association does not exist.")
    return association


def _members(asked: Members) -> Members:
    return {name: asked[name] for name in SETTABLE if asked.get(name) not in (None, [], {}, "")}


def _taggable(original: Callable[..., str], self: Any, resource_type: str, resource_id: str) -> str:
    if resource_type != "Association":
        return original(self, resource_type, resource_id)
    if resource_id not in known(self):
        raise InvalidResourceId
    return resource_id
