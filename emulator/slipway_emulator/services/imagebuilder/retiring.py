# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a lifecycle action does to one image: to its record, its AMIs in every Region and account, and their snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidSnapshotIdError
from moto.ec2.models import ec2_backends

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

from . import iam, repositories
from .store import Item, Store

STATES = {"AVAILABLE": "AVAILABLE", "DEPRECATE": "DEPRECATED", "DISABLE": "DISABLED", "DELETE": "DELETED"}
DAYS = {"DAYS": 1, "WEEKS": 7, "MONTHS": 30, "YEARS": 365}
NO_ROLE = "Failed to assume the execution role {role}."
MARK = ("CreatedBy", "EC2 Image Builder")  # the managed policy of the role is limited to what has this tag

faults.declare(
    "retiring-fails",
    "a lifecycle action fails for an AMI",
    ("ami", "region", "account", "action"),
    message="You are not authorized to perform this operation.",
)


@dataclass
class Action:
    """What to do to an image; `at` is the moment of a scheduled deprecation."""

    name: str  # AVAILABLE, DEPRECATE, DISABLE, DELETE
    role: str | None = None
    include: Item = field(default_factory=dict)
    exclude: Item = field(default_factory=dict)  # exclusionRules.amis
    reason: str | None = None
    at: datetime | None = None

    @property
    def state(self) -> str:
        """The state of the image afterwards."""
        return STATES[self.name]


def period(rule: Item) -> timedelta:
    """The time that `value` and `unit` mean."""
    return timedelta(days=int(rule["value"]) * DAYS[rule["unit"]])


def retire(store: Store, image: Item, action: Action) -> tuple[Item, list[Item]]:
    """Carry the action out. Returns the image and its AMIs as ListLifecycleExecutionResources has them."""
    places = image.get("outputResources", {}).get("amis", []) if action.include.get("amis") else []
    amis = [_ami(store, place, action) for place in places]
    if action.include.get("containers"):
        amis += [_container(store, place, action) for place in image["outputResources"].get("containers", [])]
    states = {ami["state"]["status"] for ami in amis}
    status, reason = "SUCCESS", None
    if "FAILED" in states:
        status, reason = "FAILED", "The action failed for one or more resources of the image."
    elif "SKIPPED" in states and action.name == "DELETE":
        status, reason = "SKIPPED", "The image is kept, because one or more of its resources were skipped."
    else:
        change_state(image, action)
    return _resource(image["arn"], store.account_id, store.region_name, action, status, reason), amis


def change_state(image: Item, action: Action) -> None:
    """The state of the image record alone; that of a scheduled deprecation comes later."""
    image.pop("deprecationTime", None)
    if action.name == "DEPRECATE":
        image["deprecationTime"] = action.at or clock.datetime()
    if action.at is None:
        image["state"] = {"status": action.state}


def _resource(name: str, account: str, region: str, action: Action, status: str, reason: str | None) -> Item:
    return {
        "accountId": account,
        "resourceId": name,
        "region": region,
        "state": {"status": status, "reason": reason},
        "action": {"name": action.name, "reason": action.reason},
        "startTime": clock.datetime(),
        "endTime": clock.datetime(),
    }


def _ami(store: Store, place: Item, action: Action) -> Item:
    account, region, ami_id = place["accountId"], place["region"], place["image"]
    backend = ec2_backends[account][region]
    ami = backend.amis.get(ami_id)
    status, reason = "SUCCESS", None
    snapshots: list[Item] = []
    why = ami and next(_excluded(backend, ami, region, action.exclude), None)
    if why:
        status, reason = "SKIPPED", why
    elif ami:
        reason = _refused(store, place, ami, action)
        status = "FAILED" if reason else "SUCCESS"
        snapshots = [] if reason else _act(backend, ami, action)
    return {**_resource(ami_id, account, region, action, status, reason), "snapshots": snapshots or None}


def _container(store: Store, place: Item, action: Action) -> Item:
    """Container images of one Region, which can only be deleted."""
    uris, region = place["imageUris"], place["region"]
    why = None if iam.has_role(store.account_id, (action.role or "").rpartition("/")[2]) else NO_ROLE
    if why is None:
        repositories.remove(store.account_id, region, uris)
    reason = why and why.format(role=action.role)
    status = "FAILED" if reason else "SUCCESS"
    return {**_resource(uris[0], store.account_id, region, action, status, reason), "imageUris": uris}


def _excluded(backend: Any, ami: Any, region: str, rules: Item) -> Iterator[str]:
    """Why an AMI is left as it is."""
    tags = backend.tags.get(ami.id) or {}
    shared = {permission.get("UserId") for permission in ami.launch_permissions}
    if rules.get("isPublic") and ami.is_public:
        yield "The AMI is public."
    if region in rules.get("regions", []):
        yield f"The Region {region} is excluded."
    if shared & set(rules.get("sharedAccounts", [])):
        yield "The AMI is shared with an excluded account."
    if any(tags.get(key) == value for key, value in rules.get("tagMap", {}).items()):
        yield "The AMI has an excluded tag."
    if "lastLaunched" in rules and _launched_within(backend, ami.id, period(rules["lastLaunched"])):
        yield "The AMI was launched recently."


def _launched_within(backend: Any, ami_id: str, span: timedelta) -> bool:
    since = clock.datetime().replace(tzinfo=None) - span
    instances = (each for reservation in backend.reservations.values() for each in reservation.instances)
    return any(each.image_id == ami_id and _naive(each.launch_time) >= since for each in instances)


def _naive(moment: Any) -> datetime:
    found = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return found.replace(tzinfo=None)


def _refused(store: Store, place: Item, ami: Any, action: Action) -> str | None:
    """Why the role may not do it."""
    name = (action.role or "").rpartition("/")[2]
    if not iam.has_role(store.account_id, name):
        return NO_ROLE.format(role=action.role)
    fault = faults.take(
        "retiring-fails", ami=ami.id, region=place["region"], account=place["accountId"], action=action.name
    )
    if fault:
        return str(fault["message"])
    tags = ec2_backends[place["accountId"]][place["region"]].tags.get(ami.id) or {}
    if tags.get(MARK[0]) != MARK[1]:
        return f"The execution role {action.role} is not authorized to change the AMI {ami.id}."
    return None


def _act(backend: Any, ami: Any, action: Action) -> list[Item]:
    """The call of EC2; returns the snapshots that were deleted."""
    if action.name == "DEPRECATE":
        backend.deprecate_image(ami.id, action.at or clock.datetime())
    elif action.name == "DISABLE":
        backend.disable_image(ami.id)
    elif action.name == "AVAILABLE":
        backend.deprecate_image(ami.id, None)
        backend.enable_image(ami.id)
    else:
        backend.deregister_image(ami.id)
        return [_snapshot(backend, ami.ebs_snapshot.id)] if action.include.get("snapshots") else []
    return []


def _snapshot(backend: Any, snapshot_id: str) -> Item:
    """A snapshot that something else still uses stays."""
    state: Item = {"status": "SUCCESS"}
    try:
        backend.delete_snapshot(snapshot_id)
    except InvalidSnapshotIdError:  # somebody deleted it already
        pass
    except EC2ClientError as error:
        state = {"status": "FAILED", "reason": str(error.message)}
    return {"snapshotId": snapshot_id, "state": state}
