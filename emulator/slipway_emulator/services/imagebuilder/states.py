# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""StartResourceStateUpdate and the lifecycle executions it makes."""

from __future__ import annotations

from functools import partial

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from slipway_emulator.clock import clock

from . import listing
from .exceptions import InvalidParameterCombinationException, InvalidRequestException, ResourceNotFoundException
from .images import Images
from .store import Item

UPDATE_SECONDS = 30.0
CHANGEABLE = ("AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED")
ACTIONS = {"AVAILABLE": "AVAILABLE", "DEPRECATED": "DEPRECATE", "DISABLED": "DISABLE", "DELETED": "DELETE"}


class States(Images):
    """Operations that change the state of a finished image and look at how that goes."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lifecycle: dict[str, Item] = {}

    def start_resource_state_update(self, parameters: Item) -> Item:
        image = self.exact(parameters["resourceArn"])
        _check(image, parameters)
        execution: Item = {
            "lifecycleExecutionId": f"lce-{mock_random.uuid4()}",
            "resourceArn": image["arn"],
            "state": {"status": "IN_PROGRESS"},
            "startTime": clock.datetime(),
            "resources": [],
        }
        self.lifecycle[execution["lifecycleExecutionId"]] = execution
        image["lifecycleExecutionId"] = execution["lifecycleExecutionId"]
        due = parameters.get("updateAt")
        delay = max(0.0, due.timestamp() - clock.now()) if due else 0.0
        clock.after(delay + UPDATE_SECONDS, partial(self._update, image, parameters, execution))
        return {"lifecycleExecutionId": execution["lifecycleExecutionId"], "resourceArn": image["arn"]}

    def _update(self, image: Item, parameters: Item, execution: Item) -> None:
        status = parameters["state"]["status"]
        include = parameters.get("includeResources", {})
        for ami in image.get("outputResources", {}).get("amis", []):
            if include.get("amis"):
                self._update_ami(ami, status, bool(include.get("snapshots")))
                execution["resources"].append(_touched(ami, status))
        image["state"] = {"status": status}
        if status == "DEPRECATED":
            image["deprecationTime"] = clock.datetime()
        execution["state"] = {"status": "SUCCESS"}
        execution["endTime"] = clock.datetime()

    def _update_ami(self, ami: Item, status: str, snapshots: bool) -> None:
        backend = ec2_backends[ami["accountId"]][ami["region"]]
        found = backend.amis.get(ami["image"])
        if found is None:
            return
        if status == "DELETED":
            backend.deregister_image(ami["image"])
            if snapshots:
                _delete_snapshot(backend, found.ebs_snapshot.id)
        elif status == "DISABLED":
            backend.disable_image(ami["image"])
        elif status == "AVAILABLE":
            backend.enable_image(ami["image"])

    def get_lifecycle_execution(self, parameters: Item) -> Item:
        return {"lifecycleExecution": _public(self._lifecycle(parameters))}

    def list_lifecycle_executions(self, parameters: Item) -> Item:
        items = [_public(e) for e in self.lifecycle.values() if e["resourceArn"] == parameters["resourceArn"]]
        return listing.page("ListLifecycleExecutions", "lifecycleExecutions", items, parameters)

    def list_lifecycle_execution_resources(self, parameters: Item) -> Item:
        execution = self._lifecycle(parameters)
        page = listing.page("ListLifecycleExecutionResources", "resources", execution["resources"], parameters)
        return {
            **page,
            "lifecycleExecutionId": execution["lifecycleExecutionId"],
            "lifecycleExecutionState": execution["state"],
        }

    def _lifecycle(self, parameters: Item) -> Item:
        found = self.lifecycle.get(parameters["lifecycleExecutionId"])
        if found is None:
            raise ResourceNotFoundException(parameters["lifecycleExecutionId"])
        return found


def _check(image: Item, parameters: Item) -> None:
    wanted, present = parameters["state"]["status"], image["state"]["status"]
    if present not in CHANGEABLE or (present in ("FAILED", "CANCELLED") and wanted != "DELETED"):
        raise InvalidRequestException(f"The image '{image['arn']}' is {present} and cannot become {wanted}.")
    if ("includeResources" in parameters) != ("executionRole" in parameters):
        raise InvalidParameterCombinationException("'executionRole' and 'includeResources' must be specified together.")
    if wanted == "DELETED" and "includeResources" not in parameters:
        raise InvalidParameterCombinationException("'includeResources' must be specified for the state DELETED.")
    if "updateAt" in parameters and wanted != "DEPRECATED":
        raise InvalidParameterCombinationException("'updateAt' can be specified only for the state DEPRECATED.")


def _delete_snapshot(backend: object, snapshot_id: str) -> None:
    """A snapshot that something else still uses, or that is gone, is passed over."""
    try:
        backend.delete_snapshot(snapshot_id)  # type: ignore[attr-defined]  # moto's backend is a bundle of mixins
    except EC2ClientError:
        return


def _touched(ami: Item, status: str) -> Item:
    return {
        "accountId": ami["accountId"],
        "resourceId": ami["image"],
        "region": ami["region"],
        "state": {"status": "SUCCESS"},
        "action": {"name": ACTIONS[status]},
        "startTime": clock.datetime(),
        "endTime": clock.datetime(),
    }


def _public(execution: Item) -> Item:
    touched = bool(execution["resources"])
    return {**execution, "resourcesImpactedSummary": {"hasImpactedResources": touched}}
