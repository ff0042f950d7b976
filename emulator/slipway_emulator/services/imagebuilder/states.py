# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""StartResourceStateUpdate, and the lifecycle executions that it and lifecycle policies make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from moto.moto_api._internal import mock_random

from slipway_emulator.clock import clock

from . import listing, retiring
from .exceptions import InvalidRequestException, ResourceInUseException, ResourceNotFoundException
from .redistribution import Redistributions
from .retiring import Action
from .store import Item

UPDATE_SECONDS = 30.0  # for each image
CHANGEABLE = ("AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED")
NAMES = {state: name for name, state in retiring.STATES.items()}


@dataclass
class LifecycleExecution:
    """One run: the images it changes, one after the other, and what became of each."""

    about: str  # ARN of the policy, or of the image of an update
    tasks: list[tuple[Item, Action]]
    policy: str | None = None
    status: str = "IN_PROGRESS"
    started: datetime = field(default_factory=clock.datetime)
    ended: datetime | None = None
    images: list[Item] = field(default_factory=list)
    amis: dict[str, list[Item]] = field(default_factory=dict)
    id: str = field(default_factory=lambda: f"lce-{mock_random.uuid4()}")

    @property
    def over(self) -> bool:
        return self.ended is not None

    def end(self, status: str) -> None:
        self.status, self.ended, self.tasks = status, clock.datetime(), []

    def as_json(self) -> Item:
        return {
            "lifecycleExecutionId": self.id,
            "lifecyclePolicyArn": self.policy,
            "resourcesImpactedSummary": {"hasImpactedResources": bool(self.images)},
            "state": {"status": self.status},
            "startTime": self.started,
            "endTime": self.ended,
        }


class States(Redistributions):
    """Operations that change the state of a finished image and look at how that goes."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lifecycle: dict[str, LifecycleExecution] = {}

    def start_resource_state_update(self, parameters: Item) -> Item:
        """At once for the image alone; as an execution where AMIs are included or the image is to be deleted."""
        image = self.exact(parameters["resourceArn"])
        _check(image, parameters)
        if any(one.about == image["arn"] and not one.over for one in self.lifecycle.values()):
            raise ResourceInUseException(f"The image '{image['arn']}' already has a lifecycle execution in progress.")
        action = Action(
            NAMES[parameters["state"]["status"]],
            role=parameters.get("executionRole"),
            include=parameters.get("includeResources", {}),
            exclude=parameters.get("exclusionRules", {}).get("amis", {}),
            at=parameters.get("updateAt"),
        )
        answer: Item = {"resourceArn": image["arn"]}
        if not action.include and not action.at:
            retiring.change_state(image, action)
            return answer
        return {**answer, "lifecycleExecutionId": self.execute(image["arn"], [(image, action)]).id}

    def execute(self, about: str, tasks: list[tuple[Item, Action]], policy: str | None = None) -> LifecycleExecution:
        """Begin an execution; each image takes its time."""
        execution = LifecycleExecution(about, list(tasks), policy)
        self.lifecycle[execution.id] = execution
        for image, _action in tasks:
            image["lifecycleExecutionId"] = execution.id
        clock.after(UPDATE_SECONDS, partial(self._proceed, execution))
        return execution

    def _proceed(self, execution: LifecycleExecution) -> None:
        if execution.over:
            return
        if execution.status == "CANCELLING":
            execution.end("CANCELLED")
            return
        if execution.tasks:
            self._change(execution, *execution.tasks.pop(0))
        if not execution.tasks:
            _finish(execution)
            return
        clock.after(UPDATE_SECONDS, partial(self._proceed, execution))

    def _change(self, execution: LifecycleExecution, image: Item, action: Action) -> None:
        told, amis = retiring.retire(self, image, action)
        execution.images.append(told)
        execution.amis[image["arn"]] = amis
        if action.at is not None and told["state"]["status"] == "SUCCESS":
            clock.at(action.at.timestamp(), partial(_deprecate, image, action))

    def cancel_lifecycle_execution(self, parameters: Item) -> Item:
        """What is done stays done."""
        execution = self._lifecycle(parameters)
        if execution.over:
            raise InvalidRequestException(f"The lifecycle execution '{execution.id}' is {execution.status}.")
        execution.status = "CANCELLING"
        return {"lifecycleExecutionId": execution.id}

    def get_lifecycle_execution(self, parameters: Item) -> Item:
        return {"lifecycleExecution": self._lifecycle(parameters).as_json()}

    def list_lifecycle_executions(self, parameters: Item) -> Item:
        arn = parameters["resourceArn"]
        if ":image/" not in arn and ":lifecycle-policy/" not in arn:
            raise InvalidRequestException("The resource must be a lifecycle policy or an image build version.")
        items = [one.as_json() for one in self.lifecycle.values() if one.about == arn]
        return listing.page("ListLifecycleExecutions", "lifecycleExecutions", items, parameters)

    def list_lifecycle_execution_resources(self, parameters: Item) -> Item:
        """The images; or with `parentResourceId` the AMIs of one of them."""
        execution = self._lifecycle(parameters)
        parent = parameters.get("parentResourceId")
        items = execution.images if parent is None else execution.amis.get(parent, [])
        page = listing.page("ListLifecycleExecutionResources", "resources", items, parameters)
        state = execution.as_json()["state"]
        return {**page, "lifecycleExecutionId": execution.id, "lifecycleExecutionState": state}

    def _lifecycle(self, parameters: Item) -> LifecycleExecution:
        found = self.lifecycle.get(parameters["lifecycleExecutionId"])
        if found is None:
            raise ResourceNotFoundException(parameters["lifecycleExecutionId"])
        return found


def _finish(execution: LifecycleExecution) -> None:
    states = {image["state"]["status"] for image in execution.images}
    execution.end("FAILED" if "FAILED" in states else "SUCCESS")


def _deprecate(image: Item, action: Action) -> None:
    """The moment of a scheduled deprecation, unless something else was decided since."""
    if image.get("deprecationTime") == action.at and image["state"]["status"] == "AVAILABLE":
        image["state"] = {"status": "DEPRECATED"}


def _check(image: Item, parameters: Item) -> None:
    wanted, present = parameters["state"].get("status"), image["state"]["status"]
    if wanted is None:
        raise InvalidRequestException("'state.status' must be specified.")
    if present not in CHANGEABLE or (present in ("FAILED", "CANCELLED") and wanted != "DELETED"):
        raise InvalidRequestException(f"The image '{image['arn']}' is {present} and cannot become {wanted}.")
    if image["type"] != "AMI" and wanted != "DELETED":
        raise InvalidRequestException("The state of a container image can only become DELETED.")
    if ("includeResources" in parameters) != ("executionRole" in parameters):
        raise InvalidRequestException("'executionRole' and 'includeResources' must be specified together.")
    if wanted == "DELETED" and "includeResources" not in parameters:
        raise InvalidRequestException("'includeResources' must be specified for the state DELETED.")
    _check_included(parameters.get("includeResources", {}), wanted)
    if "updateAt" in parameters and wanted != "DEPRECATED":
        raise InvalidRequestException("'updateAt' can be specified only for the state DEPRECATED.")
    if "updateAt" in parameters and parameters["updateAt"].timestamp() <= clock.now():
        raise InvalidRequestException("'updateAt' must be in the future.")


def _check_included(include: Item, wanted: str) -> None:
    if (include.get("snapshots") or include.get("containers")) and wanted != "DELETED":
        raise InvalidRequestException("'snapshots' and 'containers' can be included only for the state DELETED.")
    if include.get("snapshots") and not include.get("amis"):
        raise InvalidRequestException("'snapshots' can be included only together with 'amis'.")
